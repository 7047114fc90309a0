"""Writes down what became of deliveries, and reads what is still to be sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update

from bot.clock import Clock
from bot.dead_letters import LATELY, DeadLetters
from bot.errors import StorageError, TransportError
from bot.made_rooms import room_made
from bot.plain import to_plain
from bot.rooms import Rooms
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.tables import MessageRow, OutboxRow, PersonRow, Room, table_of
from bot.storage.unit import Unit
from bot.transport import Action, Sent
from bot.unsent import dead_since, unsent_rows
from bot.waiting import Waiting

log = logging.getLogger(__name__)

_OUTBOX = table_of(OutboxRow)
_ROOM = table_of(Room)
_PERSON = table_of(PersonRow)
_MESSAGE = table_of(MessageRow)

RETRY_SECONDS = 0.5  # while the database cannot be written

MARK_SENT = (
    _OUTBOX.update()
    .where(_OUTBOX.c.id == bindparam("delivery_id"))
    .values(
        state="sent",
        message=bindparam("remote"),
        rest=bindparam("more"),
        sent_at=bindparam("at"),
        attempts=bindparam("tries"),
        room_id=bindparam("in_room"),
        error=None,
    )
)
MARK = (
    _OUTBOX.update()
    .where(_OUTBOX.c.id == bindparam("delivery_id"))
    .values(state=bindparam("new_state"), error=bindparam("why"), attempts=bindparam("tries"))
)
KEEP_EDIT = (
    _MESSAGE.update()
    .where(_MESSAGE.c.room_id == bindparam("in_room"), _MESSAGE.c.ref == bindparam("message"))
    .values(text=bindparam("new"), edited_at=bindparam("at"))
)


class Outcomes:
    """Records what a sender did; nothing it is told is lost while the process lives.

    Attributes:
        dead: what was given up lately.

    Args:
        owner: names this process, as in `bot.outbox`.
        recorded: called when something told by `sent` is committed.
        buried: called in the transaction that makes a delivery a dead letter.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        owner: str,
        rooms: Rooms,
        recorded: Callable[[], None],
        buried: Callable[[Unit, Waiting], None],
    ) -> None:
        """See the class."""
        self.dead = DeadLetters(clock)
        self._owner = owner
        self._database = database
        self._clock = clock
        self._zone = zone
        self._rooms = rooms
        self._told = recorded
        self._buried = buried
        self._recording: set[asyncio.Future[None]] = set()

    @property
    def pending(self) -> bool:
        """Something is told and not committed yet."""
        return bool(self._recording)

    async def settle(self, seconds: float) -> None:
        """Wait until everything told is committed, but no longer on a database that is away."""
        if self._recording:
            _, untold = await asyncio.wait(self._recording, timeout=seconds)
            for task in untold:
                task.cancel()
            await asyncio.gather(*untold, return_exceptions=True)

    def sent(self, waiting: Waiting, sent: Sent) -> None:
        """Record that a delivery was accepted, without keeping its room waiting."""
        work = partial(self._record, waiting, sent, self._clock.now())
        task = asyncio.ensure_future(self._surely(work))
        self._recording.add(task)
        task.add_done_callback(self._recorded)

    async def mark(self, waiting: Waiting, state: str, why: str | None) -> None:
        """Record that a delivery was not accepted; returns when that is committed."""
        row = _marked(waiting, state, why)
        await self._surely(lambda unit: unit.bulk(MARK, row))

    @staticmethod
    def failed(waiting: Waiting, error: TransportError) -> None:
        """Tell of an attempt that failed."""
        log.warning(
            "a delivery failed: %s",
            error,
            extra={
                "event": "send_failed",
                "delivery_id": waiting.delivery.id,
                "failure": str(error.failure),
                "attempts": waiting.attempts,
            },
        )

    async def bury(self, waiting: Waiting, error: Exception) -> None:
        """Keep a delivery that is given up as a dead letter."""
        self.dead.add()
        log.error(
            "a delivery is given up and kept as a dead letter: %s",
            error,
            extra={"event": "dead_letter", "delivery_id": waiting.delivery.id},
        )
        row = _marked(waiting, "dead", str(error))

        def record(unit: Unit) -> None:
            unit.bulk(MARK, row)
            self._buried(unit, waiting)

        await self._surely(record)

    async def message_of(self, delivery_id: str) -> tuple[str | None, str]:
        """Return the message an earlier delivery became, and its room's id on the service."""
        while True:
            try:
                return await self._database.read(partial(_message_of, delivery_id))
            except StorageError as error:
                log.warning("a delivery waits for the database: %s", error)
                await self._clock.sleep(RETRY_SECONDS)

    async def unsent(self, transport: str, workspace: str) -> Sequence[Waiting]:
        """Return what is unsent, or may have been sent, in its order; count what is dead.

        What another process wrote it may have sent: it offers a delivery to its sender
        directly after the commit, and records only later that it was sent. What this one
        wrote and does not have in hand was committed without its knowledge
        (`Database.when_in_doubt`), so it was never offered, and never sent.
        """
        since = self._clock.now() - LATELY
        dead = await self._database.read(partial(dead_since, transport, workspace, since))
        self.dead.remember(dead)
        return await self._database.read(partial(unsent_rows, transport, workspace, self._owner))

    def _recorded(self, task: asyncio.Future[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            # It stays unsent in the database, and is looked into at the next start.
            log.error(
                "what was sent cannot be recorded", exc_info=error, extra={"event": "not_recorded"}
            )
        reached(Step.RECORDED)
        self._recording.discard(task)
        self._told()

    async def _surely(self, work: Callable[[Unit], None]) -> None:
        while True:
            try:
                await self._database.write(work)
            except StorageError as error:
                log.warning("an outcome waits for the database: %s", error)
                await self._clock.sleep(RETRY_SECONDS)
            else:
                return

    def _record(self, waiting: Waiting, sent: Sent, at: datetime, unit: Unit) -> None:
        room_id = waiting.room_id
        elsewhere = sent.room not in (None, waiting.delivery.place.room)
        if elsewhere and waiting.delivery.action is not Action.HOME:
            assert sent.room is not None
            room_id = self._direct_room(unit, waiting, sent.room)
        unit.bulk(
            MARK_SENT,
            {
                "delivery_id": waiting.delivery.id,
                "remote": sent.message,
                "more": json.dumps(list(sent.rest)) if sent.rest else "[]",
                "at": at,
                "tries": waiting.attempts + 1,
                "in_room": room_id,
            },
        )
        self._keep(unit, waiting, sent, room_id, at)

    def _direct_room(self, unit: Unit, waiting: Waiting, ref: str) -> int:
        place = replace(waiting.delivery.place, room=ref)
        direct = {"kind": "direct", "direct_person_id": waiting.person_id}
        row = room_made(unit, place, **direct)
        # What the configuration says of a room goes before what a service says.
        here = (_ROOM.c.id == row.id) & (_ROOM.c.configured_as == "")
        unit.connection.execute(update(_ROOM).where(here).values(direct))
        self._rooms.forget()
        unit.when_taken_back(self._rooms.forget)
        return int(row.id)

    def _keep(
        self, unit: Unit, waiting: Waiting, sent: Sent, room_id: int | None, at: datetime
    ) -> None:
        """Store what we said as part of the conversation."""
        delivery = waiting.delivery
        if delivery.post is None or room_id is None:
            return
        text = to_plain(delivery.post.content, self._zone)
        if delivery.action is Action.EDIT:
            row = {"in_room": room_id, "message": delivery.target, "new": text, "at": at}
            unit.bulk(KEEP_EDIT, row)
        if delivery.action is not Action.POST:
            return
        unit.bulk_new(
            _MESSAGE,
            {
                "room_id": room_id,
                "ref": sent.message,
                "thread": delivery.place.thread,
                "text": text,
                "files": "[]",
                "only_for": waiting.person_id if delivery.private else None,
                "sent_at": at,
            },
        )


def _message_of(delivery_id: str, connection: Connection) -> tuple[str | None, str]:
    row = connection.execute(
        select(_OUTBOX.c.message, _ROOM.c.ref)
        .outerjoin(_ROOM, _ROOM.c.id == _OUTBOX.c.room_id)
        .where(_OUTBOX.c.id == delivery_id)
    ).first()
    return (None, "") if row is None else (row.message, row.ref or "")


def _marked(waiting: Waiting, state: str, why: str | None) -> dict[str, Any]:
    return {
        "delivery_id": waiting.delivery.id,
        "new_state": state,
        "why": why,
        "tries": waiting.attempts,
    }
