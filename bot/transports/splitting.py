"""Where may long content be cut, so that every part can stand alone?

Content is cut before it is rendered: no part ends inside a tag, an entity or a fence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

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
from bot.transports.borders import longest

_LONGEST_NAME = 200  # characters of a link or name that stay when it must be shortened
_SMALL = 256  # what is not worth cutting a span for, once a part has something in it


class Sizes(Protocol):
    """How much room content takes on a service, in whatever the service counts.

    A block takes at most what its spans take, and `around`; a character at least 1.
    """

    around: int

    def block(self, block: Block) -> int:
        """Return the size of a block, with what parts it from the next."""
        ...

    def span(self, span: Span) -> int:
        """Return the size of a span."""
        ...


def split(content: Content, sizes: Sizes, limit: int) -> list[Content]:
    """Cut content into parts of at most the size `limit`; at least one part."""
    parts: list[list[Block]] = [[]]
    room = limit
    for block in content:
        for piece in _pieces(block, sizes, limit):
            needed = sizes.block(piece)
            if needed > room and parts[-1]:
                parts.append([])
                room = limit
            parts[-1].append(piece)
            room -= needed
    return [tuple(part) for part in parts]


def _pieces(block: Block, sizes: Sizes, limit: int) -> Iterator[Block]:
    """Yield a block, cut where it alone is too long."""
    if sizes.block(block) <= limit:
        yield block
        return
    inner = limit - sizes.around
    match block:
        case Paragraph() | Heading():
            yield from (
                replace(block, spans=part) for part in _cut_spans(block.spans, sizes, inner)
            )
        case Quote():
            # Its line breaks may cost more, for the mark on every line.
            yield from (Quote(part) for part in _cut_spans(block.spans, sizes, inner // 2))
        case Code():
            yield from (Code(part) for part in _cut_code(block.text, sizes, limit))
        case Items():
            yield from _cut_items(block.items, 1, sizes, limit, numbered=block.numbered)
        case Fields():
            yield from _cut_fields(block.fields, sizes, limit)


def _cut_items(
    items: tuple[Spans, ...], first: int, sizes: Sizes, limit: int, *, numbered: bool
) -> Iterator[Block]:
    """Halve a list until it fits; `first` is the number of its first item."""
    if len(items) == 1:
        yield from _pieces(Paragraph(_line(items[0], first, numbered=numbered)), sizes, limit)
        return
    # No item takes less than 2: what is far too long need not be rendered.
    if len(items) <= limit // 2:
        block = _list(items, first, numbered=numbered)
        if sizes.block(block) <= limit:
            yield block
            return
    half = len(items) // 2
    yield from _cut_items(items[:half], first, sizes, limit, numbered=numbered)
    yield from _cut_items(items[half:], first + half, sizes, limit, numbered=numbered)


def _list(items: tuple[Spans, ...], first: int, *, numbered: bool) -> Block:
    """Return items as a list, or where it does not begin with 1 as lines with their numbers."""
    if not numbered or first == 1:
        return Items(items, numbered)
    spans: list[Span] = []
    for number, item in enumerate(items, first):
        spans += _line(item, number, numbered=True, opening="\n" if spans else "")
    return Paragraph(tuple(spans))


def _line(item: Spans, number: int, *, numbered: bool, opening: str = "") -> Spans:
    mark = f"{number}. " if numbered else "• "
    return (Text(opening + mark), *item)


def _cut_fields(fields: tuple[tuple[str, Spans], ...], sizes: Sizes, limit: int) -> Iterator[Block]:
    if len(fields) <= limit // 2 and sizes.block(Fields(fields)) <= limit:
        yield Fields(fields)
    elif len(fields) == 1:
        name, value = fields[0]
        yield from _pieces(Paragraph((Strong(f"{name}:"), Text(" "), *value)), sizes, limit)
    else:
        half = len(fields) // 2
        yield from _cut_fields(fields[:half], sizes, limit)
        yield from _cut_fields(fields[half:], sizes, limit)


def _cut_code(text: str, sizes: Sizes, limit: int) -> Iterator[str]:
    while len(text) > limit or sizes.block(Code(text)) > limit:
        end = longest(text[: limit + 1], lambda head: sizes.block(Code(head)) <= limit)
        yield text[:end]
        text = text[end:].removeprefix("\n")
    if text:
        yield text


def _cut_spans(spans: Spans, sizes: Sizes, limit: int) -> Iterator[Spans]:
    taken: list[Span] = []
    room = limit
    waiting = list(reversed(spans))
    while waiting:
        span = waiting.pop()
        # No character takes less than 1, so what is far too long need not be rendered.
        long = isinstance(span, Text | Strong | Emphasis | Verbatim) and len(span.text) > limit
        needed = limit + 1 if long else sizes.span(span)
        if needed <= room:
            taken.append(span)
            room -= needed
            continue
        head, tail = _cut_span(span, sizes, room if taken else limit, begun=bool(taken))
        if head is not None:
            taken.append(head)
        if tail is not None:
            waiting.append(tail)
        yield tuple(taken)
        taken, room = [], limit
    if taken:
        yield tuple(taken)


def _cut_span(
    span: Span, sizes: Sizes, room: int, *, begun: bool
) -> tuple[Span | None, Span | None]:
    """Return what of a span fits, and the rest."""
    match span:
        case Text() | Strong() | Emphasis() | Verbatim():
            if begun and room < _SMALL:
                return None, span
            end = longest(
                span.text[: room + 1], lambda t: sizes.span(replace(span, text=t)) <= room
            )
            head, rest = span.text[:end], span.text[end:]
            if not isinstance(span, Verbatim):
                rest = rest.lstrip("\n")
            return replace(span, text=head), replace(span, text=rest) if rest else None
        case Link() if not begun:
            return Text(f"{span.text} ({span.url})"[:_LONGEST_NAME]), None
        case Mention() if not begun:
            return replace(span, name=span.name[:_LONGEST_NAME]), None
        case _:
            return None, span
