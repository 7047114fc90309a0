"""Tickets: what somebody needs, who does it, and how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, Text, false
from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of


class TicketRow(SQLModel, table=True):
    """A ticket; `room_id` and `thread` are the conversation with its requester.

    `message` is what its subject was taken from, `resolution_message` its resolution.
    """

    __tablename__: ClassVar[Any] = "ticket"
    __table_args__ = (
        one_of("state", "new", "open", "solved"),
        CheckConstraint("state != 'open' OR assignee_id IS NOT NULL", name="open_has_assignee"),
        CheckConstraint("(state = 'solved') = (solved_at IS NOT NULL)", name="solved_has_time"),
        Index("uq_ticket_room_id_thread", "room_id", "thread", unique=True),
        Index(None, "state"),
        Index(None, "requester_id"),
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
    urgent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    resolution: str = Field(default="", sa_type=Text)
    resolution_room_id: int | None = Field(default=None, foreign_key="room.id")
    resolution_message: str | None = None
    opened_at: datetime
    solved_at: datetime | None = None
    version: int = 1
