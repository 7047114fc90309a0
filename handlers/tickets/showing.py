"""What tickets are there, and how is one?"""

from __future__ import annotations

from collections.abc import Iterable

from bot.content import Content, Text, items, paragraph, say
from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Button, Reply, Visibility
from bot.router import Router
from bot.storage.tables import table_of
from handlers.tickets.cards import buttons, content, source, who_has
from handlers.tickets.filters import condition, finds_done
from handlers.tickets.lists import MOST_COUNTED, chosen
from handlers.tickets.selection import Selection, parse
from handlers.tickets.tables import PRIORITIES, TicketRow
from handlers.tickets.telling import answer
from handlers.tickets.tickets import Ticket, card_key

router = Router("ticket", "")

TICKET = table_of(TicketRow)
SHOWN_IN_LIST = 20
MOST_PAGES = 1000


@router.command("show", examples=["#42"], changes=False)
def show_ticket(ctx: Context, ticket: Ticket) -> Reply:
    """Show a ticket and what can be done with it."""
    shown = Reply(
        content(ctx, ticket),
        buttons=buttons(ticket) if ctx.can(Role.AGENT) else (),
        sources=ctx.quoted_in(card_key(ticket)) or source(ticket),
    )
    return answer(ctx, (ticket,), shown)


@router.command(
    "list", examples=["", "unassigned tag:vpn older:2d", "--page 2 urgent"], changes=False
)
def list_tickets(ctx: Context, filters: Rest = Rest(""), *, page: int = 1) -> Reply:
    """List tickets, all or those that filters choose."""
    return shown_list(ctx, selected(filters), page)


def selected(text: str) -> Selection:
    """Read filters. Raises UserError when they are followed by something else."""
    found, rest = parse(text)
    if rest:
        msg = (
            f"“{rest.split()[0]}” is not a filter. Write for example “ticket list unassigned”, "
            "or “ticket search printer”."
        )
        raise UserError(msg)
    return found


def shown_list(ctx: Context, selection: Selection, page: int) -> Reply:
    """Return the tickets a selection means, of those that are for whoever asks here."""
    which, everything = condition(ctx, selection), in_charge(ctx)
    if not everything:
        which &= TICKET.c.requester_id == ctx.person.id
    if not selection:
        which &= TICKET.c.snoozed_until.is_(None)
    skip = SHOWN_IN_LIST * max(0, min(page, MOST_PAGES) - 1)
    newest = finds_done(selection)
    found = chosen(ctx, which, limit=SHOWN_IN_LIST, skip=skip, newest=newest)
    if not found.tickets:
        return Reply(say(_nothing(selection, everything=everything)))
    further = f"… and {_counted(found.further)} more."
    following = f"ticket list --page {page + 1} {selection}".strip()
    return list_of(
        ctx,
        found.tickets,
        *((further,) if found.further else ()),
        buttons=(Button("More", following),) if found.further else (),
    )


def in_charge(ctx: Context) -> bool:
    """Tell whether whoever asks sees everybody's tickets here."""
    return ctx.can(Role.AGENT) and (ctx.here.kind == "staff" or ctx.here.private)


def list_of(
    ctx: Context, found: Iterable[Ticket], *further: str, buttons: tuple[Button, ...] = ()
) -> Reply:
    """Return tickets as a list, a line each, for those who may see them."""
    lines = [(Text(line_of(ctx, ticket)),) for ticket in found]
    sources = tuple(each for ticket in found for each in source(ticket))
    whose = Visibility.THREAD if ctx.here.kind == "staff" else Visibility.ONLY_YOU
    blocks: Content = (items(lines), *(paragraph(each) for each in further))
    return Reply(blocks, whose, sources=sources, buttons=buttons)


def line_of(ctx: Context, ticket: Ticket) -> str:
    """Return a ticket in a line: how urgent it is where that is not as usual, and whose."""
    priority = PRIORITIES[ticket.priority]
    sign = "" if priority == "normal" or not ticket.unsolved else f" ({priority})"
    state = who_has(ctx, ticket) if ticket.unsolved else ticket.state
    return f"#{ticket.id} {ticket.subject}{sign} – {state}"


def _nothing(selection: Selection, *, everything: bool) -> str:
    if selection:
        return f"No ticket is {selection}. “ticket list” shows all that are not solved."
    return "No ticket is open." if everything else "You have no open ticket."


def _counted(number: int) -> str:
    return f"over {number}" if number >= MOST_COUNTED else str(number)
