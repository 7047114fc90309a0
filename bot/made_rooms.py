"""Makes a room of which nothing was known, or what stands for one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Row

from bot.events import Place
from bot.rooms import NOWHERE
from bot.storage.insert import insert_new
from bot.storage.tables import Room, table_of
from bot.storage.unit import Unit

_ROOM = table_of(Room)


def room_made(unit: Unit, place: Place, **values: Any) -> Row[Any]:
    """Return the row of the room at a place; `values` are a new one's, where they differ."""
    key = {"transport": place.transport, "workspace": place.workspace, "ref": place.room}
    row = {
        "name": "",
        "kind": "other",
        "configured_as": "",
        "aliases": "[]",
        "joined": True,
        "encrypted": False,
        "encryption_noted": False,
    }
    insert_new(unit.connection, _ROOM, [key | row | values])
    return unit.connection.execute(select(_ROOM).filter_by(**key)).one()


def room_for_none(unit: Unit, place: Place, person_id: int) -> int:
    """Return the id of a room for what happened in none: on the bot's page, or where it is not.

    It is the person's direct room, or what stands for it until there is one.
    """
    direct = select(_ROOM.c.id).where(
        _ROOM.c.direct_person_id == person_id, _ROOM.c.kind == "direct", _ROOM.c.joined
    )
    if (found := unit.connection.scalar(direct.limit(1))) is not None:
        return int(found)
    nowhere = Place(place.transport, place.workspace, f"{NOWHERE}{person_id}")
    return int(room_made(unit, nowhere, joined=False).id)
