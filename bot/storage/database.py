"""The database as the rest of Deskside sees it: open it, write to it, read from it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage import engine as engines
from bot.storage.failures import as_storage_error
from bot.storage.revisions import is_current
from bot.storage.tenure import Tenure, in_thread, take, tenure_of
from bot.storage.unit import Unit
from bot.storage.writer import GROUP_LIMIT, Writer

log = logging.getLogger(__name__)

T = TypeVar("T")
READER_THREADS = 4


class Database:
    """An open database: `write` for what must last, `read` for looking.

    Use `await Database.open(url)`; close it with `await close()`.

    Attributes:
        lost: set when another process has taken the database over: nothing can be
            written any more, and what is in memory is no longer true.
    """

    def __init__(self, url: str, engine: Engine, tenure: Tenure, group_limit: int) -> None:
        """See `open`."""
        self._tenure = tenure
        self._engine = engine
        self.lost = asyncio.Event()
        self._closed = False
        self._in_doubt: Callable[[], None] = lambda: None
        self._writer = Writer(
            engine,
            group_limit=group_limit,
            lost=self.lost.set,
            in_doubt=lambda: self._in_doubt(),
        )
        self._readers = engines.reader_engine(engines.parse(url))
        self._pool = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="deskside-reader")

    @classmethod
    async def open(
        cls, url: str, *, wait_for_lock: bool = False, group_limit: int = GROUP_LIMIT
    ) -> Database:
        """Migrate and open the database at `url`.

        Args:
            url: `sqlite:///path` or `postgresql://…`.
            wait_for_lock: stand by while another process holds the database
                instead of raising.
            group_limit: jobs a commit may share; 1 commits each singly.

        Raises:
            StorageError: not readable, held by another process, newer than this program.
        """
        parsed = engines.parse(url)
        engine = engines.writer_engine(parsed)
        tenure = tenure_of(parsed, engine)
        try:
            await take(tenure, wait=wait_for_lock)
            await in_thread(_prepare, url, engine, tenure)
            database = cls(url, engine, tenure, group_limit)
        except BaseException as error:
            engine.dispose()
            tenure.end()
            if isinstance(error, DBAPIError):
                raise as_storage_error(error) from error
            raise
        if (warning := engines.warn_about_sqlite(parsed)) is not None:
            log.info("%s", warning, extra={"event": "sqlite_version"})
        database._writer.start()
        return database

    def when_in_doubt(self, call: Callable[[], None]) -> None:
        """Have `call` called in the event loop after a commit of unknown outcome.

        Whoever waited for it was told that it failed, and no `after_commit` was called;
        but it may be stored. Only PostgreSQL can leave this open, when it is cut off
        during a commit.
        """
        self._in_doubt = call

    def write(self, work: Callable[[Unit], T]) -> asyncio.Future[T]:
        """Run `work` in the next transaction; the future is done once it is committed.

        `work` runs in the writer's thread and may be run again when its group fails.
        Raises StorageError when the database could not take it; nothing is stored then,
        unless `when_in_doubt` tells otherwise.
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

        if self._closed:
            msg = "Deskside is shutting down."
            raise StorageError(msg)
        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    @property
    def writes_waiting(self) -> int:
        """How many jobs wait for the writer: its lag."""
        return self._writer.waiting

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written; None when the last write succeeded."""
        return None if self._writer.trouble is None else str(self._writer.trouble)

    async def close(self) -> None:
        """Commit what is queued, close every connection, let the database go."""
        await self._writer.stop()
        self._closed = True
        await asyncio.to_thread(self._pool.shutdown)
        self._readers.dispose()
        # Last of all: the last connection to a SQLite file checkpoints it.
        await asyncio.to_thread(self._engine.dispose)
        self._tenure.end()


def _prepare(url: str, engine: Engine, tenure: Tenure) -> None:
    if not is_current(url):
        from bot.storage.migrate import migrate  # imports Alembic

        migrate(url)
    tenure.begin()
    with engine.begin() as connection:  # better refused now than at the first event
        connection.exec_driver_sql("UPDATE tenure SET owner = owner WHERE id = 0")


def describe(url: str) -> str:
    """Return the URL without its password, for messages and logs."""
    return json.dumps(make_url(url).render_as_string(hide_password=True)).strip('"')
