"""Who is told of what was done to a ticket, and where?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.content import say
from bot.context import Context, only_you
from bot.events import Message, Pressed, Reacted
from bot.replies import Button, Reply
from handlers.tickets.cards import changed_card
from handlers.tickets.pages import shown_anew
from handlers.tickets.tickets import Ticket


def changed(ctx: Context, ticket: Ticket, *quoted: tuple[int, str]) -> Iterator[Reply]:
    """Show a ticket as it is now wherever it is shown; `quoted` is what it quotes anew."""
    yield changed_card(ctx, ticket, *quoted)
    yield from shown_anew(ctx, ticket)


def confirm(ctx: Context, ticket: Ticket, sentence: str, *buttons: Button) -> Iterable[Reply]:
    """Answer a command given away from the card and the requester's thread.

    A press on the card shows its effect there, and so does the requester's thread.
    """
    in_thread = ctx.conversation == ticket.conversation(ctx)
    if not isinstance(ctx.event, Pressed | Reacted) and not in_thread:
        yield answer(ctx, (ticket,), Reply(say(sentence), buttons=buttons))


def answer(ctx: Context, tickets: Iterable[Ticket], reply: Reply) -> Reply:
    """Return a reply about tickets for those who may know of all of them."""
    return reply if all(is_for_all_here(ctx, each) for each in tickets) else only_you(reply)


def is_for_all_here(ctx: Context, ticket: Ticket) -> bool:
    """Tell whether everybody who reads here may know of a ticket."""
    if ctx.here.kind == "staff":
        return True
    return not ticket.private and ctx.here.id in (
        ticket.room_id,
        ctx.room_by_id(ticket.room_id).id,
    )


def name(ctx: Context, ticket: Ticket) -> str:
    """Return how to call a ticket's requester in a sentence."""
    return ctx.member(ticket.requester_id).shown


def said(ctx: Context) -> tuple[tuple[int, str], ...]:
    """Return the message that a command was given by, for what quotes it."""
    return ((ctx.here.id, ctx.event.message),) if isinstance(ctx.event, Message) else ()
