"""Arguments: read from a signature, parsed from what was written, refused in a sentence."""

from __future__ import annotations

import contextlib
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arguments import Unresolved, parse, resolve
from bot.context import Context
from bot.errors import UserError
from bot.parameters import Phrase, Rest, parameters_of


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark-blue"


class Thing:
    """Something found by a word."""

    expects: ClassVar[str] = "#thing"

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        del ctx
        return cls(word)

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        del ctx
        return None


def everything(
    ctx: Context,
    count: int,
    colour: Colour,
    size: Literal["s", "m"] = "m",
    *,
    loud: bool = False,
    for_: str = "",
    how_often: int | None = None,
) -> None:
    """Take one of each."""


def free(ctx: Context, thing: Thing, text: Rest = Rest(""), *, loud: bool = False) -> None:
    """Take a thing and text."""


def titled(ctx: Context, title: Phrase, *, at: str) -> None:
    """Take a title and an option."""


def parsed(function: Any, text: str, *, implied: bool = False) -> dict[str, Any]:
    values = parse(parameters_of(function), text, implied=lambda _: implied)
    return {
        name: f"?{value.word}" if isinstance(value, Unresolved) else value
        for name, value in values.items()
    }


def test_each_kind_of_parameter_is_read() -> None:
    line = "3 RED s --loud --for “two days” --how-often 4"
    assert parsed(everything, line) == {
        "count": 3,
        "colour": Colour.RED,
        "size": "s",
        "loud": True,
        "for_": "two days",
        "how_often": 4,
    }


def test_options_stand_anywhere_before_free_text() -> None:
    assert parsed(everything, "--loud 3 --for x dark-blue") == {
        "loud": True,
        "count": 3,
        "for_": "x",
        "colour": Colour.DARK_BLUE,
    }


def test_free_text_is_kept_as_it_was_written() -> None:
    text = 'it says "no"\n  --really -- and\t“stops'
    assert parsed(free, f"#1 --loud {text}") == {"thing": "?#1", "loud": True, "text": text}


def test_free_text_in_quotes_loses_them() -> None:
    assert parsed(free, '#1 "new cable"')["text"] == "new cable"


def test_a_phrase_needs_no_quotes() -> None:
    assert parsed(titled, "mail server upgrade --at noon") == {
        "title": "mail server upgrade",
        "at": "noon",
    }


def test_where_the_conversation_is_about_one_only_a_sign_names_another() -> None:
    assert parsed(free, "a new cable", implied=True) == {"thing": "?None", "text": "a new cable"}
    assert parsed(free, "3 cables", implied=True) == {"thing": "?None", "text": "3 cables"}
    assert parsed(free, "#3 cables", implied=True) == {"thing": "?#3", "text": "cables"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "Something is missing: <number>."),
        ("three red", "“three” is not a number."),
        ("-1 red", "“-1” is not a number."),
        ("٣ red", "“٣” is not a number."),
        ("12345678901 red", "“12345678901” is not a number."),
        ("3", "Something is missing: red|dark-blue."),
        ("3 green", "“green” is not one of red, dark-blue."),
        ("3 red s more", "I do not know what to do with “more”."),
        ("3 red --quiet", "There is no option --quiet here; there is --loud, --for, --how-often."),
        ("3 red --for", "--for needs a value (for) after it."),
        ("3 red --for --loud", "--for needs a value (for) after it."),
        ("3 red --how-often x", "“x” is not a number."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(UserError) as refused:
        parsed(everything, line)
    assert str(refused.value) == sentence


def test_a_required_option_is_missed() -> None:
    with pytest.raises(UserError, match=r"Something is missing: --at <at>\."):
        parsed(titled, "mail server")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for function in (everything, free, titled):
        with contextlib.suppress(UserError):
            parsed(function, text)


def test_what_is_looked_up_is_found_when_it_runs() -> None:
    ctx: Any = None
    assert resolve(ctx, {"thing": Unresolved(Thing, "#1"), "n": 1})["thing"].name == "#1"
    with pytest.raises(UserError, match=r"Say which one: #thing\."):
        resolve(ctx, {"thing": Unresolved(Thing, None)})


def test_a_usage_shows_what_is_optional() -> None:
    assert [p.usage for p in parameters_of(everything)] == [
        "<number>",
        "red|dark-blue",
        "[s|m]",
        "[--loud]",
        "[--for <for>]",
        "[--how-often <number>]",
    ]


def takes_bytes(ctx: Context, data: bytes) -> None:
    """Take what nobody can type."""


def takes_a_flag(ctx: Context, loud: bool) -> None:
    """Take a flag by position."""


def takes_many(ctx: Context, *words: str) -> None:
    """Take any number of words."""


def takes_text_first(ctx: Context, text: Rest, count: int) -> None:
    """Take something after the rest."""


@pytest.mark.parametrize("function", [takes_bytes, takes_a_flag, takes_many, takes_text_first])
def test_what_cannot_be_typed_fails_at_import(function: Any) -> None:
    with pytest.raises(TypeError, match=function.__name__):
        parameters_of(function)
