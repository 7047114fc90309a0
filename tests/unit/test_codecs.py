"""Events and posts are stored as JSON and come back the same."""

import typing
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot import content, events
from bot.content import content_codec
from bot.replies import Post, post_codec

# A lone surrogate cannot be stored by any database; transports replace them.
texts = st.text(st.characters(codec="utf-8"), max_size=40)
moments = st.datetimes(timezones=st.just(UTC))


persons = st.builds(events.Person, texts, texts, texts)
places = st.builds(events.Place, texts, texts, texts, st.none() | texts)
files = st.builds(events.SharedFile, texts, texts, st.none() | st.integers(0, 2**40), texts)
common: dict[str, Any] = {"id": texts, "place": places, "person": persons, "at": moments}
pairs = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
json_values = st.dictionaries(texts, texts | st.integers() | st.booleans() | st.none(), max_size=3)

BUILT: dict[type[events.Event], dict[str, st.SearchStrategy[Any]]] = {
    events.Message: dict(
        message=texts,
        text=texts,
        addressed=st.booleans(),
        direct=st.booleans(),
        mentions=st.lists(persons, max_size=2).map(tuple),
        files=st.lists(files, max_size=2).map(tuple),
        automated=st.booleans(),
    ),
    events.Edited: dict(message=texts, text=texts, number=texts),
    events.Deleted: dict(message=texts),
    events.Reacted: dict(message=texts, emoji=texts, added=st.booleans()),
    events.Pressed: dict(message=texts, line=texts, direct=st.booleans()),
    events.Submitted: dict(command=texts, answers=pairs),
    events.Invoked: dict(text=texts, message=st.none() | texts),
    events.Opened: dict(direct=st.booleans()),
    events.Joined: dict(bot=st.booleans()),
    events.Left: dict(bot=st.booleans()),
    events.RoomChanged: dict(name=st.none() | texts, direct=st.none() | st.booleans()),
    events.PersonChanged: dict(name=st.none() | texts, zone=st.none() | texts),
    events.Finished: dict(errand=texts, outcome=json_values, error=st.none() | texts),
    events.CaughtUp: dict(since=moments, until=moments, count=st.integers(0)),
    events.Screened: dict(
        message=st.none() | texts, masked=st.lists(texts, max_size=2).map(tuple), number=texts
    ),
    events.Unknown: dict(name=texts),
}
happenings = st.one_of([st.builds(kind, **common, **more) for kind, more in BUILT.items()])

spans = st.one_of(
    st.builds(content.Text, texts),
    st.builds(content.Strong, texts),
    st.builds(content.Emphasis, texts),
    st.builds(content.Verbatim, texts),
    st.builds(content.Link, texts, texts),
    st.builds(content.Mention, persons, texts),
    st.builds(content.Time, moments),
)
runs = st.lists(spans, max_size=3).map(tuple)
blocks = st.one_of(
    st.builds(content.Paragraph, runs),
    st.builds(content.Heading, runs),
    st.builds(content.Items, st.lists(runs, max_size=3).map(tuple), st.booleans()),
    st.builds(content.Code, texts),
    st.builds(content.Quote, runs),
    st.builds(content.Fields, st.lists(st.tuples(texts, runs), max_size=3).map(tuple)),
)
contents = st.lists(blocks, max_size=4).map(tuple)


@given(happenings)
@settings(deadline=None)
def test_an_event_comes_back_the_same(event: events.Event) -> None:
    assert events.load(events.dump(event)) == event


@given(contents)
@settings(deadline=None)
def test_content_comes_back_the_same(said: content.Content) -> None:
    assert content_codec.validate_json(content_codec.dump_json(said)) == said


@given(contents)
@settings(deadline=None)
def test_a_post_comes_back_the_same(said: content.Content) -> None:
    post = Post(said)
    assert post_codec.validate_json(post_codec.dump_json(post)) == post


@given(contents)
def test_every_mention_is_found_once(said: content.Content) -> None:
    people = content.mentioned(said)
    assert len(people) == len(set(people))
    found = [span for span in content.spans_of(said) if isinstance(span, content.Mention)]
    assert {mention.person for mention in found} == set(people)


@pytest.mark.parametrize(
    "read", [events.load, content_codec.validate_json, post_codec.validate_json]
)
@pytest.mark.parametrize("stored", ['{"content": "sunshine"}', '"sunshine"'])
def test_an_error_about_what_is_stored_does_not_show_it(
    read: Callable[[str], object], stored: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read(stored)
    assert "sunshine" not in str(refused.value)


def test_every_kind_of_event_is_tried() -> None:
    assert set(BUILT) == set(typing.get_args(events.Event))
