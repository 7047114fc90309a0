import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.transports.borders import border, is_border, longest


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("one. one.\n\ntwo\ntwo. two", "one. one.\n\n"),
        ("one one one\ntwo. two two two", "one one one\n"),
        ("one one one. Two two two two", "one one one. "),
        ("一一一一一一一一一一。二二二二二二二二二二二", "一一一一一一一一一一。"),
        ("one one one two two two two", "one one one two "),
        ("oneoneoneonetwotwotwotwo", "oneoneoneonetwotwo"),
    ],
)
def test_a_text_is_cut_at_the_most_sensible_border(text: str, head: str) -> None:
    assert text[: border(text, 18)] == head


def test_a_text_that_fits_is_not_cut() -> None:
    assert border("one. two", 8) == longest("one. two", lambda _: True) == 8


def test_at_least_one_character_is_taken() -> None:
    assert longest("abc", lambda _: False) == 1


@settings(deadline=None)
@given(st.text("ae\u0301\u200d👩🚒🏽🇩🇪\r\nक्षि한", max_size=12))
def test_a_visible_character_is_never_taken_apart(made: str) -> None:
    for at in range(1, len(made)):
        if is_border(made, at):
            assert made[at] not in "\u0301\u200d🏽\u094d\u093f"
            assert made[at - 1] not in "\u200d\u094d"
            assert made[at - 1 : at + 1] != "\r\n"


def test_flags_are_cut_between_pairs() -> None:
    flags = "🇩🇪🇫🇷"
    assert [at for at in range(5) if is_border(flags, at)] == [0, 2, 4]


def test_what_pretends_to_be_one_endless_character_is_cut() -> None:
    text = "e" + "\u0301" * 500
    assert border(text, 300) == 300
