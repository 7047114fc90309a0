"""Uploads files: https://docs.slack.dev/messaging/working-with-files#upload."""

from __future__ import annotations

from datetime import datetime

import aiohttp

from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.replies import Attachment
from bot.transport import Delivery
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.slack.finding import EARLIER
from bot.transports.text import safe
from bot.transports.wire import object_of, objects_of, text_of

_PAGE = 100  # messages of a thread
_PAGES = 10


class Uploads:
    """Uploads a delivery's files, each once: its title tells which of which delivery it is."""

    def __init__(self, api: Api) -> None:
        """Use a session."""
        self._api = api

    async def upload(self, delivery: Delivery, place: Place) -> None:
        """Share a delivery's files in a thread, but for those there. Raises TransportError."""
        assert delivery.post is not None
        for number, attachment in enumerate(delivery.post.attachments, 1):
            name = safe(attachment.name)
            title = f"{name} ({delivery.id[-8:]}-{number})"
            if not await self._stands(title, delivery.created, place):
                await self._share(attachment, name, title, place)

    async def _share(self, attachment: Attachment, name: str, title: str, place: Place) -> None:
        answer = await self._api.call(
            "files.getUploadURLExternal", filename=name, length=len(attachment.data)
        )
        file = text_of(answer, "file_id")
        await self._put(text_of(answer, "upload_url"), attachment)
        await self._api.call(
            "files.completeUploadExternal",
            files=[{"id": file, "title": title}],
            channel_id=place.room,
            thread_ts=place.thread,
        )

    async def _stands(self, title: str, since: datetime, place: Place) -> bool:
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._api.call(
                "conversations.replies",
                channel=place.room,
                ts=place.thread,
                oldest=ids.stamp(since - EARLIER),
                limit=_PAGE,
                cursor=cursor or None,
            )
            for message in objects_of(answer, "messages"):
                if any(text_of(file, "title") == title for file in objects_of(message, "files")):
                    return True
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
            if not cursor:
                break
        return False

    async def _put(self, url: str, attachment: Attachment) -> None:
        try:
            async with self._api.session.post(
                url, data=attachment.data, proxy=self._api.proxy
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            msg = f"a file cannot be uploaded ({type(error).__name__})"
            raise TransportError(msg, room_only=True) from error
        if status != 200:
            failure = SendFailure.RETRY if status >= 500 or status == 429 else SendFailure.PERMANENT
            msg = f"a file cannot be uploaded (HTTP {status})"
            raise TransportError(msg, failure=failure, room_only=True)
