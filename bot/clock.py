"""What time is it, and wait until later: the only source of time in Deskside."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A wall clock and a way to wait; aware UTC throughout."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    def elapsed(self) -> float:
        """Return seconds since some moment; unlike `now`, it never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed on this clock."""
        ...


class SystemClock:
    """The machine's clock; waits are monotonic."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds of the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved: for scripts and tests."""

    def __init__(self, now: datetime) -> None:
        """Start at `now` (aware)."""
        self._now = now.astimezone(UTC)
        self._elapsed = timedelta()
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """Return the time it was last moved to."""
        return self._now

    def elapsed(self) -> float:
        """Return seconds it was moved ahead."""
        return self._elapsed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved `seconds` ahead."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._waiting, (due, next(self._order), future))
        await future

    def next_wake(self) -> datetime | None:
        """Return when the next sleeper is due, or None when nobody sleeps."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        return self._waiting[0][0] if self._waiting else None

    def move_to(self, moment: datetime) -> None:
        """Set the time (it may go back) and wake those who are due."""
        self._elapsed += max(timedelta(), moment - self._now)
        self._now = moment.astimezone(UTC)
        while self._waiting and self._waiting[0][0] <= self._now:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    def advance(self, delta: timedelta) -> None:
        """Move the time ahead by `delta`."""
        self.move_to(self._now + delta)


async def sleep_unless(woken: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Return once `seconds` have passed on the clock, or sooner when the event is set."""
    sleeper = asyncio.ensure_future(clock.sleep(seconds))
    waiter = asyncio.ensure_future(woken.wait())
    try:
        await asyncio.wait((sleeper, waiter), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeper.cancel()
        waiter.cancel()


class Sequence:
    """Numbers that grow with time and never repeat in a process: microseconds, 1,024 apart.

    The distance leaves room to place something directly after another, and
    the time in it leaves room for what is found later to have happened in between.
    """

    STEP = 1024

    def __init__(self, clock: Clock) -> None:
        """Count from the time of `clock`."""
        self._clock = clock
        self._last = 0

    def start_above(self, number: int) -> None:
        """Count on from a number that is taken, whatever the clock says."""
        self._last = max(self._last, number)

    def next(self) -> int:
        """Return the next number, above every earlier one."""
        self._last = max(self._last + self.STEP, to_microseconds(self._clock.now()) * self.STEP)
        return self._last


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware time, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def monotonic() -> float:
    """Return seconds for measuring durations; never for deciding what is due."""
    return time.monotonic()
