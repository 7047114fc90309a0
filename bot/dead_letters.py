"""What was given up lately? For whoever watches over the desk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.clock import Clock

LATELY = timedelta(days=1)
ALARM = timedelta(minutes=15)  # long enough for whoever asks every few minutes


class DeadLetters:
    """Counts what was given up in the last day; the log tells of each.

    One is an alarm for a while, and then only counted: nothing is left to be done
    that a restart would do, so the desk is ready again by itself.
    """

    def __init__(self, clock: Clock) -> None:
        """Know of none."""
        self._clock = clock
        self._times: deque[datetime] = deque()
        self._alarm: datetime | None = None

    def remember(self, times: Iterable[datetime]) -> None:
        """Count those that are stored, by when they were written; they are no alarm."""
        self._times = deque(sorted(times))

    def add(self) -> None:
        """Count one that is given up now."""
        self._alarm = self._clock.now()
        self._times.append(self._alarm)

    @property
    def lately(self) -> int:
        """How many there were in the last day."""
        while self._times and self._clock.now() - self._times[0] > LATELY:
            self._times.popleft()
        return len(self._times)

    @property
    def alarm(self) -> bool:
        """Tell whether there was one a moment ago."""
        return self._alarm is not None and self._clock.now() - self._alarm < ALARM
