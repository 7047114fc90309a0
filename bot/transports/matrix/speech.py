"""What did somebody say, without quotes, and was it said to the bot?"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote

from bot.events import SharedFile
from bot.transports.matrix import ids
from bot.transports.wire import Object, integer_of, object_of, text_of, texts_of

_MOST_MENTIONS = 50
_LONGEST_NAME = 255
_FILES = frozenset({"m.image", "m.file", "m.audio", "m.video"})
# What is no saying of a person although it has a body.
_SILENT = frozenset({"m.key.verification.request", "m.bad.encrypted"})

# https://spec.matrix.org/v1.16/appendices/#matrixto-navigation
_PILL = re.compile(r"""href=["']https://matrix\.to/#/([^"'?]{1,600})["'?]""", re.I)
_LEADING_LINK = re.compile(r"\[[^\]\n]{0,255}\]\(https://matrix\.to/#/([^)\s]{1,600})\)")
_LEADING_PILL = re.compile(
    r"""\s*(?:<p>\s*)?<a\b[^>]{0,500}?href=["']https://matrix\.to/#/([^"'?]{1,600})["'?]"""
    r"[^>]{0,500}>([^<]{1,255})</a>",
    re.I,
)
_AFTER_LINK = re.compile(r"\s*[:,]\s*|\s+|$")
_AFTER_NAME = re.compile(r"\s*[:,]\s*")  # `desk lamp` is no word to the desk
_AFTER_ID = re.compile(r"\s*[:,](?:\s+|$)|\s+|$")  # `@desk:example.com` is somebody else


def is_saying(content: Object) -> bool:
    """Tell whether the content of an m.room.message is something said or shared."""
    return isinstance(content.get("body"), str) and text_of(content, "msgtype") not in _SILENT


def words(content: Object, *, quotes: bool) -> str:
    """Return the text; of a shared file its caption. `quotes`: it may begin with a quote.

    A file's body is a caption only when the file name is given apart:
    https://spec.matrix.org/v1.16/client-server-api/#media-captions
    """
    body = text_of(content, "body")
    if text_of(content, "msgtype") in _FILES:
        name = text_of(content, "filename")
        return body if name and name != body else ""
    return without_quote(body) if quotes else body


def without_quote(body: str) -> str:
    """Drop the lines older clients put before a reply: what it replies to.

    https://spec.matrix.org/v1.12/client-server-api/#stripping-the-fallback
    """
    lines = body.split("\n")
    said = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
    if 0 < said < len(lines) and not lines[said].strip():
        said += 1
    return "\n".join(lines[said:])


def files(content: Object) -> tuple[SharedFile, ...]:
    """Return the file a message shares."""
    if text_of(content, "msgtype") not in _FILES:
        return ()
    url = text_of(content, "url") or text_of(object_of(content, "file"), "url")
    info = object_of(content, "info")
    size = integer_of(info, "size")
    name = text_of(content, "filename") or text_of(content, "body")
    return (
        SharedFile(
            name=name[:_LONGEST_NAME],
            url=url if url.startswith("mxc://") else "",
            size=size if size is not None and size >= 0 else None,
            media_type=text_of(info, "mimetype")[:_LONGEST_NAME],
        ),
    )


def mentioned(content: Object) -> tuple[str, ...]:
    """Return the user ids a message mentions, in order; quotes mention nobody."""
    if "m.mentions" in content:
        named = texts_of(object_of(content, "m.mentions"), "user_ids")
    else:
        named = [unquote(found) for found in _PILL.findall(_own_html(content))]
    return tuple(dict.fromkeys(user for user in named if ids.is_user(user)))[:_MOST_MENTIONS]


def pilled(content: Object, user: str) -> bool:
    """Tell whether the message links to a user."""
    return any(unquote(found) == user for found in _PILL.findall(_own_html(content)))


def leading_pill(content: Object, user: str) -> str:
    """Return the text of the link to a user that a message begins with, or ""."""
    found = _LEADING_PILL.match(_own_html(content))
    return found[2].strip() if found and unquote(found[1]) == user else ""


def without_address(text: str, user: str, names: Collection[str], pill: str = "") -> str | None:
    """Drop a leading name of the bot; None when the text does not begin with one.

    Args:
        text: what was said.
        user: the bot's id.
        names: by which it is addressed: `name:`, `name,` or with an @ before it.
        pill: the text of the link to the bot with which the message begins.
    """
    start = text.lstrip()
    link = _LEADING_LINK.match(start)
    if link and unquote(link[1]) == user:
        found = _AFTER_LINK.match(start, link.end())
        return start[found.end() if found else link.end() :]
    folded = start.casefold()
    for name in sorted(filter(None, {*names, pill}), key=len, reverse=True):
        after = _AFTER_ID if name.startswith("@") else _AFTER_LINK if name == pill else _AFTER_NAME
        if folded.startswith(name.casefold()) and (found := after.match(start, len(name))):
            return start[found.end() :]
    return None


def names_of(user: str, display_name: str) -> frozenset[str]:
    """Return by which names the bot is addressed."""
    local = user.partition(":")[0].removeprefix("@")
    shown = display_name.strip()
    return frozenset({user, f"@{local}", local, shown, f"@{shown}" if shown else ""} - {""})


def _own_html(content: Object) -> str:
    """Return the formatted body without the quote in it, if it has any link to Matrix."""
    html = text_of(content, "formatted_body")
    if "matrix.to" not in html:
        return ""  # most messages: nothing in them is looked for
    before, quote, rest = html.partition("<mx-reply>")
    return before + rest.partition("</mx-reply>")[2] if quote else html
