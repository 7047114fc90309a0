"""Where is somebody, or a post of ours, on its service?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.events import Person, Place
from bot.storage.tables import Membership, PersonRow, Room, table_of
from bot.storage.unit import Unit

_PERSON = table_of(PersonRow)
_ROOM = table_of(Room)
_MEMBER = table_of(Membership)


def id_of(unit: Unit, who: Place | Person) -> int | None:
    """Return the database id of a room or a person."""
    table, ref = (_ROOM, who.room) if isinstance(who, Place) else (_PERSON, who.user)
    return unit.connection.scalar(
        select(table.c.id).filter_by(transport=who.transport, workspace=who.workspace, ref=ref)
    )


def person_of(unit: Unit, person_id: int) -> Person:
    """Return the person with a database id."""
    row = unit.connection.execute(select(_PERSON).where(_PERSON.c.id == person_id)).one()
    return Person(row.transport, row.workspace, row.ref)


def direct_with(unit: Unit, person_id: int | None, near: Place | None) -> tuple[Place, int | None]:
    """Return the direct room with a person and its database id; without one, an empty room.

    `near` is where something happened that brings us to them.
    """
    row = unit.connection.execute(
        select(_ROOM).where(
            _ROOM.c.direct_person_id == person_id, _ROOM.c.kind == "direct", _ROOM.c.joined
        )
    ).first()
    if row is not None:
        return Place(row.transport, row.workspace, row.ref), row.id
    assert person_id is not None
    person = person_of(unit, person_id)
    # A guest's home is not the workspace through which we reach them.
    shared = near.workspace if near is not None and near.transport == person.transport else None
    if shared is None:
        shared = unit.connection.scalar(
            select(_ROOM.c.workspace)
            .join(_MEMBER, _MEMBER.c.room_id == _ROOM.c.id)
            .where(_MEMBER.c.person_id == person_id)
            .limit(1)
        )
    return Place(person.transport, shared or person.workspace, ""), None


def place_of(unit: Unit, row: Any) -> tuple[Place, int | None]:
    """Return where a row of the outbox goes, and its room's database id."""
    if row.room_id is None:
        return Place(row.transport, row.workspace, "", row.thread), None
    ref = unit.connection.scalar(select(_ROOM.c.ref).where(_ROOM.c.id == row.room_id))
    return Place(row.transport, row.workspace, str(ref), row.thread), row.room_id
