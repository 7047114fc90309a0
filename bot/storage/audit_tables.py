"""The record of what people did: its rows, what they quote, and where their chain ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of


class AuditRow(SQLModel, table=True):
    """One act of a person. `before`, `after` and `reason` may be erased, `salt` with them."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__ = (
        one_of("outcome", "done", "refused"),
        Index(
            "ix_audit_refused",
            "id",
            sqlite_where=text("outcome = 'refused'"),
            postgresql_where=text("outcome = 'refused'"),
        ),
    )

    id: int | None = Field(
        default=None, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    at: datetime = Field(index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    role: str
    room_id: int = Field(foreign_key="room.id")
    act: str
    object: str = Field(index=True)
    outcome: str
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    salt: str
    digest: str
    hash: str


class AuditSource(SQLModel, table=True):
    """Which acts hold text of which message, so that deleting it erases it there."""

    __tablename__: ClassVar[Any] = "audit_source"

    room_id: int = Field(foreign_key="room.id", primary_key=True)
    message: str = Field(primary_key=True)
    audit_id: int = Field(foreign_key="audit.id", primary_key=True, index=True)


class AuditChain(SQLModel, table=True):
    """Where the chain begins, after what was kept long enough, and where it ends."""

    __tablename__: ClassVar[Any] = "audit_chain"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int | None = Field(default=None, primary_key=True)
    dropped: int
    dropped_hash: str
    last: int
    last_hash: str
