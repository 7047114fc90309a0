"""What every event of Matrix has, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.transports.matrix import ids
from bot.transports.wire import EMPTY, Object, integer_of, object_of, text_of

_LATEST = 253_402_300_799_000  # the last second of the year 9999, in milliseconds


class Unreadable(ValueError):
    """An event is not of the form its type demands."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event of a room with its checked ids; `state_key` is None when it is no state."""

    room: str
    id: str
    sender: str
    type: str
    content: Object
    at: datetime
    state_key: str | None
    raw: Object

    @property
    def before(self) -> Object:
        """The content of the state it replaces, where the server tells it."""
        earlier = object_of(object_of(self.raw, "unsigned"), "prev_content")
        return earlier or object_of(self.raw, "prev_content")

    @property
    def redacted(self) -> bool:
        """Whether its content has been taken away."""
        return "redacted_because" in object_of(self.raw, "unsigned")


def envelope(room: str, raw: Object, now: datetime) -> Envelope:
    """Check an event. Raises Unreadable when it lacks what every event has.

    `now` stands in for a time that no calendar knows.
    """
    event, sender, kind = text_of(raw, "event_id"), text_of(raw, "sender"), text_of(raw, "type")
    if not ids.is_event(event) or not ids.is_user(sender) or not kind:
        msg = "no valid event_id, sender or type"
        raise Unreadable(msg)
    content = raw.get("content")
    if not isinstance(content, dict):
        msg = "its content is no object"
        raise Unreadable(msg)
    milliseconds = integer_of(raw, "origin_server_ts")
    known = milliseconds is not None and 0 <= milliseconds <= _LATEST
    return Envelope(
        room=room,
        id=event,
        sender=sender,
        type=kind,
        content=content or EMPTY,
        at=datetime.fromtimestamp((milliseconds or 0) / 1000, UTC) if known else now,
        state_key=text_of(raw, "state_key") if isinstance(raw.get("state_key"), str) else None,
        raw=raw,
    )
