"""Which room is this? Read once, remembered until a room changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.events import Place
from bot.storage.tables import Room, table_of
from bot.storage.unit import Unit

COMMAND_PREFIX = "!"
NOWHERE = "page of "  # begins the stand-in for a room of what happened in none

_ROOM = table_of(Room).c
_COLUMNS = (
    _ROOM.id,
    _ROOM.transport,
    _ROOM.workspace,
    _ROOM.ref,
    _ROOM.kind,
    _ROOM.name,
    _ROOM.joined,
    _ROOM.replaced_by,
)


@dataclass(frozen=True, slots=True)
class RoomInfo:
    """A room as handlers see it; `id` is the database's, `kind` support, staff, direct or other.

    Attributes:
        joined: the bot is in it, and can say something there.
        replaced_by: the service's id of the room that took its place.
    """

    id: int
    place: Place
    kind: str
    name: str
    joined: bool
    replaced_by: str | None

    @property
    def direct(self) -> bool:
        """Only one person and the bot are in it."""
        return self.kind == "direct"

    @property
    def nowhere(self) -> bool:
        """It stands for a place without a room, and nothing can be said there."""
        return self.place.room.startswith(NOWHERE)

    @property
    def private(self) -> bool:
        """Nobody else reads what one person does there."""
        return self.direct or self.nowhere

    @property
    def prefix(self) -> str:
        """What stands before a command typed here."""
        return "" if self.private else COMMAND_PREFIX


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

    def current(self, unit: Unit, room_id: int) -> RoomInfo:
        """Return a room, or the one that has replaced it, as far as the bot has followed."""
        found, seen = self.by_id(unit, room_id), {room_id}
        while found.replaced_by is not None:
            heir = self.at(unit, replace(found.place, room=found.replaced_by))
            if heir is None or not heir.joined or heir.id in seen:
                break
            seen.add(heir.id)
            found = heir
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

    def of_kind(self, unit: Unit, kind: str) -> list[RoomInfo]:
        """Return the rooms of a kind that the bot is in, oldest first."""
        ids = unit.connection.scalars(
            select(_ROOM.id).where(_ROOM.kind == kind, _ROOM.joined).order_by(_ROOM.id)
        ).all()
        return list(dict.fromkeys(self.current(unit, room_id) for room_id in ids))


def _info(row: Row[*tuple[Any, ...]]) -> RoomInfo:
    place = Place(row.transport, row.workspace, row.ref)
    name = row.name or row.ref
    return RoomInfo(row.id, place, row.kind, name, row.joined, row.replaced_by)
