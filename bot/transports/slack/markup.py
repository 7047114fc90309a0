"""How does content look on Slack: as blocks, in which no text is ever read as markup?

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block: a text element shows
what it holds; only elements of other types are mentions, links or dates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

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
    Time,
    Verbatim,
)
from bot.events import Person
from bot.plain import moment
from bot.transports.slack import ids, limits
from bot.transports.text import is_link, safe

Json = dict[str, Any]

PREFIX = "!"
# https://docs.slack.dev/reference/block-kit/block-elements/date-element: in the reader's zone
# and language, and "today" where it is.
DATE_FORMAT = "{date_long_pretty} {time}"
_USER = re.compile("[UW][A-Z0-9]{1,30}")
_STYLES: Mapping[type[Span], str] = {Strong: "bold", Emphasis: "italic", Verbatim: "code"}


@dataclass(frozen=True, slots=True)
class Look:
    """How things are shown in a place.

    Attributes:
        zone: of times where Slack cannot show the reader's own.
        workspace: whose people can be mentioned.
        direct: whether commands are typed without a prefix.
    """

    zone: tzinfo
    workspace: str
    direct: bool

    @property
    def prefix(self) -> str:
        """What stands before a command."""
        return "" if self.direct else PREFIX

    def user_id(self, person: Person) -> str | None:
        """Return the id by which a person can be mentioned here."""
        here = (person.transport, person.workspace) == (ids.NAME, self.workspace)
        return person.user if here and _USER.fullmatch(person.user) else None


def clean(content: Content) -> Content:
    """Return content without what no service should see, and without what shows nothing."""
    return tuple(cleaned for block in content if _shows(cleaned := _clean(block)))


def _clean(block: Block) -> Block:
    match block:
        case Paragraph() | Heading() | Quote():
            return replace(block, spans=_clean_spans(block.spans))
        case Items():
            return replace(block, items=tuple(_clean_spans(item) for item in block.items))
        case Fields():
            return Fields(tuple((safe(name), _clean_spans(value)) for name, value in block.fields))
        case Code():
            return Code(safe(block.text).rstrip("\n"))


def _clean_spans(spans: Spans) -> Spans:
    return tuple(span for each in spans if _shows_span(span := _clean_span(each)))


def _clean_span(span: Span) -> Span:
    match span:
        case Mention():
            return replace(span, name=safe(span.name) or safe(span.person.user))
        case Time():
            return span
        case Link():
            text, url = safe(span.text), safe(span.url)
            if is_link(url):
                return Link(text, url)
            return Text(url if text in ("", url) else f"{text} ({url})")
        case _:
            return replace(span, text=safe(span.text))


def _shows_span(span: Span) -> bool:
    return isinstance(span, Mention | Time | Link) or bool(span.text)


def _shows(block: Block) -> bool:
    match block:
        case Paragraph() | Heading() | Quote():
            return any(not isinstance(s, _Written) or bool(s.text.strip()) for s in block.spans)
        case Items():
            return bool(block.items)
        case Fields():
            return bool(block.fields)
        case Code():
            return bool(block.text.strip())


_Written = Text | Strong | Emphasis | Verbatim


def block_of(block: Block, look: Look) -> Json:
    """Render one block of cleaned content."""
    match block:
        case Heading():
            return _heading(block, look)
        case Paragraph():
            return _rich(_section(block.spans, look))
        case Quote():
            return _rich({"type": "rich_text_quote", "elements": _inline(block.spans, look)})
        case Code():
            return _rich({"type": "rich_text_preformatted", "elements": _text(block.text)})
        case Items():
            # https://docs.slack.dev/reference/block-kit/block-elements/rich-text-list-element
            style = "ordered" if block.numbered else "bullet"
            items = [_section(item, look) for item in block.items]
            return _rich({"type": "rich_text_list", "style": style, "elements": items})
        case Fields():
            return _rich(_section(_lines(block), look))


def span_of(span: Span, look: Look) -> list[Json]:
    """Render one span of cleaned content."""
    match span:
        case Mention():
            user = look.user_id(span.person)
            return _text(f"@{span.name}") if user is None else [{"type": "user", "user_id": user}]
        case Link():
            label = {} if span.text in ("", span.url) else {"text": span.text}
            return [{"type": "link", "url": span.url, **label}]
        case Time():
            return [_date(span, look)]
        case _:
            style = _STYLES.get(type(span))
            return _text(span.text, **({style: True} if style else {}))


def plain(text: str, most: int) -> Json:
    """Return a text object that is never markup; `:names:` in it make no emoji either.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    shown = limits.shortened(safe(text), most)
    return {"type": "plain_text", "text": shown or "…", "emoji": False}


def _heading(block: Heading, look: Look) -> Json:
    words = "".join(s.text if isinstance(s, _Written) else "\n" for s in block.spans)
    if "\n" not in words and limits.length(words) <= limits.HEADER:
        return {"type": "header", "text": plain(words, limits.HEADER)}
    elements = _inline(block.spans, look)
    for element in elements:
        element["style"] = {**element.get("style", {}), "bold": True}
    return _rich({"type": "rich_text_section", "elements": elements})


def _lines(block: Fields) -> Spans:
    """Return a card's fields one below the other."""
    spans: list[Span] = []
    for name, value in block.fields:
        spans += [Text("\n")] if spans else []
        spans += [Strong(f"{name}:"), Text(" "), *value]
    return tuple(spans)


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _section(spans: Spans, look: Look) -> Json:
    # An empty item still has its number.
    return {"type": "rich_text_section", "elements": _inline(spans, look) or _text(" ")}


def _inline(spans: Spans, look: Look) -> list[Json]:
    found: list[Json] = []
    for element in (element for span in spans for element in span_of(span, look)):
        if found and (joined := _joined(found[-1], element)) is not None:
            found[-1] = joined
        else:
            found.append(element)
    return found


def _joined(one: Json, other: Json) -> Json | None:
    """Return two texts of the same style as one: every element weighs."""
    if one["type"] != "text" or {**one, "text": ""} != {**other, "text": ""}:
        return None
    text = one["text"] + other["text"]
    return {**one, "text": text} if limits.length(text) <= limits.TEXT else None


def _text(text: str, **style: bool) -> list[Json]:
    styled = {"style": style} if style else {}
    pieces = limits.chunks(text, limits.TEXT)
    return [{"type": "text", "text": piece, **styled} for piece in pieces]


def _date(span: Time, look: Look) -> Json:
    seconds, fallback = int(span.at.timestamp()), moment(span.at, look.zone)
    if seconds < 0:  # nothing says that Slack knows times before 1970
        return {"type": "text", "text": fallback}
    return {"type": "date", "timestamp": seconds, "format": DATE_FORMAT, "fallback": fallback}
