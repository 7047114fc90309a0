"""Finds in the rooms' history what no event told of: while away, or because Slack left it out.

https://docs.slack.dev/reference/methods/conversations.history. A message's edits, and the
replies in threads begun earlier, are found as far back as one page reaches. A deletion that
was missed is not: the history does not tell of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.events import Event, Place
from bot.transport import Batch, Intake, Page, StoredGap
from bot.transports.backoff import patiently
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.slack.messages import MessageReader
from bot.transports.slack.pace import Turnstile
from bot.transports.slack.settings import SlackSettings
from bot.transports.wire import Object, integer_of, object_of, objects_of, text_of

log = logging.getLogger(__name__)

_STORED_AT_ONCE = 500  # events of a gap
_OLD_THREADS = timedelta(days=7)  # that are looked into although they began before the page
_MOST_OLD_THREADS = 10


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a room's history: message ids, the first excluded; "" is now."""

    after: str
    before: str = ""


class History:
    """Reads history at the pace Slack allows, one room after the other."""

    def __init__(
        self, settings: SlackSettings, api: Api, messages: MessageReader, clock: Clock
    ) -> None:
        """See the class."""
        self._settings = settings
        self._api = api
        self._messages = messages
        self._clock = clock
        self._turnstile = Turnstile(clock, settings.history_per_minute)

    async def fill(self, stored: StoredGap, before: str, intake: Intake) -> None:
        """Fill a gap: read it whole, store it newest first, and let the room go on.

        Args:
            stored: the gap.
            before: the message id at which it ends; "" is now.
            intake: where it is stored.
        """
        gap = stored.gap
        if gap.stop is None:
            await intake.fill(Page(stored, (), None))
            return
        events = await self._missed(gap.place, Span(gap.stop, before), intake)
        newest_first = events[::-1]
        for begin in range(0, len(newest_first), _STORED_AT_ONCE):
            page = newest_first[begin : begin + _STORED_AT_ONCE]
            if begin + _STORED_AT_ONCE < len(newest_first):
                await self._surely(Page(stored, page, ids.stamp(page[-1].at)), intake)
            else:
                await self._surely(Page(stored, page, None), intake)
        if not newest_first:
            await self._surely(Page(stored, (), None), intake)

    async def _surely(self, page: Page, intake: Intake) -> None:
        async def store() -> None:
            await intake.fill(page)

        await patiently("storing a page of a gap", store, self._clock)

    async def reconcile(
        self, place: Place, since: datetime, until: datetime, intake: Intake
    ) -> int:
        """Store what a room said in between and no event told of; returns how much that may be.

        What is stored already stays as it is.
        """
        events = await self._missed(place, Span(ids.stamp(since), ids.stamp(until)), intake)
        if events:

            async def store() -> None:
                await intake.receive(Batch(events))

            await patiently("storing what was missed", store, self._clock)
        return len(events)

    async def _missed(self, place: Place, span: Span, intake: Intake) -> list[Event]:
        """Return what happened in a stretch of a room, oldest first; nothing where it is hidden."""
        try:
            said = await self._messages_of(place.room, span)
            replies = await self._replies(place, said, span, intake)
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            log.warning(
                "The history of Slack room %s cannot be read: %s",
                place.room,
                error,
                extra={"event": "slack_no_history"},
            )
            return []
        await self._meet((*said, *replies), place, intake)
        events = [
            event for message in (*said, *replies) for event in self._events(message, place, span)
        ]
        return sorted(events, key=lambda event: event.at)

    async def _meet(self, said: Iterable[Object], place: Place, intake: Intake) -> None:
        """Know whose people wrote: who is an outsider must be one also when found here."""
        directory = self._messages.directory
        shared = place.room in directory.shared
        for user in sorted({text_of(message, "user") for message in said}):
            news = await directory.meet(user, perhaps_stranger=shared)
            if news:
                batch = Batch(news)
                await patiently("storing a name", partial(intake.receive, batch), self._clock)

    def _events(self, message: Object, place: Place, span: Span) -> Sequence[Event]:
        if ids.order(text_of(message, "ts")) > ids.order(span.after):
            return self._messages.remembered(message, place.room)
        edited = text_of(object_of(message, "edited"), "ts")
        if edited and ids.order(edited) > ids.order(span.after):
            return self._messages.edited(message, place.room, edited)
        return ()

    async def _messages_of(self, channel: str, span: Span) -> list[Object]:
        """Return a room's messages back to the span's beginning, and the rest of that page."""
        found: list[Object] = []
        cursor = ""
        while True:
            answer = await self._ask(
                "conversations.history",
                channel=channel,
                latest=span.before or None,
                limit=self._settings.history_page,
                cursor=cursor or None,
            )
            found += objects_of(answer, "messages")
            if (joined := self._own_join(found)) is not None:
                return found[:joined]  # what was said before was not said to the bot
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
            oldest = text_of(found[-1], "ts") if found else ""
            if not cursor or ids.order(oldest) <= ids.order(span.after):
                return found
            if len(found) >= self._settings.history_limit:
                self._tell_cut(channel, len(found))
                return found

    def _own_join(self, found: Sequence[Object]) -> int | None:
        """Return where among messages, newest first, the bot came into the room."""
        me = self._messages.me.user
        return next(
            (
                at
                for at, message in enumerate(found)
                if text_of(message, "subtype") in ("channel_join", "group_join")
                and text_of(message, "user") == me
            ),
            None,
        )

    async def _replies(
        self, place: Place, said: Sequence[Object], span: Span, intake: Intake
    ) -> list[Object]:
        roots = [
            text_of(message, "ts")
            for message in said
            if integer_of(message, "reply_count")
            and ids.order(text_of(message, "latest_reply")) > ids.order(span.after)
        ]
        seen = {text_of(message, "ts") for message in said}
        since = self._clock.now() - _OLD_THREADS
        older = [root for root in await intake.threads(place, since) if root not in seen]
        found: list[Object] = []
        for root in (*roots, *older[:_MOST_OLD_THREADS]):
            found += await self._thread(place.room, root, span)
        return found

    async def _thread(self, channel: str, root: str, span: Span) -> list[Object]:
        found: list[Object] = []
        cursor = ""
        while True:
            try:
                answer = await self._ask(
                    "conversations.replies",
                    channel=channel,
                    ts=root,
                    oldest=span.after,
                    latest=span.before or None,
                    limit=self._settings.history_page,
                    cursor=cursor or None,
                )
            except TransportError as error:
                if error.failure is not SendFailure.PERMANENT:
                    raise
                return found  # its root was deleted
            found += [m for m in objects_of(answer, "messages") if text_of(m, "ts") != root]
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
            if not cursor or len(found) >= self._settings.history_limit:
                return found

    async def _ask(self, method: str, **arguments: object) -> Object:
        async def ask() -> Object:
            await self._turnstile.through()
            return await self._api.call(method, **arguments)

        return await patiently(f"reading {method}", ask, self._clock)

    def _tell_cut(self, channel: str, count: int) -> None:
        log.warning(
            "A gap in Slack room %s is longer than history_limit allows; what is older than "
            "its newest %d messages stays unread.",
            channel,
            count,
            extra={"event": "slack_gap_cut"},
        )
