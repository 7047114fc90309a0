"""Makes one ticket of two that are about the same, and two of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from handlers.tickets import acts, tickets
from handlers.tickets.cards import new_cards, opened, to_requester
from handlers.tickets.doing import Done, settled
from handlers.tickets.history import note
from handlers.tickets.pages import shown_anew
from handlers.tickets.recorded import record_opening
from handlers.tickets.states import Event, State
from handlers.tickets.telling import changed, said
from handlers.tickets.tickets import Ticket, change
from handlers.tickets.wording import renew

router = Router("ticket", "")


@router.command("merge", role=Role.AGENT, examples=["#4 into #7"])
def merge_tickets(
    ctx: Context, ticket: Ticket, into: Literal["into"], other: Ticket
) -> Iterator[Reply]:
    """Make one of two."""
    del into
    _check(ticket, other)
    merged = acts.moved(ctx, ticket, Event.MERGED, merged_into=other.id)
    target = change(ctx, other, priority=min(ticket.priority, other.priority))
    about = "which is about the same"
    yield from changed(ctx, target)
    yield to_requester(
        ctx, target, f"ticket #{ticket.id}, {about}, goes on in ticket #{target.id}."
    )
    note(ctx, target.id, "merge", "", f"#{ticket.id} goes on here", counts=False)
    told = (
        f"ticket #{ticket.id} goes on in ticket #{target.id}, {about}. The answer comes here too."
    )
    sentence = f"#{ticket.id} goes on in #{target.id}; both requesters were told."
    yield from settled(ctx, "merge", ticket, Done(merged, sentence, (told,)))


def _check(ticket: Ticket, other: Ticket) -> None:
    """Raise UserError when a ticket cannot go on in another."""
    if ticket.id == other.id:
        msg = f"#{ticket.id} cannot go on in itself. Name two: “ticket merge #4 into #7”."
        raise UserError(msg)
    if other.merged_into is not None:
        msg = f"#{other.id} goes on in #{other.merged_into} itself. Name that one instead."
        raise UserError(msg)
    acts.unsolved(other)
    strangers = ticket.private and ticket.requester_id != other.requester_id
    if ticket.private != other.private or strangers:
        msg = (
            f"What is told about one of #{ticket.id} and #{other.id} is private. Link them "
            f"instead: “ticket link #{ticket.id} #{other.id}”."
        )
        raise UserError(msg)


@router.command("split", role=Role.AGENT, examples=["#4", "#7 the printer is broken too"])
def split_ticket(ctx: Context, ticket: Ticket, about: Rest = Rest("")) -> Iterator[Reply]:
    """Make two of one."""
    if ticket.merged_into is not None:
        yield from _taken_out(ctx, ticket, ticket.merged_into)
    elif about.strip():
        yield from _made_of(ctx, acts.unsolved(ticket), str(about))
    else:
        msg = (
            f"#{ticket.id} is one ticket. Write what the other is about: "
            f"“ticket split #{ticket.id} the printer is broken too”."
        )
        raise UserError(msg)


def _taken_out(ctx: Context, ticket: Ticket, target_id: int) -> Iterator[Reply]:
    state = State.NEW if ticket.assignee_id is None else State.OPEN
    out = change(ctx, ticket, state=state.value, merged_into=None, closed_at=None, solved_at=None)
    target = Ticket.by_id(ctx, target_id)
    if target is not None:
        note(ctx, target.id, "split", "", f"#{ticket.id} is a ticket of its own", counts=False)
        told = f"ticket #{ticket.id} is a ticket of its own again, apart from #{target.id}."
        yield to_requester(ctx, target, told)
    sentence = f"#{ticket.id} is a ticket of its own again; both requesters were told."
    told = f"ticket #{ticket.id} is a ticket of its own again; the answer comes here."
    yield from settled(ctx, "split", ticket, Done(out, sentence, (told,), came_back=True))


def _made_of(ctx: Context, ticket: Ticket, about: str) -> Iterator[Reply]:
    quoted = said(ctx)
    new = tickets.open_ticket(
        ctx,
        about,
        requester_id=ticket.requester_id,
        room_id=ticket.room_id,
        thread=None,
        message=None,
        private=ticket.private,
    )
    record_opening(ctx, new)
    renew(ctx, new)
    note(ctx, new.id, "open", after=new.subject, said=next(iter(quoted), None), counts=False)
    acts.relink(ctx, ticket.id, new.id, add=True)
    if new.private:
        yield to_requester(ctx, new, f"ticket #{new.id} is opened: {new.subject}", quoted=quoted)
    else:
        yield opened(ctx, new, *quoted)
    yield from new_cards(ctx, new, *quoted)
    yield from shown_anew(ctx, new)
    done = change(ctx, ticket)
    sentence = f"#{new.id} is opened beside #{ticket.id}; merging them takes that back."
    told = f"what you wrote is two tickets now: #{ticket.id}, and #{new.id} about the other thing."
    yield from settled(
        ctx, "split", ticket, Done(done, sentence, (told,), after=f"#{new.id}", undo=False)
    )
