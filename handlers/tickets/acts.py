"""What staff do with tickets beside claiming and solving them, and when they cannot: rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from bot.context import Act
from bot.errors import UserError
from bot.people import Member
from bot.storage.tables import table_of
from handlers.tickets.states import Event, State, step
from handlers.tickets.tables import PRIORITIES, LinkRow, TagRow
from handlers.tickets.tickets import Ticket, change

_TAG = table_of(TagRow)
_LINK = table_of(LinkRow)

STATUSES = {  # what people type, and what that is
    "open": Event.MARKED_OPEN,
    "waiting": Event.WAITS_FOR_REQUESTER,
    "third-party": Event.WAITS_FOR_THIRD_PARTY,
}
LONGEST_TAG = 40  # characters
MOST_TAGS = 20


def moved(
    act: Act, ticket: Ticket, event: Event, by: Member | None = None, **values: Any
) -> Ticket:
    """Let something happen to a ticket; returns it as it is then.

    Args:
        by: who has it then, if the event makes it somebody's and it was nobody's.
        values: columns that change beside.

    Raises:
        UserError: it cannot happen to a ticket in this state.
    """
    made = step(State(ticket.state), event, ticket.id)
    if made.takes and ticket.assignee_id is None and by is not None:
        values.setdefault("assignee_id", by.id)
    if made.state is State.NEW:
        values["assignee_id"] = None
    if made.state in (State.SOLVED, State.CLOSED):
        values.setdefault("solved_at", ticket.solved_at or act.now)
        values["snoozed_until"] = None
    else:
        values["solved_at"] = None
    values["closed_at"] = (ticket.closed_at or act.now) if made.state is State.CLOSED else None
    return change(act, ticket, state=made.state.value, **values)


def claim(act: Act, ticket: Ticket, by: Member) -> Ticket:
    """Give a ticket to `by`. Raises UserError when it is solved or somebody has it."""
    if ticket.state == "solved":
        msg = f"#{ticket.id} is solved already. “ticket reopen #{ticket.id}” opens it again."
        raise UserError(msg)
    step(State(ticket.state), Event.CLAIMED, ticket.id)
    if ticket.assignee_id == by.id:
        msg = f"#{ticket.id} is yours already. “ticket release #{ticket.id}” gives it back."
        raise UserError(msg)
    if ticket.assignee_id is not None:
        who = act.member(ticket.assignee_id).shown
        msg = f"{who} has #{ticket.id} already. “ticket assign #{ticket.id} me” takes it over."
        raise UserError(msg)
    return moved(act, ticket, Event.CLAIMED, by)


def resolve(
    act: Act, ticket: Ticket, by: Member, resolution: str, said: tuple[int, str] | None = None
) -> Ticket:
    """Mark a ticket solved; it becomes `by`'s, who solved it. Raises UserError when it is.

    `said` is the message that told the resolution: (database id of the room, message).
    """
    room_id, message = said or (None, None)
    return moved(
        act,
        ticket,
        Event.RESOLVED,
        resolution=resolution,
        assignee_id=by.id,
        resolution_room_id=room_id,
        resolution_message=message,
    )


def reopen(act: Act, ticket: Ticket) -> Ticket:
    """Open a solved ticket again. Raises UserError when it is not solved."""
    if ticket.unsolved:
        msg = f"#{ticket.id} is open already. “ticket show #{ticket.id}” shows how far it is."
        raise UserError(msg)
    forgotten: dict[str, Any] = {
        "resolution": "",
        "resolution_room_id": None,
        "resolution_message": None,
    }
    return moved(act, ticket, Event.REOPENED, **forgotten)


def assign(act: Act, ticket: Ticket, to: Member) -> Ticket:
    """Give a ticket to somebody. Raises UserError when it is done or theirs already."""
    step(State(ticket.state), Event.ASSIGNED, ticket.id)
    if ticket.assignee_id == to.id:
        msg = f"{to.shown} has #{ticket.id} already. “ticket release #{ticket.id}” takes it off."
        raise UserError(msg)
    return moved(act, ticket, Event.ASSIGNED, assignee_id=to.id)


def unsolved(ticket: Ticket) -> Ticket:
    """Return a ticket somebody can still work on. Raises UserError when it is done."""
    step(State(ticket.state), Event.SNOOZED, ticket.id)
    return ticket


def prioritise(act: Act, ticket: Ticket, priority: str) -> Ticket:
    """Say how urgent a ticket is. Raises UserError when it is done, or is as urgent already."""
    number = PRIORITIES.index(priority)
    if unsolved(ticket).priority == number:
        others = ", ".join(each for each in PRIORITIES if each != priority)
        msg = f"#{ticket.id} has the priority {priority} already. There is also {others}."
        raise UserError(msg)
    return change(act, ticket, priority=number)


def mark(act: Act, ticket: Ticket, status: str, by: Member) -> Ticket:
    """Say whom a ticket waits for, or that it does not. Raises UserError when it does so."""
    event = STATUSES[status]
    if step(State(ticket.state), event, ticket.id).state == ticket.state:
        others = ", ".join(each for each in STATUSES if each != status)
        msg = f"#{ticket.id} is {ticket.state} already. Write one of {others}."
        raise UserError(msg)
    return moved(act, ticket, event, by)


def tags_of(act: Act, ticket_id: int) -> tuple[str, ...]:
    """Return a ticket's tags in order."""
    mine = _TAG.c.ticket_id == ticket_id
    rows = act.unit.connection.scalars(select(_TAG.c.tag).where(mine).order_by(_TAG.c.tag))
    return tuple(rows)


def tag(
    act: Act, ticket: Ticket, add: Sequence[str], remove: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put tags on a ticket and take others off; returns what that added and removed.

    Raises UserError when nothing changes, or they would be too many.
    """
    have = set(tags_of(act, ticket.id))
    new, gone = sorted(set(add) - have), sorted(set(remove) & have)
    if not new and not gone:
        has = f"has {', '.join(sorted(have))}" if have else "has no tags"
        msg = f"#{ticket.id} {has} already. Write +word to add a tag, -word to take one off."
        raise UserError(msg)
    if len(have) + len(new) - len(gone) > MOST_TAGS:
        msg = f"#{ticket.id} would have more than {MOST_TAGS} tags. Take some off with -word."
        raise UserError(msg)
    retag(act, ticket.id, new, gone)
    return tuple(new), tuple(gone)


def retag(act: Act, ticket_id: int, add: Sequence[str], remove: Sequence[str]) -> None:
    """Put tags on and take tags off; each is not there, or there."""
    if add:
        rows = [{"ticket_id": ticket_id, "tag": each} for each in add]
        act.unit.connection.execute(_TAG.insert(), rows)
    if remove:
        act.unit.connection.execute(
            _TAG.delete().where(_TAG.c.ticket_id == ticket_id, _TAG.c.tag.in_(remove))
        )


def linked(act: Act, ticket_id: int) -> tuple[int, ...]:
    """Return the numbers of the tickets one has to do with."""
    either = (_LINK.c.ticket_id == ticket_id) | (_LINK.c.other_id == ticket_id)
    rows = act.unit.connection.execute(select(_LINK).where(either)).all()
    return tuple(sorted({row.ticket_id + row.other_id - ticket_id for row in rows}))


def link(act: Act, ticket: Ticket, other: Ticket) -> None:
    """Say that two tickets have to do with each other. Raises UserError when they are known to."""
    if ticket.id == other.id:
        msg = f"#{ticket.id} cannot be linked to itself. Name another ticket: #number."
        raise UserError(msg)
    if other.id in linked(act, ticket.id):
        msg = (
            f"#{ticket.id} and #{other.id} are linked already. “ticket show #{other.id}” shows it."
        )
        raise UserError(msg)
    relink(act, ticket.id, other.id, add=True)


def relink(act: Act, one: int, two: int, *, add: bool) -> None:
    """Link two tickets that are not linked, or take the link off."""
    older, newer = sorted((one, two))
    if add:
        act.unit.connection.execute(_LINK.insert(), {"ticket_id": older, "other_id": newer})
        return
    act.unit.connection.execute(
        _LINK.delete().where(_LINK.c.ticket_id == older, _LINK.c.other_id == newer)
    )
