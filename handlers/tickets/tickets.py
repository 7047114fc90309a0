"""What can be done with a ticket, and when not: the rules, without words for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from sqlalchemy import exists, select, update

from bot.context import Act, Context
from bot.errors import Refused, UserError
from bot.events import Place
from bot.people import Role
from bot.storage.tables import Membership, OutboxRow, table_of
from bot.transport import Action
from handlers.tickets.tables import PRIORITIES, TicketRow

_TICKET = table_of(TicketRow)
_OUTBOX = table_of(OutboxRow)
_MEMBER = table_of(Membership)

URGENT, NORMAL = PRIORITIES.index("urgent"), PRIORITIES.index("normal")
SUBJECT_LENGTH = 200  # characters; the whole text stays in the conversation


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is in this transaction; ids of rooms and people are the database's."""

    id: int
    state: str
    subject: str
    requester_id: int
    assignee_id: int | None
    room_id: int
    thread: str | None
    message: str | None
    private: bool
    priority: int
    queue: str
    resolution: str
    resolution_room_id: int | None
    resolution_message: str | None
    opened_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    snoozed_until: datetime | None
    merged_into: int | None
    first_response_at: datetime | None
    version: int

    expects: ClassVar[str] = "#number"

    @property
    def urgent(self) -> bool:
        """It cannot wait."""
        return self.priority == URGENT

    @property
    def unsolved(self) -> bool:
        """Somebody still has to do something for it."""
        return self.solved_at is None

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Return the ticket with a number. Raises UserError when the asker can see none."""
        number = cls.check(word)
        found = cls.by_id(ctx, number)
        if found is None or not found.visible_to(ctx):
            msg = f"There is no ticket #{number}. “ticket list” shows those you can see."
            raise Refused(msg)
        return found

    @staticmethod
    def check(word: str) -> int:
        """Read a ticket's number. Raises UserError when it is none."""
        digits = word.lstrip("#")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            msg = f"“{word}” is not a ticket number. Write for example #12."
            raise UserError(msg)
        return int(digits)

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """Return the ticket whose thread, or whose card, this conversation is."""
        place = ctx.conversation
        if place.thread is None:
            return None
        here = (ctx.here.id, place.thread)
        found = cls.of_thread(ctx, *here) or cls.by_card(ctx, *here)
        if found is not None and found.merged_into is not None:
            return cls.by_id(ctx, found.merged_into)
        return found

    @classmethod
    def of_thread(cls, act: Act, room_id: int, thread: str) -> Self | None:
        """Return the ticket whose conversation a thread is."""
        row = act.unit.connection.execute(
            select(_TICKET).where(_TICKET.c.room_id == room_id, _TICKET.c.thread == thread)
        ).first()
        if row is not None:
            return cls.of(row)
        key = _key_of(act, room_id, thread)
        number = None if key is None else number_in(key)
        return cls.by_id(act, number) if number and key == root_key(number) else None

    @classmethod
    def made_of(cls, act: Act, room_id: int, message: str) -> Self | None:
        """Return the ticket that was made of a message."""
        made = (_TICKET.c.room_id == room_id) & (_TICKET.c.message == message)
        row = act.unit.connection.execute(select(_TICKET).where(made)).first()
        return None if row is None else cls.of(row)

    @classmethod
    def by_card(cls, act: Act, room_id: int, message: str) -> Self | None:
        """Return the ticket whose card is this message."""
        key = _key_of(act, room_id, message)
        number = None if key is None else number_in(key)
        return None if number is None else cls.by_id(act, number)

    @classmethod
    def by_id(cls, act: Act, number: int) -> Self | None:
        """Return the ticket with this number."""
        row = act.unit.connection.execute(select(_TICKET).where(_TICKET.c.id == number)).first()
        return None if row is None else cls.of(row)

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return the ticket of a row."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    def visible_to(self, ctx: Context) -> bool:
        """Tell whether who asks may know of it: its requester, staff, and who is in its room.

        A private one is for the requester and staff alone.
        """
        if ctx.person.id == self.requester_id or ctx.can(Role.AGENT):
            return True
        rooms = {self.room_id, ctx.room_by_id(self.room_id).id}
        if self.private or ctx.here.id in rooms:
            return not self.private
        here = _MEMBER.c.room_id.in_(rooms) & (_MEMBER.c.person_id == ctx.person.id)
        return bool(ctx.unit.connection.scalar(select(exists().where(here))))

    def conversation(self, act: Act) -> Place:
        """Return the place where its requester reads."""
        room = act.room_by_id(self.room_id)
        # The threads of a room that was replaced are not in the new one.
        if room.id != self.room_id:
            return room.place
        return room.place.in_thread(self.thread or self.root(act).message)

    def root(self, act: Act) -> Root:
        """Return what became of the message that began its thread, if the bot wrote it."""
        row = act.unit.connection.execute(
            select(_OUTBOX.c.state, _OUTBOX.c.message).where(
                _OUTBOX.c.post_key == root_key(self.id), _OUTBOX.c.action == Action.POST
            )
        ).first()
        return Root() if row is None else Root(row.message, lost=row.state == "dead")


@dataclass(frozen=True, slots=True)
class Root:
    """The message that began a ticket's thread: its id once it is sent; whether it never will."""

    message: str | None = None
    lost: bool = False


def card_key(ticket: Ticket) -> str:
    """Return the lasting name of a ticket's card."""
    return f"ticket/{ticket.id}/card"


def root_key(number: int) -> str:
    """Return the lasting name of the message with which the bot began a ticket's thread."""
    return f"ticket/{number}/opened"


def _key_of(act: Act, room_id: int, message: str) -> str | None:
    return act.unit.connection.scalar(
        select(_OUTBOX.c.post_key).where(
            _OUTBOX.c.room_id == room_id,
            _OUTBOX.c.message == message,
            _OUTBOX.c.post_key.startswith("ticket/"),
        )
    )


def number_in(key: str) -> int | None:
    """Return the number of the ticket whose lasting post has a key."""
    slice_, _, rest = key.partition("/")
    return int(rest.partition("/")[0]) if slice_ == "ticket" else None


def open_ticket(
    act: Act,
    subject: str,
    *,
    requester_id: int,
    room_id: int,
    thread: str | None,
    message: str | None,
    private: bool,
    urgent: bool = False,
) -> Ticket:
    """Make a ticket. Raises UserError when the thread has one already."""
    there = None if thread is None else Ticket.of_thread(act, room_id, thread)
    if there is not None:
        msg = f"This thread is ticket #{there.id} already: write here what is to be added."
        raise UserError(msg)
    values = {
        "state": "new",
        "subject": shorten(subject),
        "requester_id": requester_id,
        "room_id": room_id,
        "thread": thread,
        "message": message,
        "private": private,
        "priority": URGENT if urgent else NORMAL,
        "resolution": "",
        "opened_at": act.now,
        "version": 1,
    }
    number = act.unit.connection.execute(
        _TICKET.insert().returning(_TICKET.c.id), values
    ).scalar_one()
    made = Ticket.by_id(act, number)
    assert made is not None
    return made


def shorten(text: str) -> str:
    """Return a subject: one line of at most `SUBJECT_LENGTH` characters."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1].rstrip()}…"


def change(act: Act, ticket: Ticket, **values: Any) -> Ticket:
    """Change columns of a ticket's row; returns the ticket as it is then."""
    act.unit.connection.execute(
        update(_TICKET)
        .where(_TICKET.c.id == ticket.id)
        .values(**values, version=_TICKET.c.version + 1)
    )
    changed = Ticket.by_id(act, ticket.id)
    assert changed is not None
    return changed
