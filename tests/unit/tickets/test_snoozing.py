"""Snoozing: until when a ticket is put off, in the words and the zone of whoever does it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from bot.times import LONGEST
from handlers.tickets.snoozing import until

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 1, 5, 10, 17, tzinfo=UTC)  # 11:17 in Berlin


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("tomorrow 9:00", "2026-01-06 09:00"),
        ("tomorrow", "2026-01-06 09:00"),
        ("in 2 h", "2026-01-05 13:17"),
        ("2h", "2026-01-05 13:17"),
        ("for 1h30m", "2026-01-05 12:47"),
        ("24h", "2026-01-06 11:17"),
        ("3 days", "2026-01-08 09:00"),
        ("in 3 days", "2026-01-08 09:00"),
        ("2d", "2026-01-07 09:00"),
        ("1w", "2026-01-12 09:00"),
        ("friday", "2026-01-09 09:00"),
        ("next monday", "2026-01-12 09:00"),
        ("monday", "2026-01-12 09:00"),
        ("on monday at 8", "2026-01-12 08:00"),
        ("next friday 10am", "2026-01-09 10:00"),
        ("14.03.2026", "2026-03-14 09:00"),
        ("15:00", "2026-01-05 15:00"),
        ("9am", "2026-01-06 09:00"),
        ("morgen", "2026-01-06 09:00"),
        ("until friday", "2026-01-09 09:00"),
        ("2026-03-29 02:30", "2026-03-29 03:00"),  # the clock skips that
        ("2026-10-25 02:30", "2026-10-25 02:30"),
    ],
)
def test_a_ticket_is_put_off_until_what_was_written(text: str, local: str) -> None:
    assert f"{until(text, MONDAY, BERLIN).astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("bananas", "“bananas” is not a time I understand. Write for example 2h, tomorrow 9:00 o"),
        ("", "“” is not a time I understand."),
        ("9", "“9” is not a time I understand."),
        ("x" * 100, f"“{'x' * 60}…” is not a time I understand."),
        ("today", r"“today” is over already \(09:00\). Write for example 2h"),
        ("today 8:00", r"“today 8:00” is over already \(08:00\)."),
        ("yesterday", r"“yesterday” is over already \(09:00\)."),
        ("1 hour ago", r"“1 hour ago” is over already \(10:17\)."),
        ("2040-01-01", "“2040-01-01” is more than ten years ahead."),
    ],
)
def test_other_words_put_nothing_off(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{sentence}"):
        until(text, MONDAY, BERLIN)


def test_the_zone_is_that_of_whoever_writes() -> None:
    there = until("tomorrow", MONDAY, ZoneInfo("Asia/Kolkata"))
    assert there == datetime(2026, 1, 6, 3, 30, tzinfo=UTC)


def test_hours_are_hours_and_days_are_days_when_the_clock_changes() -> None:
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    assert until("24h", saturday, BERLIN) == datetime(2026, 3, 29, 13, 0, tzinfo=BERLIN)
    assert until("1d", saturday, BERLIN) == datetime(2026, 3, 29, 9, 0, tzinfo=BERLIN)


WRITTEN = st.sampled_from(["2h", "1d", "friday", "tomorrow", "next week", "9am", "in 20 minutes"])
NOWS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by the strategy
ZONES = st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Etc/GMT-14"])


@settings(max_examples=40, deadline=None)
@given(WRITTEN, NOWS, ZONES.map(ZoneInfo))
def test_what_is_put_off_comes_back(text: str, now: datetime, zone: ZoneInfo) -> None:
    assert timedelta() < until(text, now, zone) - now <= min(LONGEST, timedelta(days=8))
