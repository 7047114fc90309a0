"""Notices: announcements and planned maintenance, and the rooms they stand in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of


class NoticeRow(SQLModel, table=True):
    """Something everybody in its rooms is told."""

    __tablename__: ClassVar[Any] = "notice"
    __table_args__ = (
        one_of("kind", "announcement", "maintenance"),
        one_of("state", "posted", "planned", "started", "finished", "cancelled"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("kind != 'maintenance' OR starts_at IS NOT NULL", name="has_start"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str
    text: str = Field(sa_type=Text)
    author_id: int = Field(foreign_key="person.id")
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    created_at: datetime


class NoticeRoom(SQLModel, table=True):
    """A room a notice is told in."""

    __tablename__: ClassVar[Any] = "notice_room"

    notice_id: int = Field(foreign_key="notice.id", primary_key=True)
    room_id: int = Field(foreign_key="room.id", primary_key=True)
