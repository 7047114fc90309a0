"""How does content look on Matrix: as plain text, and as HTML of a few safe tags?

https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes lists the tags
clients show. Text is always escaped; no markup is ever taken over from anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from html import escape
from urllib.parse import quote

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
    Time,
    Verbatim,
)
from bot.plain import moment
from bot.transports.matrix import ids
from bot.transports.text import is_link, safe


@dataclass(frozen=True, slots=True)
class Rendered:
    """The same twice: as plain text and as HTML."""

    body: str
    html: str

    @property
    def size(self) -> int:
        """Bytes of both in UTF-8."""
        return len(self.body.encode()) + len(self.html.encode())


def render(content: Content, zone: tzinfo) -> Rendered:
    """Render content, its times in `zone`."""
    blocks = [block_of(block, zone) for block in content]
    return Rendered("\n\n".join(b.body for b in blocks), "".join(b.html for b in blocks))


def block_of(block: Block, zone: tzinfo) -> Rendered:
    """Render one block."""
    match block:
        case Paragraph():
            inner = _inline(block.spans, zone)
            return Rendered(inner.body, f"<p>{inner.html}</p>")
        case Heading():
            inner = _inline(block.spans, zone)
            return Rendered(inner.body, f"<h4>{inner.html}</h4>")
        case Quote():
            inner = _inline(block.spans, zone)
            body = "\n".join(f"> {line}" for line in inner.body.split("\n"))
            return Rendered(body, f"<blockquote>{inner.html}</blockquote>")
        case Code():
            text = safe(block.text).rstrip("\n")
            fence = "```" if "```" not in text else "~~~~"
            return Rendered(
                f"{fence}\n{text}\n{fence}", f"<pre><code>{escape(text)}\n</code></pre>"
            )
        case Items():
            return _items(block, zone)
        case Fields():
            return _fields(block, zone)


def _items(block: Items, zone: tzinfo) -> Rendered:
    tag = "ol" if block.numbered else "ul"
    lines: list[str] = []
    html: list[str] = []
    for number, item in enumerate(block.items, 1):
        inner = _inline(item, zone)
        mark = f"{number}. " if block.numbered else "• "
        lines.append(mark + inner.body.replace("\n", "\n" + " " * len(mark)))
        html.append(f"<li>{inner.html}</li>")
    return Rendered("\n".join(lines), f"<{tag}>{''.join(html)}</{tag}>")


def _fields(block: Fields, zone: tzinfo) -> Rendered:
    pairs = [(safe(name), _inline(value, zone)) for name, value in block.fields]
    body = "\n".join(f"{name}: {inner.body}" for name, inner in pairs)
    html = "<br>".join(f"<strong>{_escaped(name)}:</strong> {inner.html}" for name, inner in pairs)
    return Rendered(body, f"<p>{html}</p>")


def _inline(spans: Spans, zone: tzinfo) -> Rendered:
    rendered = [span_of(span, zone) for span in spans]
    return Rendered("".join(r.body for r in rendered), "".join(r.html for r in rendered))


def span_of(span: Span, zone: tzinfo) -> Rendered:
    """Render one span."""
    match span:
        case Link():
            return _link(safe(span.text), span.url)
        case Mention():
            return _mention(span)
        case Time():
            text = moment(span.at, zone)
            return Rendered(text, escape(text))
    text = safe(span.text)
    html = _escaped(text)
    match span:
        case Strong():
            return Rendered(text, f"<strong>{html}</strong>")
        case Emphasis():
            return Rendered(text, f"<em>{html}</em>")
        case Verbatim():
            return Rendered(text, f"<code>{html}</code>")
        case _:
            return Rendered(text, html)


def _link(text: str, url: str) -> Rendered:
    url = safe(url)
    body = url if text in ("", url) else f"{text} ({url})"
    if not is_link(url):
        return Rendered(body, _escaped(body))
    return Rendered(body, f'<a href="{escape(url)}">{_escaped(text or url)}</a>')


def _mention(span: Mention) -> Rendered:
    name = safe(span.name) or span.person.user
    if span.person.transport != ids.NAME:
        return Rendered(name, _escaped(name))
    # https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions
    href = f"https://matrix.to/#/{quote(safe(span.person.user), safe='@:')}"
    return Rendered(name, f'<a href="{escape(href)}">{_escaped(name)}</a>')


def _escaped(text: str) -> str:
    return escape(text).replace("\n", "<br>")
