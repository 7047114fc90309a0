"""The answers given: which article, to which message, and whether it helped."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of


class AnswerRow(SQLModel, table=True):
    """An answer; the question's text is not copied, it stays with its message."""

    __tablename__: ClassVar[Any] = "faq_answer"
    __table_args__ = (one_of("state", "given", "solved", "unsolved"),)

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id", index=True)
    message: str | None = None
    thread: str | None = None
    person_id: int = Field(foreign_key="person.id")
    article: str
    probability: float
    state: str = "given"
    given_at: datetime
    settled_at: datetime | None = None
