"""Opens the database: one engine for the writer, one for readers that cannot write."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from bot.errors import StorageError

log = logging.getLogger(__name__)

# https://www.sqlite.org/wal.html, "The WAL-Reset Bug": needs two connections that write
# or checkpoint. We have one, and say so to whoever adds another.
SQLITE_WAL_RESET_FIXED = (3, 51, 3)
BUSY_TIMEOUT_MS = 5_000
# A server that is gone without a word must not keep the writer waiting for hours:
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
POSTGRES = {
    "connect_timeout": 5,  # seconds
    "keepalives": 1,
    "keepalives_idle": 30,  # seconds
    "keepalives_interval": 10,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
READERS = 4  # connections

Dsn = str | URL


def parse(url: Dsn) -> URL:
    """Read a database URL; `sqlite:///path` and `postgresql://…` are understood.

    Raises:
        StorageError: it is neither, or in memory only.
    """
    try:
        parsed = make_url(url)
    except Exception as error:
        msg = "The database URL is not readable; expected sqlite:///path or postgresql://…"
        raise StorageError(msg) from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            msg = "The database needs a file: expected sqlite:///path"
            raise StorageError(msg)
        return parsed.set(drivername="sqlite+pysqlite")
    msg = f"{parsed.get_backend_name()} is not supported; expected sqlite:///path or postgresql://…"
    raise StorageError(msg)


def writer_engine(url: URL) -> Engine:
    """Make the engine of the one writing connection."""
    if url.get_backend_name() != "sqlite":
        return _postgres_engine(url, pool_size=1)
    engine = _engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    _on_connect(engine, query_only=False)
    return engine


def reader_engine(url: URL) -> Engine:
    """Make the engine of the readers; on SQLite they are query-only."""
    if url.get_backend_name() != "sqlite":
        engine = _postgres_engine(url, pool_size=READERS, pool_pre_ping=True)
        event.listen(engine, "connect", lambda c, _record: setattr(c, "read_only", True))
        return engine
    engine = _engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )
    _on_connect(engine, query_only=True)
    return engine


def migration_engine(url: URL) -> Engine:
    """Make an engine for migrations, which need foreign keys off on SQLite."""
    if url.get_backend_name() != "sqlite":
        return _postgres_engine(url, poolclass=NullPool)
    engine = _engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys=OFF")

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _engine(url: URL, **settings: Any) -> Engine:
    # Errors go into the log, and the parameters of a statement are what people wrote.
    return create_engine(url, hide_parameters=True, **settings)


def _postgres_engine(url: URL, **settings: Any) -> Engine:
    if "poolclass" not in settings:
        settings |= {"poolclass": QueuePool, "max_overflow": 0}
    try:
        return _engine(url, connect_args=POSTGRES, **settings)
    except ImportError as error:
        msg = "PostgreSQL needs its driver: install “deskside[postgres]”."
        raise StorageError(msg) from error


def savepoint(connection: Connection, command: str) -> None:
    """Run a savepoint command past SQLAlchemy, which would cost more than the command.

    Raises what the driver raises, as SQLAlchemy does.
    """
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.execute(command).close()
    except connection.dialect.loaded_dbapi.Error:
        # Once more through SQLAlchemy, which knows what a driver's error means.
        connection.exec_driver_sql(command)


def erase_traces(connection: Connection) -> bool:
    """Empty SQLite's journal into the file; False when a reader still needs it."""
    if connection.dialect.name != "sqlite":
        return True  # PostgreSQL's log and dead rows go at its own time
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        busy, _pages, _moved = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    return not busy


def _on_connect(engine: Engine, *, query_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin too late (35 of 100 increments survive); ours
        # are explicit.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            *(() if query_only else ("journal_mode=WAL",)),
            "synchronous=FULL",
            "foreign_keys=ON",
            "mmap_size=0",
            "trusted_schema=OFF",
            "secure_delete=ON",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if query_only else "BEGIN IMMEDIATE")


def warn_about_sqlite(url: URL) -> str | None:
    """Return what is to be known about this machine's SQLite, if anything is."""
    if url.get_backend_name() != "sqlite" or sqlite3.sqlite_version_info >= SQLITE_WAL_RESET_FIXED:
        return None
    return (
        f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug fixed in 3.51.3; Deskside writes "
        "and checkpoints over one connection only, so never open its database for writing with "
        "another program while it runs."
    )
