"""Puts tickets off until a time, and brings them back then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import select

from bot.content import Time, say
from bot.context import Act, Context
from bot.parameters import Phrase
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from bot.schedule import Due
from bot.storage.tables import OutboxRow, table_of
from bot.transport import Action
from handlers.tickets import acts
from handlers.tickets.cards import changed_card, mention, missing_cards
from handlers.tickets.choosing import Tickets
from handlers.tickets.doing import Done, each
from handlers.tickets.history import note
from handlers.tickets.snoozing import until
from handlers.tickets.states import Event
from handlers.tickets.tickets import Ticket, card_key

router = Router("ticket", "")

WAKES = "ticket_wakes"
_OUTBOX = table_of(OutboxRow).c


@router.command(
    "snooze", role=Role.AGENT, examples=["#42 tomorrow 9:00", "#4 #7 in 2 h", "next monday"]
)
def snooze_tickets(ctx: Context, tickets: Tickets, time: Phrase) -> Iterator[Reply]:
    """Put tickets off."""
    at = until(time, ctx.event.at if ctx.late else ctx.now, ctx.zone)
    yield from each(ctx, tickets, "snooze", partial(_snoozed, ctx, at))


def _snoozed(ctx: Context, at: datetime, ticket: Ticket) -> Done:
    asleep = acts.moved(ctx, ticket, Event.SNOOZED, snoozed_until=at)
    ctx.at(at, WAKES, str(ticket.id))
    shown = f"{at.astimezone(ctx.zone):%a %-d %b %Y %H:%M}"
    sentence = f"#{asleep.id} is put off until {shown}."
    return Done(asleep, sentence, after=f"until {at:%Y-%m-%d %H:%M} UTC")


@router.due(WAKES)
def wake(act: Act, due: Due) -> Iterator[Reply]:
    """Bring a ticket back whose time has come, unless it is done or put off anew."""
    ticket = Ticket.by_id(act, int(due.key))
    if ticket is None or ticket.snoozed_until is None or ticket.snoozed_until > act.now:
        return
    awake = acts.moved(act, ticket, Event.SNOOZE_ENDED, snoozed_until=None)
    note(act, awake.id, "wake", "", awake.state)
    yield changed_card(act, awake)
    yield from missing_cards(act, awake)
    for room_id, message in _cards(act, awake):
        place = act.room_by_id(room_id).place
        who = () if awake.assignee_id is None else (mention(act.member(awake.assignee_id)), ": ")
        sentence = say(*who, f"#{awake.id} is back; it was put off until ", Time(due.at), ".")
        yield Reply(sentence, to=place if message is None else place.in_thread(message))


def _cards(act: Act, ticket: Ticket) -> list[tuple[int, str | None]]:
    """Return where a ticket's cards stand: the room's id and the message, once that is sent."""
    stands = select(_OUTBOX.room_id, _OUTBOX.message).where(
        _OUTBOX.post_key == card_key(ticket),
        _OUTBOX.action == Action.POST,
        _OUTBOX.state.notin_(("dead", "cancelled")),
    )
    return [(row.room_id, row.message) for row in act.unit.connection.execute(stands)]
