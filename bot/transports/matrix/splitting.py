"""How much room does content take in an event of Matrix?"""

from __future__ import annotations

from datetime import tzinfo

from bot.content import Block, Content, Span
from bot.transports import splitting
from bot.transports.matrix.markup import block_of, span_of

_BETWEEN = 2  # the empty line between blocks


class _Bytes:
    """Counts the bytes of both bodies."""

    around = 64

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def block(self, block: Block) -> int:
        return block_of(block, self._zone).size + _BETWEEN

    def span(self, span: Span) -> int:
        return span_of(span, self._zone).size


def split(content: Content, zone: tzinfo, limit: int) -> list[Content]:
    """Cut content into parts of at most `limit` bytes as rendered; at least one part."""
    return splitting.split(content, _Bytes(zone), limit)
