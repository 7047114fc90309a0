import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import SendFailure, StorageError, TransportError
from bot.transports.backoff import CAP, Backoff, patiently


class Instant(SystemClock):
    """A clock on which every wait is over at once."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def test_waits_grow_from_a_second_to_a_minute() -> None:
    backoff = Backoff(random.Random(1))
    waits = [backoff.next() for _ in range(200)]
    assert all(1 <= wait <= CAP for wait in waits)
    assert waits[0] <= 2
    assert max(waits[10:]) > CAP / 2
    assert len(set(waits)) == 200


def test_a_success_begins_anew() -> None:
    backoff = Backoff(random.Random(1))
    for _ in range(20):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 2


def test_a_wait_that_was_asked_for_is_never_cut() -> None:
    assert Backoff().next(timedelta(minutes=30)) == 1800


async def test_what_may_succeed_is_tried_again() -> None:
    clock, faults = Instant(), [StorageError("full"), TransportError("away")]

    async def do() -> str:
        if faults:
            raise faults.pop()
        return "done"

    assert await patiently("a test", do, clock) == "done"
    assert len(clock.waits) == 2


@pytest.mark.parametrize("failure", [SendFailure.PERMANENT, SendFailure.REFUSED])
async def test_what_can_never_succeed_is_not_tried_again(failure: SendFailure) -> None:
    clock = Instant()

    async def do() -> None:
        raise TransportError("no", failure=failure)

    with pytest.raises(TransportError):
        await patiently("a test", do, clock)
    assert clock.waits == []


async def test_attempts_can_be_used_up() -> None:
    clock = Instant()

    async def do() -> None:
        raise TransportError("away")

    with pytest.raises(TransportError):
        await patiently("a test", do, clock, attempts=3)
    assert len(clock.waits) == 2
