"""Commits everything: one thread, one connection, groups of jobs in one transaction.

What arrives while a commit runs shares the next one. Each job runs in its own
savepoint, so a job that raises takes only itself back; when the group as a whole
fails (a full disk, a lost connection, a broken constraint found at the end) its
jobs are replayed one by one, so that one bad job cannot hurt its neighbours.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.sql import Executable
from sqlmodel import Session

from bot.errors import StorageError

log = logging.getLogger(__name__)

GROUP_LIMIT = 200  # jobs in one transaction

T = TypeVar("T")


class Unit:
    """One job's view of the transaction: statements now, bulk rows at the group's end.

    It lives only while the job runs, in the writer's thread.
    """

    def __init__(self, connection: Connection) -> None:
        """Work on `connection`, inside a transaction."""
        self._connection = connection
        self.marked = False
        self._session: Session | None = None
        self.later: dict[Executable, list[dict[str, Any]]] = {}
        self.committed: list[Callable[[], None]] = []

    @property
    def connection(self) -> Connection:
        """The writing connection; the job's savepoint is set when it is first asked for."""
        if not self.marked:
            self._connection.exec_driver_sql("SAVEPOINT job")
            self.marked = True
        return self._connection

    @property
    def session(self) -> Session:
        """An ORM session for slices; flushed when the job ends, never committed by it."""
        if self._session is None:
            self._session = Session(
                bind=self.connection,
                expire_on_commit=False,
                # A failed flush must take back this job alone, not the group.
                join_transaction_mode="create_savepoint",
            )
        return self._session

    def bulk(self, statement: Executable, row: dict[str, Any]) -> None:
        """Execute `statement` with `row`, together with all such rows, at the group's end."""
        self.later.setdefault(statement, []).append(row)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call `call` once the group is committed, in the event loop's thread."""
        self.committed.append(call)

    def take_back(self) -> None:
        """Undo what this job has done so far and go on with an empty hand."""
        self.forget()
        if self.marked:
            self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")

    def finish(self) -> None:
        """Send the session's pending changes."""
        if self._session is not None:
            self._session.commit()  # releases its savepoint; the group's transaction goes on
            self._session.close()
            self._session = None

    def forget(self) -> None:
        """Drop everything not yet sent to the database."""
        self.later.clear()
        self.committed.clear()
        if self._session is not None:
            self._session.close()
            self._session = None


@dataclass(slots=True)
class _Job:
    work: Callable[[Unit], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    unit: Unit | None = None


class Writer:
    """The thread that owns the writing connection.

    Args:
        engine: of the writing connection.
        group_limit: how many jobs share a transaction at most; 1 switches grouping off.
    """

    def __init__(self, engine: Engine, *, group_limit: int = GROUP_LIMIT) -> None:
        """Prepare; `start` makes the thread."""
        self._engine = engine
        self._limit = group_limit
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="deskside-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False

    @property
    def waiting(self) -> int:
        """How many jobs wait for their group."""
        return self._queue.qsize()

    def start(self) -> None:
        """Start the thread; call it inside the event loop that submits."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Commit what is queued, end the thread and close the connection."""
        if not self._stopped:
            self._stopped = True
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._engine.dispose()

    def submit(self, work: Callable[[Unit], T]) -> asyncio.Future[T]:
        """Run `work` in the next group; the future is done once it is committed.

        Cancelling the future does not take the job back: work must be idempotent.
        Raises what `work` raised, or StorageError when the database refused the commit.
        """
        if self._stopped:
            msg = "Deskside is shutting down."
            raise StorageError(msg)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(_Job(work, future))
        return future

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            stopping = False
            while len(group) < self._limit:
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    stopping = True
                    break
                group.append(job)
            self._settle(group)
            if stopping:
                return

    def _settle(self, group: list[_Job]) -> None:
        failure = self._attempt(group)
        if failure is not None and len(group) > 1:
            log.info(
                "a group could not be committed and is replayed singly",
                extra={"event": "group_replayed", "jobs": len(group)},
            )
            self._replay(group)
            return
        for job in group:
            job.error = job.error or failure
        self._tell(group)

    def _replay(self, group: list[_Job]) -> None:
        down: StorageError | None = None
        for job in group:
            if down is None:
                failure = self._attempt([job])
                job.error = job.error or failure
                down = failure if isinstance(failure, StorageError) else None
            else:  # the database is away: waiting for it once is enough
                job.error = down
        self._tell(group)

    def _attempt(self, group: list[_Job]) -> BaseException | None:
        """Run and commit the group; return why it could not be committed, or None."""
        try:
            with self._engine.connect() as connection, connection.begin():
                for job in group:
                    self._run_job(job, connection)
                rows: dict[Executable, list[dict[str, Any]]] = {}
                for job in group:
                    if job.unit is not None and job.error is None:
                        for statement, added in job.unit.later.items():
                            rows.setdefault(statement, []).extend(added)
                for statement, added in rows.items():
                    connection.execute(statement, added)
        except IntegrityError as error:
            return error
        except DBAPIError as error:
            return as_storage_error(error)
        except StorageError as error:
            return error
        return None

    @staticmethod
    def _run_job(job: _Job, connection: Connection) -> None:
        job.error = None
        job.unit = unit = Unit(connection)
        try:
            job.result = job.work(unit)
            unit.finish()
        except Exception as error:
            if is_database_down(error):
                raise  # the group's affair, not this job's
            job.error = error
            unit.take_back()
        if unit.marked:
            connection.exec_driver_sql("RELEASE SAVEPOINT job")

    def _tell(self, group: list[_Job]) -> None:
        calls = [
            call
            for job in group
            if job.error is None and job.unit is not None
            for call in job.unit.committed
        ]

        def in_loop() -> None:
            for call in calls:
                call()
            for job in group:
                if job.future.done():  # cancelled by whoever waited
                    continue
                if job.error is not None:
                    job.future.set_exception(job.error)
                else:
                    job.future.set_result(job.result)

        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(in_loop)
        except RuntimeError:  # the loop is closed: nobody is left to tell
            log.debug("committed after the event loop closed", extra={"event": "late_commit"})


def is_database_down(error: BaseException) -> bool:
    """Tell a database that cannot work now from a statement it refuses.

    SQLite reports both as OperationalError, e.g. `no such table` and `database is locked`.
    """
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    reason = str(error.orig).lower()
    return not reason.startswith(("no such", "near ", "wrong number", "too many"))


def as_storage_error(error: DBAPIError) -> StorageError:
    """Say in one sentence what the database's refusal means and what to do."""
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
    hints = (
        (
            "disk",
            "The disk with the database is full: free some space; Deskside goes on by itself.",
        ),
        ("readonly", "The database cannot be written: check the file's permissions."),
        ("locked", "Another program holds the database: stop it; Deskside goes on by itself."),
        ("malformed", "The database file is damaged: stop Deskside and restore a backup."),
    )
    for word, sentence in hints:
        if word in reason.lower():
            return StorageError(sentence)
    return StorageError(f"The database refused: {reason}")
