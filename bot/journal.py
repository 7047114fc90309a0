"""Writes what came in, inside the transaction: each event once, in its place in its room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, bindparam, func, select, update

from bot import events
from bot.clock import Clock
from bot.clock import Sequence as Positions
from bot.events import CaughtUp, Event, Message, Person, Place
from bot.recorder import Known, Recorder
from bot.steps import Step, reached
from bot.storage.insert import insert_new
from bot.storage.tables import CursorRow, GapRow, InboxRow, OutboxRow, table_of
from bot.storage.unit import Unit
from bot.transport import Batch, Gap, Page

_INBOX = table_of(InboxRow)
_GAP = table_of(GapRow)
_OUTBOX = table_of(OutboxRow)
_CURSOR = table_of(CursorRow)

MOVE_CURSOR = (
    _CURSOR.update()
    .where(_CURSOR.c.transport == bindparam("of"), _CURSOR.c.workspace == bindparam("in_"))
    .values(value=bindparam("token"), at=bindparam("now"))
)


def _unknown() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that is stored and waits to be handled; ids are the database's.

    Attributes:
        may_be_deleted: tells, in the writer's thread, whether it is worth looking.
    """

    id: int
    event: Event
    room_id: int
    person_id: int
    position: int
    late: bool
    may_be_deleted: Callable[[], bool] = _unknown


class Journal:
    """Stores batches and pages of one transport; used in the writer's thread only.

    Args:
        source: the transport and workspace they come from.
        offer: called in the event loop with events that are committed, in order.
        held: called in the event loop before them with each room whose history has a gap.
        filled: called in the event loop when a room's gap is closed, with the room's id.
    """

    def __init__(
        self,
        source: tuple[str, str],
        recorder: Recorder,
        clock: Clock,
        positions: Positions,
        offer: Callable[[Sequence[Stored]], None],
        held: Callable[[int], None],
        filled: Callable[[int], None],
    ) -> None:
        """See the class."""
        self._source = source
        self._recorder = recorder
        self._clock = clock
        self._offer = offer
        self._held = held
        self._filled = filled
        self._positions = positions

    def store(self, batches: list[Batch], unit: Unit) -> None:
        """Store batches: their events, gaps and marks."""
        for batch in _joined(batches):
            late = batch.away is not None
            stored = self._store_events(unit, batch.events, self._positions.next, late=late)
            gaps = self._store_gaps(unit, batch, stored)
            if batch.away is not None:
                self._note_away(unit, batch, stored, gaps)
            if batch.cursor is not None:
                self.move_cursor(self._source, batch.cursor, unit)
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
        # What is late may be told again long after its deletion, when no event tells of that.
        deleted = _unknown if late else self._recorder.deletions_from_now()
        stored = [
            Stored(row.id, known[row.ref][0], *_ids(known[row.ref][1]), row.position, late, deleted)
            for row in new
        ]
        stored.sort(key=lambda item: item.position)
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

    def move_cursor(self, of: tuple[str, str], value: str, unit: Unit) -> None:
        """Store how far something is read; what had a cursor of that name before has this one."""
        (transport, workspace), now = of, self._clock.now()
        unit.bulk_new(
            _CURSOR, {"transport": transport, "workspace": workspace, "value": None, "at": now}
        )
        unit.bulk(MOVE_CURSOR, {"of": transport, "in_": workspace, "token": value, "now": now})

    def fill(self, page: Page, happened: list[Event], unit: Unit) -> None:
        """Store a page of a gap, its events oldest first, below what the gap has so far."""
        row = unit.connection.execute(select(_GAP).where(_GAP.c.id == page.gap.id)).one()
        if row.filled_at is not None:
            return
        floor = row.ceiling - len(happened)
        numbers = iter(range(floor, row.ceiling))
        stored = self._store_events(
            unit,
            happened,
            lambda: next(numbers),
            late=row.away_since is not None,
        )
        if stored:
            unit.after_commit(partial(self._offer, stored))
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
            if not _has_gap(unit, row.room_id):
                unit.after_commit(partial(self._filled, row.room_id))
        reached(Step.FILLING)


def last_position(connection: Connection) -> int:
    """Return the highest position anything stored has."""
    rows = (
        connection.scalar(select(func.max(column)))
        for column in (_INBOX.c.position, _OUTBOX.c.position)
    )
    return max((row for row in rows if row is not None), default=0)


def _has_gap(unit: Unit, room_id: int) -> bool:
    """Tell whether part of a room's history is still to be read, as this transaction sees it."""
    waiting = select(_GAP.c.id).where(_GAP.c.room_id == room_id, _GAP.c.filled_at.is_(None))
    return unit.connection.execute(waiting.limit(1)).first() is not None


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
