"""Takes a deleted message's text out of everything that stores what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import exists, select, update

from bot import events
from bot.events import Edited, Message
from bot.storage.tables import InboxRow, MessageRow, Revision, table_of
from bot.storage.unit import Unit

_MESSAGE = table_of(MessageRow)
_REVISION = table_of(Revision)
_INBOX = table_of(InboxRow)


def erase(unit: Unit, room_id: int, message: str, at: datetime) -> None:
    """Erase a message's text where it was stored: itself, its revisions, the inbox.

    What quotes it is erased in its turn, when the deletion is handled: the message may
    still wait to be.
    """
    unit.connection.execute(
        update(_MESSAGE)
        .where(_MESSAGE.c.room_id == room_id, _MESSAGE.c.ref == message)
        .values(text="", files="[]", deleted_at=at)
    )
    unit.connection.execute(
        _REVISION.delete().where(_REVISION.c.room_id == room_id, _REVISION.c.message == message)
    )
    _erase_inbox(unit, room_id, message)


def erase_late(unit: Unit, room_id: int, message: str) -> None:
    """Erase what came in about a message after its deletion, if it is deleted."""
    gone = exists().where(
        _MESSAGE.c.room_id == room_id,
        _MESSAGE.c.ref == message,
        _MESSAGE.c.deleted_at.is_not(None),
    )
    told = exists().where(
        _INBOX.c.room_id == room_id, _INBOX.c.message == message, _INBOX.c.kind == "deleted"
    )
    if unit.connection.scalar(select(gone | told)):
        _erase_inbox(unit, room_id, message)


def _erase_inbox(unit: Unit, room_id: int, message: str) -> None:
    came_in = (_INBOX.c.room_id == room_id) & (_INBOX.c.message == message)
    for row in unit.connection.execute(select(_INBOX.c.id, _INBOX.c.payload).where(came_in)).all():
        unit.connection.execute(
            update(_INBOX).where(_INBOX.c.id == row.id).values(payload=_emptied(row.payload))
        )
    unit.erase_traces()


def _emptied(payload: str) -> str:
    event = events.load(payload)
    if isinstance(event, Message):
        event = replace(event, text="", files=())
    elif isinstance(event, Edited):
        event = replace(event, text="")
    return events.dump(event)
