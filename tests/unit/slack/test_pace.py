from datetime import UTC, datetime, timedelta

from bot.clock import ManualClock
from bot.transports.slack.pace import Pace


def test_whoever_waits_as_long_as_told_need_not_wait_for_a_rounding_error() -> None:
    clock = ManualClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    pace, left = Pace(clock, 50 / 60, burst=10), []
    for _ in range(100):
        pace.take("history")
        clock.advance(timedelta(seconds=pace.wait("history")))
        left.append(pace.wait("history"))
    assert not any(left)
