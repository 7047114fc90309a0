"""Days off: public holidays of a place, with what a team changes about them."""

import re
from datetime import date

import pytest

from handlers.tickets.days_off import DaysOff

EPIPHANY = date(2026, 1, 6)  # a holiday in Bavaria, not in Berlin


@pytest.mark.parametrize(
    ("place", "day", "off"),
    [
        ("DE-BY", EPIPHANY, True),
        ("DE-BE", EPIPHANY, False),
        ("DE", date(2026, 10, 3), True),
        ("DE", date(2026, 10, 4), False),
        ("US-CA", date(2026, 3, 31), True),
        ("GB", date(2027, 12, 28), True),  # in place of a Sunday
        ("", date(2026, 12, 25), False),
    ],
)
def test_the_holidays_are_those_of_the_place(place: str, day: date, off: bool) -> None:
    assert DaysOff(place)(day) is off


def test_a_team_can_be_closed_on_other_days_too() -> None:
    shut = date(2026, 12, 28)
    assert [DaysOff("DE")(shut), DaysOff("DE", closed=frozenset({shut}))(shut)] == [False, True]


def test_a_team_can_work_on_a_holiday() -> None:
    days_off = DaysOff("DE-BY", closed=frozenset({EPIPHANY}), working=frozenset({EPIPHANY}))
    assert not days_off(EPIPHANY)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("XX", "“XX” is not a country whose holidays are known; expected such as DE or US-CA"),
        ("de", "“de” is not a country whose holidays are known; expected such as DE or US-CA"),
        ("DE-BYY", "“BYY” is not a part of DE with holidays of its own; there is BY"),
        ("FI-ZZ", "“ZZ” is not a part of FI with holidays of its own; there is 01, 02"),
        ("MC-1", "“1” is not a part of MC with holidays of its own; there is none"),
    ],
)
def test_an_unknown_place_is_refused(place: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        DaysOff(place)
