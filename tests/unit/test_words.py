"""Words: quotes and dashes as phones make them, and every text splits or says why not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.words import split


def texts(text: str) -> list[str]:
    return [word.text for word in split(text)]


@pytest.mark.parametrize(
    "text",
    ['a "b c" d', "a “b c” d", "a „b c“ d", "a «b c» d", "  a \t “b c”\nd "],
)
def test_quotes_of_any_shape_keep_words_together(text: str) -> None:
    assert texts(text) == ["a", "b c", "d"]


def test_an_apostrophe_is_part_of_its_word() -> None:
    assert texts("alice's mouse don't work") == ["alice's", "mouse", "don't", "work"]


@pytest.mark.parametrize("text", ["--for", "—for", "–for", "–-for", "--FOR"])
def test_dashes_that_phones_make_begin_an_option(text: str) -> None:
    assert split(text)[0].option == "for"


@pytest.mark.parametrize("text", ["-for", "--", "—", "for", '"--for"', "a--for"])
def test_other_words_are_no_options(text: str) -> None:
    assert split(text)[0].option is None


def test_characters_nobody_sees_are_left_out() -> None:
    assert texts("\u200bticket\u200b \u2066open\u2069") == ["ticket", "open"]


def test_an_open_quotation_mark_is_named() -> None:
    with pytest.raises(UserError, match="before “mail server” is never closed"):
        split('plan "mail server')


@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    try:
        words = split(text)
    except UserError:
        return
    for word in words:
        assert word.text in text[word.start : word.end]
    assert [w.start for w in words] == sorted(w.start for w in words)
