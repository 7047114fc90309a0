"""Tickets: people report a problem, staff take it on and solve it, everybody is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from bot.arguments import parse
from bot.content import say
from bot.context import Context
from bot.errors import UserError
from bot.events import Deleted, Edited, Invoked, Message, Reacted, RoomChanged
from bot.hooks import Concern
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Question, Reply
from bot.rooms import COMMAND_PREFIX
from bot.router import Commands, Outcome, Router
from bot.storage.tables import MessageRow, table_of
from handlers.tickets import (
    answering,
    finding,
    macros,
    merging,
    past,
    putting_off,
    showing,
    tickets,
    undoing,
    views,
    working,
)
from handlers.tickets.cards import missing_cards, new_cards, opened, to_requester
from handlers.tickets.choosing import Tickets
from handlers.tickets.history import erase_history, note, opened_by
from handlers.tickets.lists import unsolved
from handlers.tickets.pages import OPEN_FORM, on_page, shown_anew
from handlers.tickets.recorded import record_deletion, record_opening, record_rewording
from handlers.tickets.rewording import ERASED, erase_source
from handlers.tickets.rewording import reword as reworded
from handlers.tickets.telling import changed
from handlers.tickets.tickets import Ticket
from handlers.tickets.wording import add_words, renew
from handlers.tickets.working import claim_tickets, resolve_tickets, urgent_tickets
from handlers.tickets.written import concern_in, why_not

router = Router("ticket", "Report a problem and follow it until it is solved")

_MESSAGE = table_of(MessageRow)

_STATED_IN = {("ticket", "open"): "problem", ("faq",): "question"}  # by command, its argument


@router.command(
    "open",
    examples=["my laptop will not start", "--urgent the whole floor is offline"],
    form=OPEN_FORM,
    shortcut="Open a ticket",
    message_shortcut="Open a ticket from this",
)
def open_ticket(ctx: Context, problem: Rest = Rest(""), *, urgent: bool = False) -> Outcome:
    """Report a problem: say what is wrong in your own words."""
    if isinstance(ctx.event, Invoked) and ctx.event.message and not problem.strip():
        return _open_from_message(ctx, ctx.event.message, urgent=urgent)
    if not problem.strip():
        return Reply(
            say("What is wrong? Describe it in your next message here."),
            ask=Question("ticket open --urgent" if urgent else "ticket open"),
            form=OPEN_FORM,
        )
    message = ctx.event.message if isinstance(ctx.event, Message) else None
    thread = ctx.conversation.thread
    concern = Concern(str(problem), ctx.here.id, ctx.person.id, thread, message)
    return _opened(ctx, concern, urgent=urgent)


def after_no_help(ctx: Context, concern: Concern) -> Iterable[Reply]:
    """Open a ticket for a question that an answer did not settle."""
    return _opened(ctx, concern)


def _opened(ctx: Context, concern: Concern, *, urgent: bool = False) -> list[Reply]:
    ticket = tickets.open_ticket(
        ctx,
        concern.text,
        requester_id=concern.person_id,
        room_id=concern.room_id,
        thread=concern.thread,
        message=concern.message,
        urgent=urgent,
        private=ctx.here.private,
    )
    record_opening(ctx, ticket)
    note(ctx, ticket.id, "open")
    if isinstance(ctx.event, Message) and ctx.event.message == concern.thread:
        add_words(ctx, ticket.id, ticket.subject, internal=False)
    else:
        renew(ctx, ticket)  # its thread may have been read when it was no ticket's
    told = to_requester(
        ctx,
        ticket,
        f"this is ticket #{ticket.id} now. IT has been told; the answer comes here.",
    )
    if ticket.thread is None and not ticket.private:
        told = opened(ctx, ticket)
    return [told, *new_cards(ctx, ticket), *shown_anew(ctx, ticket)]


@router.listen(Reacted)
def act_on_emoji(ctx: Context, event: Reacted) -> Outcome:
    """Do what an emoji stands for: 🎫 opens, 👀 claims, ✅ solves, 🚨 makes urgent."""
    if not event.added:
        return None
    if event.emoji == "🎫":
        if why_not(ctx, event.message) or not ctx.may(open_ticket):
            return None
        ctx.begin(open_ticket)
        return _open_from_message(ctx, event.message)
    ticket = _ticket_of(ctx, event.message)
    if ticket is None:
        return None
    these = Tickets((ticket.id,))
    if event.emoji == "🚨" and (ctx.can(Role.AGENT) or ctx.person.id == ticket.requester_id):
        return ctx.run(urgent_tickets, these) if ctx.may(urgent_tickets) else None
    command = {"👀": claim_tickets, "✅": resolve_tickets}.get(event.emoji)
    return ctx.run(command, these) if command is not None and ctx.may(command) else None


@router.listen(RoomChanged)
def move_cards(ctx: Context, event: RoomChanged) -> Iterator[Reply]:
    """Show the cards of open tickets in the room that has taken a staff room's place."""
    if event.replaced_by is not None and ctx.here.kind == "staff":
        for ticket in unsolved(ctx):
            yield from missing_cards(ctx, ticket)


@router.listen(Edited)
def reword(ctx: Context, event: Edited) -> Outcome:
    """Take a corrected problem into its ticket."""
    said = ctx.unit.connection.scalar(
        select(_MESSAGE.c.text).where(
            _MESSAGE.c.room_id == ctx.here.id, _MESSAGE.c.ref == event.message
        )
    )
    before = Ticket.made_of(ctx, ctx.here.id, event.message)
    ticket = reworded(ctx, ctx.here.id, event.message, _problem_in(ctx, said or ""))
    if before is None or ticket is None:
        return None
    record_rewording(ctx, before.subject, ticket)
    return changed(ctx, ticket)


def _problem_in(ctx: Context, text: str) -> str:
    """Return the problem a message states, without the command and options it may begin with."""
    try:
        match = ctx.use(Commands).match(text.strip().removeprefix(COMMAND_PREFIX))
    except UserError:
        return text
    if (stated := _STATED_IN.get(match.command.path)) is None:
        return text
    try:
        return str(parse(match.command.parameters, match.rest).get(stated, ""))
    except UserError:
        return ""  # it states none


@router.listen(Deleted)
def forget_what_was_deleted(ctx: Context, event: Deleted) -> Iterator[Reply]:
    """Erase from tickets what they took from a deleted message."""
    here = (ctx.here.id, event.message)
    found = {ticket.id: ticket for ticket in erase_source(ctx, *here)}
    for number in opened_by(ctx, *here):
        if (ticket := Ticket.by_id(ctx, number)) is not None:
            found[number] = tickets.change(ctx, ticket, subject=ERASED)
    erase_history(ctx, *here, ERASED)
    macros.erase_macros(ctx, *here)
    for ticket in found.values():
        record_deletion(ctx, ticket)
        yield from changed(ctx, ticket)


def _open_from_message(ctx: Context, message: str, *, urgent: bool = False) -> Outcome:
    if (reason := why_not(ctx, message)) is not None:
        raise UserError(reason)
    return _opened(ctx, concern_in(ctx, message), urgent=urgent)


def _ticket_of(ctx: Context, message: str) -> Ticket | None:
    return Ticket.by_card(ctx, ctx.here.id, message) or Ticket.implied(ctx)


router.include(
    working.router,
    answering.router,
    putting_off.router,
    merging.router,
    showing.router,
    views.router,
    finding.router,
    past.router,
)
further = (macros.router, undoing.router)

__all__ = ["after_no_help", "further", "on_page", "router"]
