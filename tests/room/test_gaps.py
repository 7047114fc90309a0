"""A room of which the service left something out: it waits, is filled, and goes on in order."""

import asyncio

from bot.events import Message
from bot.transport import Batch, Gap, Page, StoredGap
from tests.desk import Desk

IN_ORDER = "SELECT subject FROM ticket ORDER BY id"


async def leaves_out(desk: Desk, after: Message) -> StoredGap:
    """Have the service tell a message and that something before it is missing."""
    gap = Gap(after.place.main, "start", None)
    await desk.service.intake.receive(Batch([after], gaps=[gap]))
    [stored] = await desk.service.intake.gaps(after.place.transport, after.place.workspace)
    return stored


async def test_what_fills_a_gap_is_handled_before_what_came_after_it(desk: Desk) -> None:
    one, two, three = (desk.message("alice", f"!ticket open {n}") for n in ("one", "two", "three"))
    gap = await leaves_out(desk, three)
    assert desk.rows(IN_ORDER) == []
    await desk.service.intake.fill(Page(gap, [two], "more"))
    await desk.service.intake.fill(Page(gap, [one], None))
    await desk.rests()
    assert desk.rows(IN_ORDER) == [("one",), ("two",), ("three",)]


async def test_a_desk_that_stops_does_not_wait_for_a_gap(desk: Desk) -> None:
    await leaves_out(desk, desk.message("alice", "!ticket open three"))
    async with asyncio.timeout(5):
        await desk.stops()
    assert desk.rows(IN_ORDER) == []
