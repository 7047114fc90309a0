"""Does slow work outside transactions; its outcome comes back as an event.

An errand may run twice when the process dies in between, so it must bear that; its
`Finished` event has the errand's id and is taken in once. Several run at a time; those of
one kind that a person has asked for in a conversation run one after the other, in that order.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, exists, select, tuple_, update

from bot.clock import Clock, sleep_unless
from bot.errors import StorageError, UserError
from bot.events import Finished, Person, Place
from bot.storage.database import Database
from bot.storage.tables import ErrandRow, PersonRow, Room, table_of
from bot.storage.unit import Unit
from bot.transport import Batch, Intake

log = logging.getLogger(__name__)

_ERRAND = table_of(ErrandRow)
_ROOM = table_of(Room)
_PERSON = table_of(PersonRow)

AT_ONCE = 4
ATTEMPTS = 5
LIMIT_SECONDS = 120.0  # for one attempt
FIRST_RETRY = timedelta(seconds=5)
RETRY_SECONDS = 2.0  # while the database cannot be used

T = TypeVar("T")

Errand = Callable[[Mapping[type[Any], Any], dict[str, Any]], Awaitable[dict[str, Any]]]


class Errands:
    """Runs what acts have asked for.

    Args:
        kinds: how each kind of errand is run.
        intakes: where its end is told, by (transport, workspace).
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        services: Mapping[type[Any], Any],
        kinds: Mapping[str, Errand],
        intakes: Mapping[tuple[str, str], Intake],
    ) -> None:
        """See the class."""
        self._database = database
        self._clock = clock
        self._services = services
        self._kinds = kinds
        self._intakes = intakes
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._under_way: set[str] = set()
        self._next: datetime | None = None

    @property
    def next_retry(self) -> datetime | None:
        """When a failed errand is tried again, if one waits for that."""
        return self._next

    def planned(self) -> None:
        """Learn that an errand was committed."""
        self._quiet.clear()
        self._wake.set()

    async def idle(self) -> None:
        """Wait until no errand can be run now."""
        if self._next is not None and self._next <= self._clock.now():
            self.planned()
        await self._quiet.wait()

    async def run(self) -> None:
        """Run errands until cancelled; the next one begins as soon as one has ended."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                await self._begin(group)
                if not self._under_way:
                    self._next = await self._surely(lambda: self._database.read(_next_at))
                if self._wake.is_set():
                    continue
                if not self._under_way:
                    self._quiet.set()
                await sleep_unless(self._wake, FIRST_RETRY.total_seconds(), self._clock)

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        free = AT_ONCE - len(self._under_way)
        if not free:
            return
        # One that ends while we look is still among what we leave out: it may not show yet.
        look = partial(self._due, free, frozenset(self._under_way))
        for row in await self._surely(lambda: self._database.read(look)):
            self._quiet.clear()
            self._under_way.add(row.id)
            group.create_task(self._in_place(row), name=f"errand {row.id}")

    async def _in_place(self, row: Any) -> None:
        try:
            await self._carry_out(row)
        finally:
            self._under_way.discard(row.id)
            self._wake.set()

    async def _surely(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, waiting for the database as long as it takes."""
        while True:
            try:
                return await work()
            except StorageError as error:
                log.warning("an errand waits for the database: %s", error)
                await self._clock.sleep(RETRY_SECONDS)

    def _due(self, limit: int, without: Collection[str], connection: Connection) -> Sequence[Any]:
        return connection.execute(
            select(
                _ERRAND,
                _ROOM.c.transport,
                _ROOM.c.workspace,
                _ROOM.c.ref.label("room"),
                _PERSON.c.ref.label("user"),
                _PERSON.c.workspace.label("home"),
            )
            .join(_ROOM, _ROOM.c.id == _ERRAND.c.room_id)
            .join(_PERSON, _PERSON.c.id == _ERRAND.c.person_id)
            .where(
                _ERRAND.c.next_at <= self._clock.now(),
                _ERRAND.c.id.notin_(without),
                *_WAITING,
            )
            .order_by(_ERRAND.c.next_at)
            .limit(limit)
        ).all()

    async def _carry_out(self, row: Any) -> None:
        outcome: dict[str, Any] = {}
        sentence: str | None = None
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                outcome = await self._kinds[row.kind](self._services, json.loads(row.payload))
        except UserError as error:
            sentence = str(error)
        except Exception:
            log.exception(
                "an errand failed",
                extra={"event": "errand_failed", "errand": row.kind, "errand_id": row.id},
            )
            if row.attempts + 1 < ATTEMPTS:
                await self._again(row)
                return
            sentence = "That did not work, although I tried several times."
        await self._finish(row, outcome, sentence)

    async def _again(self, row: Any) -> None:
        later = self._clock.now() + FIRST_RETRY * 2**row.attempts
        change = (
            update(_ERRAND)
            .where(_ERRAND.c.id == row.id)
            .values(attempts=row.attempts + 1, next_at=later)
        )
        await self._surely(lambda: self._database.write(lambda unit: _execute(unit, change)))

    async def _finish(self, row: Any, outcome: dict[str, Any], error: str | None) -> None:
        finished = Finished(
            id=f"errand:{row.id}",
            place=Place(row.transport, row.workspace, row.room, row.thread),
            person=Person(row.transport, row.home, row.user),
            at=self._clock.now(),
            errand=row.kind,
            outcome=outcome,
            error=error,
        )
        intake = self._intakes.get((row.transport, row.workspace))
        if intake is not None:  # else its service is not configured any more
            await self._surely(lambda: intake.receive(Batch([finished])))
        change = (
            update(_ERRAND)
            .where(_ERRAND.c.id == row.id)
            .values(state="failed" if error else "done")
        )
        await self._surely(lambda: self._database.write(lambda unit: _execute(unit, change)))


def _has_turn() -> ColumnElement[bool]:
    """Tell whether its person has no earlier one of its kind left in its conversation."""
    earlier = _ERRAND.alias()
    return ~exists().where(
        earlier.c.state == "queued",
        earlier.c.kind == _ERRAND.c.kind,
        earlier.c.room_id == _ERRAND.c.room_id,
        earlier.c.person_id == _ERRAND.c.person_id,
        earlier.c.thread.is_not_distinct_from(_ERRAND.c.thread),
        tuple_(earlier.c.created_at, earlier.c.id) < tuple_(_ERRAND.c.created_at, _ERRAND.c.id),
    )


_WAITING = (_ERRAND.c.state == "queued", _has_turn())


def _next_at(connection: Connection) -> datetime | None:
    return connection.scalar(
        select(_ERRAND.c.next_at).where(*_WAITING).order_by(_ERRAND.c.next_at).limit(1)
    )


def _execute(unit: Unit, change: Executable) -> None:
    unit.connection.execute(change)
