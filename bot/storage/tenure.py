"""Who may write: one process at a time, on either database; another stands by or is refused.

SQLite is kept by a lock on a file beside it, which the system lets go when the
process ends. PostgreSQL is kept by an advisory lock of the writing connection
itself, so a process that has lost that connection can commit nothing until it has
the lock again; and when another had it in the meantime, it never writes again, for
what it has in memory is no longer true.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from filelock import Timeout
from sqlalchemy import Engine, event, insert, update
from sqlalchemy.engine import URL

from bot.errors import StorageError
from bot.storage.lock import lock_of
from bot.storage.tables import TenureRow, table_of

log = logging.getLogger(__name__)

_TENURE = table_of(TenureRow)

T = TypeVar("T")
ADVISORY_KEY = 0x6465736B73696465  # "deskside", in the one space a database has for such keys
STANDBY_SECONDS = 1.0


class TenureHeld(StorageError):
    """Another process writes."""


class TenureLost(StorageError):
    """Another process has written since this one did; this one must start anew."""


class Tenure(Protocol):
    """The right to write."""

    def take(self) -> None:
        """Take it, or raise TenureHeld."""
        ...

    def begin(self) -> None:
        """Leave a mark in the migrated database, by which a later process is told apart."""
        ...

    def end(self) -> None:
        """Let it go."""
        ...


class FileTenure:
    """Holds a SQLite file."""

    def __init__(self, file: Path) -> None:
        """Hold nothing yet."""
        self._file = file
        self._lock = lock_of(file)

    def take(self) -> None:
        """See `Tenure`. Raises StorageError, too, when there can be no such file."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = (
                f"The folder of the database cannot be made ({error.strerror}): {self._file.parent}"
            )
            raise StorageError(msg) from error
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            msg = f"Another Deskside uses {self._file}: stop it, or choose another database."
            raise TenureHeld(msg) from error
        except OSError as error:
            msg = f"The database cannot be written ({error.strerror}): {self._file}"
            raise StorageError(msg) from error

    def begin(self) -> None:
        """See `Tenure`; the lock says it all."""

    def end(self) -> None:
        """See `Tenure`."""
        self._lock.release()


class AdvisoryTenure:
    """Holds a PostgreSQL database by the connection that `engine` has."""

    def __init__(self, engine: Engine) -> None:
        """Watch every connection `engine` makes; it must have one at a time."""
        self._engine = engine
        self._owner = secrets.token_hex(8)
        self._begun = False
        event.listen(engine, "connect", self._on_connect)

    def take(self) -> None:
        """See `Tenure`."""
        with self._engine.connect():
            pass

    def begin(self) -> None:
        """See `Tenure`."""
        with self._engine.begin() as connection:
            if not connection.execute(update(_TENURE).values(owner=self._owner)).rowcount:
                connection.execute(insert(_TENURE), {"id": 1, "owner": self._owner})
        self._begun = True

    def end(self) -> None:
        """See `Tenure`; closing the connection lets the lock go."""

    def _on_connect(self, connection: Any, _record: Any) -> None:
        try:
            self._lock(connection)
        except BaseException:
            connection.close()
            raise

    def _lock(self, connection: Any) -> None:
        # A server that loses us without a word must not keep the lock for us for hours:
        # https://www.postgresql.org/docs/current/runtime-config-connection.html
        for setting in ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10"):
            connection.execute(f"SET {setting}")
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()
        if row == (False,):
            msg = "Another Deskside uses this database: stop it, or choose another database."
            raise TenureHeld(msg)
        if self._begun:
            owner = connection.execute("SELECT owner FROM tenure").fetchone()
            if owner != (self._owner,):
                msg = "Another Deskside has taken this database over; start this one again."
                raise TenureLost(msg)
        connection.commit()


def tenure_of(url: URL, engine: Engine) -> Tenure:
    """Return the tenure of the database at `url`, not yet taken.

    Args:
        url: the database.
        engine: of the writing connection.
    """
    if url.get_backend_name() != "sqlite":
        return AdvisoryTenure(engine)
    return FileTenure(Path(str(url.database)))


async def take(
    tenure: Tenure, *, wait: bool, sleep: Callable[[float], Any] = asyncio.sleep
) -> None:
    """Take a tenure; while another process has it, stand by or raise TenureHeld."""
    waiting = False
    while True:
        try:
            await in_thread(tenure.take)
        except TenureHeld:
            if not wait:
                raise
        else:
            return
        if not waiting:
            waiting = True
            log.info("standing by: another process holds the database", extra={"event": "standby"})
        await sleep(STANDBY_SECONDS)


async def in_thread(work: Callable[..., T], *given: Any) -> T:
    """Run `work` in a thread; when cancelled, let go only once it has ended: it cannot be ended."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *given))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.gather(running, return_exceptions=True)
        raise
