"""Text as Slack stores it: what people typed, what apps sent.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.slack import emoji
from tests.slack.records import Json
from tests.slack.workspace import Workspace

_URL = re.compile(r"(?<![<|\w])https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"]")
_MAIL = re.compile(r"(?<![<|\w:])([\w.+-]+@[\w-]+\.[\w.-]*\w)")
_AT = re.compile(r"(?<![\w<@.])@([\w.-]*\w)")
_HASH = re.compile(r"(?<![\w<#&])#([a-z0-9][\w-]*)")
_CONTROL = re.compile(r"<([@#!][^<>\s][^<>]*|[a-z][a-z0-9+.-]*:[^<>]+)>", re.IGNORECASE)
_LOOSE_AND = re.compile(r"&(?!amp;|lt;|gt;)")
EVERYONE = ("here", "channel", "everyone")


def escape(text: str) -> str:
    """Write the three characters that mean something as Slack does."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Read what `escape` wrote."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(workspace: Workspace, text: str) -> str:
    """Return what is stored of what a person typed: names and addresses become live."""
    stored = emoji.named(escape(text))
    stored = _URL.sub(lambda found: f"<{found[0]}>", stored)
    stored = _MAIL.sub(lambda found: f"<mailto:{found[1]}|{found[1]}>", stored)
    return linked(workspace, stored)


def linked(workspace: Workspace, text: str) -> str:
    """Make names live in what an app sent with `parse` full or `link_names`.

    https://docs.slack.dev/messaging/formatting-message-text "Automatic parsing"
    """
    text = _AT.sub(lambda found: _mention(workspace, found[1]) or found[0], text)
    return _HASH.sub(lambda found: _channel(workspace, found[1]) or found[0], text)


def _mention(workspace: Workspace, name: str) -> str | None:
    if name in EVERYONE:
        return f"<!{name}>"
    user = next((user for user in workspace.users.values() if user.name == name), None)
    if user:
        return f"<@{user.id}>"
    group = next((group for group in workspace.groups.values() if group.handle == name), None)
    return f"<!subteam^{group.id}>" if group else None


def _channel(workspace: Workspace, name: str) -> str | None:
    found = (c for c in workspace.channels.values() if c.name == name and not c.is_direct)
    channel = next(found, None)
    return f"<#{channel.id}|>" if channel else None


def sent(text: str) -> str:
    """Return what is stored of what an app sent: what is written as a control sequence is one.

    An app escapes what people wrote; what it leaves is live, bare addresses become links.
    """
    out, at = [], 0
    for found in _CONTROL.finditer(text):
        out += [_loose(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*out, _loose(text[at:])])


def _loose(text: str) -> str:
    text = _LOOSE_AND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    return _URL.sub(lambda found: f"<{found[0]}>", text)


def rich_text(text: str) -> list[Json]:
    """Return the blocks that Slack makes of a person's message.

    https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
    """
    section = {"type": "rich_text_section", "elements": list(_elements(text))}
    return [{"type": "rich_text", "block_id": "b1", "elements": [section]}] if text else []


def _elements(text: str) -> Iterator[Json]:
    at = 0
    for found in _CONTROL.finditer(text):
        if found.start() > at:
            yield {"type": "text", "text": unescape(text[at : found.start()])}
        yield _element(found[1])
        at = found.end()
    if at < len(text):
        yield {"type": "text", "text": unescape(text[at:])}


def _element(control: str) -> Json:
    body, _, label = control.partition("|")
    if body.startswith("@"):
        return {"type": "user", "user_id": body[1:]}
    if body.startswith("#"):
        return {"type": "channel", "channel_id": body[1:]}
    if body.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": body.removeprefix("!subteam^")}
    if body.startswith("!"):
        return {"type": "broadcast", "range": body[1:]}
    link: Json = {"type": "link", "url": unescape(body)}
    return {**link, "text": unescape(label)} if label else link


def mentions(text: str, user: str) -> bool:
    """Whether a stored text names somebody."""
    return re.search(rf"<@{re.escape(user)}(\|[^>]*)?>", text) is not None


def read(workspace: Workspace, text: str) -> str:
    """Return a stored text as it stands on the screen, but for what is bold and so on."""
    return unescape(_CONTROL.sub(lambda found: _on_screen(workspace, found[1]), text))


def _on_screen(workspace: Workspace, control: str) -> str:
    body, _, label = control.partition("|")
    if label:
        return label
    name = body.lstrip("@#!")
    if body.startswith("@"):
        return f"@{workspace.users[name].name}" if name in workspace.users else body
    if body.startswith("#"):
        return f"#{workspace.channels[name].name}" if name in workspace.channels else body
    if body.startswith("!subteam^"):
        group = workspace.groups.get(name.removeprefix("subteam^"))
        return f"@{group.handle}" if group else body
    return f"@{name}" if body.startswith("!") else body


def read_blocks(workspace: Workspace, blocks: list[Json]) -> str:
    """Return what stands in blocks, a line for each part."""
    return "\n".join(words for block in blocks for words in _words(workspace, block))


def _words(workspace: Workspace, part: object) -> Iterator[str]:
    if isinstance(part, list):
        for member in part:
            yield from _words(workspace, member)
    if not isinstance(part, dict):
        return
    if part.get("type") in _RICH:
        yield "".join(_inline(workspace, element) for element in part["elements"])
        return
    for name, value in part.items():
        if name in ("text", "alt_text", "title") and isinstance(value, str):
            is_markup = part.get("type") == "mrkdwn"
            yield read(workspace, value) if is_markup else value
        else:
            yield from _words(workspace, value)


_RICH = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")


def _inline(workspace: Workspace, element: Json) -> str:
    kind = element["type"]
    if kind == "user":
        return _on_screen(workspace, f"@{element['user_id']}")
    if kind == "channel":
        return _on_screen(workspace, f"#{element['channel_id']}")
    if kind == "usergroup":
        return _on_screen(workspace, f"!subteam^{element['usergroup_id']}")
    if kind == "emoji":
        return f":{element['name']}:"
    if kind == "broadcast":
        return f"@{element['range']}"
    if kind == "date":
        return str(element.get("fallback", element["timestamp"]))
    return str(element.get("text") or element.get("url", ""))
