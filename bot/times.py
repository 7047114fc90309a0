"""Times and durations as people write them: “saturday 22:00”, “tomorrow 6am”, “2h30m”."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from bot.errors import UserError

if TYPE_CHECKING:
    from bot.context import Context

_UNITS = {
    "s": "seconds",
    "sec": "seconds",
    "second": "seconds",
    "m": "minutes",
    "min": "minutes",
    "minute": "minutes",
    "h": "hours",
    "hr": "hours",
    "hour": "hours",
    "d": "days",
    "day": "days",
    "w": "weeks",
    "week": "weeks",
}
_PART = re.compile(r"(\d{1,6})\s*([a-z]{1,7}?)s?(?=\d|\s|$)", re.IGNORECASE)
# What is read as "monday at 9" would otherwise be the ninth of a month.
_AT_HOUR = re.compile(r"\b((?:at|um|à|às|a las|om|alle)\s+\d{1,2})\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"(?:at\s+)?(\d{1,2})(?::(\d\d))?\s*(am|pm|uhr)?", re.IGNORECASE | re.ASCII)
_NAMED_CLOCKS = {"noon": "12:00", "midnight": "00:00"}
_DAYS = ("day", "week", "month", "year")
LONGEST = timedelta(days=3660)
LONGEST_WORD = 60  # characters; whoever looks for a time in more keeps the writer waiting
# In all the languages it knows, a word that is no time takes seconds to refuse.
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt"]


def parse_duration(text: str) -> timedelta | None:
    """Read `90s`, `15m`, `2h`, `1h30m`, `3 days`; None when it is not a duration above zero."""
    total, at, stripped = timedelta(), 0, text.strip()
    while at < len(stripped):
        part = _PART.match(stripped, at)
        unit = None if part is None else _UNITS.get(part[2].lower())
        if part is None or unit is None:
            return None
        total += timedelta(**{unit: int(part[1])})
        at = part.end()
        while at < len(stripped) and stripped[at].isspace():
            at += 1
    return total if timedelta() < total <= LONGEST else None


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a naive local time.

    One that does not exist (the clock skips it) is the first instant after the gap; one
    that happens twice is the first of the two.
    """
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # PEP 495: in a gap, fold=0 uses the offset before it and so lands after it by as much
    # as the time lies within the gap; the change itself is where the two offsets meet.
    low, high = instant - timedelta(days=1), instant
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time somebody wrote."""

    delta: timedelta
    expects: ClassVar[str] = "duration like 2h"

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Read a duration. Raises UserError when it is none."""
        del ctx
        return cls(cls.check(word))

    @classmethod
    def check(cls, word: str) -> timedelta:
        """Read a duration. Raises UserError when it is none."""
        delta = parse_duration(word)
        if delta is None:
            msg = f"“{word}” is not a duration. Write for example 90m, 2h or 1h30m."
            raise UserError(msg)
        return delta

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """No conversation implies a duration."""
        del ctx
        return None


@dataclass(frozen=True, slots=True)
class When:
    """A moment in the future somebody wrote, in their own time zone."""

    at: datetime
    expects: ClassVar[str] = 'time like "saturday 22:00"'

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Read a time. Raises UserError when it is none, or over."""
        # What was missed was meant when it was written: “tomorrow” is the day after that.
        base = ctx.event.at if ctx.late else ctx.now
        at = parse_when(word, base, ctx.zone) if len(word) <= LONGEST_WORD else None
        if at is None:
            shown = word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"
            msg = (
                f"“{shown}” is not a time I understand. Write for example "
                '"saturday 22:00", "tomorrow 6am" or 2026-03-14 22:00.'
            )
            raise UserError(msg)
        if at <= ctx.now:
            msg = f"“{word}” is over already. Write a time that is still to come."
            raise UserError(msg)
        if at - ctx.now > LONGEST:
            msg = f"“{word}” is more than ten years ahead. Write an earlier time."
            raise UserError(msg)
        return cls(at)

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """No conversation implies a time."""
        del ctx
        return None


def parse_when(
    text: str, now: datetime, zone: ZoneInfo, *, morning: time | None = None
) -> datetime | None:
    """Return the instant `text` means to somebody in `zone` at `now`, in UTC, or None.

    A time that names its own zone keeps it; one without a date is the next such time. A day,
    a week or a month without a time begins at `morning`, if that is given.
    """
    # dateparser 1.5 takes "9am", in the evening of a month's last day, for that of its first.
    only = _NAMED_CLOCKS.get(text.strip().lower(), text.strip())
    if (clock := _CLOCK.fullmatch(only)) and (at := _next(clock, now, zone)):
        return at
    from dateparser.date import DateDataParser

    reader = DateDataParser(
        languages=LANGUAGES,
        settings={
            "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "PREFER_LOCALE_DATE_ORDER": True,
            "RETURN_TIME_AS_PERIOD": True,
        },
    )
    data = reader.get_date_data(_AT_HOUR.sub(r"\1:00", text))
    found: datetime | None = data.date_obj
    if found is None:
        return None
    if morning is not None and data.period in _DAYS:
        found = datetime.combine(found, morning, found.tzinfo)
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    return to_utc(found, zone)


def _next(clock: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a clock next shows a time; None when none does, or it may be a date."""
    hour, minute, half = int(clock[1]), int(clock[2] or 0), (clock[3] or "").lower()
    if half in ("am", "pm"):
        hour = hour % 12 + 12 * (half == "pm") if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59 or not (clock[2] or half):
        return None
    today = datetime.combine(now.astimezone(zone).date(), time(hour, minute))
    at = to_utc(today, zone)
    return at if at > now else to_utc(today + timedelta(days=1), zone)


def get_ready() -> None:
    """Load what reading a time needs, which takes a second: from any thread, ahead of need."""
    parse_when("tomorrow 6am", datetime.now(UTC), ZoneInfo("UTC"))
