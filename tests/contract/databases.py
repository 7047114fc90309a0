"""What the contract needs of each database: an empty one, and ways to take it away."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.engine import make_url

from bot.storage.database import Database
from bot.storage.tables import PersonRow
from bot.storage.unit import Unit

PERSON = PersonRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__


@dataclass(frozen=True)
class Store:
    """An empty database on SQLite or PostgreSQL."""

    url: str

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(str(make_url(self.url).database))

    @asynccontextmanager
    async def opened(self, **how: Any) -> AsyncIterator[Database]:
        database = await Database.open(self.url, **how)
        try:
            yield database
        finally:
            await database.close()

    @contextmanager
    def taken_away(self) -> Iterator[None]:
        """Let nobody write while the block runs: another program's lock, or no connections."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
            return
        self._allow(connections=False)
        self.cut()
        try:
            yield
        finally:
            self._allow(connections=True)

    def cut(self) -> None:
        """End every connection to a PostgreSQL database, as a restart of its server does."""
        name = make_url(self.url).database
        self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def _allow(self, *, connections: bool) -> None:
        name = make_url(self.url).database
        self.ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {connections}")

    def ask(self, command: str) -> None:
        """Have the PostgreSQL server do something."""
        url = make_url(self.url)
        host = str(url.query["host"])
        with psycopg.connect(host=host, user=url.username, autocommit=True) as connection:
            connection.execute(command.encode()).close()


def person(name: str) -> dict[str, str]:
    """Return a row of the person table."""
    return {"transport": "fake", "workspace": "here", "ref": name, "name": ""}


def adds(name: str) -> Callable[[Unit], str]:
    """Return a job that adds a person."""

    def work(unit: Unit) -> str:
        unit.connection.execute(insert(PERSON), person(name))
        return name

    return work


def names(connection: Connection) -> list[str]:
    """Read who is there, in the order they were added."""
    return list(connection.scalars(select(PERSON.c.ref).order_by(PERSON.c.id)))


def count(connection: Connection) -> int:
    """Read how many people are there."""
    return int(connection.scalar(select(func.count()).select_from(PERSON)) or 0)
