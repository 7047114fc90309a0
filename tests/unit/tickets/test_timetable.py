"""Timetables: hours read from a configuration, and told to people."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tickets.hours import DAY, Shift, WorkingHours
from handlers.tickets.timetable import back, describe, read_week

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT_TO_FIVE, SATURDAY = Shift(480, 1020), Shift(540, 720)
WEEK = {**dict.fromkeys(range(5), (EIGHT_TO_FIVE,)), 5: (SATURDAY,)}
OFFICE = WorkingHours(BERLIN, WEEK, date(2026, 1, 6).__eq__)


@pytest.mark.parametrize(
    "text",
    [
        "mon-fri 08:00-17:00, sat 09:00-12:00",
        "Monday – Friday 8 – 17; Saturday 9:00–12:00",
        "mon, tues, wed-fri 08:00-17:00 sat 09:00-12:00,",
        "sat 9-12, mon-fri 8-17",
        "Mon–Fri 08:00–17:00, Sat 09:00–12:00",
    ],
)
def test_hours_are_read_as_people_write_them(text: str) -> None:
    assert read_week(text) == WEEK


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("mon 08:00-12:00 13:00-17:00", {0: (Shift(480, 720), Shift(780, 1020))}),
        ("mon 08:00-12:00, 13:00-17:00", {0: (Shift(480, 720), Shift(780, 1020))}),
        ("mon 08:00-12:00 and 13:00-17:00", {0: (Shift(480, 720), Shift(780, 1020))}),
        ("mon 22:00-06:00", {0: (Shift(1320, 1800),)}),
        ("mon 16:00-00:00", {0: (Shift(960, DAY),)}),
        ("sat-mon 00:00-24:00", dict.fromkeys((5, 6, 0), (Shift(0, DAY),))),
        ("24/7", dict.fromkeys(range(7), (Shift(0, DAY),))),
    ],
)
def test_shifts_can_be_several_a_day_and_over_midnight(
    text: str, week: dict[int, tuple[Shift, ...]]
) -> None:
    assert read_week(text) == week


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "“” is not a day of the week; expected such as mon-fri 08:00-17:00"),
        ("and", "“and” has no hours"),
        ("08:00-17:00", "“08:00-17:00” belongs to no day"),
        ("mon-fri 08:00-17:00, sat", "“Saturday” has no hours"),
        ("mo 08:00-17:00", "“mo” is not a day of the week"),
        ("mon-fry 08:00-17:00", "“fry” is not a day of the week"),
        ("mon 08:00", "“08:00” is not from when to when"),
        ("mon 08:00-25:00", "“08:00-25:00” has a time that no clock shows"),
        ("mon 08:60-09:00", "“08:60-09:00” has a time that no clock shows"),
        ("mon 08:00-08:00", "“08:00-08:00” is no time at all; around the clock is 00:00-24:00"),
        ("mon 24:00-08:00", "“24:00-08:00” is no time at all"),
    ],
)
def test_what_are_no_hours_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        read_week(text)


@given(st.text(st.sampled_from("monfrisatd 0123456789:-–,and/24"), max_size=40))
def test_any_text_is_a_week_or_refused_with_a_sentence(text: str) -> None:
    try:
        week = read_week(text)
    except ValueError as error:
        assert str(error).startswith("“")  # noqa: PT017 - either is right
    else:
        assert week


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mon-fri 08:00-17:00, sat 9-12", "Mon–Fri 08:00–17:00, Sat 09:00–12:00"),
        (
            "mon-wed 8-17, thu 8-20, fri 8-17",
            "Mon–Wed 08:00–17:00, Thu 08:00–20:00, Fri 08:00–17:00",
        ),
        ("tue 13-17 8-12", "Tue 08:00–12:00 and 13:00–17:00"),
        ("mon-sun 22-6", "Mon–Sun 22:00–06:00"),
        ("24/7", "around the clock"),
    ],
)
def test_people_are_told_the_hours(text: str, told: str) -> None:
    assert describe(WorkingHours(BERLIN, read_week(text))) == f"{told} (Europe/Berlin)"


SHIFTS = st.one_of(
    st.tuples(st.integers(0, 719), st.integers(720, DAY)).map(lambda ends: (Shift(*ends),)),
    st.just((Shift(0, 720), Shift(721, DAY))),
)


@given(st.dictionaries(st.integers(0, 6), SHIFTS, min_size=1, max_size=6))
def test_what_people_are_told_is_read_again(week: dict[int, tuple[Shift, ...]]) -> None:
    told = describe(WorkingHours(BERLIN, week))
    assert read_week(told.removesuffix(" (Europe/Berlin)")) == week


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-01-09 07:00", "We are back today 08:00."),
        ("2026-01-09 18:00", "We are back tomorrow 09:00."),
        ("2026-01-10 13:00", "We are back Monday 08:00."),
        ("2026-01-05 18:00", "We are back Wednesday 08:00."),  # Tuesday is a holiday
        ("2026-01-09 09:00", "We are here now."),
    ],
)
def test_people_are_told_when_somebody_is_back(now: str, told: str) -> None:
    assert back(OFFICE, datetime.fromisoformat(now).replace(tzinfo=BERLIN)) == told


def test_a_day_in_more_than_a_week_is_told_with_its_date() -> None:
    closed = WorkingHours(BERLIN, WEEK, lambda day: day < date(2026, 2, 3))
    now = datetime(2026, 1, 20, 12, tzinfo=BERLIN)
    assert back(closed, now) == "We are back Tuesday 3 February 08:00."
