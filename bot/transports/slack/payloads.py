"""What can be told of a payload before it is read: who did it, where, and when?"""

from __future__ import annotations

from bot.transports.slack import ids
from bot.transports.wire import Object, object_of, text_of


def actor(body: Object) -> str:
    """Return the id of whoever did what a payload tells of, "" when it does not say."""
    event = object_of(body, "event")
    return (
        text_of(event, "user")
        or text_of(object_of(event, "message"), "user")
        or text_of(object_of(body, "user"), "id")
        or text_of(body, "user_id")
    )


def room(body: Object) -> str:
    """Return the id of the channel it happened in, or of the user who did it."""
    event = object_of(body, "event")
    return (
        text_of(event, "channel")
        or text_of(object_of(event, "item"), "channel")
        or text_of(object_of(body, "channel"), "id")
        or text_of(body, "channel_id")
        or actor(body)
    )


def seconds(body: Object, now: float) -> float:
    """Return when it happened, in seconds since 1970; `now` when it does not say.

    An edit has the time of the edit, not that of the message.
    """
    event = object_of(body, "event")
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    pressed = text_of(first, "action_ts") if isinstance(first, dict) else ""
    for stamp in (text_of(event, "event_ts"), text_of(event, "ts"), pressed):
        if ids.is_stamp(stamp):
            return float(stamp)
    return now
