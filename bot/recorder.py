"""Keeps the conversation itself: rooms, people, messages and what became of them.

It runs in the transaction that stores the events, so what was said is kept even
when answering it fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select, update

from bot import events
from bot.erasure import erase, erase_late
from bot.events import Deleted, Edited, Event, Joined, Left, Message, Person, Place, Reacted
from bot.made_rooms import room_for_none, room_made
from bot.outbox import Outbox
from bot.people import People
from bot.plain import one_name
from bot.rooms import Rooms
from bot.storage.insert import insert_new
from bot.storage.tables import (
    InboxRow,
    Membership,
    MessageRow,
    PersonRow,
    ReactionRow,
    Revision,
    Room,
    table_of,
)
from bot.storage.unit import Unit
from bot.succession import succeed

_ROOM = table_of(Room)
_PERSON = table_of(PersonRow)
_MEMBER = table_of(Membership)
_MESSAGE = table_of(MessageRow)
_REVISION = table_of(Revision)
_REACTION = table_of(ReactionRow)
_INBOX = table_of(InboxRow)

RoomKind = Callable[[Place, tuple[str, ...]], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class Known:
    """The database ids of an event's room and person."""

    room_id: int
    person_id: int


class Recorder:
    """Writes conversations; used in the writer's thread only.

    Args:
        kind_of: says of which kind a room is and by which of its names it was configured,
            or None when it is not.
    """

    def __init__(self, people: People, rooms: Rooms, outbox: Outbox, kind_of: RoomKind) -> None:
        """See the class."""
        self._people = people
        self._known_rooms = rooms
        self._outbox = outbox
        self._kind_of = kind_of
        self._rooms: dict[Place, int] = {}
        self._direct: set[Place] = set()  # known to be direct, so that it is written once
        self._persons: dict[Person, int] = {}
        self._deletions = 0

    def deletions_from_now(self) -> Callable[[], bool]:
        """Return what tells whether any message was deleted since, for sure if it says no."""
        now = self._deletions
        return lambda: self._deletions != now

    def known(self, unit: Unit, event: Event) -> Known:
        """Return the ids of the event's room and person, made if they are new."""
        return Known(self.room(unit, event), self.person(unit, event.person))

    def room(self, unit: Unit, event: Event) -> int:
        """Return the id of the event's room."""
        place = event.place.main
        if not place.room:
            return room_for_none(unit, place, self.person(unit, event.person))
        direct = bool(getattr(event, "direct", False))
        found = self.room_at(unit, place, direct=direct)
        if direct and place not in self._direct:
            self._make_direct(unit, found, event.person)
            unit.after_commit(lambda: self._direct.add(place))
        return found

    def room_at(self, unit: Unit, place: Place, *, direct: bool = False) -> int:
        """Return the id of the room at a place, made if it is new."""
        if (known := self._rooms.get(place) or unit.notes.get(place)) is not None:
            return int(known)
        configured = self._kind_of(place, ())
        kind, named = configured or ("direct" if direct else "other", "")
        found = room_made(unit, place, kind=kind, configured_as=named)
        if configured is not None and configured != (found.kind, found.configured_as):
            self._configure(unit, found.id, configured)
        unit.notes[place] = found.id
        unit.after_commit(lambda: self._rooms.__setitem__(place, found.id))
        return int(found.id)

    def reconcile(self, unit: Unit) -> None:
        """Give every room the kind it is configured with now; those no longer named get none."""
        for row in unit.connection.execute(select(_ROOM).where(_ROOM.c.kind != "direct")).all():
            place = Place(row.transport, row.workspace, row.ref)
            names = (*json.loads(row.aliases), *((row.configured_as,) if row.configured_as else ()))
            configured = self._kind_of(place, names) or ("other", "")
            if configured != (row.kind, row.configured_as):
                self._configure(unit, row.id, configured)

    def person(self, unit: Unit, person: Person) -> int:
        """Return the id of a person."""
        if (known := self._persons.get(person) or unit.notes.get(person)) is not None:
            return int(known)
        values = {
            "transport": person.transport,
            "workspace": person.workspace,
            "ref": person.user,
        }
        insert_new(unit.connection, _PERSON, [values | {"name": ""}])
        found = int(unit.connection.execute(select(_PERSON.c.id).filter_by(**values)).scalar_one())
        unit.notes[person] = found
        unit.after_commit(lambda: self._persons.__setitem__(person, found))
        return found

    def record_messages(self, unit: Unit, said: list[tuple[Message, Known]]) -> None:
        """Store what was said, all at once."""
        insert_new(
            unit.connection,
            _MESSAGE,
            [
                {
                    "room_id": known.room_id,
                    "ref": message.message,
                    "thread": message.place.thread,
                    "person_id": known.person_id,
                    "text": message.text,
                    "files": json.dumps([asdict(file) for file in message.files])
                    if message.files
                    else "[]",
                    "sent_at": message.at,
                }
                for message, known in said
            ],
        )

    def record(self, unit: Unit, event: Event, known: Known) -> None:
        """Store what became of something said, or who is where."""
        match event:
            case Edited():
                self._edit(unit, event, known)
            case Deleted():
                self._delete(unit, event, known)
            case Reacted():
                self._react(unit, event, known)
            case Joined() | Left():
                self._membership(unit, event, known)
            case events.RoomChanged():
                self._room_changed(unit, event, known)
            case events.PersonChanged():
                self._person_changed(unit, event, known)
            case _:
                pass

    def _edit(self, unit: Unit, event: Edited, known: Known) -> None:
        # Only the writer can change what they said; a forged edit changes nothing.
        mine = (
            (_MESSAGE.c.room_id == known.room_id)
            & (_MESSAGE.c.ref == event.message)
            & (_MESSAGE.c.person_id == known.person_id)
            & (_MESSAGE.c.deleted_at.is_(None))
        )
        before = unit.connection.scalar(select(_MESSAGE.c.text).where(mine))
        if before is None:
            erase_late(unit, known.room_id, event.message)
            return
        insert_new(
            unit.connection,
            _REVISION,
            [
                {
                    "room_id": known.room_id,
                    "message": event.message,
                    "number": event.number,
                    "text": before,
                    "at": event.at,
                }
            ],
        )
        unit.connection.execute(
            update(_MESSAGE).where(mine).values(text=event.text, edited_at=event.at)
        )

    def _delete(self, unit: Unit, event: Deleted, known: Known) -> None:
        reaction = (_REACTION.c.room_id == known.room_id) & (_REACTION.c.ref == event.message)
        if unit.connection.execute(_REACTION.delete().where(reaction)).rowcount:
            return
        self._deletions += 1
        erase(unit, known.room_id, event.message, event.at)

    def _react(self, unit: Unit, event: Reacted, known: Known) -> None:
        values = {
            "room_id": known.room_id,
            "message": event.message,
            "person_id": known.person_id,
            "emoji": event.emoji,
        }
        if event.added:
            insert_new(unit.connection, _REACTION, [values | {"ref": event.id, "at": event.at}])
        else:
            unit.connection.execute(_REACTION.delete().filter_by(**values))

    def _membership(self, unit: Unit, event: Joined | Left, known: Known) -> None:
        row = {"room_id": known.room_id, "person_id": known.person_id}
        if event.bot:
            here, joined = _ROOM.c.id == known.room_id, isinstance(event, Joined)
            unit.connection.execute(update(_ROOM).where(here).values(joined=joined))
        elif isinstance(event, Joined):
            insert_new(unit.connection, _MEMBER, [row])
        else:
            unit.connection.execute(_MEMBER.delete().filter_by(**row))
        self._forget(unit)

    def _room_changed(self, unit: Unit, event: events.RoomChanged, known: Known) -> None:
        values: dict[str, Any] = {}
        if event.name is not None:
            values["name"] = one_name(event.name)
        if event.encrypted is not None:
            values["encrypted"] = event.encrypted
        if event.replaced_by is not None:
            values["replaced_by"] = event.replaced_by
            heir = self.room_at(unit, replace(event.place.main, room=event.replaced_by))
            succeed(unit, known.room_id, heir)
        if event.aliases:
            values["aliases"] = json.dumps(event.aliases)
        if (configured := self._kind_of(event.place.main, event.aliases)) is not None:
            values["kind"], values["configured_as"] = configured
        if values:
            unit.connection.execute(update(_ROOM).where(_ROOM.c.id == known.room_id).values(values))
        if event.direct:
            self._make_direct(unit, known.room_id, event.person)
        elif event.direct is False:
            self._make_common(unit, known.room_id)
            self._direct.discard(event.place.main)
        self._forget(unit)

    def _configure(self, unit: Unit, room_id: int, configured: tuple[str, str]) -> None:
        kind, named = configured
        unit.connection.execute(
            update(_ROOM).where(_ROOM.c.id == room_id).values(kind=kind, configured_as=named)
        )
        self._forget(unit)

    def _make_direct(self, unit: Unit, room_id: int, person: Person) -> None:
        # What the configuration says of a room goes before what a service says.
        unit.connection.execute(
            update(_ROOM)
            .where(_ROOM.c.id == room_id, _ROOM.c.configured_as == "")
            .values(kind="direct", direct_person_id=self.person(unit, person))
        )
        self._forget(unit)

    def _make_common(self, unit: Unit, room_id: int) -> None:
        """Let a direct room be one no more: somebody else can read there now."""
        unit.connection.execute(
            update(_ROOM)
            .where(_ROOM.c.id == room_id, _ROOM.c.kind == "direct")
            .values(kind="other", direct_person_id=None)
        )
        self._forget(unit)

    def _forget(self, unit: Unit) -> None:
        # Also when this is taken back: whoever has looked meanwhile has seen what never was.
        for known in (self._people, self._known_rooms):
            known.forget()
            unit.when_taken_back(known.forget)

    def _person_changed(self, unit: Unit, event: events.PersonChanged, known: Known) -> None:
        name = None if event.name is None else one_name(event.name)
        values = {"name": name, "zone": event.zone}
        unit.connection.execute(
            update(_PERSON)
            .where(_PERSON.c.id == known.person_id)
            .values({name: value for name, value in values.items() if value is not None})
        )
        self._forget(unit)
