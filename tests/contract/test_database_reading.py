"""What readers see and cannot do, and what is on the disk for whoever looks there."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.tables import MessageRow, Room
from bot.storage.unit import Unit
from tests.contract.databases import PERSON, Store, adds, count, names, person

MESSAGE: Any = MessageRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


async def test_readers_cannot_write(database: Database) -> None:
    def write(connection: Connection) -> None:
        connection.execute(insert(PERSON), person("alice"))

    with pytest.raises(StorageError):
        await database.read(write)
    assert await database.read(count) == 0


async def test_readers_see_whole_commits(database: Database) -> None:
    writes = [database.write(adds(str(number))) for number in range(50)]
    seen = [await database.read(names) for _ in range(5)]
    await asyncio.gather(*writes)
    whole = [str(number) for number in range(50)]
    assert all(each == whole[: len(each)] for each in seen)


async def test_erased_text_is_nowhere_on_the_disk(sqlite: Store) -> None:
    secret = "my password is Tr0ub4dor"
    long = secret + "x" * 9_000  # more than a page

    def say(unit: Unit) -> None:
        unit.connection.execute(
            insert(Room.__table__),  # type: ignore[attr-defined]
            Room(id=1, transport="fake", workspace="here", ref="r").model_dump(),
        )
        for ref, said in (("1", secret), ("2", long), ("3", "hello")):
            row = MessageRow(room_id=1, ref=ref, text=said, sent_at=NOON).model_dump()
            del row["id"]
            unit.connection.execute(insert(MESSAGE), row)

    def erase(unit: Unit) -> None:
        unit.connection.execute(update(MESSAGE).where(MESSAGE.c.ref == "1").values(text=""))
        unit.connection.execute(delete(MESSAGE).where(MESSAGE.c.ref == "2"))
        unit.erase_traces()

    def on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in sqlite.file.parent.iterdir())

    async with sqlite.opened() as database:
        await database.write(say)
        await database.read(names)
        assert secret.encode() in on_disk()
        await database.write(erase)
        await database.write(adds("after"))  # what was erased is gone before the next commit
        assert secret.encode() not in on_disk()
        assert b"hello" in on_disk()


async def test_erased_text_goes_as_soon_as_no_reader_needs_it(
    sqlite: Store, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del impatient
    monkeypatch.setattr("bot.storage.writer.RETRY_SECONDS", 0.01)
    async with sqlite.opened() as database:
        await database.write(adds("somebody secret"))
        with closing(sqlite3.connect(sqlite.file)) as reader:
            reader.execute("BEGIN").execute("SELECT * FROM person").fetchall()

            def erase(unit: Unit) -> None:
                unit.connection.execute(delete(PERSON))
                unit.erase_traces()

            await database.write(erase)
            await database.write(adds("next"))
            journal = sqlite.file.with_name("desk.db-wal")
            assert b"somebody secret" in sqlite.file.read_bytes() + journal.read_bytes()
        async with asyncio.timeout(10):
            while b"somebody secret" in sqlite.file.read_bytes() + journal.read_bytes():
                await database.write(lambda _unit: None)
