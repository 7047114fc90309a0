"""Whose page is shown anew?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel


class HomePage(SQLModel, table=True):
    """Somebody who has opened the bot's own page, and when last."""

    __tablename__: ClassVar[Any] = "home_page"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    opened_at: datetime
