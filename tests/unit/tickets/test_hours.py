"""Working hours, against a reference that looks at the team's clock every minute."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.tickets.hours import DAY, Pause, Shift, WorkingHours

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours(BERLIN, {day: (Shift(8 * 60, 17 * 60),) for day in range(5)})
NIGHT = WorkingHours(BERLIN, {day: (Shift(22 * 60, 30 * 60),) for day in range(7)})
ALWAYS = WorkingHours(BERLIN, {day: (Shift(0, DAY),) for day in range(7)})

# Changes of clocks, in UTC: ahead and back, by two hours and by half of one, at night and at
# midnight, over the New Year, a day that was left out, and zones that have none.
CHANGES = [
    ("Europe/Berlin", "2026-03-29 01:00"),
    ("Europe/Berlin", "2026-10-25 01:00"),
    ("America/New_York", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 06:00"),
    ("America/Sao_Paulo", "2018-11-04 03:00"),
    ("America/Sao_Paulo", "2019-02-17 02:00"),
    ("Asia/Kolkata", "2026-12-31 18:30"),
    ("Asia/Kathmandu", "2026-03-01 00:00"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30"),
    ("Pacific/Auckland", "2026-04-04 14:00"),
    ("Pacific/Auckland", "2026-09-26 14:00"),
    ("Africa/Casablanca", "2026-02-15 02:00"),
    ("Africa/Casablanca", "2026-03-22 02:00"),
    ("Antarctica/Troll", "2026-03-29 01:00"),
    ("Antarctica/Troll", "2026-10-25 01:00"),
    ("America/Santiago", "2026-04-05 03:00"),
    ("America/Santiago", "2026-09-06 04:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Africa/Cairo", "2026-10-29 21:00"),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def in_berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def open_minutes(hours: WorkingHours, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the minutes at which somebody works, by the furthest the clock has been."""
    at, furthest = start - timedelta(days=3), datetime.min  # noqa: DTZ901 - what a clock shows
    while at < end:
        furthest = max(furthest, at.astimezone(hours.zone).replace(tzinfo=None))
        if at >= start and any(shift_is_on(hours, furthest, ago) for ago in (0, 1)):
            yield at
        at += MINUTE


def shift_is_on(hours: WorkingHours, clock: datetime, days_ago: int) -> bool:
    day = clock.date() - timedelta(days=days_ago)
    minute = clock.hour * 60 + clock.minute + days_ago * DAY
    shifts = () if hours.is_holiday(day) else hours.week.get(day.weekday(), ())
    return any(shift.opens <= minute < shift.closes for shift in shifts)


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, tuple[Shift, ...]]:
    """Cut a week at some moments; every other part is a shift, or several of a day each."""
    cuts = draw(st.lists(st.integers(0, 7 * 48 - 1), min_size=2, max_size=16, unique=True))
    week: dict[int, list[Shift]] = {}
    cuts = sorted(cuts)[: len(cuts) // 2 * 2]
    for begins, ends in zip(cuts[::2], cuts[1::2], strict=True):
        first, last = begins * 30, ends * 30
        while first < last:
            day, opens = divmod(first, DAY)
            closes = min(opens + DAY, opens + last - first)
            week.setdefault(day, []).append(Shift(opens, closes))
            first += closes - opens
    return {day: tuple(shifts) for day, shifts in week.items()}


@st.composite
def scenes(draw: st.DrawFn) -> tuple[WorkingHours, datetime, datetime]:
    """Draw hours, and two moments in the days around a change of their zone's clock."""
    zone, change = draw(st.sampled_from(CHANGES))
    off = draw(st.sets(st.integers(-3, 4), max_size=2))
    closed = {(utc(change) + timedelta(days=days)).date() for days in off}
    hours = WorkingHours(ZoneInfo(zone), draw(weeks()), closed.__contains__)
    start = utc(change) + draw(st.integers(-2 * DAY, 2 * DAY)) * MINUTE
    return hours, start, start + draw(st.integers(1, 3 * DAY)) * MINUTE


def pauses(start: datetime) -> st.SearchStrategy[list[Pause]]:
    moments = st.integers(-DAY, 4 * DAY).map(lambda minutes: start + timedelta(minutes=minutes))
    return st.lists(st.tuples(moments, st.none() | moments), max_size=3)


def is_paused(at: datetime, paused: list[Pause]) -> bool:
    return any(begins <= at and (ends is None or at < ends) for begins, ends in paused)


@settings(max_examples=100, deadline=None)
@given(scenes())
def test_working_time_is_what_the_clock_shows_every_minute(
    scene: tuple[WorkingHours, datetime, datetime],
) -> None:
    hours, start, end = scene
    seen = list(open_minutes(hours, start, end))
    assert hours.worked(start, end) == len(seen) * MINUTE
    assert hours.is_open(start) == (seen[:1] == [start])
    if seen:
        assert hours.next_opening(start) == seen[0]
        assert hours.after(start, len(seen) * MINUTE) == seen[-1] + MINUTE


@settings(max_examples=60, deadline=None)
@given(scenes(), st.data())
def test_what_is_paused_does_not_count(
    scene: tuple[WorkingHours, datetime, datetime], data: st.DataObject
) -> None:
    hours, start, end = scene
    paused = data.draw(pauses(start))
    seen = [at for at in open_minutes(hours, start, end) if not is_paused(at, paused)]
    assert hours.worked(start, end, paused) == len(seen) * MINUTE
    if seen:
        assert hours.after(start, len(seen) * MINUTE, paused) == seen[-1] + MINUTE


MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy
ZONES = st.sampled_from(sorted({zone for zone, _ in CHANGES})).map(ZoneInfo)
HOURS = st.builds(WorkingHours, ZONES, weeks())


@settings(deadline=None, max_examples=40)
@given(HOURS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=20)))
def test_after_so_much_working_time_that_much_was_worked(
    hours: WorkingHours, start: datetime, amount: timedelta
) -> None:
    end = hours.after(start, amount)
    assert end is not None
    assert hours.worked(start, end) == amount
    assert not amount or hours.worked(start, end - timedelta.resolution) < amount


@settings(deadline=None, max_examples=40)
@given(HOURS, st.lists(MOMENTS, min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up(hours: WorkingHours, moments: list[datetime]) -> None:
    first, second, third = moments
    assert hours.worked(first, third) == hours.worked(first, second) + hours.worked(second, third)


@settings(deadline=None, max_examples=40)
@given(HOURS, MOMENTS)
def test_nobody_works_before_the_next_opening(hours: WorkingHours, at: datetime) -> None:
    opens = hours.next_opening(at)
    assert hours.is_open(opens)
    assert hours.worked(at, opens) == timedelta()
    assert hours.is_open(at) == (opens == at)


@settings(deadline=None, max_examples=40)
@given(ZONES, MOMENTS, MOMENTS)
@example(BERLIN, utc("2026-03-28 12:00"), utc("2026-10-26 12:00"))
def test_around_the_clock_every_moment_counts_once(
    zone: ZoneInfo, start: datetime, end: datetime
) -> None:
    always = WorkingHours(zone, ALWAYS.week)
    assert always.worked(start, end) == max(end - start, timedelta())


@pytest.mark.parametrize(
    ("begins", "ends", "worked"),
    [
        ("2026-03-28 22:00", "2026-03-29 06:00", 7),  # the clock skips an hour
        ("2026-10-24 22:00", "2026-10-25 06:00", 9),  # they work on while it is set back
        ("2026-06-01 22:00", "2026-06-02 06:00", 8),
    ],
)
def test_a_night_shift_is_as_long_as_it_really_is(begins: str, ends: str, worked: int) -> None:
    assert NIGHT.worked(in_berlin(begins), in_berlin(ends)) == timedelta(hours=worked)


def only(day: int, opens: int, closes: int) -> WorkingHours:
    return WorkingHours(BERLIN, {day: (Shift(opens, closes),)})


@pytest.mark.parametrize(
    ("opens", "closes", "on", "worked"),
    [
        (120, 180, "2026-03-29", 0),  # 02:00-03:00 does not exist
        (150, 240, "2026-03-29", 60),  # they come when the clock jumps to 03:00
        (60, 150, "2026-10-25", 90),  # they leave at the first 02:30 and do not come back
        (150, 240, "2026-10-25", 150),  # they come at the first 02:30
    ],
)
def test_people_come_once_and_leave_once_whatever_the_clock_does(
    opens: int, closes: int, on: str, worked: int
) -> None:
    day = in_berlin(on)
    hours = only(6, opens, closes)
    assert hours.worked(day, day + timedelta(days=2)) == timedelta(minutes=worked)


def test_a_target_that_ends_with_the_day_is_due_then_and_not_the_next_morning() -> None:
    friday = in_berlin("2026-01-09 16:00")
    assert OFFICE.after(friday, timedelta(hours=1)) == in_berlin("2026-01-09 17:00")
    assert OFFICE.after(friday, timedelta(hours=1, seconds=1)) == in_berlin("2026-01-12 08:00:01")


def test_at_the_closing_time_nobody_is_there() -> None:
    closing = in_berlin("2026-01-09 17:00")
    assert not OFFICE.is_open(closing)
    assert OFFICE.next_opening(closing) == in_berlin("2026-01-12 08:00")


def test_a_shift_in_the_skipped_hour_opens_a_week_later() -> None:
    assert only(6, 120, 180).next_opening(in_berlin("2026-03-29")) == in_berlin("2026-04-05 02:00")


def test_a_pause_that_ends_before_it_begins_is_none() -> None:
    monday = in_berlin("2026-01-12 08:00")
    paused = [(in_berlin("2026-01-12 12:00"), in_berlin("2026-01-12 10:00"))]
    assert OFFICE.worked(monday, in_berlin("2026-01-12 17:00"), paused) == timedelta(hours=9)


def test_no_time_has_passed_at_once() -> None:
    sunday = in_berlin("2026-01-11 12:00")
    assert OFFICE.after(sunday, timedelta(), [(sunday, None)]) == sunday


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    new_year = date(2026, 1, 1)
    hours = WorkingHours(BERLIN, NIGHT.week, new_year.__eq__)
    assert hours.is_open(in_berlin("2026-01-01 05:59"))
    assert not hours.is_open(in_berlin("2026-01-01 23:00"))
    assert not hours.is_open(in_berlin("2026-01-02 05:00"))


def test_a_pause_without_an_end_stops_the_clock() -> None:
    monday = in_berlin("2026-01-12 08:00")
    paused = [(in_berlin("2026-01-12 10:00"), None)]
    assert OFFICE.after(monday, timedelta(hours=2), paused) == in_berlin("2026-01-12 10:00")
    assert OFFICE.after(monday, timedelta(hours=2, seconds=1), paused) is None
    assert OFFICE.worked(monday, in_berlin("2026-01-16 17:00"), paused) == timedelta(hours=2)


def test_moments_of_the_hour_that_is_twice_are_told_apart() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert ALWAYS.worked(first, second) == timedelta(hours=1)
    assert ALWAYS.worked(first, second, [(first, second)]) == timedelta()


@pytest.mark.parametrize(
    ("week", "sentence"),
    [
        ({}, "there are no working hours; expected such as mon-fri 08:00-17:00"),
        ({0: ()}, "there are no working hours"),
        ({2: (Shift(480, 720), Shift(600, 900))}, "two shifts are at the same time on Wednesday"),
        ({6: (Shift(1320, 1800),), 0: (Shift(300, 600),)}, "at the same time on Monday"),
        ({4: (Shift(480, 720), Shift(480, 720))}, "at the same time on Friday"),
    ],
)
def test_a_week_that_cannot_be_is_refused(
    week: dict[int, tuple[Shift, ...]], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        WorkingHours(BERLIN, week)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 60), (60, 60), (60, 61 + DAY), (DAY, DAY + 1)])
def test_a_shift_that_cannot_be_is_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="a shift cannot last"):
        Shift(opens, closes)


@pytest.mark.parametrize(
    "ask",
    [
        lambda hours: hours.next_opening(utc("2026-01-01 00:00")),
        lambda hours: hours.after(utc("2026-01-01 00:00"), MINUTE),
    ],
)
def test_when_every_day_is_off_nobody_is_ever_back(ask: Callable[[WorkingHours], object]) -> None:
    with pytest.raises(ValueError, match="in a hundred years nobody works that much"):
        ask(WorkingHours(BERLIN, OFFICE.week, lambda _: True))


def test_a_negative_time_cannot_pass() -> None:
    with pytest.raises(ValueError, match="a negative time cannot pass"):
        OFFICE.after(utc("2026-01-01 00:00"), -MINUTE)


def test_ten_years_are_counted_at_once() -> None:
    hours = WorkingHours(BERLIN, OFFICE.week)
    days = [date(2016, 1, 1) + timedelta(days=n) for n in range(3653)]
    worked = hours.worked(utc("2016-01-01 00:00"), utc("2026-01-01 00:00"))
    for _ in range(1000):  # by the minute that would take hours
        hours.after(utc("2016-01-01 00:00"), worked)
    assert worked == sum(day.weekday() < 5 for day in days) * timedelta(hours=9)
