"""When does a team work, and how much working time is between two moments?

Hours are what the team's clock shows. A shift begins when its clock first shows the opening
time or a later one, and ends when it first shows the closing time or a later one:

1. What the clock skips is not worked. A shift within the skipped hour does not take place.
2. Whoever is there while the clock is set back works on: such a night has an hour more.
3. Nobody comes or leaves a second time because the clock shows the same time a second time.

A shift over midnight belongs to the day it begins on, with that day's holiday or none.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

from bot.times import to_utc

Pause = tuple[datetime, datetime | None]
"""From when to when nothing counts; without an end it lasts."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY = 24 * 60  # minutes
YEARS_AHEAD = 100
_NEVER = "in a hundred years nobody works that much: too few hours, or too many days off"
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """Working time on a day, in minutes after midnight; one over midnight closes after `DAY`."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Refuse what is no part of a day, nor of one and the next."""
        if not (0 <= self.opens < DAY and self.opens < self.closes <= self.opens + DAY):
            msg = f"a shift cannot last from minute {self.opens} to minute {self.closes}"
            raise ValueError(msg)

    def __str__(self) -> str:
        """As people write it: `08:00–17:00`."""
        closes = self.closes if self.closes <= DAY else self.closes - DAY
        return f"{_clock(self.opens)}–{_clock(closes)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _no_holidays(day: date) -> bool:
    del day
    return False


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours of a team; all moments it is given are aware, all it returns are UTC.

    Args:
        zone: where its clock is.
        week: its shifts on each day of the week; 0 is Monday.
        is_holiday: tells whether nobody works on a day; always tells the same of a day.

    Raises:
        ValueError: there are no hours, or two shifts overlap.
    """

    zone: ZoneInfo
    week: Mapping[int, Sequence[Shift]]
    is_holiday: Callable[[date], bool] = _no_holidays
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a week without hours, and shifts that overlap."""
        shifts = sorted(
            (day * DAY + shift.opens, day * DAY + shift.closes)
            for day, shifts in self.week.items()
            for shift in shifts
        )
        if not shifts:
            msg = "there are no working hours; expected such as mon-fri 08:00-17:00"
            raise ValueError(msg)
        first = shifts[0]
        around = (first[0] + 7 * DAY, first[1] + 7 * DAY)
        for (_, closes), (opens, _) in pairwise([*shifts, around]):
            if opens < closes:
                msg = f"two shifts are at the same time on {DAYS[opens // DAY % 7]}"
                raise ValueError(msg)

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody works at a moment."""
        at = at.astimezone(UTC)
        return any(year.opening(at) == at for year in self._until(at, at))

    def next_opening(self, at: datetime) -> datetime:
        """Return the first moment, `at` or later, at which somebody works.

        Raises:
            ValueError: nobody does for a hundred years.
        """
        at = at.astimezone(UTC)
        for year in self._from(at):
            opens = year.opening(at)
            if opens is not None:
                return opens
        raise ValueError(_NEVER)

    def worked(self, start: datetime, end: datetime, paused: Iterable[Pause] = ()) -> timedelta:
        """Return the working time from `start` to `end` that is in no pause.

        It is none when `end` comes before `start`.
        """
        until = end.astimezone(UTC)
        counted = (self._between(a, min(b, until)) for a, b in _active(start, paused))
        return sum(counted, timedelta())

    def after(
        self, start: datetime, amount: timedelta, paused: Iterable[Pause] = ()
    ) -> datetime | None:
        """Return the first moment at which `amount` of working time has passed since `start`.

        None when a pause that has no end yet comes before.

        Raises:
            ValueError: the amount is negative, or nobody works that much in a hundred years.
        """
        if amount < timedelta():
            msg = "a negative time cannot pass"
            raise ValueError(msg)
        if not amount:
            return start.astimezone(UTC)
        for begins, ends in _active(start, paused):
            if ends == _FOREVER:
                return self._after(begins, amount)
            available = self._between(begins, ends)
            if amount <= available:
                return self._after(begins, amount)
            amount -= available
        return None

    def _between(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return timedelta()
        years = self._until(start, end)
        return sum((year.passed(end) - year.passed(start) for year in years), timedelta())

    def _after(self, start: datetime, amount: timedelta) -> datetime:
        for year in self._from(start):
            passed = year.passed(start)
            if amount <= year.total - passed:
                return year.moment(passed + amount)
            amount -= year.total - passed
        raise ValueError(_NEVER)

    def _until(self, start: datetime, end: datetime) -> Iterator[_Year]:
        # A shift over midnight of New Year is one of the year before.
        years = range(start.astimezone(self.zone).year - 1, end.astimezone(self.zone).year + 1)
        return (self._year(year) for year in years)

    def _from(self, at: datetime) -> Iterator[_Year]:
        first = at.astimezone(self.zone).year - 1
        return (self._year(year) for year in range(first, first + YEARS_AHEAD))

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = _Year(list(self._shifts(year)))
        return found

    def _shifts(self, year: int) -> Iterator[tuple[datetime, datetime]]:
        """Return when a local year's shifts begin and end, those that take place, in order."""
        for number in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
            day = date.fromordinal(number)
            shifts = self.week.get(day.weekday())
            if not shifts or self.is_holiday(day):
                continue
            midnight = datetime.combine(day, time())
            for shift in sorted(shifts):
                opens = to_utc(midnight + timedelta(minutes=shift.opens), self.zone)
                closes = to_utc(midnight + timedelta(minutes=shift.closes), self.zone)
                if opens < closes:
                    yield opens, closes


class _Year:
    """A year's shifts, and the working time until the end of each."""

    def __init__(self, shifts: Sequence[tuple[datetime, datetime]]) -> None:
        self.opens = [opens for opens, _ in shifts]
        self.closes = [closes for _, closes in shifts]
        lengths = (closes - opens for opens, closes in shifts)
        self.sums = list(accumulate(lengths, initial=timedelta()))

    @property
    def total(self) -> timedelta:
        return self.sums[-1]

    def passed(self, at: datetime) -> timedelta:
        """Return the working time until `at`."""
        begun = bisect_right(self.opens, at)
        if not begun:
            return timedelta()
        return self.sums[begun - 1] + min(at, self.closes[begun - 1]) - self.opens[begun - 1]

    def moment(self, passed: timedelta) -> datetime:
        """Return the first moment until which so much working time, above zero, has passed."""
        index = bisect_left(self.sums, passed) - 1
        return self.opens[index] + (passed - self.sums[index])

    def opening(self, at: datetime) -> datetime | None:
        """Return the first moment, `at` or later, at which somebody works."""
        index = bisect_right(self.closes, at)
        return max(self.opens[index], at) if index < len(self.opens) else None


def _active(start: datetime, paused: Iterable[Pause]) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when time counts, from `start` on; the last ends at `_FOREVER`."""
    # In UTC, since moments of one zone are compared by what its clock shows.
    at = start.astimezone(UTC)
    pauses = [(begins.astimezone(UTC), ends) for begins, ends in paused]
    for begins, ends in sorted(pauses, key=itemgetter(0)):
        if begins > at:
            yield at, begins
            at = begins
        if ends is None:
            return
        at = max(at, ends.astimezone(UTC))
    yield at, _FOREVER
