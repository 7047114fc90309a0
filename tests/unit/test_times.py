"""Times as people write them, in their zone, across changes of the clocks."""

import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.times import LONGEST, get_ready, parse_duration, parse_when, to_utc

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("15 min", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("2 hours", timedelta(hours=2)),
        ("3 days", timedelta(days=3)),
        ("1 Week", timedelta(weeks=1)),
    ],
)
def test_durations_are_read(text: str, delta: timedelta) -> None:
    assert parse_duration(text) == delta


@pytest.mark.parametrize("text", ["", "0m", "h", "2", "2x", "-2h", "2h!", "2.5h", "999999w"])
def test_other_words_are_no_durations(text: str) -> None:
    assert parse_duration(text) is None


@given(st.text())
def test_any_text_is_a_duration_or_none(text: str) -> None:
    delta = parse_duration(text)
    assert delta is None or timedelta() < delta <= LONGEST


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("saturday 22:00", "2026-01-10 22:00"),
        ("tomorrow 6am", "2026-01-06 06:00"),
        ("tomorrow at 6:30 pm", "2026-01-06 18:30"),
        ("22:00", "2026-01-05 22:00"),
        ("07:00", "2026-01-06 07:00"),
        ("2026-03-14 22:00", "2026-03-14 22:00"),
        ("14.03.2026 22:00", "2026-03-14 22:00"),
        ("14 march 2026 22:00", "2026-03-14 22:00"),
        ("in 2 hours", "2026-01-05 11:00"),
        ("morgen 06:00", "2026-01-06 06:00"),
        ("samstag 22:00", "2026-01-10 22:00"),
        ("2026-07-01T10:00:00Z", "2026-07-01 12:00"),
        ("monday 08:00", "2026-01-12 08:00"),
        ("2026-02-03 10:00", "2026-02-03 10:00"),
        ("on monday at 9", "2026-01-12 09:00"),
        ("morgen um 9", "2026-01-06 09:00"),
        ("tomorrow at 9 pm", "2026-01-06 21:00"),
    ],
)
def test_times_are_read_in_the_askers_zone(text: str, local: str) -> None:
    at = parse_when(text, MONDAY, BERLIN)
    assert at is not None
    assert f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("tomorrow", "2026-01-06 07:30"),
        ("friday", "2026-01-09 07:30"),
        ("14.03.2026", "2026-03-14 07:30"),
        ("in 3 days", "2026-01-08 07:30"),
        ("next week", "2026-01-12 07:30"),
        ("tomorrow 06:00", "2026-01-06 06:00"),
        ("friday 00:00", "2026-01-09 00:00"),
        ("in 2 hours", "2026-01-05 11:00"),
        ("tonight", "2026-01-05 20:00"),
    ],
)
def test_a_day_without_a_time_begins_in_the_morning(text: str, local: str) -> None:
    at = parse_when(text, MONDAY, BERLIN, morning=time(7, 30))
    assert at is not None
    assert f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("now", "text", "local"),
    [
        ("2025-12-31 21:00", "9am", "2026-01-01 09:00"),
        ("2025-12-31 21:00", "09:15", "2026-01-01 09:15"),
        ("2026-01-31 21:00", "at 9 pm", "2026-02-01 21:00"),
        ("2026-01-31 21:00", "noon", "2026-02-01 12:00"),
        ("2026-01-31 21:00", "9 Uhr", "2026-02-01 09:00"),
        ("2026-01-31 21:00", "12am", "2026-02-01 00:00"),
        ("2026-01-31 09:00", "12 PM", "2026-01-31 12:00"),
        ("2026-03-29 01:00", "02:30", "2026-03-29 03:00"),
    ],
)
def test_a_time_without_a_day_is_the_next_such_time(now: str, text: str, local: str) -> None:
    at = parse_when(text, datetime.fromisoformat(now).replace(tzinfo=BERLIN), BERLIN)
    assert at is not None
    assert f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    "text", ["bananas", "", "99:99", "24:00", "13pm", "when it suits", "32.13.2026"]
)
def test_other_words_are_no_times(text: str) -> None:
    assert parse_when(text, MONDAY, BERLIN) is None


def test_what_is_no_time_is_refused_at_once() -> None:
    parse_when("tomorrow", MONDAY, BERLIN)
    begun = datetime.now(UTC)
    parse_when("whenever bananas ripen", MONDAY, BERLIN)
    assert datetime.now(UTC) - begun < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29 01:00"),
        ("2026-03-29 01:59", "Europe/Berlin", "2026-03-29 00:59"),
        ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25 00:30"),
        ("2026-03-08 02:15", "America/New_York", "2026-03-08 07:00"),
        ("2026-10-04 02:10", "Australia/Lord_Howe", "2026-10-03 15:30"),
        ("2011-12-30 12:00", "Pacific/Apia", "2011-12-30 10:00"),
        ("2026-06-01 12:00", "UTC", "2026-06-01 12:00"),
    ],
)
def test_a_time_in_a_gap_is_the_first_after_it_and_one_that_is_twice_the_first(
    local: str, zone: str, instant: str
) -> None:
    naive = datetime.fromisoformat(local)
    assert to_utc(naive, ZoneInfo(zone)) == datetime.fromisoformat(f"{instant}+00:00")


@given(
    st.integers(0, 60 * 365 * 24 * 60),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_a_local_time_comes_back_or_lies_after_a_gap(minutes: int, key: str) -> None:
    zone, naive = ZoneInfo(key), datetime.fromisoformat("1980-01-01") + timedelta(minutes=minutes)
    back = to_utc(naive, zone).astimezone(zone).replace(tzinfo=None)
    assert back == naive or timedelta() < back - naive <= timedelta(hours=2)


def test_getting_ready_reads_a_time() -> None:
    get_ready()
    assert "dateparser" in sys.modules
