"""Does what is due: claims it and what follows from it in one transaction.

APScheduler wakes the loop every second and holds nothing that could be lost:
what is due stands in the database (`bot.schedule`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.context import Act, Tools
from bot.errors import StorageError
from bot.replies import Reply
from bot.router import Handler
from bot.schedule import Due, Schedule
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.unit import Unit

log = logging.getLogger(__name__)

TICK_SECONDS = 1
LOOK_AGAIN = timedelta(seconds=30)  # for what another process has planned
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)


class Ticker:
    """Runs due handlers at the first tick after their time.

    Args:
        handlers: by the kind of what is due.
    """

    def __init__(
        self, database: Database, tools: Tools, clock: Clock, handlers: Mapping[str, Handler]
    ) -> None:
        """See the class."""
        self._database = database
        self._tools = tools
        self._clock = clock
        self._handlers = handlers
        self._schedule: Schedule = tools.schedule
        self._next: datetime | None = None
        self._looked: datetime | None = None
        self._wake = asyncio.Event()
        self._ticking = asyncio.Lock()

    def planned(self, due: datetime) -> None:
        """Learn of a committed due time."""
        if self._next is None or due < self._next:
            self._next = due

    @property
    def next_due(self) -> datetime | None:
        """When the next thing is due, as far as this process knows."""
        return self._next

    def is_due(self) -> bool:
        """Tell whether something is due now."""
        return self._next is not None and self._next <= self._clock.now()

    async def run(self) -> None:
        """Tick until cancelled."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(
            self._wake_up,
            "interval",
            seconds=TICK_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.start()
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self.is_due() or self._long_ago():
                    await self._tick_safely()
        finally:
            scheduler.shutdown(wait=False)

    async def _wake_up(self) -> None:
        # A coroutine, since APScheduler runs plain functions in a thread, where an event may
        # be set but nobody is woken.
        self._wake.set()

    def _long_ago(self) -> bool:
        # Also true when the clock was set back: what was looked up then lies in the future.
        return self._looked is None or abs(self._clock.now() - self._looked) > LOOK_AGAIN

    async def _tick_safely(self) -> None:
        try:
            await self.tick()
        except StorageError as error:
            log.warning("what is due waits for the database: %s", error)

    async def tick(self) -> None:
        """Do everything that is due now. Raises StorageError when the database is away."""
        async with self._ticking:
            self._looked = self._clock.now()
            while due := await self._database.write(self._schedule.due):
                for each in due:
                    await self._do(each)
            await self._database.write(self._look_ahead)

    def _look_ahead(self, unit: Unit) -> None:
        found = self._schedule.next(unit)
        # Not a step later: by then something sooner may have been planned.
        unit.after_commit(lambda: self._learn(found))

    def _learn(self, found: datetime | None) -> None:
        self._next = found

    async def _do(self, due: Due) -> None:
        try:
            await self._database.write(partial(self._handle, due))
        except StorageError:
            raise
        except Exception:
            log.exception(
                "something due failed and is tried again",
                extra={
                    "event": "due_failed",
                    "kind": due.kind,
                    "key": due.key,
                    "reference": secrets.token_hex(4).upper(),
                },
            )
            delay = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(due.attempts, 10))
            until = self._clock.now() + delay
            await self._database.write(lambda unit: self._schedule.postpone(unit, due, until))

    def _handle(self, due: Due, unit: Unit) -> None:
        if not self._schedule.claim(unit, due):
            return
        act = Act(unit, self._tools)
        outcome = self._handlers[due.kind](act, due)
        for reply in (outcome,) if isinstance(outcome, Reply) else (outcome or ()):
            act.do(reply)
        reached(Step.DUE)
