"""How a ticket looks: its card in the staff room, and what its requester is told."""

from __future__ import annotations

from sqlalchemy import select

from bot.content import Content, Mention, Span, Spans, Time, fields, heading, say, spans
from bot.context import Act
from bot.people import Member
from bot.replies import Button, Lane, Reply, Visibility
from bot.rooms import RoomInfo
from bot.storage.tables import OutboxRow, table_of
from bot.transport import Action
from handlers.tickets.acts import linked, tags_of
from handlers.tickets.states import State
from handlers.tickets.tables import PRIORITIES
from handlers.tickets.tickets import Ticket, card_key, root_key

_OUTBOX = table_of(OutboxRow).c


def source(ticket: Ticket) -> tuple[tuple[int, str], ...]:
    """Return the message whose text the ticket's subject is."""
    return () if ticket.message is None else ((ticket.room_id, ticket.message),)


def content(act: Act, ticket: Ticket) -> Content:
    """Return what a card shows."""
    requester = act.member(ticket.requester_id)
    room = act.room_by_id(ticket.room_id)
    where = "a direct message" if room.private else f"#{room.name}"
    rows: list[tuple[str, str | Span | Spans]] = [
        ("From", spans(f"{requester.shown} in {where}")),
        ("State", _state(act, ticket)),
        ("Opened", Time(ticket.opened_at)),
    ]
    if ticket.urgent:
        rows.insert(2, ("Urgent", "yes"))
    elif (priority := PRIORITIES[ticket.priority]) != "normal":
        rows.insert(2, ("Priority", priority))
    if ticket.snoozed_until is not None:
        rows.append(("Snoozed until", Time(ticket.snoozed_until)))
    if tags := tags_of(act, ticket.id):
        rows.append(("Tags", ", ".join(tags)))
    if others := linked(act, ticket.id):
        rows.append(("Linked", ", ".join(f"#{number}" for number in others)))
    if ticket.resolution:
        rows.append(("Solution", ticket.resolution))
    return (heading(f"#{ticket.id} {ticket.subject}"), fields(rows))


def _state(act: Act, ticket: Ticket) -> Spans:
    if ticket.merged_into is not None:
        return spans(f"goes on in #{ticket.merged_into}")
    who = None if ticket.assignee_id is None else act.member(ticket.assignee_id).shown
    if not ticket.unsolved:
        return spans(ticket.state if who is None else f"{ticket.state} by {who}")
    return spans(f"{how_far(act, ticket)}, {f'{who} has it' if who else 'nobody has it'}")


def how_far(act: Act, ticket: Ticket) -> str:
    """Return a ticket's state in a word or two; whom it waits for has a name."""
    if ticket.state == State.WAITING_FOR_REQUESTER:
        return f"waiting for {act.member(ticket.requester_id).shown}"
    return ticket.state


def who_has(act: Act, ticket: Ticket) -> str:
    """Return who has an unsolved ticket, for a list of them."""
    if ticket.assignee_id is None:
        return "nobody has it yet"
    return f"{act.member(ticket.assignee_id).shown} has it"


def buttons(ticket: Ticket) -> tuple[Button, ...]:
    """Return what can be done with it next: five at most."""
    number = f"#{ticket.id}"
    if ticket.state == State.CLOSED:
        return ()
    if ticket.state == State.SOLVED:
        return (Button("Reopen", f"ticket reopen {ticket.id}"),)
    first = Button("Claim", f"ticket claim {ticket.id}", "👀")
    if ticket.state != State.NEW:
        first = Button("Status", f"ticket status {number}")
    last = Button("Not a request", f"ticket dismiss {number}")
    if ticket.state != State.NEW:
        last = Button("Release", f"ticket release {number}")
    # With the sign, since in the ticket's own thread a bare number would be the solution.
    resolve = Button("Resolve", f"ticket resolve {number}", "✅")
    assign = Button("Assign", f"ticket assign {number}")
    priority = Button("Priority", f"ticket priority {number}")
    return (first, resolve, assign, priority, last)


def new_cards(act: Act, ticket: Ticket, *quoted: tuple[int, str]) -> list[Reply]:
    """Return its card for every staff room; `quoted` is what it quotes beside its source."""
    return [_card(act, ticket, room, *quoted) for room in act.rooms("staff")]


def missing_cards(act: Act, ticket: Ticket) -> list[Reply]:
    """Return its card for every staff room that has none: it took another one's place."""
    stands_in = select(_OUTBOX.room_id).where(
        _OUTBOX.post_key == card_key(ticket),
        _OUTBOX.action == Action.POST,
        _OUTBOX.state.notin_(("dead", "cancelled")),
    )
    have = set(act.unit.connection.scalars(stands_in))
    return [_card(act, ticket, room) for room in act.rooms("staff") if room.id not in have]


def _card(act: Act, ticket: Ticket, room: RoomInfo, *quoted: tuple[int, str]) -> Reply:
    return Reply(
        content(act, ticket),
        to=room.place,
        key=card_key(ticket),
        buttons=buttons(ticket),
        lane=Lane.CARD,
        sources=(*source(ticket), *quoted),
    )


def changed_card(act: Act, ticket: Ticket, *quoted: tuple[int, str]) -> Reply:
    """Return what its card shows now, wherever it stands; `quoted` is what it quotes anew."""
    return Reply(
        content(act, ticket),
        key=card_key(ticket),
        edit=True,
        buttons=buttons(ticket),
        sources=(*act.quoted_in(card_key(ticket)), *quoted),
    )


def to_requester(
    act: Act, ticket: Ticket, *parts: str | Span, quoted: tuple[tuple[int, str], ...] = ()
) -> Reply:
    """Return a sentence to its requester, where they asked, so that they notice.

    Where the bot is not, or not any more, it is a direct message.

    It begins with their name, or in a direct room with a capital letter; `quoted` is
    what it quotes.
    """
    requester = act.member(ticket.requester_id)
    room = act.room_by_id(ticket.room_id)
    place = ticket.conversation(act)
    reached = room.joined and not (place.thread is None and ticket.root(act).lost)
    if reached and not room.direct:
        return Reply(say(mention(requester), ": ", *parts), to=place, sources=quoted)
    first, *rest = parts
    opening = f"{first[:1].upper()}{first[1:]}" if isinstance(first, str) else first
    content = say(opening, *rest)
    if not reached:
        return Reply(content, Visibility.DIRECT, person=requester.person, sources=quoted)
    return Reply(content, to=place, sources=quoted)


def opened(act: Act, ticket: Ticket, *quoted: tuple[int, str]) -> Reply:
    """Return what tells a room of a ticket of which nobody has read there: its thread begins."""
    requester = act.member(ticket.requester_id)
    end = "" if ticket.subject[-1:] in ".!?…" else "."
    content = say(
        mention(requester),
        f" opened ticket #{ticket.id}: {ticket.subject}{end} ",
        "IT has been told; the answer comes in this thread.",
    )
    place = act.room_by_id(ticket.room_id).place
    return Reply(content, to=place, key=root_key(ticket.id), sources=(*source(ticket), *quoted))


def mention(person: Member) -> Mention:
    """Return a mention of a person."""
    return Mention(person.person, person.shown)
