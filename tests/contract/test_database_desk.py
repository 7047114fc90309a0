"""The whole bot on each database: the same conversation, interrupted, and by one of two desks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.plan import Plan
from tests.contract.databases import Store, adds
from tests.contract.postgres import Postgres
from tests.desk import Desk
from tests.service import BOT

Stand = Callable[[], Desk]


@pytest.fixture
async def stand(migrated: Store, tmp_path: Path) -> AsyncIterator[Stand]:
    """Make desks on one database and one service; stopped when the test ends."""
    made: list[Desk] = []

    def on_the_store(plan: Plan) -> Plan:
        transports = made[0].plan.transports if made else plan.transports
        return replace(plan, database_url=migrated.url, wait_for_lock=True, transports=transports)

    def make() -> Desk:
        desk = Desk(tmp_path / "desk.db", changes=[on_the_store])
        if made:
            desk.service, desk._events = made[0].service, 1_000
        made.append(desk)
        return desk

    yield make
    for desk in made:
        await desk.stops()


@asynccontextmanager
async def time_passing(desk: Desk) -> AsyncIterator[None]:
    """Let the desk's retries come."""

    async def pass_on() -> None:
        while True:
            await asyncio.sleep(0.02)
            desk.clock.advance(timedelta(seconds=1))

    task = asyncio.create_task(pass_on())
    try:
        yield
    finally:
        task.cancel()


async def again_until_stored(work: Callable[[], Awaitable[None]]) -> None:
    """Do what a service does that hears of no acknowledgement."""
    while True:
        try:
            await work()
        except StorageError:
            await asyncio.sleep(0.01)
        else:
            return


async def test_a_ticket_goes_its_way_through_a_restart(stand: Stand) -> None:
    desk = stand()
    await desk.opens()
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.restarts()
    await desk.presses("bea", "Claim", room="staff")
    await desk.says("bea", "!ticket resolve 1 A new battery", room="staff")
    assert "solved by bea" in desk.texts("staff")[0]
    assert "A new battery" in desk.last("support")


async def test_what_is_planned_happens_once_after_a_restart(stand: Stand) -> None:
    desk = stand()
    await desk.opens()
    plan = '!maintenance plan Mail server --at "2026-01-05 13:00" --for 1h'
    await desk.says("bea", plan, room="staff")
    await desk.restarts()
    await desk.advances(hours=8)
    told = desk.texts("support")
    assert ["has begun" in each for each in told] == [False, True, False]
    assert "finished" in told[2]


async def test_every_command_is_answered_once_while_connections_break(
    stand: Stand, migrated: Store
) -> None:
    desk = stand()
    await desk.opens()
    said = [desk.message("alice", "!help ticket", room="support") for _ in range(30)]
    async with time_passing(desk):
        for number, message in enumerate(said):
            if number % 5 == 0 and not migrated.is_sqlite:
                migrated.cut()
            await again_until_stored(partial(desk.stores, message))
        await desk.rests()
    answers = [shown.thread for shown in desk.visible("support") if shown.who == BOT]
    assert answers == [message.message for message in said]


@pytest.mark.parametrize("migrated", ["postgres"], indirect=True)
async def test_a_server_that_went_down_costs_nothing_but_time(
    stand: Stand, postgres: Postgres
) -> None:
    desk = stand()
    await desk.opens()
    said = [desk.message("alice", f"!ticket open lamp {number} is dark") for number in range(12)]
    async with time_passing(desk):
        for message in said[:6]:
            await desk.stores(message)
        with postgres.down():
            with pytest.raises(StorageError):
                await desk.stores(said[6])
            assert not desk.bot.health()["database"].ok
        for message in said[6:]:
            await again_until_stored(partial(desk.stores, message))
        await desk.rests()
    answers = [shown for shown in desk.visible("support") if shown.who == BOT]
    assert [shown.thread for shown in answers] == [message.message for message in said]
    numbers = [shown.text().partition("ticket #")[2].split()[0] for shown in answers]
    assert len(set(numbers)) == 12
    assert sum("is dark" in text for text in desk.texts("staff")) == 12
    assert desk.bot.health()["database"].ok


async def test_who_stands_by_takes_over_and_repeats_nothing(stand: Stand) -> None:
    first, second = stand(), stand()
    await first.opens()
    await first.says("alice", "!ticket open my laptop will not start")
    taking_over = asyncio.create_task(second.starts())
    await first.says("alice", "!ticket open my mouse is gone")
    sent = len(first.service.attempts)
    await first.stops()
    await taking_over
    await second.rests()
    assert len(second.service.attempts) == sent
    await second.says("bea", "!ticket list", room="staff")
    assert "laptop" in second.last("staff")
    assert "mouse" in second.last("staff")


@pytest.mark.parametrize("migrated", ["postgres"], indirect=True)
async def test_a_desk_that_was_cut_off_and_replaced_stops(stand: Stand, migrated: Store) -> None:
    first, second = stand(), stand()
    await first.opens()
    taking_over = asyncio.create_task(second.starts())
    migrated.cut()
    await taking_over
    await second.stops()
    async with asyncio.timeout(10):
        while not first.bot.database.lost.is_set():
            with suppress(StorageError):  # the server may still be about to let the second go
                await first.bot.database.write(adds("zoe"))
            await asyncio.sleep(0)
    with pytest.raises(StorageError, match="taken"):
        await first.stops()
