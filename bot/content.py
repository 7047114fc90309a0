"""What is said, as a tree of plain values: one renderer per service turns it into markup.

Text in it is always text. Nothing a person wrote can become markup, a link or a
mention, because only the types below say what is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.events import HIDE_INPUT, Person


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text; line breaks in it are kept."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Strong:
    """A run of text that stands out."""

    text: str
    type: Literal["strong"] = "strong"


@dataclass(frozen=True, slots=True)
class Emphasis:
    """A run of text said with stress."""

    text: str
    type: Literal["emphasis"] = "emphasis"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A run of text to be typed or read exactly as it stands."""

    text: str
    type: Literal["verbatim"] = "verbatim"


@dataclass(frozen=True, slots=True)
class Link:
    """A link; only http, https and mailto addresses become one, others show as text."""

    text: str
    url: str
    type: Literal["link"] = "link"


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, notified when the service can; `name` is shown where it cannot."""

    person: Person
    name: str
    type: Literal["mention"] = "mention"


@dataclass(frozen=True, slots=True)
class Time:
    """A moment (aware), shown in the reader's zone where the service can, else in the room's."""

    at: datetime
    type: Literal["time"] = "time"


Span = Text | Strong | Emphasis | Verbatim | Link | Mention | Time
Spans = tuple[Annotated[Span, Field(discriminator="type")], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some text."""

    spans: Spans
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """A short title line."""

    spans: Spans
    type: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, numbered or not."""

    items: tuple[Spans, ...]
    numbered: bool = False
    type: Literal["items"] = "items"


@dataclass(frozen=True, slots=True)
class Code:
    """Lines shown exactly as they are."""

    text: str
    type: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody else said."""

    spans: Spans
    type: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values of a card, in order."""

    fields: tuple[tuple[str, Spans], ...]
    type: Literal["fields"] = "fields"


Block = Paragraph | Heading | Items | Code | Quote | Fields
Content = tuple[Annotated[Block, Field(discriminator="type")], ...]

content_codec: TypeAdapter[Content] = TypeAdapter(Content, config=HIDE_INPUT)


def spans(*parts: str | Span) -> Spans:
    """Make spans of strings and spans; a string is text."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def paragraph(*parts: str | Span) -> Paragraph:
    """Make a paragraph."""
    return Paragraph(spans(*parts))


def heading(*parts: str | Span) -> Heading:
    """Make a heading."""
    return Heading(spans(*parts))


def items(lines: Iterable[str | Span | Spans], *, numbered: bool = False) -> Items:
    """Make a list; an item is a string, a span, or several spans."""
    return Items(
        tuple(line if isinstance(line, tuple) else spans(line) for line in lines), numbered
    )


def fields(pairs: Iterable[tuple[str, str | Span | Spans]]) -> Fields:
    """Make a card's fields."""
    return Fields(
        tuple((name, value if isinstance(value, tuple) else spans(value)) for name, value in pairs)
    )


def say(*parts: str | Span) -> Content:
    """Make content of one paragraph."""
    return (paragraph(*parts),)


def spans_of(content: Content) -> Iterator[Span]:
    """Yield every span of the content, in reading order."""
    for block in content:
        match block:
            case Paragraph() | Heading() | Quote():
                yield from block.spans
            case Items():
                for item in block.items:
                    yield from item
            case Fields():
                for _, value in block.fields:
                    yield from value
            case Code():
                yield Verbatim(block.text)


def mentioned(content: Content) -> tuple[Person, ...]:
    """Return who is mentioned, each once, in reading order."""
    found = [span.person for span in spans_of(content) if isinstance(span, Mention)]
    return tuple(dict.fromkeys(found))
