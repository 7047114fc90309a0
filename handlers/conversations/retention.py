"""Deletes what is older than it is kept, a slice in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Table, delete, exists, func, select

from bot import audit
from bot.context import Act
from bot.hooks import Hooks
from bot.questions import ANSWERED_WITHIN
from bot.storage.tables import (
    ErrandRow,
    GapRow,
    InboxRow,
    MessageRow,
    OutboxRow,
    QuestionRow,
    QuoteRow,
    ReactionRow,
    Revision,
    Room,
    table_of,
)

_ROOM = table_of(Room)
_MESSAGE = table_of(MessageRow)
_REVISION = table_of(Revision)
_REACTION = table_of(ReactionRow)
_INBOX = table_of(InboxRow)
_OUTBOX = table_of(OutboxRow)
_QUOTE = table_of(QuoteRow)
_QUESTION = table_of(QuestionRow)
_ERRAND = table_of(ErrandRow)
_GAP = table_of(GapRow)

SLICE = 2000  # rows in one transaction, so that nobody waits long for it
PAUSE = timedelta(seconds=1)  # between slices, in which others come first

Step = Callable[[int], int]  # deletes at most so many rows and returns how many


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days things are kept.

    Attributes:
        rooms: days of a room, by (transport, its name in the configuration); others keep
            `messages`.
        events: days of what came in and went out, once it is done.
        audit: days of the record of who did what.
    """

    messages: int
    events: int
    audit: int
    rooms: Mapping[tuple[str, str], int]


def forget_old(act: Act, keeping: Keeping) -> bool:
    """Delete a slice of what is too old; returns whether there may be more."""
    act.unit.erase_traces()
    left = SLICE
    for step in _steps(act, keeping):
        left -= step(left)
        if left <= 0:
            return True
    return False


def _steps(act: Act, keeping: Keeping) -> Iterator[Step]:
    rooms = act.unit.connection.execute(
        select(_ROOM.c.id, _ROOM.c.transport, _ROOM.c.configured_as)
    ).all()
    for room in rooms:
        days = keeping.rooms.get((room.transport, room.configured_as), keeping.messages)
        before = act.now - timedelta(days=days)
        yield partial(_forget_messages, act, room.id, before)
        for forget in act.use(Hooks).forget:
            yield partial(forget, act, room.id, before)
    yield partial(audit.drop, act.unit, act.now - timedelta(days=keeping.audit))
    before = act.now - timedelta(days=keeping.events)
    yield partial(_forget_deliveries, act, before)
    yield partial(_forget, act, _INBOX, (_INBOX.c.received_at < before) & (_INBOX.c.state != "new"))
    done = (_ERRAND.c.created_at < before) & (_ERRAND.c.state != "queued")
    yield partial(_forget, act, _ERRAND, done)
    yield partial(_forget, act, _GAP, _GAP.c.filled_at < before)
    yield partial(_forget, act, _QUESTION, _QUESTION.c.asked_at < act.now - ANSWERED_WITHIN)


def _forget(act: Act, table: Table, old: ColumnElement[bool], limit: int) -> int:
    chosen = select(table.c.id).where(old).limit(limit)
    return act.unit.connection.execute(delete(table).where(table.c.id.in_(chosen))).rowcount


def _forget_messages(act: Act, room_id: int, before: datetime, limit: int) -> int:
    """Delete a room's oldest messages, and what belongs to them."""
    too_old = (_MESSAGE.c.room_id == room_id) & (_MESSAGE.c.sent_at < before)
    if act.unit.connection.execute(select(_MESSAGE.c.id).where(too_old).limit(1)).first() is None:
        return 0  # as for nearly every room, each time
    order = (_MESSAGE.c.sent_at, _MESSAGE.c.id)
    old = select(_MESSAGE.c.ref).where(too_old).order_by(*order).limit(limit)
    handled = _INBOX.c.state != "new"
    for table, more in ((_REVISION, ()), (_REACTION, ()), (_INBOX, (handled,))):
        act.unit.connection.execute(
            delete(table).where(table.c.room_id == room_id, table.c.message.in_(old), *more)
        )
    audit.erase(act.unit, room_id, old)
    chosen = select(_MESSAGE.c.id).where(too_old).order_by(*order).limit(limit)
    return int(
        act.unit.connection.execute(delete(_MESSAGE).where(_MESSAGE.c.id.in_(chosen))).rowcount
    )


def _forget_deliveries(act: Act, before: datetime, limit: int) -> int:
    """Delete what was said, but lasting posts and how they stand now: they are still edited.

    One that was to be said only until a time, and has a key to be withdrawn by, does not last.
    """
    newer = _OUTBOX.alias()
    superseded = _OUTBOX.c.action.in_(("edit", "home")) & exists().where(
        newer.c.post_key == _OUTBOX.c.post_key,
        func.coalesce(newer.c.target_delivery, "") == func.coalesce(_OUTBOX.c.target_delivery, ""),
        newer.c.position > _OUTBOX.c.position,
    )
    settled = _OUTBOX.c.state.in_(("sent", "dead", "merged", "cancelled"))
    over = _OUTBOX.c.post_key.is_(None) | (_OUTBOX.c.expires_at < before)
    gone = (_OUTBOX.c.created_at < before) & settled & (over | superseded)
    chosen = select(_OUTBOX.c.id).where(gone).order_by(_OUTBOX.c.created_at, _OUTBOX.c.id)
    ids = act.unit.connection.execute(chosen.limit(limit)).scalars().all()
    act.unit.connection.execute(delete(_QUOTE).where(_QUOTE.c.delivery_id.in_(ids)))
    act.unit.connection.execute(delete(_OUTBOX).where(_OUTBOX.c.id.in_(ids)))
    return len(ids)
