"""How does content read without markup, and what of people's text may reach a terminal?"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo

from bot.content import (
    Block,
    Code,
    Content,
    Fields,
    Heading,
    Items,
    Link,
    Mention,
    Paragraph,
    Quote,
    Span,
    Spans,
    Time,
    Verbatim,
)

LONGEST_NAME = 80  # characters
_ONE_LINE = 100  # characters up to which a card's fields share a line
_INDENT = "    "

# Own names, because strftime's follow the locale of the process.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# https://www.unicode.org/reports/tr9/ (Bidi_Control), and the deprecated format characters.
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]")
# Controls, format characters, surrogates, private use: https://www.unicode.org/reports/tr44/
_UNSEEN = ("Cc", "Cf", "Cs", "Co")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def to_plain(content: Content, zone: tzinfo) -> str:
    """Return content as lines of plain text, with its times in `zone`.

    What people wrote stays as it is: pass the result through `terminal_safe` before
    a terminal sees it.
    """
    return "\n".join(_block(block, zone) for block in content)


def moment(at: datetime, zone: tzinfo) -> str:
    """Return an aware time as `Mon 5 Jan 2026 22:00 CET`."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    if name[:1] in ("+", "-"):
        name = f"UTC{name}"
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day} {local:%H:%M} {name}".rstrip()


def terminal_safe(text: str) -> str:
    r"""Return text that cannot move a cursor, colour, or reorder what stands around it.

    Every kind of line break becomes `\n`; control characters become visible symbols;
    the invisible ones that turn text around are dropped.
    """
    text = _REORDERING.sub("", _BREAKS.sub("\n", text)).replace("\t", _INDENT)
    return _CONTROLS.sub(lambda found: _symbol(found[0]), text)


def one_name(text: str) -> str:
    """Return what somebody calls themselves, or a room, as one short line that hides nothing.

    Controls and what is invisible or turns text around are dropped, and so is what is too long.
    """
    words = " ".join(text.split())
    seen = "".join(c for c in words if unicodedata.category(c) not in _UNSEEN)
    line = unicodedata.normalize("NFC", " ".join(seen.split()))
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1].rstrip()}…"


def _symbol(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # Control Pictures: ␛ for escape
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def _block(block: Block, zone: tzinfo) -> str:
    match block:
        case Paragraph() | Heading():
            return _spans(block.spans, zone)
        case Quote():
            return _prefixed(_spans(block.spans, zone), "> ", "> ")
        case Code():
            return _prefixed(block.text.rstrip("\n"), _INDENT, _INDENT)
        case Items():
            return "\n".join(_items(block, zone))
        case Fields():
            return _fields(block, zone)


def _items(block: Items, zone: tzinfo) -> list[str]:
    marks = [f"{number}. " if block.numbered else "• " for number in range(1, len(block.items) + 1)]
    return [
        _prefixed(_spans(item, zone), mark, " " * len(mark))
        for mark, item in zip(marks, block.items, strict=True)
    ]


def _fields(block: Fields, zone: tzinfo) -> str:
    pairs = [f"{name}: {_spans(value, zone)}" for name, value in block.fields]
    line = " · ".join(pairs)
    if len(line) <= _ONE_LINE and "\n" not in line:
        return line
    return "\n".join(_prefixed(pair, "", "  ") for pair in pairs)


def _spans(spans: Spans, zone: tzinfo) -> str:
    return "".join(_span(span, zone) for span in spans)


def _span(span: Span, zone: tzinfo) -> str:
    match span:
        case Link():
            return span.url if span.text in ("", span.url) else f"{span.text} ({span.url})"
        case Mention():
            return f"@{span.name}"
        case Time():
            return moment(span.at, zone)
        case Verbatim():
            return f"`{span.text}`"
        case _:
            return span.text


def _prefixed(text: str, first: str, rest: str) -> str:
    lines = _BREAKS.sub("\n", text).split("\n")
    return "\n".join([first + lines[0], *(rest + line for line in lines[1:])])
