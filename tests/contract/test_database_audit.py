"""The record of acts on both databases: one chain, whatever is taken back, erased or dropped."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.audit import Audit, Noted, Who, drop, erase
from bot.chain import verify
from bot.storage.database import Database
from bot.storage.tables import Room
from bot.storage.unit import Unit
from tests.contract.databases import PERSON, Store, adds, person

ROOM: Any = Room.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
WHO = Who(1, "agent", 1)

Job = Callable[[Unit], None]


def settles(unit: Unit) -> None:
    """Add the person and the room that everything happens by and in."""
    adds("alice")(unit)
    room = {"transport": "fake", "workspace": "here", "ref": "support", "name": "", "kind": "staff"}
    columns = {"configured_as": "", "aliases": "[]", "joined": True, "encrypted": False}
    unit.connection.execute(insert(ROOM), room | columns | {"encryption_noted": False})


def acts(audit: Audit, number: int, then: Callable[[Unit], object] = lambda _: None) -> Job:
    """Return a job that does something recorded, and then something else."""

    def work(unit: Unit) -> None:
        noted = Noted("test", object=f"thing {number}", after="sunshine", sources=((1, "m"),))
        audit.add(unit, WHO, NOON + timedelta(hours=number), noted, None)
        then(unit)

    return work


def fails(_: Unit) -> None:
    raise ValueError("a bug")


def spoils(unit: Unit) -> None:
    """Leave what cannot be written at the group's end."""
    unit.bulk(insert(PERSON), person("alice"))


async def written(database: Database, *jobs: Job) -> None:
    """Write jobs together, whatever becomes of them."""
    await asyncio.gather(*map(database.write, jobs), return_exceptions=True)


async def objects(database: Database) -> list[str]:
    return await database.read(
        lambda c: list(c.scalars(text("SELECT object FROM audit ORDER BY id")))
    )


@pytest.mark.parametrize("then", [fails, spoils])
async def test_what_is_taken_back_leaves_no_hole(migrated: Store, then: Job) -> None:
    async with migrated.opened() as database:
        await database.write(settles)
        audit = Audit()
        jobs = [acts(audit, n, then) if n % 3 == 1 else acts(audit, n) for n in range(9)]
        await written(database, *jobs)
        await written(database, acts(audit, 9))
        found = await database.read(verify)
        assert (found.count, found.number, found.wrong) == (7, 7, "")
        assert await objects(database) == [f"thing {n}" for n in (0, 2, 3, 5, 6, 8, 9)]


async def test_the_chain_goes_on_in_another_process(migrated: Store) -> None:
    async with migrated.opened() as database:
        await database.write(settles)
        audit = Audit()
        await written(database, acts(audit, 0), acts(audit, 1))
    async with migrated.opened() as database:
        audit = Audit()
        await written(database, acts(audit, 2), acts(audit, 3))
        found = await database.read(verify)
    assert (found.count, found.first_at, found.last_at) == (4, NOON, NOON + timedelta(hours=3))


async def test_a_chain_holds_when_its_texts_are_erased_and_its_oldest_acts_dropped(
    migrated: Store,
) -> None:
    async with migrated.opened() as database:
        await database.write(settles)
        audit = Audit()
        await written(database, *(acts(audit, n) for n in range(4)))
        await database.write(lambda unit: erase(unit, 1, ["m"]))
        assert await database.write(lambda unit: drop(unit, NOON + timedelta(hours=2), 9)) == 2
        await written(database, acts(audit, 4))
        found = await database.read(verify)
        assert (found.count, found.number, found.wrong) == (3, 5, "")
        left = await database.read(lambda c: c.scalar(text("SELECT max(after) FROM audit")))
        assert (left, await objects(database)) == ("sunshine", ["thing 2", "thing 3", "thing 4"])


async def test_what_is_recorded_while_it_is_read_is_no_fault(migrated: Store) -> None:
    async with migrated.opened() as database:
        await database.write(settles)
        audit = Audit()
        jobs = [database.write(acts(audit, n)) for n in range(300)]
        found = [await database.read(verify) for _ in range(20)]
        await asyncio.gather(*jobs)
        found.append(await database.read(verify))
    assert ({each.wrong for each in found}, found[-1].count) == ({""}, 300)


async def test_an_act_that_was_changed_is_named(migrated: Store) -> None:
    async with migrated.opened() as database:
        await database.write(settles)
        audit = Audit()
        await written(database, *(acts(audit, n) for n in range(3)))
        changed = text("UPDATE audit SET object = 'nothing' WHERE id = 2")
        await database.write(lambda unit: unit.connection.execute(changed).close())
        found = await database.read(verify)
    assert (found.count, found.number, "Act 2 is not what" in found.wrong) == (1, 2, True)
