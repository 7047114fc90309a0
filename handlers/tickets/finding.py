"""In which tickets do these words stand, of those that whoever asks may see?"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true

from bot.content import say
from bot.context import Context
from bot.errors import UserError
from bot.events import Deleted, Edited
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from bot.storage.tables import Membership, table_of
from handlers.tickets.filters import condition
from handlers.tickets.lists import with_words
from handlers.tickets.selection import parse
from handlers.tickets.showing import list_of
from handlers.tickets.tables import TicketRow
from handlers.tickets.tickets import Ticket
from handlers.tickets.wording import read_on, renew, tickets_with, words_of

router = Router("ticket", "")

_TICKET = table_of(TicketRow).c
_MEMBER = table_of(Membership).c
SHOWN = 10
MOST_WORDS = 10


@router.command("search", examples=["printer jam", "solved tag:vpn certificate"], changes=False)
def search_tickets(ctx: Context, words: Rest) -> Reply:
    """Find tickets by words."""
    filters, text = parse(words)
    wanted = sorted(words_of(text))[:MOST_WORDS]
    if not wanted or filters.numbers:
        msg = "Write a word to look for, for example “ticket search printer jam”."
        raise UserError(msg)
    read_on(ctx)
    which = _visible(ctx)
    if filters:
        which &= condition(ctx, filters)
    found = with_words(ctx, wanted, which, internal=ctx.can(Role.AGENT), limit=SHOWN + 1)
    if not found:
        return Reply(say(f"I find no ticket with {text}. Fewer words find more."), sources=())
    more = ("There are more; another word makes them fewer.",) if len(found) > SHOWN else ()
    return list_of(ctx, found[:SHOWN], *more)


def _visible(ctx: Context) -> ColumnElement[bool]:
    """Return which tickets whoever asks may know of, as `Ticket.visible_to` says of one."""
    if ctx.can(Role.AGENT):
        return true()
    mine = _TICKET.requester_id == ctx.person.id
    rooms = select(_MEMBER.room_id).where(_MEMBER.person_id == ctx.person.id)
    here = (_TICKET.room_id == ctx.here.id) | _TICKET.room_id.in_(rooms)
    return or_(mine, ~_TICKET.private & here)


@router.listen(Edited)
def read_anew(ctx: Context, event: Edited) -> None:
    """Find a ticket by what its messages say now, and not by what they said."""
    _renew(ctx, event.message)


@router.listen(Deleted)
def forget_words(ctx: Context, event: Deleted) -> None:
    """Find a ticket no more by words of a message that was deleted."""
    if _renew(ctx, event.message):
        ctx.unit.erase_traces()


def _renew(ctx: Context, message: str) -> bool:
    found = [Ticket.by_id(ctx, number) for number in tickets_with(ctx, ctx.here.id, message)]
    for ticket in found:
        if ticket is not None:
            renew(ctx, ticket)
    return bool(found)
