"""Clocks: they are aware, wait, and number things in their order."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

from bot.clock import ManualClock, Sequence, SystemClock, to_microseconds

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_a_systems_clock_is_aware() -> None:
    assert SystemClock().now().utcoffset() == timedelta()


def test_a_manual_clock_stands_in_utc() -> None:
    clock = ManualClock(NINE.astimezone(timezone(timedelta(hours=5))))
    assert clock.now() == NINE
    assert clock.now().tzinfo is UTC


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock, woken = ManualClock(NINE), list[int]()

    async def nap(seconds: int) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (30, 10, 20, 0):
            group.create_task(nap(seconds))
        await asyncio.wait_for(_until(lambda: clock.next_wake() is not None), 5)
        clock.advance(timedelta(seconds=15))
        await asyncio.wait_for(_until(lambda: len(woken) == 2), 5)
        assert clock.next_wake() == NINE + timedelta(seconds=20)
        clock.advance(timedelta(minutes=1))
    assert woken == [0, 10, 20, 30]
    assert clock.next_wake() is None


async def _until(true: object) -> None:
    while not true():  # type: ignore[operator]
        await asyncio.to_thread(lambda: None)


def test_numbers_grow_even_when_the_clock_goes_back() -> None:
    clock = ManualClock(NINE)
    numbers = Sequence(clock)
    first = [numbers.next() for _ in range(3)]
    clock.move_to(NINE - timedelta(hours=1))
    after = [numbers.next() for _ in range(3)]
    assert first + after == sorted({*first, *after})
    clock.move_to(NINE + timedelta(hours=1))
    assert numbers.next() == to_microseconds(clock.now()) * Sequence.STEP


def test_numbers_leave_room_between() -> None:
    numbers = Sequence(ManualClock(NINE))
    assert numbers.next() - numbers.next() == -Sequence.STEP
