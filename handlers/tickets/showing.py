"""What tickets are there, and how is one?"""

from __future__ import annotations

from bot.content import Text, items, paragraph, say
from bot.context import Context
from bot.people import Role
from bot.replies import Reply, Visibility
from bot.router import Router
from handlers.tickets.cards import buttons, content, source, who_has
from handlers.tickets.lists import listed
from handlers.tickets.telling import answer
from handlers.tickets.tickets import Ticket, card_key

router = Router("ticket", "")

SHOWN_IN_LIST = 20


@router.command("show", examples=["#42"], changes=False)
def show_ticket(ctx: Context, ticket: Ticket) -> Reply:
    """Show a ticket and what can be done with it."""
    shown = Reply(
        content(ctx, ticket),
        buttons=buttons(ticket) if ctx.can(Role.AGENT) else (),
        sources=ctx.quoted_in(card_key(ticket)) or source(ticket),
    )
    return answer(ctx, (ticket,), shown)


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
