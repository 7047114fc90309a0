"""Where may long content be cut, so that every part can stand alone?

Content is cut before it is rendered: no part ends inside a tag, an entity or a fence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import tzinfo

from bot.content import (
    Block,
    Code,
    Content,
    Emphasis,
    Fields,
    Heading,
    Items,
    Link,
    Mention,
    Paragraph,
    Quote,
    Span,
    Spans,
    Strong,
    Text,
    Verbatim,
)
from bot.transports.matrix.markup import block_of, span_of

_LONGEST_NAME = 200  # characters of a link or name that stay when it must be shortened
_AROUND = 64  # bytes of markup around a block's spans
_LEAST = 16  # bytes: room in which every single character fits

Sized = Callable[[Block], int]


def split(content: Content, zone: tzinfo, limit: int) -> list[Content]:
    """Cut content into parts of at most `limit` bytes as rendered; at least one part."""

    def size(block: Block) -> int:
        return block_of(block, zone).size + 2  # with the empty line between blocks

    parts: list[list[Block]] = [[]]
    room = limit
    for block in content:
        for piece in _pieces(block, size, zone, limit):
            needed = size(piece)
            if needed > room and parts[-1]:
                parts.append([])
                room = limit
            parts[-1].append(piece)
            room -= needed
    return [tuple(part) for part in parts]


def _pieces(block: Block, size: Sized, zone: tzinfo, limit: int) -> Iterator[Block]:
    """Yield a block, cut where it alone is too long."""
    if size(block) <= limit:
        yield block
        return
    inner = limit - _AROUND
    match block:
        case Paragraph() | Heading():
            yield from (replace(block, spans=part) for part in _cut_spans(block.spans, zone, inner))
        case Quote():
            # Every line break costs two more bytes for its mark.
            yield from (Quote(part) for part in _cut_spans(block.spans, zone, inner // 2))
        case Code():
            yield from (Code(part) for part in _cut_code(block.text, size, limit))
        case Items():
            yield from _cut_items(block, size, zone, limit)
        case Fields():
            yield from _cut_fields(block, size, zone, limit)


def _cut_items(block: Items, size: Sized, zone: tzinfo, limit: int) -> Iterator[Block]:
    """Cut between items; a numbered list goes on as plain lines with its numbers."""
    for number, item in enumerate(block.items, 1):
        mark = f"{number}. " if block.numbered else "• "
        yield from _pieces(Paragraph((Text(mark), *item)), size, zone, limit)


def _cut_fields(block: Fields, size: Sized, zone: tzinfo, limit: int) -> Iterator[Block]:
    for name, value in block.fields:
        one = Fields(((name, value),))
        if size(one) <= limit:
            yield one
        else:
            yield from _pieces(
                Paragraph((Strong(f"{name}:"), Text(" "), *value)), size, zone, limit
            )


def _cut_code(text: str, size: Sized, limit: int) -> Iterator[str]:
    while len(text) > limit or size(Code(text)) > limit:
        end = _longest(text[:limit], lambda head: size(Code(head)) <= limit)
        yield text[:end]
        text = text[end:].removeprefix("\n")
    if text:
        yield text


def _cut_spans(spans: Spans, zone: tzinfo, limit: int) -> Iterator[Spans]:
    taken: list[Span] = []
    room = limit
    waiting = list(reversed(spans))
    while waiting:
        span = waiting.pop()
        # No character takes less than a byte, so what is far too long need not be rendered.
        long = isinstance(span, Text | Strong | Emphasis | Verbatim) and len(span.text) > limit
        needed = limit + 1 if long else span_of(span, zone).size
        if needed <= room:
            taken.append(span)
            room -= needed
            continue
        head, tail = _cut_span(span, zone, room if taken else limit, begun=bool(taken))
        if head is not None:
            taken.append(head)
        if tail is not None:
            waiting.append(tail)
        yield tuple(taken)
        taken, room = [], limit
    if taken:
        yield tuple(taken)


def _cut_span(
    span: Span, zone: tzinfo, room: int, *, begun: bool
) -> tuple[Span | None, Span | None]:
    """Return what of a span fits, and the rest."""
    match span:
        case Text() | Strong() | Emphasis() | Verbatim():
            small = room < _LEAST * 16 and begun
            end = (
                0
                if small
                else _longest(
                    span.text[:room], lambda t: span_of(replace(span, text=t), zone).size <= room
                )
            )
            if end == 0:
                return None, span
            rest = (
                span.text[end:].lstrip("\n") if not isinstance(span, Verbatim) else span.text[end:]
            )
            return replace(span, text=span.text[:end]), replace(span, text=rest) if rest else None
        case Link() if not begun:
            return Text(f"{span.text} ({span.url})"[:_LONGEST_NAME]), None
        case Mention() if not begun:
            return replace(span, name=span.name[:_LONGEST_NAME]), None
        case _:
            return None, span


def _longest(text: str, fits: Callable[[str], bool]) -> int:
    """Return where to cut: the best border in what fits, at least one character.

    `text` need not be longer than what could fit: no character takes less than a byte.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[:middle]):
            low = middle
        else:
            high = middle - 1
    return _border(text, low)


def _border(text: str, most: int) -> int:
    """Return the last good border at or before `most`: paragraph, line, word, character."""
    if most >= len(text):
        return len(text)
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, most // 2, most)
        if at > 0:
            return at + len(mark)
    at = most
    while at > 1 and not is_border(text, at) and most - at < 64:
        at -= 1
    return at if is_border(text, at) else max(most, 1)


def is_border(text: str, at: int) -> bool:
    """Tell whether text may be cut there without taking a visible character apart.

    The rules that matter of https://www.unicode.org/reports/tr29/ (grapheme clusters).
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if _extends(after) or before == "\u200d":
        return False
    if _is_flag(before) and _is_flag(after):
        start = at
        while start > 0 and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def _extends(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character)[0] == "M"
        or code in (0x200C, 0x200D)
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags of subdivision flags
        or 0x1160 <= code <= 0x11FF  # later parts of Hangul syllables
    )


def _is_flag(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF
