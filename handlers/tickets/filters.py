"""Which rows does a selection mean? Words somebody typed become conditions, never SQL."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, or_, true

from bot.context import Context
from bot.errors import UserError
from bot.storage.tables import table_of
from handlers.tickets.selection import Age, Aged, Filter, Flag, Is, Key, Named, Selection
from handlers.tickets.states import State
from handlers.tickets.tables import PRIORITIES, HistoryRow, TagRow, TicketRow

_TICKET = table_of(TicketRow).c
_TAG = table_of(TagRow).c
_HISTORY = table_of(HistoryRow).c

Condition = ColumnElement[bool]

_WAITING = (State.WAITING_FOR_REQUESTER, State.WAITING_FOR_THIRD_PARTY)
_FLAGS: dict[Flag, Condition] = {
    # Not by the index of assignees: nearly all may have none, and the list is in another order.
    Flag.UNASSIGNED: func.coalesce(_TICKET.assignee_id, 0) == 0,
    Flag.URGENT: _TICKET.priority == PRIORITIES.index("urgent"),
    Flag.NEW: _TICKET.state == State.NEW,
    Flag.OPEN: _TICKET.state == State.OPEN,
    Flag.WAITING: _TICKET.state.in_(_WAITING),
    Flag.SOLVED: _TICKET.state == State.SOLVED,
    Flag.CLOSED: _TICKET.state == State.CLOSED,
    Flag.PRIVATE: _TICKET.private,
}
_DONE = (Flag.SOLVED, Flag.CLOSED)


def condition(ctx: Context, selection: Selection) -> Condition:
    """Return which tickets a selection means; without a word on it, those that are not solved.

    Flags that exclude each other, `new open`, mean either.

    Raises:
        UserError: it names somebody nobody knows, or what this desk does not keep.
    """
    if selection.numbers:
        return _TICKET.id.in_(selection.numbers)
    wanted = [each for each in selection.filters if _is_state(each) and not each.negated]
    found: Condition = or_(*(_one(ctx, each) for each in wanted)) if wanted else true()
    if not any(isinstance(each, Is) and each.flag in _DONE for each in selection.filters):
        found &= _TICKET.solved_at.is_(None)
    for each in selection.filters:
        if each not in wanted:
            found &= _not(ctx, each) if each.negated else _one(ctx, each)
    return found


def finds_done(selection: Selection) -> bool:
    """Tell whether a selection asks for tickets that are done, and those alone."""
    states = [each for each in selection.filters if _is_state(each) and not each.negated]
    return bool(states) and all(isinstance(s, Is) and s.flag in _DONE for s in states)


def _not(ctx: Context, each: Filter) -> Condition:
    if each == Is(Flag.URGENT, negated=True):
        return _TICKET.priority > PRIORITIES.index("urgent")  # an index begins there
    return ~_one(ctx, each)


def _is_state(each: Filter) -> bool:
    states = (Flag.NEW, Flag.OPEN, Flag.WAITING, *_DONE)
    return isinstance(each, Is) and each.flag in states


def _one(ctx: Context, each: Filter) -> Condition:
    match each:
        case Is(Flag.MINE):
            return _TICKET.assignee_id == ctx.person.id
        case Is(Flag.BREACHING):
            msg = "This desk has no targets, so nothing breaches them. Write older:2d instead."
            raise UserError(msg)
        case Is(flag):
            return _FLAGS[flag]
        case Named(key, value):
            return _named(ctx, key, value)
        case Aged(age, span):
            return _aged(ctx, age, span)


def _named(ctx: Context, key: Key, value: str) -> Condition:
    match key:
        case Key.TAG:
            return exists().where(_TAG.ticket_id == _TICKET.id, _TAG.tag == value)
        case Key.QUEUE:
            return _TICKET.queue == value
        case Key.PRIORITY:
            return _TICKET.priority == PRIORITIES.index(value)
        case Key.FROM:
            return _TICKET.requester_id == _person(ctx, value)
        case Key.TO:
            return _TICKET.assignee_id == _person(ctx, value)


def _person(ctx: Context, word: str) -> int:
    if word.casefold() == "me":
        return ctx.person.id
    return ctx.tools.people.find(ctx.unit, ctx.here.place.transport, word).id


def _aged(ctx: Context, age: Age, span: timedelta) -> Condition:
    since = ctx.now - span
    match age:
        case Age.OLDER:
            return _TICKET.opened_at <= since
        case Age.NEWER:
            return _TICKET.opened_at >= since
        case Age.UPDATED:
            return exists().where(_HISTORY.ticket_id == _TICKET.id, _HISTORY.at >= since)
