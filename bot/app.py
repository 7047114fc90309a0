"""Puts the parts together and keeps them running: the only place that knows them all."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import ManualClock
from bot.clock import Sequence as Positions
from bot.context import Tools
from bot.dispatcher import Dispatcher
from bot.errands import Errands
from bot.errors import StorageError
from bot.events import Event, Place
from bot.health import health_of
from bot.inbox import Inbox
from bot.journal import Journal, last_position
from bot.outbox import Outbox
from bot.people import People
from bot.plan import Plan
from bot.questions import Questions
from bot.recorder import Recorder
from bot.rooms import Rooms
from bot.router import Commands
from bot.schedule import Schedule
from bot.sender import Sender
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.unit import Unit
from bot.supervisor import Supervisor
from bot.ticker import Ticker
from bot.transport import Health
from bot.unreachable import point_out
from bot.waiting import Waiting

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 10.0  # for what is under way
LOOK_AGAIN = 1.0  # seconds


class Deskside:
    """A running desk; made by `running`."""

    def __init__(self, plan: Plan, database: Database, group: asyncio.TaskGroup) -> None:
        """Wire the parts; nothing runs yet."""
        self.plan = plan
        self.database = database
        self.clock = plan.clock
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._supervisor = Supervisor(plan.clock)
        self._owner = secrets.token_hex(8)
        self.people = People(plan.roles, plan.home)
        self.rooms = Rooms()
        questions = Questions()
        self._positions = Positions(plan.clock)
        self.outbox = Outbox(plan.clock, self._positions, questions, self._owner, self._send)
        self.schedule = Schedule(plan.clock, lambda due: self.ticker.planned(due))
        self.commands = Commands(plan.routers, plan.rules)
        self.tools = Tools(
            plan.clock,
            self.people,
            self.rooms,
            questions,
            self.outbox,
            self.schedule,
            ZoneInfo(plan.zone),
            {Commands: self.commands, Database: database, **plan.services},
            lambda: self.errands.planned(),
            plan.rules,
        )
        handlers = {
            kind: run for router in plan.routers for kind, run in router.due_handlers.items()
        }
        self.ticker = Ticker(database, self.tools, plan.clock, handlers)
        self.dispatcher = Dispatcher(database, self.commands, self.tools, group, self._busy)
        self.inboxes = self._make_inboxes()
        self.senders = self._make_senders()
        kinds = {kind: run for router in plan.routers for kind, run in router.errands.items()}
        self.errands = Errands(database, plan.clock, self.tools.services, kinds, self.inboxes)
        database.when_in_doubt(lambda: self._run(self._take_up_again()))

    def _make_inboxes(self) -> dict[tuple[str, str], Inbox]:
        recorder = Recorder(self.people, self.rooms, self.outbox, self._kind_of)
        self._recorder, dispatcher = recorder, self.dispatcher
        return {
            source: Inbox(
                self.database,
                self.commands,
                Journal(
                    source,
                    recorder,
                    self.clock,
                    self._positions,
                    dispatcher.offer,
                    dispatcher.hold,
                    dispatcher.release,
                ),
            )
            for source in ((each.name, each.workspace) for each in self.plan.transports)
        }

    def _make_senders(self) -> dict[tuple[str, str], Sender]:
        return {
            (transport.name, transport.workspace): Sender(
                transport,
                self.database,
                self.clock,
                self.tools.zone,
                self._owner,
                self.rooms,
                partial(point_out, self.outbox),
                partial(self._supervisor.refused, transport),
            )
            for transport in self.plan.transports
        }

    async def start(self) -> None:
        """Take up what the last process left, then read and send."""
        await self.database.write(self._recorder.reconcile)
        self._positions.start_above(await self.database.read(last_position))
        await self._recover()
        self._run(self._watch_tenure())
        for sender in self.senders.values():
            self._run(sender.run())
        self._run(self.errands.run())
        await self.database.write(self._plan_standing)
        await self.ticker.tick()
        self._run(self.ticker.run())
        for transport in self.plan.transports:
            inbox = self.inboxes[transport.name, transport.workspace]
            reading = self._supervisor.run(transport, inbox)
            self._run(reading, f"transport {transport.name}")

    async def _recover(self) -> None:
        await self.dispatcher.recover()
        for sender in self.senders.values():
            await sender.recover()

    async def _take_up_again(self) -> None:
        """Find what a commit has stored that was thought to have failed."""
        while True:
            try:
                await self._recover()
            except StorageError:
                await self.clock.sleep(LOOK_AGAIN)
            else:
                return

    async def _watch_tenure(self) -> None:
        await self.database.lost.wait()
        msg = "Another Deskside has taken the database over; this one stops."
        raise StorageError(msg)

    def _plan_standing(self, unit: Unit) -> None:
        for router in self.plan.routers:
            for kind in router.standing:
                self.schedule.ensure(unit, kind)

    async def stop(self) -> None:
        """Stop reading, finish what is under way, let everything go."""
        reading = [task for task in self._tasks if task.get_name().startswith("transport")]
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        reached(Step.STOPPING)
        seconds = 0.0 if self.database.lost.is_set() else SHUTDOWN_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self.dispatcher.finish()
                for sender in self.senders.values():
                    await sender.idle()
        except TimeoutError:
            log.warning(
                "stopped with work under way; it goes on at the next start",
                extra={"event": "unfinished"},
            )
        for task in (rest := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self.dispatcher.stop()
        for sender in self.senders.values():
            await sender.settle(seconds)
        for transport in self.plan.transports:
            await transport.close()

    async def idle(self) -> None:
        """Wait until everything that came in is handled and everything due is done and said."""
        while True:
            await self.dispatcher.idle()
            await self.errands.idle()
            for sender in self.senders.values():
                await sender.idle()
            if self.ticker.is_due():
                await self.ticker.tick()
            elif not self.dispatcher.waiting and all(s.is_idle for s in self.senders.values()):
                return

    async def advance(self, delta: timedelta) -> None:
        """Move a ManualClock ahead, stopping wherever something falls due."""
        assert isinstance(self.clock, ManualClock)
        target = self.clock.now() + delta
        while True:
            await self.idle()
            due = self._next_due()
            if due is None or due > target:
                break
            self.clock.move_to(max(due, self.clock.now()))
            await self.ticker.tick()
        self.clock.move_to(target)
        await self.idle()

    def _next_due(self) -> datetime | None:
        retries = (sender.next_retry() for sender in self.senders.values())
        times = [self.ticker.next_due, self.errands.next_retry, *retries]
        return min((time for time in times if time is not None), default=None)

    def health(self) -> dict[str, Health]:
        """Return how each part is."""
        senders, transports = self.senders.values(), self.plan.transports
        stopped, now = self._supervisor.stopped, self.clock.now()
        return health_of(now, transports, stopped, self.dispatcher, senders, self.database)

    def _run(self, work: Coroutine[Any, Any, None], name: str | None = None) -> None:
        task = self._group.create_task(work, name=name)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    def _send(self, waiting: Waiting) -> None:
        place = waiting.delivery.place
        sender = self.senders.get((place.transport, place.workspace))
        if sender is not None:
            sender.offer(waiting)

    def _busy(self, event: Event, on: bool) -> None:
        key = (event.place.transport, event.place.workspace)
        for transport in self.plan.transports:
            if (transport.name, transport.workspace) == key:
                self._run(transport.typing(event.place, on=on))

    def _kind_of(self, place: Place, aliases: tuple[str, ...]) -> tuple[str, str] | None:
        for name in (place.room, *aliases):
            if (kind := self.plan.rooms.get((place.transport, name))) is not None:
                return kind, name
        return None


@asynccontextmanager
async def running(plan: Plan) -> AsyncIterator[Deskside]:
    """Run a desk while the block runs; leaves no task, file or connection open.

    Raises:
        StorageError: the database cannot be used; the text says what to do.
    """
    database = await Database.open(
        plan.database_url, wait_for_lock=plan.wait_for_lock, group_limit=plan.group_limit
    )
    try:
        async with _failing_plainly(), asyncio.TaskGroup() as group:
            desk = Deskside(plan, database, group)
            try:
                await desk.start()
                yield desk
            finally:
                await desk.stop()
    finally:
        reached(Step.CLOSING)
        await database.close()


@asynccontextmanager
async def _failing_plainly() -> AsyncIterator[None]:
    """Take one failure, or a lost database however many notice it, out of its group."""
    failure: BaseException | None = None
    try:
        yield
    except BaseExceptionGroup as group:
        found = _leaves(group)
        lost = all(isinstance(error, StorageError) for error in found)
        failure = found[0] if lost or len(found) == 1 else group
    if failure is not None:
        raise failure


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return found


__all__ = ["Deskside", "Plan", "running"]
