"""Which tickets are there?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from bot.context import Act
from bot.people import Member
from bot.storage.tables import table_of
from handlers.tickets.tables import TicketRow
from handlers.tickets.tickets import Ticket

_TICKET = table_of(TicketRow)
_UNSOLVED = _TICKET.c.solved_at.is_(None)


def listed(act: Act, person: Member, *, everything: bool, limit: int) -> tuple[list[Ticket], int]:
    """Return the oldest unsolved tickets, and how many there are.

    Args:
        everything: everybody's, not those `person` asked for alone.
        limit: how many to return at most.
    """
    which: ColumnElement[bool] = _UNSOLVED
    if not everything:
        which &= _TICKET.c.requester_id == person.id
    count = act.unit.connection.scalar(select(func.count()).select_from(_TICKET).where(which))
    rows = act.unit.connection.execute(
        select(_TICKET).where(which).order_by(_TICKET.c.id).limit(limit)
    )
    return [Ticket.of(row) for row in rows], count or 0


def unsolved(act: Act) -> list[Ticket]:
    """Return every unsolved ticket, the oldest first."""
    rows = act.unit.connection.execute(select(_TICKET).where(_UNSOLVED).order_by(_TICKET.c.id))
    return [Ticket.of(row) for row in rows]


def solved_by(act: Act, room_id: int, message: str) -> list[Ticket]:
    """Return the tickets whose solution a message told; `room_id` is the database's."""
    told = (_TICKET.c.resolution_room_id == room_id) & (_TICKET.c.resolution_message == message)
    return [Ticket.of(row) for row in act.unit.connection.execute(select(_TICKET).where(told))]


def solved_since(act: Act, person: Member, since: datetime, *, limit: int) -> list[Ticket]:
    """Return somebody's tickets that were solved since a time, the newest first."""
    solved = (_TICKET.c.requester_id == person.id) & (_TICKET.c.solved_at >= since)
    rows = act.unit.connection.execute(
        select(_TICKET).where(solved).order_by(_TICKET.c.solved_at.desc()).limit(limit)
    )
    return [Ticket.of(row) for row in rows]
