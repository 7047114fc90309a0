"""What is put on messages: reactions.*, pins.*.

https://docs.slack.dev/reference/methods/reactions.add, pins.add and so on.
"""

from __future__ import annotations

from tests.slack import acts, chat, emoji, shapes
from tests.slack.calls import Call, Refusal, method
from tests.slack.records import Channel, Json, Message

MOST_OF_ONE_PERSON = 23  # on one message: slack.com/help/articles/206870317
MOST_EMOJI = 50
MOST_PINS = 100  # of a channel: slack.com/help/articles/205239997


@method("reactions.add", tier=3, scopes="reactions:write")
def add(call: Call) -> Json:
    """Put an emoji on a message."""
    channel, message = _item(call, "timestamp")
    name = _name(call)
    bot = call.workspace.bot_user
    if bot in message.reactions.get(name, []):
        raise Refusal("already_reacted")
    if name not in message.reactions and len(message.reactions) >= MOST_EMOJI:
        raise Refusal("too_many_emoji")
    if sum(bot in users for users in message.reactions.values()) >= MOST_OF_ONE_PERSON:
        raise Refusal("too_many_reactions")
    acts.react(call.workspace, channel, message, bot, name)
    return {}


@method("reactions.remove", tier=2, scopes="reactions:write")
def remove(call: Call) -> Json:
    """Take the app's emoji off a message."""
    channel, message = _item(call, "timestamp")
    if not acts.unreact(call.workspace, channel, message, call.workspace.bot_user, _name(call)):
        raise Refusal("no_reaction")
    return {}


@method("reactions.get", tier=3, scopes="reactions:read")
def get(call: Call) -> Json:
    """Return a message with its emoji."""
    channel, message = _item(call, "timestamp", write=False)
    told = shapes.message(call.workspace, message)
    told["permalink"] = chat.permalink(call.workspace, message)
    return {"type": "message", "message": told, "channel": channel.id}


def _name(call: Call) -> str:
    name = emoji.known(call.required("name"), call.workspace.custom_emoji)
    if name is None:
        raise Refusal("invalid_name")
    return name


def _item(call: Call, argument: str, *, write: bool = True) -> tuple[Channel, Message]:
    if not call.text("channel") or not call.text(argument):
        raise Refusal("no_item_specified")
    channel = call.channel()
    if not chat.TS.fullmatch(call.text(argument)):
        raise Refusal("bad_timestamp")
    if write and channel.is_archived:
        raise Refusal("is_archived")
    return channel, call.message(channel, argument)


@method("pins.add", tier=2, scopes="pins:write")
def pin(call: Call) -> Json:
    """Pin a message."""
    channel, message = _item(call, "timestamp")
    if not call.is_member(channel):
        raise Refusal("not_in_channel")
    if message.pinned:
        raise Refusal("already_pinned")
    if len(channel.pins) >= MOST_PINS:
        raise Refusal("too_many_pins")
    if message.subtype in ("channel_join", "channel_leave", "channel_topic"):
        raise Refusal("not_pinnable")
    acts.pin(call.workspace, channel, message, call.workspace.bot_user)
    return {}


@method("pins.remove", tier=2, scopes="pins:write")
def unpin(call: Call) -> Json:
    """Take a pin off."""
    channel, message = _item(call, "timestamp")
    if not message.pinned:
        raise Refusal("no_pin")
    acts.unpin(call.workspace, channel, message, call.workspace.bot_user)
    return {}


@method("pins.list", tier=2, scopes="pins:read")
def pins(call: Call) -> Json:
    """Return what is pinned in a channel."""
    channel = call.channel()
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "message": shapes.message(call.workspace, channel.messages[ts]),
        }
        for ts in channel.pins
    ]
    return {"items": items}
