"""Takes in what the services tell: screened, stored once, and only then acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot import events
from bot.clock import Clock
from bot.clock import Sequence as Positions
from bot.errors import StorageError
from bot.events import CaughtUp, Edited, Event, Invoked, Message, Person, Place, Submitted
from bot.recorder import Known, Recorder
from bot.replies import Post, post_codec
from bot.screening import screen
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.insert import insert_new
from bot.storage.tables import CursorRow, GapRow, InboxRow, OutboxRow, PersonRow, Room
from bot.storage.writer import Unit
from bot.transport import Batch, Gap, Page, StoredGap

log = logging.getLogger(__name__)

_INBOX = InboxRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
_GAP = GapRow.__table__  # type: ignore[attr-defined]
_CURSOR = CursorRow.__table__  # type: ignore[attr-defined]
_OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]
_ROOM = Room.__table__  # type: ignore[attr-defined]
_PERSON = PersonRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that is stored and waits to be handled; ids are the database's."""

    id: int
    event: Event
    room_id: int
    person_id: int
    position: int
    late: bool


@dataclass(slots=True)
class _Waiting:
    batch: Batch
    done: asyncio.Future[None]


class Inbox:
    """Implements `bot.transport.Intake` on the database.

    Args:
        source: the transport and workspace whose intake this is.
        offer: called in the event loop with events that are committed, in order.
        held: called in the event loop before them with each room whose history has a gap.
        filled: called in the event loop when a room's gap is closed, with the room's id.
    """

    def __init__(
        self,
        source: tuple[str, str],
        database: Database,
        recorder: Recorder,
        clock: Clock,
        offer: Callable[[Sequence[Stored]], None],
        held: Callable[[int], None],
        filled: Callable[[int], None],
    ) -> None:
        """See the class."""
        self._source = source
        self._database = database
        self._recorder = recorder
        self._clock = clock
        self._offer = offer
        self._held = held
        self._filled = filled
        self._positions = Positions(clock)
        self._waiting: list[_Waiting] = []
        self._flushing = False

    async def receive(self, batch: Batch) -> None:
        """Store a batch; batches that arrive during a commit share the next one."""
        screened = replace(batch, events=[screen_event(event) for event in batch.events])
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(screened, done))
        if not self._flushing:
            await self._flush()
        await done
        reached(Step.STORED)

    async def _flush(self) -> None:
        self._flushing = True
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                await self._store_together(taken)
        finally:
            self._flushing = False

    async def _store_together(self, taken: list[_Waiting]) -> None:
        try:
            batches = [waiting.batch for waiting in taken]
            # A cancelled caller must not leave the others waiting for its commit.
            await asyncio.shield(self._database.write(partial(self._store, batches)))
        except StorageError as error:
            _fail(taken, error)
        except asyncio.CancelledError:
            _fail(taken, StorageError("Deskside is shutting down."))
            raise
        except Exception as error:  # noqa: BLE001 - told to each caller
            if len(taken) == 1:
                _fail(taken, error)
                return
            for waiting in taken:  # one of them cannot be stored: find out which
                await self._store_together([waiting])
        else:
            for waiting in taken:
                if not waiting.done.done():
                    waiting.done.set_result(None)

    def _store(self, batches: list[Batch], unit: Unit) -> None:
        for batch in _joined(batches):
            late = batch.away is not None
            stored = self._store_events(unit, batch.events, self._positions.next, late=late)
            gaps = self._store_gaps(unit, batch, stored)
            if batch.away is not None:
                self._note_away(unit, batch, stored, gaps)
            if batch.cursor is not None:
                self._store_cursor(unit, batch)
            if stored:
                unit.after_commit(partial(self._offer, stored))
        reached(Step.STORING)

    def _store_events(
        self, unit: Unit, happened: Sequence[Event], position: Callable[[], int], *, late: bool
    ) -> list[Stored]:
        if not happened:
            return []
        now = self._clock.now()
        known: dict[str, tuple[Event, Known]] = {}
        rows = []
        for event in happened:
            ids = self._recorder.known(unit, event)
            known.setdefault(event.id, (event, ids))
            rows.append(
                {
                    "transport": event.place.transport,
                    "workspace": event.place.workspace,
                    "ref": event.id,
                    "room_id": ids.room_id,
                    "person_id": ids.person_id,
                    "message": event.about,
                    "kind": event.kind,
                    "revision": event.revision,
                    "position": position(),
                    "payload": events.dump(event),
                    "late": late,
                    "state": "new",
                    "received_at": now,
                }
            )
        columns = (_INBOX.c.id, _INBOX.c.ref, _INBOX.c.position)
        new = insert_new(unit.connection, _INBOX, rows, columns)
        stored = sorted(
            (
                Stored(row.id, known[row.ref][0], *_ids(known[row.ref][1]), row.position, late)
                for row in new
            ),
            key=lambda item: item.position,
        )
        self._record(unit, stored)
        return stored

    def _record(self, unit: Unit, stored: list[Stored]) -> None:
        said: list[tuple[Message, Known]] = []
        for item in stored:
            ids = Known(item.room_id, item.person_id)
            if isinstance(item.event, Message):
                said.append((item.event, ids))
                continue
            self._recorder.record_messages(unit, said)
            said = []
            self._recorder.record(unit, item.event, ids)
        self._recorder.record_messages(unit, said)

    def _store_gaps(
        self, unit: Unit, batch: Batch, stored: list[Stored]
    ) -> dict[int, tuple[int, Gap]]:
        found: dict[int, tuple[int, Gap]] = {}
        for gap in batch.gaps:
            room_id = self._recorder.room_at(unit, gap.place)
            after = [item.position for item in stored if item.room_id == room_id]
            ceiling = min(after) if after else self._positions.next()
            gap_id = unit.connection.execute(
                _GAP.insert().returning(_GAP.c.id),
                {
                    "room_id": room_id,
                    "start": gap.start,
                    "stop": gap.stop,
                    "ceiling": ceiling,
                    "after": max(after, default=ceiling),
                    "away_since": batch.away,
                    "away_until": self._clock.now() if batch.away else None,
                    "messages": _messages(stored, room_id),
                },
            ).scalar_one()
            found[room_id] = (gap_id, gap)
            unit.after_commit(partial(self._held, room_id))
        return found

    def _note_away(
        self, unit: Unit, batch: Batch, stored: list[Stored], gaps: dict[int, tuple[int, Gap]]
    ) -> None:
        """Say in each room that was caught up, behind the last message of the time away."""
        assert batch.away is not None
        for room_id in dict.fromkeys(item.room_id for item in stored):
            if room_id in gaps:
                continue  # said once the gap is filled
            last = max(item.position for item in stored if item.room_id == room_id)
            place = next(item.event.place for item in stored if item.room_id == room_id).main
            self._caught_up(
                unit, place, batch.away, self._clock.now(), _messages(stored, room_id), last
            )

    def _caught_up(
        self,
        unit: Unit,
        place: Place,
        since: datetime,
        until: datetime,
        count: int,
        after: int,
    ) -> None:
        if count == 0:
            return
        note = CaughtUp(
            id=f"caught-up:{place.room}:{until.isoformat()}",
            place=place,
            person=Person(place.transport, place.workspace, ""),
            at=until,
            since=since,
            until=until,
            count=count,
        )
        stored = self._store_events(unit, [note], lambda: after + 1, late=False)
        unit.after_commit(partial(self._offer, stored))

    def _store_cursor(self, unit: Unit, batch: Batch) -> None:
        transport, workspace = self._source
        row = {"transport": transport, "workspace": workspace}
        insert_new(unit.connection, _CURSOR, [row | {"value": None, "at": self._clock.now()}])
        unit.connection.execute(
            update(_CURSOR).filter_by(**row).values(value=batch.cursor, at=self._clock.now())
        )

    async def fill(self, page: Page) -> None:
        """Store a page of older history, newest first, below what the gap has so far."""
        screened = [screen_event(event) for event in page.events]
        await self._database.write(partial(self._fill, page, screened))
        reached(Step.FILLED)

    def _fill(self, page: Page, happened: list[Event], unit: Unit) -> None:
        row = unit.connection.execute(select(_GAP).where(_GAP.c.id == page.gap.id)).one()
        if row.filled_at is not None:
            return
        oldest_first = list(reversed(happened))
        floor = row.ceiling - len(happened)
        numbers = iter(range(floor, row.ceiling))
        stored = self._store_events(
            unit,
            oldest_first,
            lambda: next(numbers),
            late=row.away_since is not None,
        )
        count = row.messages + _messages(stored, row.room_id)
        done = page.next is None
        unit.connection.execute(
            update(_GAP)
            .where(_GAP.c.id == row.id)
            .values(
                ceiling=floor,
                start=page.next or row.start,
                messages=count,
                filled_at=self._clock.now() if done else None,
            )
        )
        if done:
            if row.away_since is not None:
                self._caught_up(
                    unit, page.gap.gap.place.main, row.away_since, row.away_until, count, row.after
                )
            unit.after_commit(partial(self._filled, row.room_id))
        reached(Step.FILLING)

    async def cursor(self, transport: str, workspace: str) -> tuple[str, datetime] | None:
        """Return the stored cursor and when it was stored."""

        def look(connection: Connection) -> Any:
            return connection.execute(
                select(_CURSOR).filter_by(transport=transport, workspace=workspace)
            ).first()

        row = await self._database.read(look)
        return None if row is None or row.value is None else (row.value, row.at)

    async def gaps(self, transport: str, workspace: str) -> Sequence[StoredGap]:
        """Return the gaps still to be filled, oldest first."""

        def look(connection: Connection) -> Any:
            return connection.execute(
                select(_GAP, _ROOM.c.ref)
                .join(_ROOM, _ROOM.c.id == _GAP.c.room_id)
                .where(
                    _GAP.c.filled_at.is_(None),
                    _ROOM.c.transport == transport,
                    _ROOM.c.workspace == workspace,
                )
                .order_by(_GAP.c.id)
            ).all()

        return [
            StoredGap(row.id, Gap(Place(transport, workspace, row.ref), row.start, row.stop))
            for row in await self._database.read(look)
        ]

    async def direct_room(self, person: Person) -> str | None:
        """Return the direct room with a person that the bot is still in."""

        def look(connection: Connection) -> str | None:
            return connection.scalar(
                select(_ROOM.c.ref)
                .join(_PERSON, _PERSON.c.id == _ROOM.c.direct_person_id)
                .where(
                    _PERSON.c.transport == person.transport,
                    _PERSON.c.workspace == person.workspace,
                    _PERSON.c.ref == person.user,
                    _ROOM.c.joined,
                )
                .order_by(_ROOM.c.id)
                .limit(1)
            )

        return await self._database.read(look)

    async def sent_message(self, place: Place, message: str) -> Post | None:
        """Return what the bot shows under a message id, after its latest edit."""

        def look(connection: Connection) -> str | None:
            original = (
                select(_OUTBOX.c.id)
                .join(_ROOM, _ROOM.c.id == _OUTBOX.c.room_id)
                .where(
                    _ROOM.c.transport == place.transport,
                    _ROOM.c.workspace == place.workspace,
                    _ROOM.c.ref == place.room,
                    _OUTBOX.c.message == message,
                    _OUTBOX.c.action == "post",
                )
                .scalar_subquery()
            )
            return connection.scalar(
                select(_OUTBOX.c.post)
                .where(func.coalesce(_OUTBOX.c.target_delivery, _OUTBOX.c.id) == original)
                .order_by(_OUTBOX.c.position.desc())
                .limit(1)
            )

        found = await self._database.read(look)
        return None if found is None else post_codec.validate_json(found)


def screen_event(event: Event) -> Event:
    """Return the event with secrets masked in everything people wrote."""
    match event:
        case Message():
            result = screen(event.text)
            files = tuple(replace(file, name=screen(file.name).text) for file in event.files)
            if result.masked or files != event.files:
                return replace(event, text=result.text, files=files, masked=result.masked)
        case Edited() | Invoked():
            result = screen(event.text)
            if result.masked:
                return replace(event, text=result.text, masked=result.masked)
        case Submitted():
            answers = [(name, screen(answer)) for name, answer in event.answers]
            masked = tuple(dict.fromkeys(m for _, screened in answers for m in screened.masked))
            if masked:
                texts = tuple((name, screened.text) for name, screened in answers)
                return replace(event, answers=texts, masked=masked)
        case _:
            pass
    return event


def _joined(batches: Sequence[Batch]) -> Iterator[Batch]:
    """Join neighbours that bring nothing but events: they cost the statements of one."""
    plain: list[Event] = []
    for batch in batches:
        if batch.cursor is None and batch.away is None and not batch.gaps:
            plain.extend(batch.events)
            continue
        if plain:
            yield Batch(plain)
            plain = []
        yield batch
    if plain:
        yield Batch(plain)


def _messages(stored: Sequence[Stored], room_id: int) -> int:
    return sum(
        isinstance(item.event, Message) and not item.event.automated and item.room_id == room_id
        for item in stored
    )


def _ids(known: Known) -> tuple[int, int]:
    return known.room_id, known.person_id


def _fail(waiting: Sequence[_Waiting], error: BaseException) -> None:
    for each in waiting:
        if not each.done.done():
            each.done.set_exception(error)
            each.done.exception()  # a caller may be gone; the log says it where it is raised
