"""What was said: conversations.history and conversations.replies.

https://docs.slack.dev/reference/methods/conversations.history and conversations.replies
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.slack import shapes
from tests.slack.calls import SCOPE, Call, Refusal, method, paged
from tests.slack.records import Channel, Json, Message

HISTORIES = "channels:history groups:history im:history mpim:history"
DEFAULT, MOST = 100, 999
DEFAULT_REPLIES, MOST_REPLIES = 1000, 1000
DISTRIBUTED = 15  # the default and the most for what is sold outside the Marketplace
TIME = re.compile(r"\d+(\.\d{1,6})?")


@method("conversations.history", tier=3, scopes=HISTORIES)
def history(call: Call) -> Json:
    """Return what stands in a channel, the newest first; replies stand in their threads alone."""
    channel = _readable(call)
    shown = [m for m in channel.messages.values() if not m.is_reply or _is_broadcast(m)]
    found = sorted(_between(call, shown), key=_ts, reverse=True)
    size = _size(call, DEFAULT, MOST)
    if _goes_forward(call):
        page, cursor = call.page(found[::-1], _ts, size)
        page.reverse()
    else:
        page, cursor = call.page(found, _ts, size, back=True)
    pins = len(channel.pins)
    answer: Json = {"messages": _told(call, page), "has_more": bool(cursor), "pin_count": pins}
    if call.text("latest"):
        answer["latest"] = call.text("latest")
    return paged(answer, cursor) if cursor else answer


def _goes_forward(call: Call) -> bool:
    """Whether pages go from the oldest on; which way they go with `oldest` alone is not said now.

    The page of channels.history, before it was retired: "If oldest is provided but not latest then
    the messages returned are those closest to oldest".
    """
    given = bool(call.text("oldest")) and not call.text("latest")
    return call.workspace.pages_forward and given


@method("conversations.replies", tier=3, scopes=HISTORIES)
def replies(call: Call) -> Json:
    """Return a thread, the oldest first; its beginning stands on every page."""
    channel = _readable(call)
    named = channel.messages.get(call.required("ts"))
    if named is None:
        raise Refusal("thread_not_found")
    parent = channel.messages.get(named.thread_ts) if named.is_reply else named
    below = call.workspace.replies(channel, parent.ts if parent else named.thread_ts)
    found = sorted(_between(call, below), key=_ts)
    page, cursor = call.page(found, _ts, _size(call, DEFAULT_REPLIES, MOST_REPLIES))
    told = [parent, *page] if parent else page
    answer: Json = {"messages": _told(call, told), "has_more": bool(cursor)}
    return paged(answer, cursor) if cursor else answer


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.need(f"{SCOPE[channel.kind]}:history")
    if not call.is_member(channel):
        raise Refusal("not_in_channel")
    return channel


def _size(call: Call, default: int, most: int) -> int:
    """Return how many messages to tell; more than there may be are cut, not refused."""
    if call.workspace.is_distributed:
        default = most = DISTRIBUTED
    asked = call.text("limit") or str(default)
    if not asked.isdecimal() or int(asked) == 0:
        raise Refusal("invalid_limit")
    return min(int(asked), most, call.workspace.page_limit or most)


def _between(call: Call, messages: Iterable[Message]) -> list[Message]:
    """Return the messages of the time that is asked for; its ends belong to it when inclusive."""
    oldest, latest = _moment(call, "oldest"), _moment(call, "latest")
    inclusive = call.flag("inclusive")
    return [
        message
        for message in messages
        if (not oldest or message.ts > oldest or (inclusive and message.ts == oldest))
        and (not latest or message.ts < latest or (inclusive and message.ts == latest))
    ]


def _moment(call: Call, name: str) -> str:
    value = call.text(name)
    if value in ("", "0", "now"):
        return ""
    if not TIME.fullmatch(value):
        raise Refusal(f"invalid_ts_{name}")
    seconds, _, rest = value.partition(".")
    return f"{int(seconds):010}.{rest.ljust(6, '0')}"


def _told(call: Call, messages: Iterable[Message]) -> list[Json]:
    metadata = call.flag("include_all_metadata")
    return [shapes.message(call.workspace, message, metadata=metadata) for message in messages]


def _is_broadcast(message: Message) -> bool:
    return message.subtype == "thread_broadcast"


def _ts(message: Message) -> str:
    return message.ts
