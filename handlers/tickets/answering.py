"""What staff write to whoever asked, or to each other, about a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from handlers.tickets import acts
from handlers.tickets.cards import how_far
from handlers.tickets.doing import Done, settled
from handlers.tickets.states import Event
from handlers.tickets.telling import said
from handlers.tickets.tickets import Ticket, change

router = Router("ticket", "")


@router.command("reply", role=Role.AGENT, examples=["#42 Did you restart it?"])
def reply_to_requester(ctx: Context, ticket: Ticket, text: Rest) -> Iterator[Reply]:
    """Write to who asked."""
    yield from sent(ctx, "reply", ticket, str(text), *said(ctx))


def sent(
    ctx: Context, act: str, ticket: Ticket, text: str, *quoted: tuple[int, str]
) -> Iterator[Reply]:
    """Send a text to a ticket's requester; `quoted` is what it was taken from."""
    if not text.strip():
        msg = f"Write what to send: “ticket reply #{ticket.id} Did you restart it?”."
        raise UserError(msg)
    first = ticket.first_response_at or ctx.now
    done = acts.moved(ctx, ticket, Event.STAFF_REPLIED, ctx.person, first_response_at=first)
    told = f"{ctx.person.shown} writes about ticket #{done.id}: {text.strip()}"
    sentence = f"Sent; #{done.id} is {how_far(ctx, done)}. That cannot be undone."
    yield from settled(
        ctx, act, ticket, Done(done, sentence, (told,), after=text, undo=False, quoted=quoted)
    )


@router.command("note", role=Role.AGENT, examples=["#42 the spare one is in 4.12"])
def note_on_ticket(ctx: Context, ticket: Ticket, text: Rest) -> Iterator[Reply]:
    """Keep a word among IT."""
    done = Done(
        change(ctx, ticket),
        f"Noted on #{ticket.id}. Delete your message to take it back.",
        after=str(text),
        undo=False,
        quoted=said(ctx),
    )
    yield from settled(ctx, "note", ticket, done)
