import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.transports.wire import (
    MAX_DEPTH,
    WHOLE,
    clean,
    integer_of,
    object_of,
    objects_of,
    parse,
    text_of,
    texts_of,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_what_json_reads_is_read_the_same(value: dict[str, object]) -> None:
    assert parse(json.dumps(value).encode()) == value


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def test_what_nests_too_deep_is_cut_off() -> None:
    value: object = parse(nested(20_000))
    depth = 0
    while isinstance(value, dict):
        value, depth = value["a"], depth + 1
    assert (value, depth) == (None, MAX_DEPTH)


def test_what_stands_beside_a_deep_value_stays() -> None:
    body = b'{"x": [' + nested(20_000) + b', 5], "quote": "\\"]}", "y": 1}'
    assert parse(body)["y"] == 1


def cut(value: object, depth: int = 1) -> object:
    """Do to a value what reading it does to its text."""
    if not isinstance(value, list | dict):
        return value
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [cut(item, depth + 1) for item in value]
    return {name: cut(item, depth + 1) for name, item in value.items()}


TRICKY = st.text('"\\[]{}é', max_size=4)


@settings(max_examples=100)
@given(
    st.recursive(TRICKY, lambda inner: st.lists(inner) | st.dictionaries(TRICKY, inner)),
    st.integers(MAX_DEPTH - 5, MAX_DEPTH + 5),
)
def test_the_depth_is_counted_by_brackets_outside_strings(value: object, around: int) -> None:
    deep: object = value
    for _ in range(around):
        deep = [deep, "]"]
    # The number cannot be read at once, so the whole is looked through for what is too deep.
    text = f'{{"long": {"9" * 5000}, "deep": {json.dumps(deep)}}}'
    assert parse(text.encode()) == {"long": None, "deep": cut(deep, 2)}


@settings(max_examples=300)
@given(st.text('"\\[]{}:,a1 \n', max_size=60))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        parse(text.encode())


@pytest.mark.parametrize("end", ["", "\\", "]"])
@pytest.mark.parametrize("begin", ['"', "", '{"a":"\\'])
def test_strings_without_an_end_take_no_longer_than_their_length(begin: str, end: str) -> None:
    # Some milliseconds; with the square of the length it would be many minutes.
    body = (begin + '\\"' * 200_000 + end).encode()
    with pytest.raises(ValueError, match=r".+"):
        parse(body)


def test_a_number_nobody_can_hold_is_null() -> None:
    assert parse(b'{"a": ' + b"9" * 10_000 + b', "b": 12}') == {"a": None, "b": 12}


def test_an_array_is_found_under_no_name() -> None:
    assert parse(b"[1, 2]") == {WHOLE: [1, 2]}


@pytest.mark.parametrize("body", [b"", b"1", b"null", b'"text"', b"{", b"<html>"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(body)


def test_text_that_no_database_takes_is_cleaned() -> None:
    assert clean("a\0b\ud83d") == "ab?"
    assert clean("é🙂") == "é🙂"


def test_a_value_of_a_wrong_type_counts_as_missing() -> None:
    holder = {"a": 1, "b": True, "c": "x", "d": [1, "y", {"z": 1}]}
    assert (text_of(holder, "a"), object_of(holder, "c"), objects_of(holder, "c")) == ("", {}, [])
    assert (integer_of(holder, "a"), integer_of(holder, "b")) == (1, None)
    assert (texts_of(holder, "d"), objects_of(holder, "d")) == (["y"], [{"z": 1}])
