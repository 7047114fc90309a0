"""Has each stored event handled: once, in order in its room, rooms apart from each other.

Parsing is pure and happens in the event loop; a command's `prepare` may read and
think as long as it likes there; what it decides runs in the writer's transaction,
together with its replies and the mark that the event is handled.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from bot import events
from bot.asking import Plan, Preparation, plan_for
from bot.clock import monotonic
from bot.context import Tools
from bot.errors import StorageError
from bot.events import Event
from bot.handling import Handling
from bot.journal import Stored
from bot.router import Commands
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.tables import GapRow, InboxRow, table_of
from bot.storage.unit import Unit

log = logging.getLogger(__name__)

_INBOX = table_of(InboxRow)
_GAP = table_of(GapRow)

T = TypeVar("T")
SHOW_WORK_AFTER = 0.7  # seconds; most answers are there before a sign would be
RETRY_SECONDS = 2.0  # while the database cannot be written


@dataclass(slots=True)
class _Room:
    waiting: deque[Stored] = field(default_factory=deque)
    held: bool = False
    task: asyncio.Task[None] | None = None


class Dispatcher:
    """Handles events; one worker per room that has any.

    Args:
        busy: told when a room's work begins and ends, for a typing sign.
        group: the owner of its tasks.
    """

    def __init__(
        self,
        database: Database,
        commands: Commands,
        tools: Tools,
        group: asyncio.TaskGroup,
        busy: Callable[[Event, bool], None] = lambda _event, _on: None,
    ) -> None:
        """See the class."""
        self._database = database
        self._commands = commands
        self._tools = tools
        self._handling = Handling(commands, tools)
        self._group = group
        self._busy = busy
        self._rooms: dict[int, _Room] = {}
        self._in_hand: set[int] = set()
        self._active = 0
        self._stopped = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def recover(self) -> None:
        """Take up what is stored and not handled, and not in our hands."""
        await self._database.write(self._find_unhandled)

    def _find_unhandled(self, unit: Unit) -> None:
        rows, held = _unhandled(unit.connection)
        # Not a step later: by then some of them may have been handled.
        unit.after_commit(lambda: self._take_up(rows, held))

    def _take_up(self, rows: Sequence[Any], held: Sequence[int]) -> None:
        for room_id in held:
            self._room(room_id).held = True
        self.offer(
            [
                Stored(
                    row.id,
                    events.load(row.payload),
                    row.room_id,
                    row.person_id,
                    row.position,
                    row.late,
                )
                for row in rows
                if row.id not in self._in_hand
            ]
        )

    def hold(self, room_id: int) -> None:
        """Let a room wait: part of its history is still to come."""
        self._room(room_id).held = True

    def offer(self, stored: Sequence[Stored]) -> None:
        """Take committed events on."""
        unordered = set()
        for item in stored:
            waiting = self._room(item.room_id).waiting
            if waiting and waiting[-1].position > item.position:  # a gap was filled
                unordered.add(item.room_id)
            waiting.append(item)
            self._in_hand.add(item.id)
            self._active += 1
        for room_id in unordered:
            room = self._room(room_id)
            room.waiting = deque(sorted(room.waiting, key=lambda waiting: waiting.position))
        for room_id in dict.fromkeys(item.room_id for item in stored):
            self._start(room_id)
        self._settle()

    def release(self, room_id: int) -> None:
        """Let a room go on: its history is complete."""
        self._room(room_id).held = False
        self._start(room_id)

    async def idle(self) -> None:
        """Wait until everything offered is handled."""
        await self._quiet.wait()

    async def finish(self) -> None:
        """Wait until everything that can be handled now is; a room with a gap keeps the rest."""
        while working := [room.task for room in self._rooms.values() if room.task is not None]:
            await asyncio.wait(working)

    async def stop(self) -> None:
        """Let go of what is under way and to come; it is handled at the next start."""
        self._stopped = True
        tasks = [room.task for room in self._rooms.values() if room.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """How many events are offered and not handled."""
        return self._active

    def _settle(self) -> None:
        if self._active:
            self._quiet.clear()
        else:
            self._quiet.set()

    def _room(self, room_id: int) -> _Room:
        return self._rooms.setdefault(room_id, _Room())

    def _start(self, room_id: int) -> None:
        room = self._room(room_id)
        if room.task is None and room.waiting and not (room.held or self._stopped):
            room.task = self._group.create_task(self._work(room_id), name=f"room {room_id}")

    async def _work(self, room_id: int) -> None:
        room = self._room(room_id)
        try:
            while room.waiting and not room.held:
                plan = plan_for(room.waiting.popleft(), self._commands)
                if plan.prepare is not None:
                    await self._prepare(plan)
                await self._decide(plan)
        finally:
            room.task = None
        self._start(room_id)

    async def _prepare(self, plan: Plan) -> None:
        assert plan.prepare is not None
        event = plan.item.event
        shown = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(SHOW_WORK_AFTER, self._show, event, shown)
        try:
            preparation = Preparation(event, self._database, self._tools.services)
            plan.prepared = await self._patiently(partial(plan.prepare, preparation))
        except Exception as error:  # noqa: BLE001 - raised where its author can be told
            plan.failure = error
        finally:
            timer.cancel()
            if shown.is_set():
                self._busy(event, False)

    def _show(self, event: Event, shown: asyncio.Event) -> None:
        shown.set()
        self._busy(event, True)

    async def _decide(self, plan: Plan) -> None:
        begun = monotonic()
        try:
            result = await self._surely(partial(self._handling.handle, plan))
        except Exception:
            reference = secrets.token_hex(4).upper()
            result = "failed"
            log.exception(
                "a handler failed",
                extra={
                    "event": "handler_failed",
                    "reference": reference,
                    "inbox_id": plan.item.id,
                },
            )
            await self._give_up(plan, reference)
        reached(Step.HANDLED)
        self._in_hand.discard(plan.item.id)
        self._active -= 1
        self._settle()
        log.info(
            "%s",
            result,
            extra={
                "event": result,
                "inbox_id": plan.item.id,
                "kind": plan.item.event.kind,
                "milliseconds": round((monotonic() - begun) * 1000, 1),
            },
        )

    async def _give_up(self, plan: Plan, reference: str) -> None:
        try:
            await self._surely(partial(self._handling.give_up, plan, reference))
        except Exception:
            # It stays unhandled, and is looked at again at the next start.
            log.exception(
                "a failure could not be recorded",
                extra={"event": "not_recorded", "reference": reference, "inbox_id": plan.item.id},
            )

    async def _surely(self, work: Callable[[Unit], T]) -> T:
        """Commit `work`, waiting for the database as long as it takes."""
        return await self._patiently(partial(self._database.write, work))

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await attempt()
            except StorageError as error:
                log.warning(
                    "an event waits for the database: %s",
                    error,
                    extra={"event": "waits_for_database"},
                )
                await self._tools.clock.sleep(RETRY_SECONDS)


def _unhandled(connection: Connection) -> tuple[Sequence[Any], Sequence[int]]:
    rows = connection.execute(
        select(_INBOX).where(_INBOX.c.state == "new").order_by(_INBOX.c.position, _INBOX.c.id)
    ).all()
    held = connection.execute(select(_GAP.c.room_id).where(_GAP.c.filled_at.is_(None))).scalars()
    return rows, list(held)
