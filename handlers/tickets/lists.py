"""Which tickets are there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, exists, func, select, true

from bot.context import Act
from bot.people import Member
from bot.storage.tables import table_of
from handlers.tickets.tables import TicketRow, WordRow
from handlers.tickets.tickets import Ticket

_TICKET = table_of(TicketRow)
_WORD = table_of(WordRow)
_UNSOLVED = _TICKET.c.solved_at.is_(None)


MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the tickets there are.

    Attributes:
        further: how many follow; at most `MOST_COUNTED`, when there are more.
    """

    tickets: list[Ticket]
    further: int


def listed(act: Act, person: Member, *, limit: int) -> Page:
    """Return somebody's own unsolved tickets, the most urgent and then the oldest first."""
    return chosen(act, _UNSOLVED & (_TICKET.c.requester_id == person.id), limit=limit)


def chosen(
    act: Act, which: ColumnElement[bool], *, limit: int, skip: int = 0, newest: bool = False
) -> Page:
    """Return the most urgent and then the oldest of some tickets, or the `newest` first."""
    order = (_TICKET.c.id.desc(),) if newest else (_TICKET.c.priority, _TICKET.c.id)
    rows = act.unit.connection.execute(
        select(_TICKET).where(which).order_by(*order).offset(skip).limit(limit)
    ).all()
    further = count(act, which, skip + limit + MOST_COUNTED) - skip - limit
    return Page([Ticket.of(row) for row in rows], max(0, further))


def with_words(
    act: Act, words: Sequence[str], which: ColumnElement[bool], *, internal: bool, limit: int
) -> list[Ticket]:
    """Return the newest of some tickets in which all the words stand.

    What holds a rare word is looked up; when all are common, the newest are looked through.

    Args:
        internal: words that only staff may know of count as well.
    """
    often = {word: _frequency(act, word) for word in words}
    found = select(_TICKET).where(which)
    rarest = min(words, key=lambda word: often[word])
    for word in words:
        held = _WORD.alias()
        stands = _is(held, word, internal=internal)
        if word == rarest and often[word] < MOST_COUNTED:
            found = found.where(_TICKET.c.id.in_(select(held.c.ticket_id).where(stands)))
        else:
            found = found.where(exists().where(held.c.ticket_id == _TICKET.c.id, stands))
    rows = act.unit.connection.execute(found.order_by(_TICKET.c.id.desc()).limit(limit))
    return [Ticket.of(row) for row in rows]


def _is(held: FromClause, word: str, *, internal: bool) -> ColumnElement[bool]:
    return (held.c.word == word) & (true() if internal else ~held.c.internal)


def _frequency(act: Act, word: str) -> int:
    found = select(_WORD.c.ticket_id).where(_WORD.c.word == word).limit(MOST_COUNTED).subquery()
    return act.unit.connection.scalar(select(func.count()).select_from(found)) or 0


def count(act: Act, which: ColumnElement[bool], most: int = MOST_COUNTED) -> int:
    """Return how many tickets there are of some, but not more than `most`."""
    found = select(_TICKET.c.id).where(which).limit(most).subquery()
    return act.unit.connection.scalar(select(func.count()).select_from(found)) or 0


def unsolved(act: Act) -> list[Ticket]:
    """Return every unsolved ticket, the oldest first."""
    rows = act.unit.connection.execute(select(_TICKET).where(_UNSOLVED).order_by(_TICKET.c.id))
    return [Ticket.of(row) for row in rows]


def merged_into(act: Act, number: int) -> list[Ticket]:
    """Return the tickets that go on in another."""
    rows = act.unit.connection.execute(select(_TICKET).where(_TICKET.c.merged_into == number))
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
