"""What names a room, a person and a moment on Slack?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.events import Person, Place

NAME = "slack"

_STAMP = re.compile(r"\d{1,12}\.\d{6}")


def place(team: str, channel: str, thread: str | None = None) -> Place:
    """Return the place of a channel, or of a thread begun by the message `thread`."""
    return Place(NAME, team, channel, thread or None)


def person(team: str, user: str) -> Person:
    """Return the person with a user id whose account belongs to `team`."""
    return Person(NAME, team, user)


def is_stamp(ts: str) -> bool:
    """Tell whether this is a message id: seconds and a counter, `1700000000.000100`.

    https://docs.slack.dev/messaging/retrieving-messages: unique in its channel.
    """
    return _STAMP.fullmatch(ts) is not None


def moment(ts: str) -> datetime | None:
    """Return when a message was written, or None for what is no message id."""
    if not is_stamp(ts):
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(ts))


def stamp(at: datetime) -> str:
    """Return the message id that a message written at this moment would begin with."""
    return f"{at.timestamp():.6f}"


def order(ts: str) -> tuple[int, int]:
    """Return what sorts message ids; what is none comes last."""
    if not is_stamp(ts):
        return (1 << 62, 0)
    seconds, _, counter = ts.partition(".")
    return int(seconds), int(counter)
