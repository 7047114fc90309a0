"""Selections: numbers and filters as people type them, and what follows them."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from handlers.tickets.selection import (
    MOST_NUMBERS,
    Age,
    Aged,
    Filter,
    Flag,
    Is,
    Key,
    Named,
    Selection,
    parse,
)
from handlers.tickets.targets import Priority


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4", (4,)),
        ("4 7 9-12", (4, 7, 9, 10, 11, 12)),
        ("#4,#7", (4, 7)),
        ("#4, 7 , #9–#11", (4, 7, 9, 10, 11)),
        ("9—11", (9, 10, 11)),
        ("7 4 7 4", (7, 4)),
        ("1-100", tuple(range(1, 101))),
        ("5-5", (5,)),
    ],
)
def test_tickets_are_named_by_their_numbers(text: str, numbers: tuple[int, ...]) -> None:
    assert parse(text) == (Selection(numbers=numbers), "")


def one(text: str) -> Filter:
    selection, rest = parse(text)
    assert rest == ""
    (only,) = selection.filters
    return only


@pytest.mark.parametrize("flag", list(Flag))
def test_what_tickets_are_is_a_filter(flag: Flag) -> None:
    assert one(flag.value) == Is(flag)
    assert one(f"-{flag.upper()}") == one(f"not:{flag}") == one(f"–{flag}") == Is(flag, True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tag:VPN", Named(Key.TAG, "vpn")),
        ("queue:network", Named(Key.QUEUE, "network")),
        ("from:@alice:example.org", Named(Key.FROM, "@alice:example.org")),
        ("To:@Bea", Named(Key.TO, "@Bea")),
        ("priority:High", Named(Key.PRIORITY, "high")),
        ("tag:42", Named(Key.TAG, "42")),
        ("older:2d", Aged(Age.OLDER, timedelta(days=2))),
        ("newer:1w", Aged(Age.NEWER, timedelta(weeks=1))),
        ("updated:1h30m", Aged(Age.UPDATED, timedelta(minutes=90))),
        ("--tag:vpn", Named(Key.TAG, "vpn", negated=True)),
        ("-tag:vpn", Named(Key.TAG, "vpn", negated=True)),
        ("—older:2d", Aged(Age.OLDER, timedelta(days=2), negated=True)),
        ("not:tag:vpn", Named(Key.TAG, "vpn", negated=True)),
    ],
)
def test_what_tickets_have_is_a_filter(text: str, found: Filter) -> None:
    assert one(text) == found


def test_filters_add_up_and_each_counts_once() -> None:
    selection, rest = parse("unassigned tag:vpn unassigned older:2d")
    assert [str(part) for part in selection.filters] == ["unassigned", "tag:vpn", "older:2d"]
    assert rest == ""


@pytest.mark.parametrize(
    ("text", "selected", "rest"),
    [
        ("#42 new cable", "42", "new cable"),
        ("4 7 urgent: call\n  Bea", "4 7", "urgent: call\n  Bea"),
        ('4 "7" boxes', "4", '"7" boxes'),
        ("news page is down", "", "news page is down"),
        ('4 "3 cables" replaced', "4", '"3 cables" replaced'),
        ("mine printer  jams", "mine", "printer  jams"),
        ('mine "new" printer', "mine", '"new" printer'),
        ("the printer", "", "the printer"),
        ("https://example.org/a", "", "https://example.org/a"),
        ("localhost:8080 is down", "", "localhost:8080 is down"),
        (r"c:\temp is full", "", r"c:\temp is full"),
        ("#vpn", "", "#vpn"),
        ("- printer", "", "- printer"),
        ("4x 5", "", "4x 5"),
        (", ,", "", ", ,"),
        ("nee", "", "nee"),
        ("", "", ""),
    ],
)
def test_what_follows_is_text_as_it_was_written(text: str, selected: str, rest: str) -> None:
    selection, found = parse(text)
    assert (str(selection), found, bool(selection)) == (selected, rest, selected != "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("unasigned", "“unasigned” is not a filter. Did you mean “unassigned”? Text stands in quo"),
        ("mine not:waitng", "“not:waitng” is not a filter. Did you mean “waiting”?"),
        ("tga:vpn", "“tga:” is not a filter. Did you mean “tag:”? Text stands in quotes."),
        ("-oldr:2d", "“oldr:” is not a filter. Did you mean “older:”?"),
        ("colour:red", "“colour:” is not a filter. There are tag, queue, from, to, priority, old"),
        ("tag: vpn", "“tag:” needs a word right after it, such as tag:vpn."),
        ('tag:"a b"', "“tag:” needs a word right after it, such as tag:vpn."),
        ("older:soon", "“soon” is not a duration. Write for example older:2d."),
        ("older:2", "“2” is not a duration. Write for example older:2d."),
        ("priority:hihg", "“hihg” is not a priority. Did you mean “high”?"),
        ("priority:9", "“9” is not a priority. Write urgent, high, normal or low."),
        ("printer -tag:vpn", "Write “-tag:vpn” before “printer”: filters come first."),
        ("12-9", "“12-9” runs backwards. Write 9-12."),
        ("1-101", "Those are more than 100 tickets. Name fewer at once."),
        ("1-60 101-160", "Those are more than 100 tickets."),
        ("1-999999999", "Those are more than 100 tickets."),
        ("1-9999999999", "“1-9999999999” is not a ticket number. Write for example #12."),
    ],
)
def test_what_is_no_selection_is_refused_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape(sentence)}"):
        parse(text)


WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1).map(str.casefold)
SPANS = st.integers(1, 3660 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
NAMES = st.sampled_from([Key.TAG, Key.QUEUE]), WORDS.filter(lambda word: word == word.casefold())
FILTERS: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Is, st.sampled_from(Flag), st.booleans()),
    st.builds(Named, *NAMES, st.booleans()),
    st.builds(Named, st.sampled_from([Key.FROM, Key.TO]), WORDS.map("@{}".format), st.booleans()),
    st.builds(Named, st.just(Key.PRIORITY), st.sampled_from(Priority), st.booleans()),
    st.builds(Aged, st.sampled_from(Age), SPANS, st.booleans()),
)
NUMBERS = st.lists(st.integers(0, 300), max_size=MOST_NUMBERS, unique=True)
SELECTIONS = st.one_of(
    NUMBERS.map(lambda numbers: Selection(numbers=tuple(numbers))),
    st.lists(FILTERS, unique=True).map(lambda filters: Selection(filters=tuple(filters))),
)


@given(SELECTIONS, st.sampled_from(["", '"new" text\n here']))
def test_a_selection_is_read_as_it_is_written(selection: Selection, rest: str) -> None:
    assert parse(f"{selection} {rest}") == (selection, rest)


ANY = st.text() | st.lists(
    st.sampled_from(["4", "#7", "9-12", "mine", "-open", "tag:", "vpn", "older:2d", "--", ":", ","])
).map(" ".join)


@given(ANY)
def test_any_text_is_read_or_refused_and_nothing_is_lost(text: str) -> None:
    try:
        selection, rest = parse(text)
    except UserError:
        return
    assert text.endswith(rest)
    assert parse(str(selection)) == (selection, "")
    assert len(selection.numbers) <= MOST_NUMBERS
