"""Inserts what is not there yet: the one place that knows each database's words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.sql.schema import Column

_CACHE: dict[tuple[str, str, tuple[str, ...]], Any] = {}


def insert_new(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    returning: Sequence[Column[Any]] = (),
) -> Sequence[Row[Any]]:
    """Insert the rows that break no unique constraint; the others are left as they are.

    Returns:
        The `returning` columns of the rows that were new, in no particular order.
    """
    if not rows:
        return ()
    result = connection.execute(new_only(connection, table, returning), list(rows))
    return result.all() if returning else ()


def new_only(connection: Connection, table: Table, returning: Sequence[Column[Any]] = ()) -> Any:
    """Return the statement that inserts a row unless it breaks a unique constraint."""
    key = (connection.dialect.name, table.name, tuple(column.name for column in returning))
    statement = _CACHE.get(key)
    if statement is None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).on_conflict_do_nothing()
        if returning:
            statement = statement.returning(*returning)
        _CACHE[key] = statement
    return statement
