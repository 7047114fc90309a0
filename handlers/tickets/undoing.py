"""Takes back what somebody did to tickets last, while that is ten minutes old at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.content import say
from bot.context import Context
from bot.errors import Refused, UserError
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from handlers.tickets import acts
from handlers.tickets.cards import missing_cards, to_requester
from handlers.tickets.doing import in_words
from handlers.tickets.history import UNDONE_WITHIN, Undo, done_with, last_done, note, settle
from handlers.tickets.recorded import record_change
from handlers.tickets.telling import answer, changed
from handlers.tickets.tickets import Ticket, change

router = Router("undo", "Take back what you did last to a ticket")

TOLD = frozenset(("claim", "assign", "resolve", "reopen", "close", "dismiss", "merge", "split"))
"""The acts of which the requester was told."""


@router.command(examples=["", "17"], role=Role.EMPLOYEE)
def undo(ctx: Context, act: int = 0) -> Iterator[Reply]:
    """Take back what you did last to a ticket, within ten minutes."""
    rows = _named(ctx, act) if act else last_done(ctx, ctx.person.id)
    if not rows:
        msg = (
            "You have done nothing to a ticket in the last ten minutes. "
            "“ticket history #12” shows what was."
        )
        raise UserError(msg)
    yield from _undone(ctx, rows)


def _named(ctx: Context, first: int) -> Sequence[Any]:
    rows = done_with(ctx, first)
    if not rows or rows[0].person_id != ctx.person.id:
        msg = "Only whoever did that can take it back. “ticket history #12” shows who did what."
        raise Refused(msg)
    if ctx.now - rows[0].at > UNDONE_WITHIN:
        msg = f"“{rows[0].act}” is more than ten minutes old: change the ticket by hand instead."
        raise UserError(msg)
    return rows


def _undone(ctx: Context, rows: Sequence[Any]) -> Iterator[Reply]:
    what = rows[0].act
    if all(row.undo == "" for row in rows):
        msg = f"“{what}” is taken back already. “ticket show #{rows[0].ticket_id}” shows it."
        raise UserError(msg)
    todo = [(row, Undo.load(row.undo)) for row in rows if row.undo]
    if not todo:
        msg = f"“{what}” cannot be taken back. “ticket show #{rows[0].ticket_id}” shows what can."
        raise UserError(msg)
    found = [(row, how, _unchanged(ctx, row, how)) for row, how in todo]
    settle(ctx, rows)
    made: list[Ticket] = []
    for row, how, ticket in found:
        after = _restored(ctx, ticket, how)
        made.append(after)
        note(ctx, after.id, "undo", what, in_words(ctx, after), counts=False)
        record_change(ctx, ticket, after)
        yield from changed(ctx, after)
        other = None if how.linked_to is None else Ticket.by_id(ctx, how.linked_to)
        yield from () if other is None else changed(ctx, other)
        yield from missing_cards(ctx, after) if after.unsolved else ()
        if row.act in TOLD:
            yield _told(ctx, after)
    yield answer(ctx, made, Reply(say(_sentence(ctx, what, made))))


def _unchanged(ctx: Context, row: Any, how: Undo) -> Ticket:
    ticket = Ticket.by_id(ctx, row.ticket_id)
    if ticket is None or ticket.version != how.version:
        msg = (
            f"#{row.ticket_id} has changed since, so I cannot take that back. "
            f"“ticket history #{row.ticket_id}” shows what was done."
        )
        raise UserError(msg)
    return ticket


def _restored(ctx: Context, ticket: Ticket, how: Undo) -> Ticket:
    acts.retag(ctx, ticket.id, how.tags_removed, how.tags_added)
    if how.linked_to is not None:
        acts.relink(ctx, ticket.id, how.linked_to, add=False)
    return change(ctx, ticket, **how.columns)


def _told(ctx: Context, ticket: Ticket) -> Reply:
    said = f"{ctx.person.shown} has taken that back: ticket #{ticket.id} is {ticket.state} again."
    return to_requester(ctx, ticket, said)


def _sentence(ctx: Context, what: str, made: Iterable[Ticket]) -> str:
    now = "; ".join(f"#{ticket.id} is {in_words(ctx, ticket)} again" for ticket in made)
    return f"Taken back ({what}): {now}."
