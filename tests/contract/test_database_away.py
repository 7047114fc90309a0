"""What holds while a database cannot be written, and once it can be again."""

import asyncio
import ctypes
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.errors import StorageError
from bot.storage.database import Database
from bot.storage.unit import Unit
from tests.contract.databases import PERSON, Store, adds, names, person

pytestmark = pytest.mark.usefixtures("impatient")


async def settled(*futures: asyncio.Future[Any]) -> list[Any]:
    return await asyncio.gather(*futures, return_exceptions=True)


async def test_while_it_is_away_everybody_is_told_and_then_it_goes_on(migrated: Store) -> None:
    async with migrated.opened() as database:
        await database.write(adds("before"))
        with migrated.taken_away():
            told = await settled(*(database.write(adds(str(number))) for number in range(20)))
        assert {type(each) for each in told} == {StorageError}
        await database.write(adds("after"))
        assert await database.read(names) == ["before", "after"]


async def test_why_nothing_can_be_written_is_known_until_something_is(migrated: Store) -> None:
    async with migrated.opened() as database:
        with migrated.taken_away():
            [refused] = await settled(database.write(adds("refused")))
            assert database.trouble == str(refused)
        await database.write(adds("after"))
        assert database.trouble is None


async def test_a_connection_cut_while_nobody_writes_is_made_again(postgresql: Store) -> None:
    async with postgresql.opened() as database:
        await database.write(adds("before"))
        postgresql.cut()
        told = await settled(*(database.write(adds(str(number))) for number in range(3)))
        assert {type(each) for each in told} <= {StorageError, str}
        await database.write(adds("after"))
        stored = ["before", *(each for each in told if isinstance(each, str)), "after"]
        assert await database.read(names) == stored


async def test_a_connection_cut_within_a_group_repeats_the_group(postgresql: Store) -> None:
    cuts = iter([postgresql.cut])

    def cut(unit: Unit) -> None:
        adds("cut")(unit)
        next(cuts, lambda: None)()

    async with postgresql.opened() as database:
        jobs = (adds("a"), cut, adds("b"))
        assert await settled(*(database.write(job) for job in jobs)) == ["a", None, "b"]
        assert await database.read(names) == ["a", "cut", "b"]
        assert not database.lost.is_set()


async def test_a_cut_during_the_commit_is_told_and_not_repeated(postgresql: Store) -> None:
    doubts: list[str] = []

    def cut_at_commit(unit: Unit) -> None:
        adds("perhaps")(unit)
        unit.after_commit(lambda: doubts.append("committed"))
        unit.connection.execute(text("CREATE TEMPORARY TABLE slow (id INTEGER)"))
        unit.connection.execute(text(CUT_AT_COMMIT))

    async with postgresql.opened() as database:
        database.when_in_doubt(lambda: doubts.append("in doubt"))
        told = await settled(*(database.write(job) for job in (cut_at_commit, adds("b"))))
        assert [isinstance(each, StorageError) for each in told] == [True, True]
        assert doubts == ["in doubt"]
        await database.write(adds("after"))
        assert await database.read(names) == ["after"]


# A deferred constraint's trigger runs in the commit; here it ends its own connection.
CUT_AT_COMMIT = """
CREATE FUNCTION pg_temp.cut() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pg_temp.cut();
INSERT INTO slow VALUES (1);
"""


async def test_a_full_disk_is_told_and_ends_with_itself(sqlite: Store) -> None:
    def fat(name: str, pages: int) -> Callable[[Unit], str]:
        def work(unit: Unit) -> str:
            unit.connection.execute(text(f"PRAGMA max_page_count={pages}")).all()
            unit.connection.execute(insert(PERSON), person(name) | {"name": "x" * 9_000})
            return name

        return work

    async with sqlite.opened() as database:
        jobs = [fat(str(number), 80 if 10 <= number < 20 else 1_000_000) for number in range(30)]
        told = await settled(*(database.write(job) for job in jobs))
        stored = [each for each in told if isinstance(each, str)]
        assert await database.read(names) == stored
        assert {"The disk"} == {str(each)[:8] for each in told if not isinstance(each, str)}
        assert await database.write(fat("after", 1_000_000)) == "after"


FULL_DISK = """
import asyncio, resource, signal, sys
from bot.errors import StorageError
from bot.storage.database import Database
from tests.contract.databases import adds

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    database = await Database.open(sys.argv[1])
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = []
    for step in range(60):
        if step == 10:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), limit[1]))
        if step == 40:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        try:
            told.append(await database.write(adds(f"{step} " + "x" * 4000)))
        except StorageError as error:
            print(error, file=sys.stderr)
    await database.close()
    print(*(each.split()[0] for each in told))

asyncio.run(main())
"""


@pytest.mark.parametrize("kilobytes", [200, 230])
def test_a_disk_that_takes_no_more_bytes_loses_nothing(sqlite: Store, kilobytes: int) -> None:
    done = run_python(FULL_DISK, sqlite.url, str(kilobytes * 1024))
    assert done.returncode == 0, done.stderr
    stored = [each.split()[0] for each in stored_names(sqlite)]
    assert stored == done.stdout.split()
    assert {"0", "9", "40", "59"} <= set(stored) != {str(number) for number in range(60)}
    assert "Deskside goes on by itself" in done.stderr


def stored_names(migrated: Store) -> list[str]:
    """Read a SQLite file that nobody has open."""
    with closing(sqlite3.connect(migrated.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [ref for (ref,) in connection.execute("SELECT ref FROM person ORDER BY id")]


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program that imports ours."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=_without_override,
    )


def _without_override() -> None:
    # Root, too, shall obey permissions: PR_CAPBSET_DROP of CAP_DAC_OVERRIDE and
    # CAP_DAC_READ_SEARCH, https://man7.org/linux/man-pages/man2/prctl.2.html
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


OPEN = """
import asyncio, sys
from bot.storage.database import Database
asyncio.run(Database.open(sys.argv[1]))
"""


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_a_database_that_must_not_be_written_is_told(sqlite: Store, what: str) -> None:
    async with sqlite.opened():
        pass
    target = sqlite.file if what == "file" else sqlite.file.parent
    sqlite.file.with_name("desk.db.lock").unlink()
    target.chmod(0o500)
    try:
        done = run_python(OPEN, sqlite.url)
    finally:
        target.chmod(0o700)
    assert "StorageError: The database cannot be" in done.stderr


async def test_a_writer_that_becomes_read_only_recovers(sqlite: Store) -> None:
    def read_only(unit: Unit) -> None:
        unit.connection.execute(text("PRAGMA query_only=ON"))

    async with sqlite.opened() as database:
        await database.write(read_only)
        with pytest.raises(StorageError, match="cannot be written"):
            await database.write(adds("refused"))
        await database.write(adds("after"))
        assert await database.read(names) == ["after"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://here/desk", "mysql is not supported"),
        ("no url", "not readable"),
        ("sqlite://", "needs a file"),
        ("postgresql://nobody@localhost:1/desk", "cannot be reached"),
    ],
)
async def test_a_url_that_leads_nowhere_is_told(url: str, sentence: str) -> None:
    with pytest.raises(StorageError, match=sentence):
        await Database.open(url)


async def test_a_file_that_is_no_database_is_told(sqlite: Store) -> None:
    sqlite.file.write_text("Dear diary, " * 1_000)
    with pytest.raises(StorageError, match="no database"):
        await Database.open(sqlite.url)


async def test_nothing_is_taken_once_it_is_closed(migrated: Store) -> None:
    async with migrated.opened() as database:
        waiting = [database.write(adds(str(number))) for number in range(5)]
    assert await asyncio.gather(*waiting) == [str(number) for number in range(5)]
    with pytest.raises(StorageError, match="shutting down"):
        await database.write(adds("late"))
    with pytest.raises(StorageError, match="shutting down"):
        await database.read(names)
