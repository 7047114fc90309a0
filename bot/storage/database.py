"""The database as the rest of Deskside sees it: open it, write to it, read from it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage import engine as engines
from bot.storage.migrate import migrate
from bot.storage.writer import GROUP_LIMIT, Unit, Writer, as_storage_error

log = logging.getLogger(__name__)

T = TypeVar("T")
READER_THREADS = 4


class Database:
    """An open database: `write` for what must last, `read` for looking.

    Use `await Database.open(url)`; close it with `await close()`.
    """

    def __init__(self, url: str, lock: FileLock | None, group_limit: int) -> None:
        """See `open`."""
        parsed = engines.parse(url)
        self._lock = lock
        self._writer = Writer(engines.writer_engine(parsed), group_limit=group_limit)
        self._readers = engines.reader_engine(parsed)
        self._pool = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="deskside-reader")

    @classmethod
    async def open(
        cls, url: str, *, wait_for_lock: bool = False, group_limit: int = GROUP_LIMIT
    ) -> Database:
        """Migrate and open the database at `url`.

        Args:
            url: `sqlite:///path` or `postgresql://…`.
            wait_for_lock: stand by while another process holds the SQLite file
                instead of raising.
            group_limit: jobs a commit may share; 1 commits each singly.

        Raises:
            StorageError: not readable, held by another process, newer than this program.
        """
        lock = await _take_lock(url, wait=wait_for_lock)
        try:
            await asyncio.to_thread(migrate, url)
            database = cls(url, lock, group_limit)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        if (warning := engines.warn_about_sqlite(engines.parse(url))) is not None:
            log.info("%s", warning, extra={"event": "sqlite_version"})
        database._writer.start()
        return database

    def write(self, work: Callable[[Unit], T]) -> asyncio.Future[T]:
        """Run `work` in the next transaction; the future is done once it is committed.

        `work` runs in the writer's thread and may be run again when its group fails.
        Raises StorageError when the database could not take it; nothing is stored then.
        """
        return self._writer.submit(work)

    async def read(self, look: Callable[[Connection], T]) -> T:
        """Run `look` on a query-only connection, in a thread of its own."""

        def run() -> T:
            try:
                with self._readers.connect() as connection, connection.begin():
                    return look(connection)
            except DBAPIError as error:
                raise as_storage_error(error) from error

        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    @property
    def writes_waiting(self) -> int:
        """How many jobs wait for the writer: its lag."""
        return self._writer.waiting

    async def close(self) -> None:
        """Commit what is queued, close every connection, let the file go."""
        await self._writer.stop()
        await asyncio.to_thread(self._pool.shutdown)
        self._readers.dispose()
        if self._lock is not None:
            self._lock.release()


async def _take_lock(url: str, *, wait: bool) -> FileLock | None:
    parsed = engines.parse(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    file = Path(str(parsed.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder of the database cannot be made ({error.strerror}): {file.parent}"
        raise StorageError(msg) from error
    lock = FileLock(f"{file}.lock", thread_local=False)
    waiting = False
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            if not wait:
                msg = f"Another Deskside uses {file}: stop it, or name another with --database."
                raise StorageError(msg) from error
        except OSError as error:
            msg = f"The database cannot be written ({error.strerror}): {file}"
            raise StorageError(msg) from error
        else:
            return lock
        if not waiting:
            log.info("standing by: another process holds the database", extra={"event": "standby"})
            waiting = True
        await asyncio.sleep(1)


def describe(url: str) -> str:
    """Return the URL without its password, for messages and logs."""
    return json.dumps(make_url(url).render_as_string(hide_password=True)).strip('"')
