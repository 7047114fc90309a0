"""Tickets: people report a problem, staff take it on and solve it, everybody is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from bot.arguments import parse
from bot.content import Span, Text, Verbatim, items, paragraph, say
from bot.context import Context, only_you
from bot.errors import Refused, UserError
from bot.events import Deleted, Edited, Invoked, Message, Pressed, Reacted, RoomChanged
from bot.hooks import Concern
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Question, Reply, Visibility
from bot.rooms import COMMAND_PREFIX
from bot.router import Commands, Outcome, Router
from bot.storage.tables import MessageRow, table_of
from handlers.tickets import tickets
from handlers.tickets.cards import (
    buttons,
    changed_card,
    content,
    missing_cards,
    new_cards,
    opened,
    source,
    to_requester,
    who_has,
)
from handlers.tickets.lists import listed, unsolved
from handlers.tickets.pages import OPEN_FORM, on_page, shown_anew
from handlers.tickets.recorded import (
    record_change,
    record_deletion,
    record_opening,
    record_rewording,
)
from handlers.tickets.rewording import erase_source
from handlers.tickets.rewording import reword as reworded
from handlers.tickets.tickets import Ticket, card_key
from handlers.tickets.written import concern_in, why_not

router = Router("ticket", "Report a problem and follow it until it is solved")

_MESSAGE = table_of(MessageRow)

SHOWN_IN_LIST = 20
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
    told = to_requester(
        ctx,
        ticket,
        f"this is ticket #{ticket.id} now. IT has been told; the answer comes here.",
    )
    if ticket.thread is None and not ticket.private:
        told = opened(ctx, ticket)
    return [told, *new_cards(ctx, ticket), *shown_anew(ctx, ticket)]


@router.command("claim", role=Role.AGENT, examples=["#42"])
def claim_ticket(ctx: Context, ticket: Ticket) -> Iterator[Reply]:
    """Take a ticket on."""
    claimed = tickets.claim(ctx, ticket, ctx.person)
    record_change(ctx, ticket, claimed)
    yield from _changed(ctx, claimed)
    yield to_requester(ctx, claimed, f"{ctx.person.shown} is working on ticket #{claimed.id}.")
    yield from _confirm(ctx, claimed, f"#{claimed.id} is yours.")


@router.command(
    "resolve", role=Role.AGENT, examples=["#42", "#42 new cable"], aliases=["ticket solve"]
)
def resolve_ticket(ctx: Context, ticket: Ticket, solution: Rest = Rest("")) -> Iterator[Reply]:
    """Mark a ticket solved, with a word on how."""
    quoted = _said(ctx) if solution else ()
    solved = tickets.resolve(ctx, ticket, ctx.person, str(solution), *quoted)
    record_change(ctx, ticket, solved)
    yield from _changed(ctx, solved, *quoted)
    said = str(solution).strip()
    end = "" if not said or said[-1] in ".!?…" else "."
    parts: list[str | Span] = [f"ticket #{solved.id} is solved{f': {said}{end}' if said else '.'}"]
    room = ctx.room_by_id(solved.room_id)
    parts.append(" If it is not, write ")
    parts.append(Verbatim(f"{room.prefix}ticket reopen {solved.id}"))
    parts.append(".")
    yield to_requester(ctx, solved, *parts, quoted=quoted)
    yield from _confirm(ctx, solved, f"#{solved.id} is solved; {_name(ctx, solved)} was told.")


@router.command("reopen", examples=["#42"])
def reopen_ticket(ctx: Context, ticket: Ticket) -> Iterator[Reply]:
    """Open a solved ticket again, your own or, as an agent, any."""
    if not (ctx.can(Role.AGENT) or ctx.person.id == ticket.requester_id):
        msg = f"Only {_name(ctx, ticket)} or IT can reopen #{ticket.id}."
        raise Refused(msg)
    again = tickets.reopen(ctx, ticket)
    record_change(ctx, ticket, again)
    yield from _changed(ctx, again)
    yield from missing_cards(ctx, again)
    yield to_requester(ctx, again, f"ticket #{again.id} is open again; IT has been told.")
    yield from _confirm(ctx, again, f"#{again.id} is open again.")


@router.command("urgent", examples=["#42"])
def urgent_ticket(ctx: Context, ticket: Ticket) -> Iterator[Reply]:
    """Say that a ticket cannot wait, your own or, as an agent, any."""
    if not (ctx.can(Role.AGENT) or ctx.person.id == ticket.requester_id):
        msg = f"Only {_name(ctx, ticket)} or IT can make #{ticket.id} urgent."
        raise Refused(msg)
    changed = tickets.make_urgent(ctx, ticket)
    record_change(ctx, ticket, changed)
    yield from _changed(ctx, changed)
    yield from _confirm(ctx, changed, f"#{changed.id} is urgent now; IT has been told.")


@router.command("show", examples=["#42"], changes=False)
def show_ticket(ctx: Context, ticket: Ticket) -> Reply:
    """Show a ticket and what can be done with it."""
    shown = Reply(
        content(ctx, ticket),
        buttons=buttons(ticket) if ctx.can(Role.AGENT) else (),
        sources=ctx.quoted_in(card_key(ticket)) or source(ticket),
    )
    return shown if _is_for_all_here(ctx, ticket) else only_you(shown)


@router.command("list", examples=[""], changes=False)
def list_tickets(ctx: Context) -> Reply:
    """List the tickets that are not solved yet: your own or, in the staff room, all."""
    everything = ctx.can(Role.AGENT) and (ctx.here.kind == "staff" or ctx.here.private)
    found, count = listed(ctx, ctx.person, everything=everything, limit=SHOWN_IN_LIST)
    if not found:
        nobody = "No ticket is open." if everything else "You have no open ticket."
        return Reply(say(nobody))
    lines = [(Text(f"#{t.id} {t.subject} – {who_has(ctx, t)}"),) for t in found]
    more = count - len(found)
    blocks = (items(lines), *((paragraph(f"… and {more} more."),) if more > 0 else ()))
    sources = tuple(s for t in found for s in source(t))
    whose = Visibility.THREAD if ctx.here.kind == "staff" else Visibility.ONLY_YOU
    return Reply(blocks, whose, sources=sources)


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
    if event.emoji == "🚨" and (ctx.can(Role.AGENT) or ctx.person.id == ticket.requester_id):
        return ctx.run(urgent_ticket, ticket) if ctx.may(urgent_ticket) else None
    command = {"👀": claim_ticket, "✅": resolve_ticket}.get(event.emoji)
    return ctx.run(command, ticket) if command is not None and ctx.may(command) else None


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
    return _changed(ctx, ticket)


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
    for ticket in erase_source(ctx, ctx.here.id, event.message):
        record_deletion(ctx, ticket)
        yield from _changed(ctx, ticket)


def _changed(ctx: Context, ticket: Ticket, *quoted: tuple[int, str]) -> Iterator[Reply]:
    """Show a ticket as it is now wherever it is shown; `quoted` is what it quotes anew."""
    yield changed_card(ctx, ticket, *quoted)
    yield from shown_anew(ctx, ticket)


def _said(ctx: Context) -> tuple[tuple[int, str], ...]:
    return ((ctx.here.id, ctx.event.message),) if isinstance(ctx.event, Message) else ()


def _open_from_message(ctx: Context, message: str, *, urgent: bool = False) -> Outcome:
    if (reason := why_not(ctx, message)) is not None:
        raise UserError(reason)
    return _opened(ctx, concern_in(ctx, message), urgent=urgent)


def _ticket_of(ctx: Context, message: str) -> Ticket | None:
    return Ticket.by_card(ctx, ctx.here.id, message) or Ticket.implied(ctx)


def _confirm(ctx: Context, ticket: Ticket, sentence: str) -> Iterable[Reply]:
    """Answer a command given away from the card and the requester's thread.

    A press on the card shows its effect there, and so does the requester's thread.
    """
    in_thread = ctx.conversation == ticket.conversation(ctx)
    if not isinstance(ctx.event, Pressed | Reacted) and not in_thread:
        answer = Reply(say(sentence))
        yield answer if _is_for_all_here(ctx, ticket) else only_you(answer)


def _is_for_all_here(ctx: Context, ticket: Ticket) -> bool:
    """Tell whether everybody who reads here may know of a ticket."""
    if ctx.here.kind == "staff":
        return True
    return not ticket.private and ctx.here.id in (
        ticket.room_id,
        ctx.room_by_id(ticket.room_id).id,
    )


def _name(ctx: Context, ticket: Ticket) -> str:
    return ctx.member(ticket.requester_id).shown


__all__ = ["after_no_help", "on_page", "router"]
