"""Tickets: what somebody needs, who does it, how far it is, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of
from handlers.tickets.states import State

PRIORITIES = ("urgent", "high", "normal", "low")  # the first goes first

_UNSOLVED = text("solved_at IS NULL")


class TicketRow(SQLModel, table=True):
    """A ticket; `room_id` and `thread` are the conversation with its requester.

    `message` is what its subject was taken from, `resolution_message` its resolution. `priority`
    is the place in `PRIORITIES`, so that an index sorts by it.
    """

    __tablename__: ClassVar[Any] = "ticket"
    __table_args__ = (
        one_of("state", *State),
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        CheckConstraint(
            "(state IN ('solved', 'closed')) = (solved_at IS NOT NULL)", name="solved_has_time"
        ),
        CheckConstraint(
            "assignee_id IS NOT NULL OR state IN ('new', 'solved', 'closed')",
            name="open_has_assignee",
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("merged_into IS NULL OR state = 'closed'", name="merged_is_closed"),
        Index("uq_ticket_room_id_thread", "room_id", "thread", unique=True),
        Index(None, "state"),
        Index(None, "requester_id"),
        Index(None, "assignee_id"),
        Index(
            "ix_ticket_unsolved",
            "priority",
            "id",
            sqlite_where=_UNSOLVED,
            postgresql_where=_UNSOLVED,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    state: str = "new"
    subject: str = Field(sa_type=Text)
    requester_id: int = Field(foreign_key="person.id")
    assignee_id: int | None = Field(default=None, foreign_key="person.id")
    room_id: int = Field(foreign_key="room.id")
    thread: str | None = None
    message: str | None = None
    private: bool = False
    resolution: str = Field(default="", sa_type=Text)
    resolution_room_id: int | None = Field(default=None, foreign_key="room.id")
    resolution_message: str | None = None
    opened_at: datetime
    solved_at: datetime | None = None
    version: int = 1
    priority: int = Field(default=2, sa_column_kwargs={"server_default": "2"})
    queue: str = Field(default="", sa_column_kwargs={"server_default": ""})
    snoozed_until: datetime | None = None
    merged_into: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    closed_at: datetime | None = None
    first_response_at: datetime | None = None


class TagRow(SQLModel, table=True):
    """A word put on a ticket to find it by."""

    __tablename__: ClassVar[Any] = "ticket_tag"

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    tag: str = Field(primary_key=True, index=True)


class LinkRow(SQLModel, table=True):
    """Two tickets that have to do with each other, the older first."""

    __tablename__: ClassVar[Any] = "ticket_link"
    __table_args__ = (CheckConstraint("ticket_id < other_id", name="older_first"),)

    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True)
    other_id: int = Field(foreign_key="ticket.id", primary_key=True, index=True)


class HistoryRow(SQLModel, table=True):
    """Something done to a ticket: by the desk itself when `person_id` is null.

    `room_id` and `message` are where it was said: deleting that erases the texts. `undo` is
    how to take it back (JSON): null when it cannot be, empty when it was. `first_id` is the
    first row of what one command did, null in that row.
    """

    __tablename__: ClassVar[Any] = "ticket_history"
    __table_args__ = (
        Index(None, "ticket_id", "id"),
        Index(None, "person_id", "id"),
        Index(None, "room_id", "message"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id")
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")
    act: str
    before: str = Field(default="", sa_type=Text)
    after: str = Field(default="", sa_type=Text)
    undo: str | None = Field(default=None, sa_type=Text)
    first_id: int | None = Field(default=None, foreign_key="ticket_history.id", index=True)
    room_id: int | None = Field(default=None, foreign_key="room.id")
    message: str | None = None


class ViewRow(SQLModel, table=True):
    """A choice of tickets somebody has given a name; `filters` as typed after `ticket list`."""

    __tablename__: ClassVar[Any] = "ticket_view"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    name: str = Field(primary_key=True)
    filters: str = Field(sa_type=Text)


class MacroRow(SQLModel, table=True):
    """An answer kept for many requesters; `room_id` and `message` are where it was written."""

    __tablename__: ClassVar[Any] = "ticket_macro"
    __table_args__ = (Index(None, "room_id", "message"),)

    name: str = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    person_id: int = Field(foreign_key="person.id")
    saved_at: datetime
    room_id: int | None = Field(default=None, foreign_key="room.id")
    message: str | None = None


class WordRow(SQLModel, table=True):
    """A word that stands in a ticket, so that it is found by it; `internal` ones by staff alone."""

    __tablename__: ClassVar[Any] = "ticket_word"

    word: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", primary_key=True, index=True)
    internal: bool = Field(default=False, primary_key=True)


class ReadingRow(SQLModel, table=True):
    """Up to which stored message the words of tickets are known; one row."""

    __tablename__: ClassVar[Any] = "ticket_reading"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int
