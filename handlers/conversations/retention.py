"""Deletes conversations that are older than their room keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from bot.context import Act
from bot.storage.tables import (
    InboxRow,
    MessageRow,
    OutboxRow,
    QuoteRow,
    ReactionRow,
    Revision,
    Room,
)

_ROOM = Room.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]
_REVISION = Revision.__table__  # type: ignore[attr-defined]
_REACTION = ReactionRow.__table__  # type: ignore[attr-defined]
_INBOX = InboxRow.__table__  # type: ignore[attr-defined]
_OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]
_QUOTE = QuoteRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days things are kept.

    Attributes:
        rooms: days of a room, by (transport, its name in the configuration); others keep
            `messages`.
        events: days of what came in and went out, once it is done.
    """

    messages: int
    events: int
    rooms: Mapping[tuple[str, str], int]


def forget_old(act: Act, keeping: Keeping) -> None:
    """Delete every message, revision and reaction that is too old, and old journal rows."""
    rooms = act.unit.connection.execute(
        select(_ROOM.c.id, _ROOM.c.transport, _ROOM.c.configured_as)
    ).all()
    for room in rooms:
        days = keeping.rooms.get((room.transport, room.configured_as), keeping.messages)
        _forget_room(act, room.id, act.now - timedelta(days=days))
    _forget_journal(act, act.now - timedelta(days=keeping.events))
    act.unit.erase_traces()


def _forget_room(act: Act, room_id: int, before: datetime) -> None:
    old = select(_MESSAGE.c.ref).where(_MESSAGE.c.room_id == room_id, _MESSAGE.c.sent_at < before)
    for table in (_REVISION, _REACTION):
        act.unit.connection.execute(
            delete(table).where(table.c.room_id == room_id, table.c.message.in_(old))
        )
    act.unit.connection.execute(
        delete(_INBOX).where(
            _INBOX.c.room_id == room_id, _INBOX.c.state != "new", _INBOX.c.message.in_(old)
        )
    )
    act.unit.connection.execute(
        delete(_MESSAGE).where(_MESSAGE.c.room_id == room_id, _MESSAGE.c.sent_at < before)
    )


def _forget_journal(act: Act, before: datetime) -> None:
    done = (_OUTBOX.c.created_at < before) & _OUTBOX.c.state.in_(
        ("sent", "dead", "merged", "cancelled")
    )
    # Lasting posts are kept: their cards are still to be edited.
    gone = done & _OUTBOX.c.post_key.is_(None)
    act.unit.connection.execute(
        delete(_QUOTE).where(_QUOTE.c.delivery_id.in_(select(_OUTBOX.c.id).where(gone)))
    )
    act.unit.connection.execute(delete(_OUTBOX).where(gone))
    act.unit.connection.execute(
        delete(_INBOX).where(_INBOX.c.received_at < before, _INBOX.c.state != "new")
    )
