"""One job's view of a transaction: what it may do in it, and with what it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import Session

from bot.storage.engine import savepoint
from bot.storage.insert import new_only


class BulkFailed(Exception):
    """Rows of earlier jobs of the group were refused: the group's affair, not the job's."""


class Bulk:
    """Rows to be written together, by statement."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._rows: dict[UpdateBase, list[dict[str, Any]]] = {}

    def add(self, statement: UpdateBase, *rows: dict[str, Any]) -> None:
        """Take rows on."""
        self._rows.setdefault(statement, []).extend(rows)

    def take(self, other: Bulk) -> None:
        """Take on what another holds, which then holds nothing."""
        for statement, rows in other._rows.items():
            self.add(statement, *rows)
        other.clear()

    def clear(self) -> None:
        """Drop everything."""
        self._rows.clear()

    def write(self, connection: Connection, table: Table | None = None) -> None:
        """Execute everything, or what changes one table; what is new first: the rest may change it.

        The order of tables is kept among what is new, for rows may refer to earlier ones.
        """
        wanted = [each for each in self._rows if table is None or each.table is table]
        for statement in sorted(wanted, key=lambda each: not each.is_insert):
            connection.execute(statement, self._rows.pop(statement))


class Unit:
    """One job's view of the transaction: statements now, bulk rows when somebody looks.

    Bulk rows are written together at the group's end, or before a statement that could
    see them. It lives only while the job runs, in the writer's thread.

    Args:
        earlier: the bulk rows of the group's earlier jobs.
    """

    def __init__(self, connection: Connection, earlier: Bulk | None = None) -> None:
        """Work on `connection`, inside a transaction."""
        self._connection = connection
        self._earlier = earlier or Bulk()
        self.marked = False
        self._session: Session | None = None
        self.later = Bulk()
        self.committed: list[Callable[[], None]] = []
        self._undone: list[Callable[[], None]] = []
        self.notes: dict[Any, Any] = {}  # what the job has found out, for as long as it is true
        self.erased = False

    @property
    def connection(self) -> Connection:
        """The writing connection; the job's savepoint is set when it is first asked for.

        What earlier jobs left to be written is written first: it is not this job's to take
        back, and this job may look for it.
        """
        if not self.marked:
            self._write_earlier()
            savepoint(self._connection, "SAVEPOINT job")
            self.marked = True
        return self._connection

    def look(self, table: Table) -> Connection:
        """Return the connection for reading one table.

        Reading needs no savepoint, and of what earlier jobs left to be written only that
        table's rows: looking for one thing must not take the group's other rows apart.
        """
        if not self.marked:
            self._write_earlier(table)
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

    def _write_earlier(self, table: Table | None = None) -> None:
        try:
            self._earlier.write(self._connection, table)
        except SQLAlchemyError as error:
            raise BulkFailed from error

    def bulk(self, statement: UpdateBase, row: dict[str, Any]) -> None:
        """Execute `statement` with `row`, together with all such rows, at the group's end."""
        self.later.add(statement, row)

    def flush(self) -> None:
        """Write this job's own bulk rows now, so that its next statement sees them."""
        self.later.write(self.connection)

    def bulk_new(self, table: Table, row: dict[str, Any]) -> None:
        """Insert `row` at the group's end, unless it breaks a unique constraint."""
        self.bulk(new_only(self._connection, table), row)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call `call` once the group is committed, in the event loop's thread."""
        self.committed.append(call)

    def when_taken_back(self, call: Callable[[], None]) -> None:
        """Call `call`, in the writer's thread, when what this job has done is undone.

        For what is remembered outside the database and was read in this transaction.
        """
        self._undone.append(call)

    def undone(self) -> None:
        """Tell that the transaction, or this job's part of it, has been taken back."""
        calls, self._undone = self._undone, []
        for call in calls:
            call()

    def erase_traces(self) -> None:
        """Have what this job deletes or overwrites vanish from the disk, journal included."""
        self.erased = True

    def take_back(self) -> None:
        """Undo what this job has done so far and go on with an empty hand."""
        self.forget()
        if self.marked:
            savepoint(self._connection, "ROLLBACK TO SAVEPOINT job")
        self.undone()

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
        self.notes.clear()
        self.erased = False
        if self._session is not None:
            self._session.close()
            self._session = None
