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
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage.engine import erase_traces, savepoint
from bot.storage.failures import as_storage_error, is_database_down
from bot.storage.tenure import TenureLost
from bot.storage.unit import Bulk, BulkFailed, Unit

log = logging.getLogger(__name__)

GROUP_LIMIT = 200  # jobs in one transaction
RETRY_SECONDS = 0.5  # between attempts to erase what readers still hold

T = TypeVar("T")


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
        engine: of the writing connection; whoever made it disposes of it after `stop`.
        group_limit: how many jobs share a transaction at most; 1 switches grouping off.
        lost: called in the event loop when another process has taken over.
        in_doubt: called in the event loop after a commit of unknown outcome.

    Attributes:
        trouble: why the last group could not be written; None when the database is well.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        group_limit: int = GROUP_LIMIT,
        lost: Callable[[], None] = lambda: None,
        in_doubt: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; `start` makes the thread."""
        self._engine = engine
        self._limit = group_limit
        self._lost = lost
        self._in_doubt = in_doubt
        self._queue: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._submitted: list[_Job] = []  # in this turn of the event loop
        self._left: list[_Job] = []  # taken from the queue, for the next group
        self._given = self._taken = 0  # each counted by one thread
        self._thread = threading.Thread(target=self._run, name="deskside-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = False
        self._traces = False
        self.trouble: StorageError | None = None

    @property
    def waiting(self) -> int:
        """How many jobs wait for their group."""
        return self._given - self._taken

    def start(self) -> None:
        """Start the thread; call it inside the event loop that submits."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Commit what is queued and end the thread."""
        if not self._stopped:
            self._stopped = True
            self._hand_over()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    def submit(self, work: Callable[[Unit], T]) -> asyncio.Future[T]:
        """Run `work` in the next group; the future is done once it is committed.

        Cancelling the future does not take the job back: work must be idempotent.
        Raises what `work` raised, or StorageError when the database refused the commit.
        """
        if self._stopped:
            msg = "Deskside is shutting down."
            raise StorageError(msg)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._submitted:
            # Together with whatever else this turn submits: the first of many rooms that go on
            # after a commit would else be alone in the next one, and the others wait for it.
            loop.call_soon(self._hand_over)
        self._submitted.append(_Job(work, future))
        self._given += 1
        return future

    def _hand_over(self) -> None:
        if self._submitted:
            jobs, self._submitted = self._submitted, []
            self._queue.put(jobs)

    def _run(self) -> None:
        stopping = False
        while not stopping or self._left:
            try:
                stopping = self._gather() or stopping
            except queue.Empty:
                self._erase_traces()
                continue
            group, self._left = self._left[: self._limit], self._left[self._limit :]
            self._taken += len(group)
            if group:
                self._settle(group)
            if self._traces:
                self._erase_traces()

    def _gather(self) -> bool:
        """Take what is queued, waiting for something if nothing is; True when it is the last.

        Raises queue.Empty when nothing came for a while and traces are to be erased.
        """
        if not self._left:
            jobs = self._queue.get(timeout=RETRY_SECONDS if self._traces else None)
            if jobs is None:
                return True
            self._left.extend(jobs)
        while len(self._left) < self._limit:
            try:
                jobs = self._queue.get_nowait()
            except queue.Empty:
                return False
            if jobs is None:
                return True
            self._left.extend(jobs)
        return False

    def _settle(self, group: list[_Job]) -> None:
        failure = self._attempt(group)
        again = len(group) > 1 or isinstance(failure, _CutOff)
        if failure is not None and again and not isinstance(failure, _InDoubt):
            log.info(
                "a group could not be committed and is replayed singly",
                extra={"event": "group_replayed", "jobs": len(group)},
            )
            self._replay(group)
            return
        for job in group:
            job.error = failure or job.error
        self._tell(group, failure)

    def _replay(self, group: list[_Job]) -> None:
        down: StorageError | None = None
        for job in group:
            if down is None:
                failure = self._attempt([job])
                job.error = failure or job.error
                down = failure if isinstance(failure, StorageError) else None
            else:  # the database is away: waiting for it once is enough
                job.error = down
        self._tell(group, down)

    def _attempt(self, group: list[_Job]) -> Exception | None:
        """Run and commit the group; return why it could not be committed, or None."""
        failure = self._commit(group)
        if failure is not None:
            for job in group:
                if job.unit is not None:
                    job.unit.undone()
        return failure

    def _commit(self, group: list[_Job]) -> Exception | None:
        committing = False
        try:
            with self._engine.connect() as connection, connection.begin():
                bulk = Bulk()
                for job in group:
                    _run_job(job, connection, bulk)
                bulk.write(connection)
                committing = True
        except (DBAPIError, BulkFailed) as caught:
            error = caught.__cause__ if isinstance(caught, BulkFailed) else caught
            assert isinstance(error, Exception)
            if not isinstance(error, DBAPIError) or not is_database_down(error):
                return error
            # A new connection for the next attempt: this one may be beyond repair.
            self._engine.dispose()
            failure = as_storage_error(error)
            if not error.connection_invalidated:
                return failure
            return (_InDoubt if committing else _CutOff)(str(failure))
        except Exception as error:  # noqa: BLE001 - carried to whoever submitted the jobs
            return error
        return None

    def _tell(self, group: list[_Job], failure: Exception | None) -> None:
        self.trouble = failure if isinstance(failure, StorageError) else None
        done = [job.unit for job in group if job.error is None and job.unit is not None]
        calls = [call for unit in done for call in unit.committed]
        self._traces = self._traces or any(unit.erased for unit in done)
        if isinstance(failure, TenureLost):
            calls.append(self._lost)
        if isinstance(failure, _InDoubt):
            calls.append(self._in_doubt)
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(_answer, group, calls)
        except RuntimeError:  # the loop is closed: nobody is left to tell
            log.debug("committed after the event loop closed", extra={"event": "late_commit"})

    def _erase_traces(self) -> None:
        """Overwrite what was erased in SQLite's journal, too, as soon as nobody reads it."""
        try:
            with self._engine.connect() as connection:
                self._traces = not erase_traces(connection)
        except (DBAPIError, StorageError):
            log.debug("erased text stays in the journal for now", extra={"event": "traces"})


class _CutOff(StorageError):
    """The connection broke before the commit."""


class _InDoubt(StorageError):
    """The connection broke during the commit, which may have succeeded."""


def _answer(group: list[_Job], calls: list[Callable[[], None]]) -> None:
    for call in calls:
        try:
            call()
        except Exception:
            # What is committed is committed; those who wait must hear of it.
            log.exception("what follows a commit failed", extra={"event": "after_commit_failed"})
    for job in group:
        if job.future.done():  # cancelled by whoever waited
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)


def _run_job(job: _Job, connection: Connection, bulk: Bulk) -> None:
    job.error = None
    job.unit = unit = Unit(connection, bulk)
    try:
        job.result = job.work(unit)
        unit.finish()
        bulk.take(unit.later)
    except BulkFailed:
        raise
    except Exception as error:
        if is_database_down(error):
            raise  # the group's affair, not this job's
        job.error = error
        unit.take_back()
    if unit.marked:
        savepoint(connection, "RELEASE SAVEPOINT job")
