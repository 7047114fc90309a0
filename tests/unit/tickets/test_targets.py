"""Targets: when a ticket is due, and how near that is."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tickets.hours import Pause, WorkingHours
from handlers.tickets.targets import Course, Goal, State, Targets, due, read_target, state, warning
from handlers.tickets.timetable import read_week

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours(BERLIN, read_week("mon-fri 08:00-17:00"))
ALWAYS = WorkingHours(BERLIN, read_week("24/7"))
TARGETS = Targets(first_response=timedelta(hours=1), solution=timedelta(hours=10))
RESPONSE, SOLUTION = Goal.FIRST_RESPONSE, Goal.SOLUTION


def on(text: str) -> datetime:
    """Return a moment of the week of Monday, 2026-01-12, in Berlin."""
    day, clock = text.split()
    number = 12 + ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(day)
    return datetime.fromisoformat(f"2026-01-{number} {clock}").replace(tzinfo=BERLIN)


def test_a_target_runs_in_working_hours() -> None:
    course = Course(on("fri 16:30"))
    assert due(RESPONSE, course, TARGETS, OFFICE) == on("mon 08:30") + timedelta(days=7)
    assert due(SOLUTION, Course(on("mon 16:00")), TARGETS, OFFICE) == on("tue 17:00")


def test_a_target_stands_still_while_others_are_waited_for() -> None:
    course = Course(on("mon 08:00"), pauses=[(on("mon 10:00"), on("wed 10:00"))])
    assert due(SOLUTION, course, TARGETS, OFFICE) == on("thu 09:00")


def test_while_a_pause_lasts_nothing_is_due() -> None:
    course = Course(on("mon 08:00"), pauses=[(on("mon 16:30"), None)])
    assert due(SOLUTION, course, TARGETS, OFFICE) is None
    assert warning(SOLUTION, course, TARGETS, OFFICE) == on("mon 16:00")
    assert state(SOLUTION, course, TARGETS, OFFICE, on("sun 12:00")) is State.WARNED


def test_what_has_no_target_is_never_due() -> None:
    nothing, course = Targets(), Course(on("mon 08:00"))
    assert due(SOLUTION, course, nothing, OFFICE) is None
    assert warning(RESPONSE, course, nothing, OFFICE) is None
    assert state(RESPONSE, course, nothing, OFFICE, on("sun 12:00")) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("mon 08:00", State.RUNNING),
        ("mon 15:59", State.RUNNING),
        ("mon 16:00", State.WARNED),
        ("tue 08:59", State.WARNED),
        ("tue 09:00", State.BREACHED),
        ("sat 09:00", State.BREACHED),
    ],
)
def test_a_target_is_warned_of_and_then_breached(now: str, expected: State) -> None:
    assert state(SOLUTION, Course(on("mon 08:00")), TARGETS, OFFICE, on(now)) is expected


def test_the_warning_comes_when_the_team_wants_it() -> None:
    course = Course(on("mon 08:00"))
    assert warning(SOLUTION, course, TARGETS, OFFICE, 0.5) == on("mon 13:00")
    now = on("mon 13:00")
    assert state(SOLUTION, course, TARGETS, OFFICE, now, part=0.5) is State.WARNED


@pytest.mark.parametrize(
    ("ended", "expected"),
    [("tue 09:00", State.MET), ("tue 09:01", State.BREACHED), ("mon 08:00", State.MET)],
)
def test_what_was_solved_in_time_stays_met(ended: str, expected: State) -> None:
    course = Course(on("mon 08:00"), solved_at=on(ended))
    assert state(SOLUTION, course, TARGETS, OFFICE, on("sun 12:00")) is expected


def test_an_answer_at_the_weekend_is_late_for_friday_evening() -> None:
    course = Course(on("fri 16:00"), first_response_at=on("sat 10:00"))
    assert due(RESPONSE, course, TARGETS, OFFICE) == on("fri 17:00")
    assert state(RESPONSE, course, TARGETS, OFFICE, on("sun 12:00")) is State.BREACHED


def test_what_is_solved_while_it_waits_is_met() -> None:
    course = Course(on("mon 08:00"), solved_at=on("fri 12:00"), pauses=[(on("mon 09:00"), None)])
    assert state(SOLUTION, course, TARGETS, OFFICE, on("sun 12:00")) is State.MET


def test_who_gets_the_solution_has_got_a_response() -> None:
    solved = Course(on("mon 08:00"), solved_at=on("mon 08:30"))
    assert state(RESPONSE, solved, TARGETS, OFFICE, on("mon 12:00")) is State.MET
    answered = Course(on("mon 08:00"), first_response_at=on("mon 08:30"))
    assert state(SOLUTION, answered, TARGETS, OFFICE, on("mon 12:00")) is State.RUNNING


def test_what_ends_later_is_still_running() -> None:
    course = Course(on("mon 08:00"), solved_at=on("mon 12:00"))
    assert state(SOLUTION, course, TARGETS, OFFICE, on("mon 11:00")) is State.RUNNING


@given(st.lists(st.integers(0, 20_000), max_size=8, unique=True).map(sorted))
def test_a_pause_puts_off_what_is_due_by_its_length(minutes: list[int]) -> None:
    opened = datetime(2026, 3, 28, tzinfo=UTC)
    moments = [opened + timedelta(minutes=minute) for minute in minutes]
    pauses: list[Pause] = list(zip(moments[::2], moments[1::2], strict=False))
    expected = opened + timedelta(hours=10)
    for begins, ends in pauses:
        assert ends is not None
        expected += (ends - begins) if begins < expected else timedelta()
    assert due(SOLUTION, Course(opened, pauses=pauses), TARGETS, ALWAYS) == expected


ORDER = [State.RUNNING, State.WARNED, State.BREACHED]


@given(st.lists(st.integers(-100, 20_000), min_size=2).map(sorted), st.floats(0.1, 1))
def test_a_target_only_ever_comes_nearer(minutes: list[int], part: float) -> None:
    course = Course(on("mon 08:00"), pauses=[(on("mon 10:00"), on("mon 11:00"))])
    moments = [course.opened_at + timedelta(minutes=minute) for minute in minutes]
    seen = [state(SOLUTION, course, TARGETS, OFFICE, at, part=part) for at in moments]
    assert seen == sorted(seen, key=lambda found: ORDER.index(found or State.MET))


@pytest.mark.parametrize(("text", "hours"), [("30m", 0.5), ("8h", 8), ("1h30m", 1.5), ("40 H", 40)])
def test_working_time_is_read(text: str, hours: float) -> None:
    assert read_target(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "soon", "1d", "2 days", "1w", "1 D 2h", "8"])
def test_days_are_no_working_time(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"“{text}” is not a working time; expected")):
        read_target(text)
