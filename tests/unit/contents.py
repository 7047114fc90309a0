"""Any content at all, for what must hold of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from hypothesis import strategies as st

from bot.content import (
    Code,
    Content,
    Emphasis,
    Link,
    Mention,
    Quote,
    Spans,
    Strong,
    Text,
    Time,
    Verbatim,
    fields,
    heading,
    items,
    paragraph,
)
from bot.events import Person


def any_content(person: Person, hostile: Sequence[str]) -> st.SearchStrategy[Content]:
    """Make content of every kind of block and span, some of whose texts are `hostile`."""
    text = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from(hostile)
    span = (
        st.builds(Text, text)
        | st.builds(Strong, text)
        | st.builds(Emphasis, text)
        | st.builds(Verbatim, text)
        | st.builds(Link, text, text)
        | st.builds(Mention, st.just(person), text)
        | st.builds(Time, st.datetimes(timezones=st.just(UTC)))
    )
    spans: st.SearchStrategy[Spans] = st.lists(span, max_size=5).map(tuple)
    block = (
        st.builds(paragraph, span)
        | st.builds(heading, span)
        | st.builds(Quote, spans)
        | st.builds(Code, text)
        | st.lists(spans, max_size=5).map(items)
        | st.lists(spans, max_size=5).map(lambda lines: items(lines, numbered=True))
        | st.lists(st.tuples(text, spans), max_size=4).map(fields)
    )
    return st.lists(block, max_size=6).map(tuple)
