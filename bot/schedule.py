"""What must happen at a time: rows that are claimed when due, exactly once.

The row is deleted in the transaction that does what it asks for, so a crash before
the commit leaves it due and one after it leaves nothing to do again. APScheduler
only wakes the loop (`bot.ticker`); no job of ours lives in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.clock import Clock
from bot.storage.insert import insert_new
from bot.storage.tables import ScheduleRow, table_of
from bot.storage.unit import Unit

_SCHEDULE = table_of(ScheduleRow)


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come.

    Attributes:
        at: when it was due (aware UTC), which may be a while ago.
    """

    id: int
    kind: str
    key: str
    at: datetime
    payload: dict[str, Any]
    attempts: int


class Schedule:
    """Plans and claims what falls due.

    Args:
        planned: called in the event loop with each committed due time.
    """

    def __init__(self, clock: Clock, planned: Callable[[datetime], None]) -> None:
        """See the class."""
        self._clock = clock
        self._planned = planned

    def put(self, unit: Unit, due: datetime, kind: str, key: str, payload: dict[str, Any]) -> None:
        """Plan `kind` for `key` at an aware time; planning the same again moves it."""
        self.cancel(unit, kind, key)
        unit.connection.execute(
            _SCHEDULE.insert(),
            _row(due, kind, key, payload),
        )
        unit.after_commit(lambda: self._planned(due))

    def ensure(self, unit: Unit, kind: str) -> None:
        """Plan `kind` for now, under its own name, unless it is planned."""
        now = self._clock.now()
        insert_new(unit.connection, _SCHEDULE, [_row(now, kind, kind, {})])
        unit.after_commit(lambda: self._planned(now))

    def cancel(self, unit: Unit, kind: str, key: str) -> None:
        """Unplan it, if it is planned."""
        unit.connection.execute(
            _SCHEDULE.delete().where(_SCHEDULE.c.kind == kind, _SCHEDULE.c.key == key)
        )

    def due(self, unit: Unit, limit: int = 50) -> list[Due]:
        """Return what is due now, the longest waiting first."""
        rows = unit.connection.execute(
            select(_SCHEDULE)
            .where(_SCHEDULE.c.due_at <= self._clock.now())
            .order_by(_SCHEDULE.c.due_at, _SCHEDULE.c.id)
            .limit(limit)
        )
        return [
            Due(row.id, row.kind, row.key, row.due_at, json.loads(row.payload), row.attempts)
            for row in rows
        ]

    @staticmethod
    def claim(unit: Unit, due: Due) -> bool:
        """Take `due` off the plan in this transaction; False when another worker has."""
        taken = unit.connection.execute(
            _SCHEDULE.delete().where(_SCHEDULE.c.id == due.id, _SCHEDULE.c.due_at <= due.at)
        )
        return bool(taken.rowcount == 1)

    @staticmethod
    def next(unit: Unit) -> datetime | None:
        """Return when the next thing is due."""
        return unit.connection.scalar(
            select(_SCHEDULE.c.due_at).order_by(_SCHEDULE.c.due_at).limit(1)
        )

    def postpone(self, unit: Unit, due: Due, until: datetime) -> None:
        """Try a failed one again later; it stays planned."""
        unit.connection.execute(
            _SCHEDULE.update()
            .where(_SCHEDULE.c.id == due.id)
            .values(due_at=until, attempts=due.attempts + 1)
        )
        unit.after_commit(lambda: self._planned(until))


def _row(due: datetime, kind: str, key: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "due_at": due,
        "payload": json.dumps(payload),
        "attempts": 0,
    }
