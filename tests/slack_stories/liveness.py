"""What in the bot's posts calls somebody, leads somewhere or is read as markup?

https://docs.slack.dev/messaging/formatting-message-text,
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.slack.workspace import Workspace

_CONTROL = re.compile(r"<([^<>]*)>")
_ADDRESS = re.compile(r"https?://[^|]+")
_BARE = re.compile(r"&(?!(?:amp|lt|gt);)|[<>]")
_CALLING = {
    "user": "user_id",
    "usergroup": "usergroup_id",
    "broadcast": "range",
    "channel": "channel_id",
    "link": "url",
    "emoji": "name",
}
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def live_in(workspace: Workspace, since: str = "") -> set[str]:
    """Return what is live in all the bot has stored there: `user U1`, `link http://…`.

    Args:
        workspace: whose messages, only-you messages, forms and pages are gone through.
        since: only messages that are later than this ts; forms and pages in any case.
    """
    return set(_everywhere(workspace, since))


def _everywhere(workspace: Workspace, since: str) -> Iterator[str]:
    for channel in workspace.channels.values():
        for message in channel.messages.values():
            if message.user == workspace.bot_user and message.ts > since:
                yield from _in_text(message.text)
                yield from _in_blocks(message.blocks)
                yield from _in_blocks(message.attachments)
    for one in workspace.ephemerals:
        if one.ts > since:
            yield from _in_text(one.text)
            yield from _in_blocks(one.blocks)
    for view in (*workspace.views.values(), *workspace.homes.values()):
        yield from _in_blocks(view.view)
    for file in workspace.files.values():
        if file.user == workspace.bot_user:
            yield from _turning(f"{file.name} {file.title}")


def _in_text(text: str) -> Iterator[str]:
    """Read mrkdwn; dates call nobody, and an address without a label shows where it leads."""
    for control in _CONTROL.findall(text):
        body = control.partition("|")[0]
        if body.startswith("@"):
            yield f"user {body[1:]}"
        elif not (body.startswith("!date^") or _ADDRESS.fullmatch(control)):
            yield f"control {control}"
    for left in _BARE.findall(_CONTROL.sub("", text)):
        yield f"unescaped {left}"
    yield from _turning(text)


def _in_blocks(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for member in part:
            yield from _in_blocks(member)
    if not isinstance(part, dict):
        return
    kind = part.get("type")
    if kind == "mrkdwn":
        yield from _in_text(part["text"])
    elif kind in _CALLING and _CALLING[kind] in part:
        yield f"{kind} {part[_CALLING[kind]]}"
    elif kind == "plain_text" and part.get("emoji", True) and ":" in part["text"]:
        yield f"emoji in {part['text']}"
    for name, value in part.items():
        if isinstance(value, str) and name not in ("value", "private_metadata", "callback_id"):
            yield from _turning(value)
        yield from _in_blocks(value)


def _turning(text: str) -> Iterator[str]:
    if _TURNING.search(text):
        yield f"turning {text!r}"
