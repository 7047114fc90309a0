"""Until when is a ticket put off? A moment still to come, with people awake."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.times import LONGEST, LONGEST_WORD, parse_duration, parse_when, to_utc

MORNING = time(9)
EXAMPLES = "Write for example 2h, tomorrow 9:00 or friday."
_UNTIL = re.compile(r"^\s*(?:for|until|till)\s+", re.IGNORECASE)
_IN = re.compile(r"^in\s+", re.IGNORECASE)
_ONE_DAY = timedelta(days=1)


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment `text` means to somebody in `zone` at `now`, in UTC.

    A day without a time is its morning, so are whole days from now.

    Raises:
        UserError: it means none, or one that is over or ten years ahead.
    """
    shown = text if len(text) <= LONGEST_WORD else f"{text[:LONGEST_WORD]}…"
    at = _read(_UNTIL.sub("", text).strip(), now, zone) if len(text) <= LONGEST_WORD else None
    if at is None:
        msg = f"“{shown}” is not a time I understand. {EXAMPLES}"
        raise UserError(msg)
    if at <= now:
        msg = f"“{shown}” is over already ({at.astimezone(zone):%H:%M}). {EXAMPLES}"
        raise UserError(msg)
    if at - now > LONGEST:
        msg = f"“{shown}” is more than ten years ahead. {EXAMPLES}"
        raise UserError(msg)
    return at


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    bare = _IN.sub("", text)
    delta = parse_duration(bare)
    if delta is not None:
        if delta % _ONE_DAY or "h" in bare.lower():
            return now.astimezone(UTC) + delta
        day = now.astimezone(zone).date() + delta
        return to_utc(datetime.combine(day, MORNING), zone)
    # A number alone is a day to the reader and an hour to the writer, or the other way round.
    return None if bare.isdigit() else parse_when(text, now, zone, morning=MORNING)
