"""How does content read where blocks are not shown: in notifications, to screen readers?

The text of a message is mrkdwn: the three characters with which everything live begins
are escaped, https://docs.slack.dev/messaging/formatting-message-text.
"""

from __future__ import annotations

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
from bot.plain import moment
from bot.transports.slack.markup import DATE_FORMAT, Look


def escape(text: str) -> str:
    """Return text in which nothing is live."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(content: Content, look: Look) -> str:
    """Return cleaned content as text."""
    return "\n".join(block_text(block, look) for block in content)


def block_text(block: Block, look: Look) -> str:
    """Return one block as text."""
    match block:
        case Paragraph() | Heading():
            return _spans(block.spans, look)
        case Quote():
            return f"“{_spans(block.spans, look)}”"
        case Code():
            return escape(block.text)
        case Items():
            marks = (f"{number}." if block.numbered else "•" for number in _count(block))
            lines = zip(marks, block.items, strict=True)
            return "\n".join(f"{mark} {_spans(item, look)}" for mark, item in lines)
        case Fields():
            pairs = ((escape(name), _spans(value, look)) for name, value in block.fields)
            return "\n".join(f"{name}: {value}" for name, value in pairs)


def span_text(span: Span, look: Look) -> str:
    """Return one span as text."""
    match span:
        case Link():
            return escape(span.url if span.text in ("", span.url) else f"{span.text} ({span.url})")
        case Mention():
            user = look.user_id(span.person)
            return f"<@{user}>" if user else escape(f"@{span.name}")
        case Time():
            text, seconds = escape(moment(span.at, look.zone)), int(span.at.timestamp())
            # https://docs.slack.dev/messaging/formatting-message-text#date-formatting
            return text if seconds < 0 else f"<!date^{seconds}^{DATE_FORMAT}|{text}>"
        case Verbatim():
            return f"`{escape(span.text)}`"
        case _:
            return escape(span.text)


def _spans(spans: Spans, look: Look) -> str:
    return "".join(span_text(span, look) for span in spans)


def _count(block: Items) -> range:
    return range(1, len(block.items) + 1)
