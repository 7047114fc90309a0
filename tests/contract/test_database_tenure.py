"""One process writes at a time: another is refused or stands by, and nothing is done twice."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import pytest

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.tenure import TenureHeld, TenureLost
from tests.contract.databases import Store, adds, names


@asynccontextmanager
async def standing_by(
    migrated: Store, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncio.Task[Database]]:
    """Have a second process wait for the database; it is closed in the end."""
    monkeypatch.setattr("bot.storage.tenure.STANDBY_SECONDS", 0.01)
    task = asyncio.create_task(Database.open(migrated.url, wait_for_lock=True))
    try:
        yield task
    finally:
        task.cancel()
        done = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(done, Database):
            await done.close()


async def test_a_second_process_is_refused_in_one_sentence(migrated: Store) -> None:
    async with migrated.opened() as first:
        with pytest.raises(TenureHeld, match="Another Deskside uses"):
            await Database.open(migrated.url)
        await first.write(adds("alice"))


async def test_a_second_process_stands_by_and_takes_over(
    migrated: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with AsyncExitStack() as process:
        first = await process.enter_async_context(migrated.opened(wait_for_lock=True))
        second = await process.enter_async_context(standing_by(migrated, monkeypatch))
        await first.write(adds("first"))
        done, _ = await asyncio.wait([second], timeout=0.5)  # it is refused again and again
        assert not done
        assert "standing by" in caplog.text
        await first.close()
        await (await second).write(adds("second"))
        assert await (await second).read(names) == ["first", "second"]


async def test_who_stands_by_can_be_stopped(
    migrated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with migrated.opened(), standing_by(migrated, monkeypatch) as second:
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second


async def test_who_was_cut_off_and_replaced_writes_no_more(
    postgresql: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with postgresql.opened() as first, standing_by(postgresql, monkeypatch) as second:
        postgresql.cut()
        await (await second).write(adds("second"))
        with pytest.raises(TenureHeld):
            await first.write(adds("first"))
        assert not first.lost.is_set()
        await (await second).close()
        with pytest.raises(TenureLost, match="taken this database over"):
            await first.write(adds("first"))
        async with asyncio.timeout(10):
            await first.lost.wait()
        assert await first.read(names) == ["second"]


KILLED = """
import asyncio, sys
from bot.errors import StorageError
from bot.storage.database import Database
from tests.contract.databases import adds

async def main():
    database = await Database.open(sys.argv[1])
    async def worker(number):
        for turn in range(10_000):
            print(await database.write(adds(f"{number}.{turn}")), flush=True)
    await asyncio.gather(*(worker(number) for number in range(20)))

asyncio.run(main())
"""


@contextmanager
def writing(migrated: Store) -> Iterator[subprocess.Popen[str]]:
    """Run a process that writes and says what is stored; killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, migrated.url], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("lines", [1, 200])
async def test_what_was_told_stored_outlives_a_kill(migrated: Store, lines: int) -> None:
    with writing(migrated) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    async with asyncio.timeout(20), migrated.opened(wait_for_lock=True) as database:
        found = await database.read(names)
        assert set(told) <= set(found)
        assert len(found) == len(set(found))
        await database.write(adds("after"))


async def test_a_database_is_let_go_when_it_cannot_be_opened(
    migrated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_url: str) -> None:
        raise StorageError("It is newer.")

    with monkeypatch.context() as patched:
        patched.setattr("bot.storage.database.is_current", fails)
        with pytest.raises(StorageError, match="newer"):
            await Database.open(migrated.url)
    async with migrated.opened() as database:
        await database.write(adds("alice"))
