"""Sees to it that nothing stays unread: notes until when nothing is missing, and reads what is.

Slack promises no redelivery of what it could not deliver for long, and has left events out
for a day (https://slack-status.com/2025-02/d41e4bfd1ccae26a), so the rooms' history is read
after every gap, and now and then without one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from bot.clock import Clock, sleep_unless
from bot.errors import StorageError
from bot.transport import Batch, Gap, Intake, StoredGap
from bot.transports.backoff import patiently
from bot.transports.slack import ids
from bot.transports.slack.history import History
from bot.transports.slack.order import Turns
from bot.transports.slack.rooms import Rooms
from bot.transports.slack.settings import SlackSettings

log = logging.getLogger(__name__)

_BEAT = 20.0  # seconds between notes that all is well
_ON_ITS_WAY = 5.0  # seconds after which an event has come, if it comes at once
_OVERLAP = timedelta(minutes=1)  # of stretches of history, since two clocks are compared


class CatchingUp:
    """Reads what no event told of.

    Attributes:
        turns: where what comes in waits until the rooms know that something is missing; to be
            set before `begin`.

    Args:
        in_contact: tells whether Slack can tell us what happens now.
    """

    def __init__(
        self,
        settings: SlackSettings,
        history: History,
        rooms: Rooms,
        clock: Clock,
        in_contact: Callable[[], Awaitable[bool]],
    ) -> None:
        """See the class."""
        self.turns: Turns  # the receiver's; it comes after this
        self._settings = settings
        self._history = history
        self._rooms = rooms
        self._clock = clock
        self._in_contact = in_contact
        self._look = asyncio.Event()
        self._to_note = asyncio.Event()
        self._complete = asyncio.Event()  # nothing is missing any more
        self._contact: datetime | None = None  # until then nothing is missing
        self._start: datetime | None = None  # of the first process ever, in it
        self._unread = False  # something is missing
        self._down_since: datetime | None = None  # the earliest of the outages not noted yet
        self._told_from: datetime | None = None  # since then events tell what happens
        self._outages = self._noted = 0

    async def begin(self, intake: Intake) -> None:
        """Let the rooms wait for what they said since the last process read them."""

        async def ask() -> tuple[str, datetime] | None:
            return await intake.cursor(ids.NAME, self._settings.team_id)

        self._to_note.clear()
        self.turns.open.set()
        self.turns.whole.set()
        self._down_since, self._outages, self._noted = None, 0, 0
        stored = await patiently("reading where we were", ask, self._clock)
        if stored is None:  # what was said before the first start was not said to the bot
            now = self._clock.now()
            first = Batch((), cursor=ids.stamp(now))
            await patiently("noting the start", lambda: intake.receive(first), self._clock)
            self._contact = self._start = now
            self._unread = False
            return
        self._contact, self._unread = stored[1], True
        await self._note_gaps(intake, self._contact)
        # Requests come all the time; sockets, once they are open.
        self._told_from = self._clock.now() if self._settings.mode == "http" else None

    def back(self, since: datetime | None) -> None:
        """Note that Slack tells us what happens again; `since` when it had stopped."""
        self._told_from = self._clock.now()
        if since is not None:
            self._down_since = min(since, self._down_since or since)
            self._outages += 1
            self._unread = True
            self.turns.open.clear()  # until the rooms wait for what was missed before
            self._to_note.set()
        self._look.set()

    async def note(self, intake: Intake) -> None:
        """Let the rooms wait after every outage; never held up by what is being read."""
        while True:
            await self._to_note.wait()
            self._to_note.clear()
            since, self._down_since, outages = self._down_since, None, self._outages
            if since is not None:
                await self._note_gaps(intake, since)
            self._noted = outages
            if not self._to_note.is_set():
                self.turns.open.set()
            self._look.set()

    def look(self) -> None:
        """Have the history read soon."""
        self._look.set()

    async def beat(self, intake: Intake) -> None:
        """Note every now and then until when nothing is missing."""
        while True:
            self._complete.clear()
            now = self._clock.now()
            if await self._in_contact() and not self._unread:
                try:
                    await intake.receive(Batch((), cursor=ids.stamp(now)))
                    self._contact = now
                except StorageError as error:
                    log.warning("That all is well with Slack cannot be stored: %s", error)
            await sleep_unless(self._complete, _BEAT, self._clock)

    async def read(self, intake: Intake) -> None:
        """Read the history after every gap, and now and then without one."""
        period = timedelta(minutes=self._settings.reconcile_every)
        # What Slack left out before the last process ended is found as well.
        assert self._contact is not None
        through = self._start or self._contact - period
        while True:
            await sleep_unless(self._look, period.total_seconds(), self._clock)
            self._look.clear()
            began = self._clock.now()
            await self._close_gaps(intake)
            # What is told of now is left to its event, which knows of every edit.
            await self._clock.sleep(_ON_ITS_WAY)
            await patiently(
                "looking around on Slack", lambda: self._rooms.look_around(intake), self._clock
            )
            for place in (*self._rooms.ours, *self._rooms.others):
                if self._unread:  # rooms wait for that
                    await self._close_gaps(intake)
                since = max(through - _OVERLAP, self._start or through - _OVERLAP)
                await self._history.reconcile(place, since, began, intake)
            through = began

    async def _close_gaps(self, intake: Intake) -> None:
        noted = self._noted

        async def ask() -> Sequence[StoredGap]:
            return await intake.gaps(ids.NAME, self._settings.team_id)

        gaps = await patiently("finding gaps", ask, self._clock)
        for number, gap in enumerate(gaps):
            end = _end(gap, gaps[number + 1 :], self._told_from)
            await self._history.fill(gap, end, intake)
        if noted == self._outages:
            self._unread = False
            self._complete.set()
            self.turns.whole.set()

    async def _note_gaps(self, intake: Intake, since: datetime) -> None:
        """Let rooms wait until what they said since is read.

        After a moment only those of the configuration: reading every room takes its time, and
        what the others missed is found without holding them up.
        """
        away = self._clock.now() - since > timedelta(seconds=self._settings.away_after)
        places = [*self._rooms.ours, *(self._rooms.others if away else ())]
        now, stop = self._clock.now(), ids.stamp(since - _OVERLAP)
        gaps = [Gap(place, ids.stamp(now), stop) for place in places]
        self.turns.before = now.timestamp()
        self.turns.whole.clear()
        batch = Batch((), gaps=gaps, away=since if away else None)
        await patiently("noting what was missed", lambda: intake.receive(batch), self._clock)


def _end(gap: StoredGap, later: Sequence[StoredGap], told_from: datetime | None) -> str:
    """Return the message id up to which a gap is read; "" is now.

    What is read goes before what was told of. So the last gap of a room ends where events
    began to tell, which is a while after it was noted; one before it ends where it was
    noted, or where the next one begins.
    """
    following = next((each.gap for each in later if each.gap.place == gap.gap.place), None)
    if following is None:
        told = "" if told_from is None else ids.stamp(told_from)
        return told and max(gap.gap.start, told, key=ids.order)
    return max(gap.gap.start, following.stop or "", key=ids.order)
