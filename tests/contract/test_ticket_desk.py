"""Staff's commands on each database: filters, search and what is taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.plan import Plan
from tests.contract.databases import Store
from tests.desk import Desk


@pytest.fixture
async def desk(migrated: Store, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with two tickets on the database."""

    def on_the_store(plan: Plan) -> Plan:
        return replace(plan, database_url=migrated.url)

    desk = Desk(tmp_path / "desk.db", changes=[on_the_store])
    await desk.opens()
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open --urgent 打印机 is dead")
    yield desk
    await desk.stops()


async def staff(desk: Desk, line: str) -> str:
    """Let bea write a command in the staff room; returns the answer."""
    await desk.says("bea", f"!{line}", room="staff")
    return desk.last("staff").removesuffix(" [Undo]")


async def test_lists_are_filtered_and_in_order(desk: Desk) -> None:
    assert (await staff(desk, "ticket list")).startswith("• #2 ")
    await staff(desk, "ticket tag 1 +vpn")
    found = await staff(
        desk, "ticket list unassigned tag:vpn -urgent newer:1d updated:1h from:@alice"
    )
    assert found.startswith("• #1 ")
    assert (await staff(desk, "ticket list solved private to:me older:2d")).startswith("No ticket")


async def test_words_are_found(desk: Desk) -> None:
    await desk.says("alice", "it beeps", thread="1")
    assert (await staff(desk, "ticket search beeps laptop")).startswith("• #1 ")
    assert (await staff(desk, "ticket search 印机")).startswith("• #2 ")
    assert (await staff(desk, "ticket search %")).startswith("Write a word to look for")


async def test_what_is_done_to_several_is_taken_back(desk: Desk) -> None:
    await staff(desk, "ticket snooze #1 #2 tomorrow 9:00")
    await staff(desk, "ticket resolve #1 #2 new cable")
    assert (await staff(desk, "undo")).startswith("Taken back (resolve): #1 is new again")
    await staff(desk, "ticket merge 1 into 2")
    assert "Taken back (merge)" in await staff(desk, "undo")
    assert "undo" in await staff(desk, "ticket history 1")


async def test_macros_and_views_are_kept(desk: Desk) -> None:
    await staff(desk, "macro save reset Dear {requester}")
    await staff(desk, "macro save reset Hello {requester}")
    assert "Hello alice" in await staff(desk, "macro reset #1")
    await staff(desk, "ticket view save night urgent")
    assert (await staff(desk, "ticket view night")).startswith("• #2 ")
