"""Sends what the outbox holds, on one service: in order in a room, people before broadcasts.

One delivery is under way per room. A refusal that will pass is tried again, later
and later; what the service may or may not have taken is settled by the delivery's
promise; a permanent refusal is a dead letter and lets the next one go.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError
from bot.events import Person, Place
from bot.outbox import Waiting, waiting_of
from bot.plain import to_plain
from bot.replies import post_codec
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.insert import insert_new
from bot.storage.tables import MessageRow, OutboxRow, PersonRow, Room
from bot.storage.writer import Unit
from bot.transport import Action, Promise, Sent, Transport

log = logging.getLogger(__name__)

_OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
_ROOM = Room.__table__  # type: ignore[attr-defined]
_PERSON = PersonRow.__table__  # type: ignore[attr-defined]
_MESSAGE = MessageRow.__table__  # type: ignore[attr-defined]

AT_ONCE = 16  # sends under way on one service
FIRST_RETRY = 0.5  # seconds; doubled each time, with full jitter
LONGEST_RETRY = 300.0  # seconds
GIVE_UP_AFTER = timedelta(days=3)
REMEMBERED = 10_000  # message ids of recent deliveries, for the edits that follow them

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


@dataclass(slots=True)
class _Conversation:
    waiting: list[Waiting] = field(default_factory=list)  # sorted: lane, position
    busy: bool = False
    not_before: datetime | None = None


class Sender:
    """The only one who sends on a transport.

    Args:
        refused: called when the service refuses our access for good.
    """

    def __init__(
        self,
        transport: Transport,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        refused: Callable[[TransportError], None],
    ) -> None:
        """See the class."""
        self._transport = transport
        self._database = database
        self._clock = clock
        self._zone = zone
        self._refused = refused
        self._conversations: dict[str, _Conversation] = {}
        self._sent: OrderedDict[str, str] = OrderedDict()
        self._paused_until: datetime | None = None
        self._stopped = False
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._under_way = 0
        self._jitter = random.Random()
        self._recording: set[asyncio.Future[None]] = set()
        self.dead = 0
        self._quiet.set()

    @property
    def waiting(self) -> int:
        """How many deliveries are not sent yet."""
        return sum(len(each.waiting) for each in self._conversations.values()) + self._under_way

    def oldest(self) -> datetime | None:
        """Return when the longest waiting delivery was written."""
        times = [w.delivery.created for c in self._conversations.values() for w in c.waiting]
        return min(times, default=None)

    def offer(self, waiting: Waiting) -> None:
        """Take a committed delivery on."""
        conversation = self._conversations.setdefault(waiting.conversation, _Conversation())
        queue = conversation.waiting
        queue.append(waiting)
        if len(queue) > 1 and _rank(queue[-2]) > _rank(waiting):
            queue.sort(key=_rank)
        self._quiet.clear()
        self._wake.set()

    @property
    def is_idle(self) -> bool:
        """Nothing can be sent now: all is sent, or what is left waits for a time."""
        return not (self._under_way or self._recording or self._next() is not None)

    async def idle(self) -> None:
        """Wait until `is_idle`."""
        while not self.is_idle:
            self._quiet.clear()
            await self._quiet.wait()

    async def settle(self) -> None:
        """Wait until every outcome is recorded."""
        await asyncio.gather(*self._recording, return_exceptions=True)

    def next_retry(self) -> datetime | None:
        """Return when the next delayed delivery may be tried again."""
        times = [c.not_before for c in self._conversations.values() if c.waiting and c.not_before]
        if self._paused_until is not None and self.waiting:
            times.append(self._paused_until)
        return min(times, default=None)

    async def recover(self) -> None:
        """Take up what an earlier process left unsent, or may have sent."""
        for row, ref, person in await self._database.read(partial(_unsent, self._transport)):
            post = post_codec.validate_json(row["post"]) if row["post"] else None
            place = Place(row["transport"], row["workspace"], ref or "", row["thread"])
            self.offer(waiting_of(row, place, person, post, maybe_sent=True))

    async def run(self) -> None:
        """Send until cancelled; what is under way then ends on its own terms."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                self._launch(group)
                await self._wait_for_work()

    def _launch(self, group: asyncio.TaskGroup) -> None:
        while self._under_way < AT_ONCE and (key := self._next()) is not None:
            conversation = self._conversations[key]
            waiting = conversation.waiting.pop(0)
            conversation.busy = True
            conversation.not_before = None
            self._under_way += 1
            group.create_task(self._carry_out(key, waiting), name=f"send {waiting.delivery.id}")
        if self.is_idle:
            self._quiet.set()

    def _next(self) -> str | None:
        now = self._clock.now()
        if self._stopped or (self._paused_until is not None and self._paused_until > now):
            return None
        ready = [
            (_rank(each.waiting[0]), key)
            for key, each in self._conversations.items()
            if each.waiting and not each.busy and (each.not_before or now) <= now
        ]
        return min(ready)[1] if ready else None

    async def _wait_for_work(self) -> None:
        retry = self.next_retry()
        if retry is None or self._under_way >= AT_ONCE:
            await self._wake.wait()
            return
        delay = (retry - self._clock.now()).total_seconds()
        waker = asyncio.ensure_future(self._clock.sleep(max(0.0, delay)))
        waiter = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait((waker, waiter), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waker.cancel()
            waiter.cancel()

    async def _carry_out(self, key: str, waiting: Waiting) -> None:
        conversation = self._conversations[key]
        try:
            again = await self._attempt(waiting, conversation)
        finally:
            conversation.busy = False
            self._under_way -= 1
            self._wake.set()
        if again is not None:
            conversation.waiting.insert(0, again)
        elif not conversation.waiting:
            self._conversations.pop(key, None)

    async def _attempt(self, waiting: Waiting, conversation: _Conversation) -> Waiting | None:
        """Send once; returns what is to be tried again, or None."""
        if (stale := self._stale(waiting, conversation)) is not None:
            await self._mark(waiting, stale, None)
            return None
        ready = await self._with_target(waiting)
        if ready is None:
            await self._mark(waiting, "dead", "what it edits was never sent")
            return None
        reached(Step.SENDING)
        try:
            sent = await self._send_or_find(ready)
        except TransportError as error:
            return await self._failed(ready, conversation, error)
        reached(Step.SENT)
        await self._succeeded(ready, sent)
        return None

    async def _send_or_find(self, waiting: Waiting) -> Sent:
        promise = self._transport.promise(waiting.delivery)
        if waiting.maybe_sent and promise is Promise.PROVABLE:
            found = await self._transport.find(waiting.delivery)
            if found is not None:
                return found
        if waiting.maybe_sent and promise is Promise.AT_MOST_ONCE:
            msg = "it may have been sent before, and cannot be sent twice"
            raise TransportError(msg, failure=SendFailure.PERMANENT)
        return await self._transport.send(waiting.delivery)

    def _stale(self, waiting: Waiting, conversation: _Conversation) -> str | None:
        if waiting.expires_at is not None and waiting.expires_at <= self._clock.now():
            return "cancelled"
        newer = waiting.delivery.action is Action.EDIT and any(
            other.target_delivery == waiting.target_delivery
            and other.delivery.action is Action.EDIT
            for other in conversation.waiting
        )
        return "merged" if newer else None

    async def _with_target(self, waiting: Waiting) -> Waiting | None:
        if waiting.target_delivery is None:
            return waiting
        target = self._sent.get(waiting.target_delivery)
        place = waiting.delivery.place
        if target is None:
            look = partial(_message_of, waiting.target_delivery)
            target, room = await self._database.read(look)
            if target is None:
                return None
            place = replace(place, room=room) if not place.room else place
        return replace(waiting, delivery=replace(waiting.delivery, target=target, place=place))

    async def _succeeded(self, waiting: Waiting, sent: Sent) -> None:
        self._sent[waiting.delivery.id] = sent.message
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self._later(partial(self._record, waiting, sent, self._clock.now()))

    async def _failed(
        self, waiting: Waiting, conversation: _Conversation, error: TransportError
    ) -> Waiting | None:
        attempts = waiting.attempts + 1
        tried = replace(waiting, attempts=attempts, maybe_sent=waiting.maybe_sent)
        log.warning(
            "a delivery failed: %s",
            error,
            extra={
                "event": "send_failed",
                "delivery_id": waiting.delivery.id,
                "failure": str(error.failure),
                "attempts": attempts,
            },
        )
        if error.failure is SendFailure.REFUSED:
            self._stopped = True
            self._refused(error)
            return tried
        promise = self._transport.promise(waiting.delivery)
        lost = error.failure is SendFailure.UNKNOWN and promise is Promise.AT_MOST_ONCE
        too_old = self._clock.now() - waiting.delivery.created > GIVE_UP_AFTER
        if error.failure is SendFailure.PERMANENT or lost or too_old:
            await self._bury(tried, error)
            return None
        unknown = error.failure is SendFailure.UNKNOWN
        now = self._clock.now()
        if error.retry_after is not None:
            self._paused_until = now + error.retry_after
        else:
            longest = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts, 16))
            conversation.not_before = now + timedelta(seconds=self._jitter.uniform(0.1, longest))
        await self._mark(tried, "unknown" if unknown else "queued", str(error))
        return replace(tried, maybe_sent=tried.maybe_sent or unknown)

    async def _bury(self, waiting: Waiting, error: TransportError) -> None:
        self.dead += 1
        log.error(
            "a delivery is given up and kept as a dead letter: %s",
            error,
            extra={"event": "dead_letter", "delivery_id": waiting.delivery.id},
        )
        await self._mark(waiting, "dead", str(error))

    async def _mark(self, waiting: Waiting, state: str, why: str | None) -> None:
        row = {
            "delivery_id": waiting.delivery.id,
            "new_state": state,
            "why": why,
            "tries": waiting.attempts,
        }
        await self._surely(lambda unit: unit.bulk(MARK, row))

    def _later(self, work: Callable[[Unit], None]) -> None:
        """Record an outcome without keeping the room waiting for the commit."""
        task = asyncio.ensure_future(self._surely(work))
        self._recording.add(task)
        task.add_done_callback(self._recorded)

    def _recorded(self, task: asyncio.Future[None]) -> None:
        reached(Step.RECORDED)
        self._recording.discard(task)
        self._wake.set()

    async def _surely(self, work: Callable[[Unit], None]) -> None:
        while True:
            try:
                await self._database.write(work)
            except StorageError as error:
                log.warning("an outcome waits for the database: %s", error)
                await self._clock.sleep(FIRST_RETRY)
            else:
                return

    def _record(self, waiting: Waiting, sent: Sent, at: datetime, unit: Unit) -> None:
        room_id = waiting.room_id
        if room_id is None and sent.room is not None:
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
        place = waiting.delivery.place
        key = {"transport": place.transport, "workspace": place.workspace, "ref": ref}
        row = key | {
            "name": "",
            "kind": "direct",
            "joined": True,
            "encrypted": False,
            "encryption_noted": False,
            "direct_person_id": waiting.person_id,
        }
        insert_new(unit.connection, _ROOM, [row])
        unit.connection.execute(
            update(_ROOM).filter_by(**key).values(kind="direct", direct_person_id=waiting.person_id)
        )
        return int(unit.connection.execute(select(_ROOM.c.id).filter_by(**key)).scalar_one())

    def _keep(
        self, unit: Unit, waiting: Waiting, sent: Sent, room_id: int | None, at: datetime
    ) -> None:
        """Store what we said as part of the conversation."""
        delivery = waiting.delivery
        if delivery.post is None or room_id is None:
            return
        text = to_plain(delivery.post.content, self._zone)
        if delivery.action is Action.EDIT:
            unit.connection.execute(
                update(_MESSAGE)
                .where(_MESSAGE.c.room_id == room_id, _MESSAGE.c.ref == delivery.target)
                .values(text=text, edited_at=at)
            )
            return
        insert_new(
            unit.connection,
            _MESSAGE,
            [
                {
                    "room_id": room_id,
                    "ref": sent.message,
                    "thread": delivery.place.thread,
                    "text": text,
                    "files": "[]",
                    "only_for": waiting.person_id if delivery.private else None,
                    "sent_at": at,
                }
            ],
        )


def _rank(waiting: Waiting) -> tuple[int, int]:
    return waiting.delivery.lane, waiting.position


def _message_of(delivery_id: str, connection: Connection) -> tuple[str | None, str]:
    row = connection.execute(
        select(_OUTBOX.c.message, _ROOM.c.ref)
        .outerjoin(_ROOM, _ROOM.c.id == _OUTBOX.c.room_id)
        .where(_OUTBOX.c.id == delivery_id)
    ).first()
    return (None, "") if row is None else (row.message, row.ref or "")


def _unsent(
    transport: Transport, connection: Connection
) -> list[tuple[dict[str, Any], str | None, Person | None]]:
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
            _OUTBOX.c.transport == transport.name,
            _OUTBOX.c.workspace == transport.workspace,
        )
        .order_by(_OUTBOX.c.position)
    ).mappings()
    return [
        (
            dict(row),
            row["room_ref"],
            None
            if row["person_ref"] is None
            else Person(transport.name, row["person_workspace"], row["person_ref"]),
        )
        for row in rows
    ]
