"""Working hours as a configuration has them, and as people are told them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

from handlers.tickets.hours import DAY, DAYS, Shift, WorkingHours

EXPECTED = "expected such as mon-fri 08:00-17:00, sat 09:00-12:00"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DASH = re.compile(r"\s*[-\u2010-\u2014\u2212]\s*")  # those that phones make, too
_SHIFT = re.compile(r"(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?", re.ASCII)


def read_week(text: str) -> dict[int, tuple[Shift, ...]]:
    """Read days and their hours: `mon-fri 08:00-12:00 13:00-17:00, sat 22:00-06:00`, `24/7`.

    Raises:
        ValueError: it is none; the sentence says what to write.
    """
    if text.strip() == "24/7":
        return dict.fromkeys(range(7), (Shift(0, DAY),))
    week: dict[int, tuple[Shift, ...]] = {}
    days: list[int] = []
    complete = True
    for word in re.split(r"[\s,;]+", _DASH.sub("-", text).strip(" \n,;").lower()):
        if word == "and":
            continue
        if word[:1].isdigit():
            shift, complete = _shift(word), True
            if not days:
                msg = f"“{word}” belongs to no day; {EXPECTED}"
                raise ValueError(msg)
            week |= {day: (*week.get(day, ()), shift) for day in days}
        else:
            days = [*([] if complete else days), *_days(word)]
            complete = False
    if not complete or not week:
        msg = f"“{text if complete else DAYS[days[-1]]}” has no hours; {EXPECTED}"
        raise ValueError(msg)
    return week


def _days(word: str) -> Iterable[int]:
    ends = [_day(end) for end in word.split("-", 1)]
    first, last = ends[0], ends[-1]
    return [day % 7 for day in range(first, last + 1 if first <= last else last + 8)]


def _day(word: str) -> int:
    found = [day for day, name in enumerate(DAYS) if name.lower().startswith(word)]
    if len(word) < 3 or len(found) != 1:
        msg = f"“{word}” is not a day of the week; {EXPECTED}"
        raise ValueError(msg)
    return found[0]


def _shift(word: str) -> Shift:
    match = _SHIFT.fullmatch(word)
    if match is None:
        msg = f"“{word}” is not from when to when; {EXPECTED}"
        raise ValueError(msg)
    opens, closes = (_minutes(word, match[i], match[i + 1]) for i in (1, 3))
    if opens in (closes, DAY):
        msg = f"“{word}” is no time at all; around the clock is 00:00-24:00"
        raise ValueError(msg)
    return Shift(opens, closes if opens < closes else closes + DAY)


def _minutes(word: str, hour: str, minute: str | None) -> int:
    minutes = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) >= 60 or minutes > DAY:
        msg = f"“{word}” has a time that no clock shows; {EXPECTED}"
        raise ValueError(msg)
    return minutes


def describe(hours: WorkingHours) -> str:
    """Return hours as people write them: `Mon–Fri 08:00–17:00 (Europe/Berlin)`."""
    shifts = [tuple(sorted(hours.week.get(day, ()))) for day in range(7)]
    if set(shifts) == {(Shift(0, DAY),)}:
        return f"around the clock ({hours.zone.key})"
    parts = []
    for on, days in groupby(range(7), key=shifts.__getitem__):
        if on:
            named = [DAYS[day][:3] for day in days]
            run = named[0] if len(named) == 1 else f"{named[0]}–{named[-1]}"
            parts.append(f"{run} {' and '.join(str(shift) for shift in on)}")
    return f"{', '.join(parts)} ({hours.zone.key})"


def back(hours: WorkingHours, now: datetime) -> str:
    """Return when somebody works again, for those who ask meanwhile, by the team's clock."""
    opens = hours.next_opening(now).astimezone(hours.zone)
    if hours.is_open(now):
        return "We are here now."
    ahead = opens.date() - now.astimezone(hours.zone).date()
    day = DAYS[opens.weekday()]
    if ahead <= timedelta(days=1):
        day = "tomorrow" if ahead else "today"
    elif ahead >= timedelta(days=7):
        day = f"{day} {opens.day} {_MONTHS[opens.month - 1]}"
    return f"We are back {day} {opens:%H:%M}."
