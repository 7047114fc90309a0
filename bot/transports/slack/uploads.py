"""Uploads files: https://docs.slack.dev/messaging/working-with-files#upload."""

from __future__ import annotations

import aiohttp

from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.replies import Attachment
from bot.transports.slack.api import Api
from bot.transports.text import safe
from bot.transports.wire import objects_of, text_of

_LOOKED_THROUGH = 100  # messages of a thread


class Uploads:
    """Uploads a delivery's files, each once: its title tells which delivery it belongs to."""

    def __init__(self, api: Api) -> None:
        """Use a session."""
        self._api = api

    async def upload(self, attachment: Attachment, delivery: str, place: Place) -> None:
        """Share a file in a thread, unless it stands there. Raises TransportError."""
        name = safe(attachment.name)
        title = f"{name} ({delivery[-8:]})"
        if await self._stands(title, place):
            return
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

    async def _stands(self, title: str, place: Place) -> bool:
        answer = await self._api.call(
            "conversations.replies", channel=place.room, ts=place.thread, limit=_LOOKED_THROUGH
        )
        return any(
            text_of(file, "title") == title
            for message in objects_of(answer, "messages")
            for file in objects_of(message, "files")
        )

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
