"""Makes a room that replaces another what the other was."""

from __future__ import annotations

from sqlalchemy import func, select, update

from bot.storage.tables import Room, table_of
from bot.storage.unit import Unit

_ROOM = table_of(Room)


def succeed(unit: Unit, old: int, new: int) -> None:
    """Give room `new` what the bot has to do in `old`, unless the configuration names it itself.

    It keeps the name by which the old one is configured, so that it stays what it is when
    the configuration is read again. Whether it is direct the service tells.
    """
    row = unit.connection.execute(select(_ROOM).where(_ROOM.c.id == old)).one()
    here = _ROOM.c.id == new
    unit.connection.execute(
        update(_ROOM)
        .where(here)
        .values(introduced_at=func.coalesce(_ROOM.c.introduced_at, row.introduced_at))
    )
    if row.configured_as:
        unit.connection.execute(
            update(_ROOM)
            .where(here, _ROOM.c.configured_as == "")
            .values(kind=row.kind, configured_as=row.configured_as, direct_person_id=None)
        )
