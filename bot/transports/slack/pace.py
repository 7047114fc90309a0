"""How fast may calls follow each other? After a short burst, so many in so much time."""

from __future__ import annotations

from bot.clock import Clock
from bot.transports.bounded import Bounded

_REMEMBERED = 10_000  # rooms; one that is forgotten may burst again
_MOMENT = 1e-6  # seconds; no clock tells less, and sums of seconds are not exact


class Pace:
    """Lets calls of a kind follow each other at a rate, after a burst.

    Args:
        rate: calls a second.
        burst: how many may come at once after a rest.
    """

    def __init__(self, clock: Clock, rate: float, burst: int) -> None:
        """Begin rested."""
        self._clock = clock
        self._every = 1 / rate
        self._slack = (burst - 1) / rate
        self._next: Bounded[str, float] = Bounded(_REMEMBERED)  # when each is due, without bursts

    def take(self, what: str) -> float:
        """Count a call now; return the seconds until the next of `what` may come."""
        now = self._clock.elapsed()
        due = max(self._next.get(what, 0.0), now) + self._every
        self._next[what] = due
        return max(0.0, due - self._slack - now)

    def wait(self, what: str) -> float:
        """Return the seconds until a call of `what` may come, without counting one."""
        left = self._next.get(what, 0.0) - self._slack - self._clock.elapsed()
        return left if left > _MOMENT else 0.0


class Turnstile:
    """Lets one kind of call through at a pace, however many ask."""

    def __init__(self, clock: Clock, per_minute: float) -> None:
        """Begin rested; a minute's calls may not come at once, since others need some too."""
        self._clock = clock
        self._pace = Pace(clock, per_minute / 60, max(1, int(per_minute // 5)))

    async def through(self) -> None:
        """Return when it is one's turn."""
        while (wait := self._pace.wait("")) > 0:
            await self._clock.sleep(wait)
        self._pace.take("")
