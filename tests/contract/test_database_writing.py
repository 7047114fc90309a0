"""What both databases promise to whoever writes and reads."""

import asyncio
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from bot.storage.database import Database
from bot.storage.insert import insert_new
from bot.storage.tables import (
    MessageRow,
    OutboxRow,
    PersonRow,
    QuestionRow,
    Room,
    ScheduleRow,
)
from bot.storage.unit import Unit
from tests.contract.databases import PERSON, Store, adds, count, names, person

MESSAGE: Any = MessageRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
SCHEDULE: Any = ScheduleRow.__table__  # type: ignore[attr-defined]
NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
ADD = insert(PERSON)


def plans(due: datetime = NOON, key: str = "one") -> dict[str, Any]:
    return {"kind": "test", "key": key, "due_at": due, "zone": "UTC", "payload": "{}"} | {
        "version": 1,
        "attempts": 0,
    }


def broken(unit: Unit) -> None:
    adds("half done")(unit)
    raise ValueError("a bug")


async def settled(*futures: asyncio.Future[Any]) -> list[Any]:
    return await asyncio.gather(*futures, return_exceptions=True)


@pytest.mark.parametrize(
    "row",
    [
        Room(transport="fake", workspace="here", ref="r", kind="palace"),
        MessageRow(room_id=999, ref="m", text="an orphan", sent_at=NOON),
        OutboxRow(
            id="d", transport="", workspace="", action="post", lane=1, position=1, created_at=NOON
        ),
        QuestionRow(room_id=999, person_id=999, line="ticket open", asked_at=NOON),
    ],
    ids=["one of", "foreign key", "addressed", "foreign keys"],
)
async def test_what_the_schema_forbids_is_refused(database: Database, row: Any) -> None:
    def put(unit: Unit) -> None:
        # Its attributes, not the row: a job may run twice.
        unit.session.add(type(row)(**row.model_dump()))

    with pytest.raises(IntegrityError):
        await database.write(put)


async def test_a_unique_key_takes_one_row(database: Database) -> None:
    await database.write(adds("alice"))
    with pytest.raises(IntegrityError):
        await database.write(adds("alice"))
    assert await database.read(names) == ["alice"]


async def test_an_insert_of_many_returns_the_new_ones_alone(database: Database) -> None:
    rows = [person(str(number)) for number in range(3_000)]
    await database.write(lambda unit: insert_new(unit.connection, PERSON, rows[::2]))
    new = await database.write(
        lambda unit: [row.ref for row in insert_new(unit.connection, PERSON, rows, (PERSON.c.ref,))]
    )
    assert sorted(new, key=int) == [row["ref"] for row in rows[1::2]]


@pytest.mark.parametrize("offset", [0, 5.75, -11], ids=["utc", "kathmandu", "samoa"])
async def test_times_come_back_in_utc_to_the_microsecond(database: Database, offset: float) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=offset)))
    await database.write(lambda unit: unit.connection.execute(insert(SCHEDULE), plans(local)))
    found = await database.read(lambda connection: connection.scalar(select(SCHEDULE.c.due_at)))
    assert found == NOON
    assert str(found) == "2026-03-29 12:00:00.123456+00:00"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
async def test_times_do_not_depend_on_the_zone_of_the_server(postgresql: Store, zone: str) -> None:
    postgresql.ask(f"ALTER ROLE postgres SET timezone = '{zone}'")
    async with postgresql.opened() as database:
        await database.write(lambda unit: unit.connection.execute(insert(SCHEDULE), plans()))
        due = select(SCHEDULE.c.due_at).where(SCHEDULE.c.due_at == NOON)
        found = await database.read(lambda connection: connection.scalar(due))
        assert found == NOON
    assert str(found) == "2026-03-29 12:00:00.123456+00:00"


@pytest.mark.parametrize("how", ["now", "in bulk"])
async def test_a_time_without_a_zone_is_refused(database: Database, how: str) -> None:
    row = plans(NOON.replace(tzinfo=None))

    def put(unit: Unit) -> None:
        if how == "now":
            unit.connection.execute(insert(SCHEDULE), row)
        else:
            unit.bulk(insert(SCHEDULE), row)

    with pytest.raises(StatementError, match="timezone"):
        await database.write(put)
    assert await database.write(adds("alice")) == "alice"


async def test_what_is_due_is_claimed_by_one_of_two_workers(database: Database) -> None:
    await database.write(lambda unit: unit.connection.execute(insert(SCHEDULE), plans()))

    def claim(unit: Unit) -> int:
        return unit.connection.execute(delete(SCHEDULE).where(SCHEDULE.c.key == "one")).rowcount

    claims = await asyncio.gather(*(database.write(claim) for _ in range(20)))
    assert sorted(claims) == [0] * 19 + [1]


@pytest.mark.parametrize("group_limit", [1, 200])
async def test_no_increment_is_lost(migrated: Store, group_limit: int) -> None:
    async with migrated.opened(group_limit=group_limit) as database:
        await database.write(lambda unit: unit.connection.execute(insert(SCHEDULE), plans()))

        def increment(unit: Unit) -> None:
            seen = unit.connection.execute(select(SCHEDULE.c.attempts)).scalar_one()
            unit.connection.execute(update(SCHEDULE).values(attempts=seen + 1))

        async def worker() -> None:
            for _ in range(20):
                await database.write(increment)

        await asyncio.gather(*(worker() for _ in range(5)))
        attempts = select(SCHEDULE.c.attempts)
        assert await database.read(lambda connection: connection.scalar(attempts)) == 100


async def test_a_job_that_raises_takes_back_itself_alone(database: Database) -> None:
    outcome = await settled(*(database.write(job) for job in (adds("a"), broken, adds("b"))))
    assert [type(each) for each in outcome] == [str, ValueError, str]
    assert await database.read(names) == ["a", "b"]


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELEC 1", "SELECT nothing"])
async def test_a_wrong_statement_is_the_jobs_own_fault(database: Database, statement: str) -> None:
    def wrong(unit: Unit) -> None:
        unit.connection.execute(text(statement))

    outcome = await settled(*(database.write(job) for job in (adds("a"), wrong, adds("b"))))
    assert [isinstance(each, DBAPIError) for each in outcome] == [False, True, False]
    assert await database.read(names) == ["a", "b"]


async def test_a_failed_flush_takes_back_its_job_alone(database: Database) -> None:
    def flush(unit: Unit) -> None:
        adds("half done")(unit)
        unit.session.add(PersonRow(transport="fake", workspace="here", ref="a"))

    outcome = await settled(*(database.write(job) for job in (adds("a"), flush, adds("b"))))
    assert [type(each) for each in outcome] == [str, IntegrityError, str]
    assert await database.read(names) == ["a", "b"]


async def test_a_job_may_take_back_what_it_did_and_go_on(database: Database) -> None:
    def change_its_mind(unit: Unit) -> None:
        adds("first")(unit)
        unit.session.add(PersonRow(transport="fake", workspace="here", ref="second"))
        unit.bulk(ADD, person("third"))
        unit.take_back()
        adds("instead")(unit)

    await database.write(change_its_mind)
    assert await database.read(names) == ["instead"]


@pytest.mark.parametrize("bad", [person("a"), person("x") | {"ref": None}, {"ref": 1.5}])
async def test_a_bulk_row_that_breaks_at_the_end_hurts_its_own_job_alone(
    database: Database, bad: dict[str, Any]
) -> None:
    def bulk(*rows: dict[str, Any]) -> Callable[[Unit], None]:
        def work(unit: Unit) -> None:
            for row in rows:
                unit.bulk(ADD, row)

        return work

    await database.write(bulk(person("a")))
    jobs = (bulk(person("b")), bulk(person("lost"), bad), bulk(person("c")), adds("d"))
    outcome = await settled(*(database.write(job) for job in jobs))
    assert [isinstance(each, Exception) for each in outcome] == [False, True, False, False]
    assert sorted(await database.read(names)) == ["a", "b", "c", "d"]


async def test_what_follows_a_commit_follows_it(database: Database) -> None:
    seen: list[str] = []

    def works(unit: Unit) -> None:
        adds("alice")(unit)
        unit.after_commit(lambda: seen.append("works"))

    def fails(unit: Unit) -> None:
        unit.after_commit(lambda: seen.append("fails"))
        broken(unit)

    def takes_back(unit: Unit) -> None:
        unit.after_commit(lambda: seen.append("takes back"))
        unit.take_back()

    await settled(*(database.write(job) for job in (works, fails, takes_back)))
    assert seen == ["works"]


async def test_what_one_turn_of_the_loop_submits_shares_a_commit(database: Database) -> None:
    begun = threading.Event()
    first = database.write(lambda _: begun.set())
    assert not begun.wait(0.1)  # for the turn goes on, though the writer is free
    second = database.write(adds("alice"))
    await asyncio.wait((first, second), return_when=asyncio.FIRST_COMPLETED)
    assert (first.done(), second.done()) == (True, True)


async def test_what_was_read_is_forgotten_when_it_is_taken_back(database: Database) -> None:
    seen: list[str] = []

    def telling(name: str, work: Callable[[Unit], Any], *rows: dict[str, Any]) -> Any:
        def job(unit: Unit) -> None:
            unit.when_taken_back(lambda: seen.append(name))
            work(unit)
            for row in rows:
                unit.bulk(ADD, row)

        return job

    await settled(database.write(telling("works", adds("a"))))
    assert seen == []
    jobs = (telling("fails", broken), telling("takes back", Unit.take_back))
    await settled(*(database.write(job) for job in jobs))
    assert seen == ["fails", "takes back"]
    await settled(database.write(telling("breaks", adds("b"), person("x") | {"ref": None})))
    assert seen == ["fails", "takes back", "breaks"]


async def test_what_fails_after_a_commit_fails_alone(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def works(unit: Unit) -> str:
        unit.after_commit(lambda: [][1])
        adds("alice")(unit)
        return "alice"

    assert await database.write(works) == "alice"
    assert "IndexError" in caplog.text


async def test_cancelling_who_waits_neither_loses_nor_repeats(database: Database) -> None:
    choose = random.Random(7)

    def once(name: str) -> Callable[[Unit], None]:
        def work(unit: Unit) -> None:
            insert_new(unit.connection, PERSON, [person(name)])

        return work

    async def add(name: str) -> None:
        await database.write(once(name))

    tasks = [asyncio.create_task(add(str(number))) for number in range(400)]
    for task in choose.sample(tasks, 200):
        await database.read(count)
        task.cancel()
    await asyncio.wait(tasks)
    told = {str(number) for number, task in enumerate(tasks) if not task.cancelled()}
    assert told <= set(await database.read(names))
    await asyncio.gather(*(add(str(number)) for number in range(400)))  # each tries again
    assert sorted(await database.read(names), key=int) == [str(number) for number in range(400)]
