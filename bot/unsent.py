"""Reads what is stored and not said: what is still to be sent, and what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from bot.events import Person, Place
from bot.replies import post_codec
from bot.storage.tables import OutboxRow, PersonRow, Room, table_of
from bot.waiting import Waiting, waiting_of

_OUTBOX = table_of(OutboxRow)
_ROOM = table_of(Room)
_PERSON = table_of(PersonRow)


def dead_since(
    transport: str, workspace: str, since: datetime, connection: Connection
) -> Sequence[datetime]:
    """Return when the dead letters since a moment were written."""
    return connection.scalars(
        select(_OUTBOX.c.created_at).where(
            _OUTBOX.c.created_at > since,
            _OUTBOX.c.state == "dead",
            _OUTBOX.c.transport == transport,
            _OUTBOX.c.workspace == workspace,
        )
    ).all()


def unsent_rows(
    transport: str, workspace: str, owner: str, connection: Connection
) -> list[Waiting]:
    """Return what is not known to be sent, in its order; others than `owner` may have sent it."""
    rows = connection.execute(
        select(
            _OUTBOX,
            _ROOM.c.ref.label("room_ref"),
            _PERSON.c.ref.label("person_ref"),
            _PERSON.c.workspace.label("person_workspace"),
        )
        .outerjoin(_ROOM, _ROOM.c.id == _OUTBOX.c.room_id)
        .outerjoin(_PERSON, _PERSON.c.id == _OUTBOX.c.person_id)
        .where(
            _OUTBOX.c.state.in_(("queued", "leased", "unknown")),
            _OUTBOX.c.transport == transport,
            _OUTBOX.c.workspace == workspace,
        )
        .order_by(_OUTBOX.c.position)
    ).mappings()
    return [_taken_up(row, maybe_sent=row["owner"] != owner) for row in rows]


def _taken_up(row: RowMapping, *, maybe_sent: bool) -> Waiting:
    post = post_codec.validate_json(row["post"]) if row["post"] else None
    place = Place(row["transport"], row["workspace"], row["room_ref"] or "", row["thread"])
    person = None
    if row["person_ref"] is not None:
        person = Person(row["transport"], row["person_workspace"], row["person_ref"])
    return waiting_of(dict(row), place, person, post, maybe_sent=maybe_sent)
