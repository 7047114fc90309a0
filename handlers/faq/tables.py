"""The answers given: which article, to which message, and whether it helped."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from bot.storage.tables import one_of


class AnswerRow(SQLModel, table=True):
    """An answer; the question's text stays with its message, and is kept here if it has none."""

    __tablename__: ClassVar[Any] = "faq_answer"
    __table_args__ = (one_of("state", "given", "solved", "unsolved"),)

    id: int | None = Field(default=None, primary_key=True)
    room_id: int = Field(foreign_key="room.id", index=True)
    message: str | None = None
    question: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    thread: str | None = None
    person_id: int = Field(foreign_key="person.id")
    article: str
    probability: float
    state: str = "given"
    given_at: datetime
    settled_at: datetime | None = None
