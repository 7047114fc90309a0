"""The core's tables: rooms, people and what was said; what came in, goes out and falls due.

Models validate nothing (SQLModel's `table=True`), so what must hold is a
constraint here. Every time is aware UTC: SQLModel maps `datetime` to a type that
refuses naive values, and raw DateTime columns are forbidden by a test.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model, for statements on the hot path and in bulk."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
    return table


def one_of(column: str, *values: str) -> CheckConstraint:
    """Make a constraint: `column` holds one of `values`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Room(SQLModel, table=True):
    """A room on a service; `ref` is the service's id of it."""

    __tablename__: ClassVar[Any] = "room"
    __table_args__ = (
        UniqueConstraint("transport", "workspace", "ref"),
        one_of("kind", "support", "staff", "direct", "other"),
    )

    id: int | None = Field(default=None, primary_key=True)
    transport: str
    workspace: str
    ref: str
    name: str = ""
    kind: str = "other"
    configured_as: str = Field(default="", sa_column_kwargs={"server_default": ""})
    aliases: str = Field(default="[]", sa_column_kwargs={"server_default": "[]"})  # JSON
    joined: bool = True
    encrypted: bool = False
    direct_person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    replaced_by: str | None = None
    introduced_at: datetime | None = None
    encryption_noted: bool = False


class PersonRow(SQLModel, table=True):
    """A person on a service; `ref` is the service's id of them."""

    __tablename__: ClassVar[Any] = "person"
    __table_args__ = (UniqueConstraint("transport", "workspace", "ref"),)

    id: int | None = Field(default=None, primary_key=True)
    transport: str
    workspace: str
    ref: str
    name: str = ""
    zone: str | None = None


class Membership(SQLModel, table=True):
    """Who is in which room."""

    __tablename__: ClassVar[Any] = "membership"

    room_id: int = Field(foreign_key="room.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)


class MessageRow(SQLModel, table=True):
    """Something said; by the bot when `person_id` is null. A deleted one has no text."""

    __tablename__: ClassVar[Any] = "message"
    __table_args__ = (
        UniqueConstraint("room_id", "ref"),
        Index(None, "room_id", "thread"),
        Index(None, "room_id", "sent_at"),
        CheckConstraint("deleted_at IS NULL OR text = ''", name="deleted_is_empty"),
    )

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id")
    ref: str
    thread: str | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    text: str = Field(sa_type=Text)
    files: str = Field(default="[]", sa_type=Text)  # JSON: list of SharedFile
    only_for: int | None = Field(default=None, foreign_key="person.id")
    sent_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


class Revision(SQLModel, table=True):
    """An earlier text of an edited message."""

    __tablename__: ClassVar[Any] = "revision"
    __table_args__ = (UniqueConstraint("room_id", "message", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id")
    message: str
    number: str
    text: str = Field(sa_type=Text)
    at: datetime


class ReactionRow(SQLModel, table=True):
    """An emoji on a message; `ref` is the service's id of the reaction, if it has one."""

    __tablename__: ClassVar[Any] = "reaction"
    __table_args__ = (
        UniqueConstraint("room_id", "message", "person_id", "emoji"),
        Index(None, "room_id", "ref"),
    )

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id")
    message: str
    person_id: int = Field(foreign_key="person.id")
    emoji: str
    ref: str
    at: datetime


class InboxRow(SQLModel, table=True):
    """An event as it came in; `position` orders the events of a room."""

    __tablename__: ClassVar[Any] = "inbox"
    __table_args__ = (
        UniqueConstraint("transport", "workspace", "ref"),
        UniqueConstraint("room_id", "message", "kind", "revision"),
        one_of("state", "new", "handled", "failed"),
        Index(
            "ix_inbox_waiting",
            "room_id",
            "position",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index(None, "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    transport: str
    workspace: str
    ref: str
    room_id: int = Field(foreign_key="room.id")
    person_id: int = Field(foreign_key="person.id")
    message: str | None = None
    kind: str
    revision: str = ""
    position: int = Field(sa_type=BigInteger)
    payload: str = Field(sa_type=Text)
    late: bool = False
    state: str = "new"
    received_at: datetime
    handled_at: datetime | None = None
    reference: str | None = None


class TenureRow(SQLModel, table=True):
    """Which process was the last to write here; see `bot.storage.tenure`."""

    __tablename__: ClassVar[Any] = "tenure"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int | None = Field(default=None, primary_key=True)
    owner: str


class CursorRow(SQLModel, table=True):
    """Up to where a service has been read, and when that was."""

    __tablename__: ClassVar[Any] = "cursor"

    transport: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    value: str | None = Field(default=None, sa_type=Text)
    at: datetime


class GapRow(SQLModel, table=True):
    """History still to be read; its events get positions below `ceiling`, going down."""

    __tablename__: ClassVar[Any] = "gap"

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id", index=True)
    start: str = Field(sa_type=Text)
    stop: str | None = Field(default=None, sa_type=Text)
    ceiling: int = Field(sa_type=BigInteger)
    after: int = Field(sa_type=BigInteger)
    away_since: datetime | None = None
    away_until: datetime | None = None
    messages: int = 0
    filled_at: datetime | None = None


class OutboxRow(SQLModel, table=True):
    """Something to say or do on a service. See `bot.outbox` for its states."""

    __tablename__: ClassVar[Any] = "outbox"
    __table_args__ = (
        one_of("action", "post", "edit", "delete", "react", "home", "pin", "unpin", "topic"),
        one_of("state", "queued", "leased", "unknown", "sent", "dead", "merged", "cancelled"),
        CheckConstraint("room_id IS NOT NULL OR person_id IS NOT NULL", name="addressed"),
        Index(
            "ix_outbox_waiting",
            "position",
            sqlite_where=text("state IN ('queued', 'leased', 'unknown')"),
            postgresql_where=text("state IN ('queued', 'leased', 'unknown')"),
        ),
        Index(None, "post_key"),
        Index(None, "room_id", "message"),
        Index(None, "created_at"),
    )

    id: str = Field(primary_key=True)
    transport: str
    workspace: str
    room_id: int | None = Field(default=None, foreign_key="room.id")
    thread: str | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")
    private: bool = False
    action: str
    lane: int
    position: int = Field(sa_type=BigInteger)
    post: str | None = Field(default=None, sa_type=Text)
    post_key: str | None = None
    target_delivery: str | None = None
    target_message: str | None = None
    emoji: str = ""
    state: str = "queued"
    attempts: int = 0
    owner: str | None = None
    message: str | None = None
    rest: str = "[]"  # JSON: further message ids
    error: str | None = None
    created_at: datetime
    sent_at: datetime | None = None
    expires_at: datetime | None = None


class QuoteRow(SQLModel, table=True):
    """Which deliveries hold text of which message, so that deleting it erases it there."""

    __tablename__: ClassVar[Any] = "quote"

    room_id: int = Field(foreign_key="room.id", primary_key=True)
    message: str = Field(primary_key=True)
    delivery_id: str = Field(primary_key=True, index=True)


class ScheduleRow(SQLModel, table=True):
    """Something that must happen at a time."""

    __tablename__: ClassVar[Any] = "schedule"
    __table_args__ = (UniqueConstraint("kind", "key"), Index(None, "due_at"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    due_at: datetime
    payload: str = Field(default="{}", sa_type=Text)
    attempts: int = 0


class ErrandRow(SQLModel, table=True):
    """Slow work outside the transaction that asked for it."""

    __tablename__: ClassVar[Any] = "errand"
    __table_args__ = (
        one_of("state", "queued", "done", "failed"),
        Index(
            "ix_errand_waiting",
            "next_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: str = Field(primary_key=True)
    kind: str
    payload: str = Field(sa_type=Text)
    room_id: int = Field(foreign_key="room.id")
    thread: str | None = None
    person_id: int = Field(foreign_key="person.id")
    state: str = "queued"
    attempts: int = 0
    next_at: datetime
    created_at: datetime


class QuestionRow(SQLModel, table=True):
    """A command that waits for what a person writes next in a conversation."""

    __tablename__: ClassVar[Any] = "question"
    __table_args__ = (UniqueConstraint("room_id", "thread", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id")
    thread: str = ""
    person_id: int = Field(foreign_key="person.id")
    line: str = Field(sa_type=Text)
    asked_at: datetime
