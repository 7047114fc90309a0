"""What was done to a ticket, by whom and when; and how that is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.context import Act, Context
from bot.storage.tables import table_of
from bot.storage.unit import Unit
from handlers.tickets.tables import HistoryRow, LinkRow, TagRow
from handlers.tickets.tickets import Ticket

_HISTORY = table_of(HistoryRow)
_TAG = table_of(TagRow)
_LINK = table_of(LinkRow)

UNDONE_WITHIN = timedelta(minutes=10)
_FIRST = "the first row of this act's history"


@dataclass(frozen=True, slots=True)
class Undo:
    """How a ticket was before: columns, and the tags and links it had more or fewer of."""

    version: int
    columns: dict[str, Any]
    tags_added: tuple[str, ...] = ()
    tags_removed: tuple[str, ...] = ()
    linked_to: int | None = None

    def dump(self) -> str:
        """Return it as it is stored."""
        columns = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.columns.items()
        }
        return json.dumps(
            {
                "version": self.version,
                "columns": columns,
                "tags_added": self.tags_added,
                "tags_removed": self.tags_removed,
                "linked_to": self.linked_to,
            }
        )

    @classmethod
    def load(cls, stored: str) -> Undo:
        """Read what `dump` has written."""
        found = json.loads(stored)
        columns = {name: _read(name, value) for name, value in found["columns"].items()}
        return cls(
            found["version"],
            columns,
            tuple(found["tags_added"]),
            tuple(found["tags_removed"]),
            found["linked_to"],
        )


def _read(column: str, value: Any) -> Any:
    is_time = value is not None and column.endswith(("_at", "_until"))
    return datetime.fromisoformat(value) if is_time else value


def difference(before: Ticket, after: Ticket) -> Undo:
    """Return how to get from a ticket as it is to what it was."""
    columns = {
        name: getattr(before, name)
        for name in Ticket.__slots__
        if name not in ("id", "version") and getattr(before, name) != getattr(after, name)
    }
    return Undo(after.version, columns)


def note(
    act: Act,
    ticket_id: int,
    what: str,
    before: str = "",
    after: str = "",
    *,
    undo: Undo | None = None,
    said: tuple[int, str] | None = None,
    counts: bool = True,
) -> int:
    """Keep that something was done to a ticket; returns the row's number.

    Args:
        before: how it was, in a word or two.
        after: how it is now, or what was said.
        undo: how it is taken back, if it can be.
        said: the message whose text those hold, or `undo` does.
        counts: it is what its doer did last.
    """
    number = act.unit.connection.execute(
        _HISTORY.insert().returning(_HISTORY.c.id),
        {
            "ticket_id": ticket_id,
            "at": act.now,
            "person_id": act.person.id if isinstance(act, Context) else None,
            "act": what,
            "before": before,
            "after": after,
            "undo": undo.dump() if undo is not None else None if counts else "",
            "first_id": act.unit.notes.get(_FIRST),
            "room_id": None if said is None else said[0],
            "message": None if said is None else said[1],
        },
    ).scalar_one()
    act.unit.notes.setdefault(_FIRST, number)
    return int(number)


def first_of(unit: Unit) -> int:
    """Return the number of the first row of the act that is being done."""
    return int(unit.notes[_FIRST])


def history_of(act: Act, ticket: Ticket, limit: int) -> Sequence[Any]:
    """Return the newest rows of what was done to a ticket, the oldest first."""
    rows = act.unit.connection.execute(
        select(_HISTORY)
        .where(_HISTORY.c.ticket_id == ticket.id)
        .order_by(_HISTORY.c.id.desc())
        .limit(limit)
    ).all()
    return rows[::-1]


def last_done(act: Act, person_id: int) -> Sequence[Any]:
    """Return the rows of the last command of somebody that changed tickets and still counts."""
    mine = (_HISTORY.c.person_id == person_id) & (_HISTORY.c.at >= act.now - UNDONE_WITHIN)
    counts = _HISTORY.c.undo.is_(None) | (_HISTORY.c.undo != "")
    newest = act.unit.connection.execute(
        select(_HISTORY).where(mine, counts).order_by(_HISTORY.c.id.desc()).limit(1)
    ).first()
    return () if newest is None else done_with(act, newest.first_id or newest.id)


def done_with(act: Act, first: int) -> Sequence[Any]:
    """Return the rows of one command, by the number of its first."""
    return act.unit.connection.execute(
        select(_HISTORY)
        .where((_HISTORY.c.id == first) | (_HISTORY.c.first_id == first))
        .order_by(_HISTORY.c.id)
    ).all()


def settle(act: Act, rows: Iterable[Any]) -> None:
    """Keep that these were taken back, or take something back: they count no longer."""
    numbers = [row.id for row in rows]
    act.unit.connection.execute(update(_HISTORY).where(_HISTORY.c.id.in_(numbers)).values(undo=""))


def opened_by(act: Act, room_id: int, message: str) -> list[int]:
    """Return the tickets that were opened in words of a message of another conversation."""
    told = (_HISTORY.c.room_id == room_id) & (_HISTORY.c.message == message)
    rows = select(_HISTORY.c.ticket_id).where(told, _HISTORY.c.act == "open")
    return list(act.unit.connection.scalars(rows))


def erase_history(act: Act, room_id: int, message: str, erased: str) -> None:
    """Erase what the history of tickets took from a deleted message."""
    said = (_HISTORY.c.room_id == room_id) & (_HISTORY.c.message == message)
    gone = act.unit.connection.execute(
        update(_HISTORY).where(said, _HISTORY.c.before != "").values(before=erased)
    )
    more = act.unit.connection.execute(
        update(_HISTORY).where(said, _HISTORY.c.after != "").values(after=erased, undo=None)
    )
    if gone.rowcount or more.rowcount:
        act.unit.erase_traces()
