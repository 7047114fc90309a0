"""Which room is this? Read once, remembered until a room changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.events import Place
from bot.storage.tables import Room
from bot.storage.unit import Unit

COMMAND_PREFIX = "!"

_ROOM = Room.__table__.c  # type: ignore[attr-defined]  # SQLModel declares no __table__
_COLUMNS = (_ROOM.id, _ROOM.transport, _ROOM.workspace, _ROOM.ref, _ROOM.kind, _ROOM.name)


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room as handlers see it; `id` is the database's, `kind` support, staff, direct or other."""

    id: int
    place: Place
    kind: str
    name: str

    @property
    def direct(self) -> bool:
        """Only one person and the bot are in it."""
        return self.kind == "direct"

    @property
    def prefix(self) -> str:
        """What stands before a command typed here."""
        return "" if self.direct else COMMAND_PREFIX


class Rooms:
    """Answers which room is where; used in the writer's thread only."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._by_id: dict[int, RoomInfo] = {}

    def forget(self) -> None:
        """Read every room anew from now on."""
        self._by_id.clear()

    def by_id(self, unit: Unit, room_id: int) -> RoomInfo:
        """Return a room by its database id."""
        if (known := self._by_id.get(room_id)) is not None:
            return known
        row = unit.connection.execute(select(*_COLUMNS).where(_ROOM.id == room_id)).one()
        found = self._by_id[room_id] = _info(row)
        return found

    @staticmethod
    def at(unit: Unit, place: Place) -> RoomInfo | None:
        """Return the room at a place, if the bot knows it."""
        here = (
            (_ROOM.transport == place.transport)
            & (_ROOM.workspace == place.workspace)
            & (_ROOM.ref == place.room)
        )
        row = unit.connection.execute(select(*_COLUMNS).where(here)).first()
        return None if row is None else _info(row)

    @staticmethod
    def of_kind(unit: Unit, kind: str) -> list[RoomInfo]:
        """Return the rooms of a kind that the bot is in, oldest first."""
        rows = unit.connection.execute(
            select(*_COLUMNS).where(_ROOM.kind == kind, _ROOM.joined).order_by(_ROOM.id)
        )
        return [_info(row) for row in rows]


def _info(row: Row[*tuple[Any, ...]]) -> RoomInfo:
    place = Place(row.transport, row.workspace, row.ref)
    return RoomInfo(row.id, place, row.kind, row.name or row.ref)
