"""Commands that wait for what somebody writes next: asked in one act, answered in another."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from bot.storage.tables import QuestionRow, table_of
from bot.storage.unit import Unit

_QUESTION = table_of(QuestionRow)

ANSWERED_WITHIN = timedelta(minutes=30)

Key = tuple[int, str, int]  # room, thread or "", person


class Questions:
    """Open questions; used in the writer's thread only.

    It knows by heart where any was asked, so that most messages cost no look-up.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._asked: set[Key] | None = None

    def ask(self, unit: Unit, key: Key, line: str, now: datetime) -> None:
        """Let `line` wait for the next message; an older question there is forgotten."""
        self._known(unit).add(key)
        room_id, thread, person_id = key
        unit.connection.execute(_QUESTION.delete().where(_here(key)))
        unit.connection.execute(
            _QUESTION.insert(),
            {
                "room_id": room_id,
                "thread": thread,
                "person_id": person_id,
                "line": line,
                "asked_at": now,
            },
        )

    def take(self, unit: Unit, key: Key, now: datetime) -> str | None:
        """Return the line that waits there, which waits no longer; None when it is too old."""
        if key not in self._known(unit):
            return None
        row = unit.connection.execute(select(_QUESTION).where(_here(key))).first()
        if row is None:
            return None
        unit.connection.execute(_QUESTION.delete().where(_here(key)))
        return None if now - row.asked_at > ANSWERED_WITHIN else str(row.line)

    def _known(self, unit: Unit) -> set[Key]:
        if self._asked is None:
            columns = (_QUESTION.c.room_id, _QUESTION.c.thread, _QUESTION.c.person_id)
            self._asked = {
                (row.room_id, row.thread, row.person_id)
                for row in unit.connection.execute(select(*columns))
            }
        return self._asked


def _here(key: Key) -> ColumnElement[bool]:
    room_id, thread, person_id = key
    here: ColumnElement[bool] = (
        (_QUESTION.c.room_id == room_id)
        & (_QUESTION.c.thread == thread)
        & (_QUESTION.c.person_id == person_id)
    )
    return here
