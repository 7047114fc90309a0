"""Reads what the homeserver left out of a room's timeline, backwards, page by page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.replies import Post
from bot.transport import Intake, Page, StoredGap
from bot.transports.backoff import patiently
from bot.transports.matrix.filters import history_filter
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.lookups import Lookups
from bot.transports.matrix.reading import Reader, own_join
from bot.transports.wire import Object, objects_of, text_of

log = logging.getLogger(__name__)

_AT_ONCE = 4  # gaps; the rest wait, so that catching up leaves room for what is new
_EMPTY_PAGES = 100  # in a row, after which a gap counts as read


class Backfill:
    """Fills gaps; a room's gaps in their order, several rooms at a time."""

    def __init__(
        self, homeserver: Homeserver, reader: Reader, lookups: Lookups, clock: Clock
    ) -> None:
        """Use a session."""
        self._homeserver = homeserver
        self._reader = reader
        self._lookups = lookups
        self._clock = clock
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._taken: set[int] = set()

    def begin(self) -> None:
        """Fill again what was under way when reading broke off."""
        self._taken.clear()

    def take(self, gaps: Sequence[StoredGap]) -> list[StoredGap]:
        """Return those of the gaps that nobody fills yet; the caller must fill them."""
        mine = [gap for gap in gaps if gap.id not in self._taken]
        self._taken.update(gap.id for gap in mine)
        return mine

    async def fill(self, stored: StoredGap, intake: Intake) -> None:
        """Read a gap to its end, however often that fails. Raises TransportError(REFUSED)."""
        count = empty = 0
        start: str | None = stored.gap.start
        async with self._turn:
            while start is not None:
                page, seen = await self._read(stored, start, intake)
                count += seen
                empty = 0 if seen else empty + 1
                if page.next is not None and self._enough(stored, count, empty):
                    page = Page(page.gap, page.events, None)

                async def store(page: Page = page) -> None:
                    await intake.fill(page)

                await patiently("storing a page of a gap", store, self._clock)
                start = page.next
        self._taken.discard(stored.id)

    async def _read(self, stored: StoredGap, start: str, intake: Intake) -> tuple[Page, int]:
        """Return a page and how many events the server gave for it."""
        room = stored.gap.place.room
        try:
            answer = await patiently(
                f"reading the gap in {room}", lambda: self._ask(stored, start), self._clock
            )
            newest_first = objects_of(answer, "chunk")
            events = newest_first[::-1]
            joined = own_join(events, self._homeserver.settings.user_id)
            if joined is not None:  # what was said before was not said to us
                events = events[joined:]
            posts = await patiently(
                f"reading the gap in {room}",
                lambda: self._looked_up(room, events, intake),
                self._clock,
            )
        except TransportError as error:
            if error.failure is SendFailure.REFUSED:
                raise
            log.warning(
                "The rest of a gap in Matrix room %s cannot be read: %s",
                room,
                error,
                extra={"event": "matrix_gap_lost"},
            )
            return Page(stored, (), None), 0
        found = self._reader.timeline(room, events, posts)
        following = text_of(answer, "end")
        over = joined is not None or following in ("", start)
        return Page(stored, found[::-1], None if over else following), len(newest_first)

    async def _looked_up(
        self, room: str, events: Sequence[Object], intake: Intake
    ) -> dict[str, Post]:
        await self._lookups.prove_aliases(events)
        return await self._lookups.prepare(room, events, intake)

    async def _ask(self, stored: StoredGap, start: str) -> Object:
        # https://spec.matrix.org/v1.16/client-server-api/#syncing: from where the timeline
        # of the answer begins, back to the token of the request.
        query = {
            "dir": "b",
            "from": start,
            "limit": str(self._homeserver.settings.backfill_page),
            "filter": history_filter(),
        }
        if stored.gap.stop is not None:
            query["to"] = stored.gap.stop
        return await self._homeserver.get(path("rooms", stored.gap.place.room, "messages"), query)

    def _enough(self, stored: StoredGap, count: int, empty: int) -> bool:
        limit = self._homeserver.settings.backfill_limit
        if count < limit and empty < _EMPTY_PAGES:
            return False
        log.warning(
            "A gap in Matrix room %s is longer than backfill_limit allows; what is older than "
            "its newest %d events stays unread.",
            stored.gap.place.room,
            count,
            extra={"event": "matrix_gap_cut"},
        )
        return True
