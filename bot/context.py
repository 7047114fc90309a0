"""What a handler works with: the transaction, who asked and where, and what it wants done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from bot import quotes
from bot.audit import Audit, Noted, tell
from bot.clock import Clock
from bot.content import Verbatim
from bot.declared import Command, Outcome
from bot.events import Event, Invoked, Message, Place, Pressed, Submitted
from bot.outbox import Outbox
from bot.people import Member, People, Role
from bot.permissions import Rules
from bot.questions import Questions
from bot.replies import Deed, Reaction, Reply, Visibility
from bot.rooms import RoomInfo, Rooms
from bot.schedule import Schedule
from bot.storage.tables import ErrandRow, MessageRow, table_of
from bot.storage.unit import Unit

T = TypeVar("T")

_MESSAGE = table_of(MessageRow).c


@dataclass(frozen=True)
class Tools:
    """What every act is given by the composition root; the same for all of them."""

    clock: Clock
    people: People
    rooms: Rooms
    questions: Questions
    outbox: Outbox
    schedule: Schedule
    zone: ZoneInfo
    services: dict[type[Any], Any]
    errand_planned: Callable[[], None]
    rules: Rules
    audit: Audit = field(default_factory=Audit)


class Act:
    """Something done inside a transaction: by a person's event, or because it was due.

    It may be run a second time when its first transaction could not be committed,
    so what it does must stay in the transaction.
    """

    def __init__(self, unit: Unit, tools: Tools) -> None:
        """Work in `unit` with `tools`."""
        self.unit = unit
        self.tools = tools
        self.now: datetime = tools.clock.now()

    @property
    def session(self) -> Session:
        """The ORM session of this transaction; changes are committed with the replies."""
        return self.unit.session

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times without one are meant."""
        return self.tools.zone

    def use(self, service: type[T]) -> T:
        """Return the service of this type that the composition root has provided."""
        found = self.tools.services[service]
        assert isinstance(found, service)
        return found

    def say(self, reply: Reply) -> None:
        """Send a reply that names its own place (`to`), person or key."""
        self.tools.outbox.enqueue(self.unit, reply)

    def do(self, said: Reply | Deed) -> None:
        """Say a reply, or have done what is asked for beside it."""
        if isinstance(said, Reply):
            self.say(said)
        else:
            self.tools.outbox.carry_out(self.unit, said)

    def withdraw(self, key: str) -> set[int | None]:
        """Send no post of this key that is not sent yet; returns the ids of their rooms.

        Edit it first: a post that is under way may still arrive.
        """
        return self.tools.outbox.withdraw(self.unit, key)

    def at(
        self,
        due: datetime,
        kind: str,
        key: str,
        payload: dict[str, Any] | None = None,
    ) -> None:
        """Have the `due` handler of `kind` run at a time; the same key again moves it."""
        self.tools.schedule.put(self.unit, due, kind, key, payload or {})

    def cancel(self, kind: str, key: str) -> None:
        """Have it not happen; nothing happens if it was not planned."""
        self.tools.schedule.cancel(self.unit, kind, key)

    def quoted_in(self, key: str) -> tuple[tuple[int, str], ...]:
        """Return the messages quoted in a lasting post, for a further reply that quotes it."""
        return quotes.quoted_in(self.unit, key)

    def quoting(self, room_id: int, message: str) -> list[str]:
        """Return the keys of the lasting posts that quote a message."""
        return quotes.quoting(self.unit, room_id, message)

    def room(self, place: Place) -> RoomInfo | None:
        """Return the room at a place, if the bot knows it."""
        return self.tools.rooms.at(self.unit, place)

    def room_by_id(self, room_id: int) -> RoomInfo:
        """Return a room by its database id, or the one that has replaced it."""
        return self.tools.rooms.current(self.unit, room_id)

    def rooms(self, kind: str) -> list[RoomInfo]:
        """Return the rooms of a kind (`support`, `staff`) the bot is in, oldest first."""
        return self.tools.rooms.of_kind(self.unit, kind)

    def member(self, person_id: int) -> Member:
        """Return a person by database id."""
        return self.tools.people.member(self.unit, person_id)


class Context(Act):
    """An act that answers an event.

    Attributes:
        event: what happened.
        person: who did it, with their role as it is now.
        here: the room it happened in.
        late: it happened while the bot was away.
        noted: what is recorded of it, the newest last.
    """

    def __init__(
        self, unit: Unit, tools: Tools, event: Event, person: Member, here: RoomInfo, *, late: bool
    ) -> None:
        """See the class."""
        super().__init__(unit, tools)
        self.event = event
        self.person = person
        self.here = here
        self.late = late
        self.noted: list[Noted] = []

    @property
    def zone(self) -> ZoneInfo:
        """The zone of whoever asked, else the room's."""
        return ZoneInfo(self.person.zone) if self.person.zone else self.tools.zone

    @property
    def conversation(self) -> Place:
        """The thread this belongs to: where a reply goes."""
        if self.here.private:
            return self.event.place if self.event.place.room else self.here.place
        if isinstance(self.event, Message):
            return self.event.conversation
        if isinstance(self.event, Pressed) and self.event.alone:
            return self.event.place  # there is no thread of what others do not see
        if self.event.place.thread is None and self.event.about is not None:
            return self.event.place.in_thread(self.thread_of(self.event.about))
        return self.event.place

    def thread_of(self, message: str) -> str:
        """Return the root of the thread a message of this room stands in: itself, if in none."""
        thread = self.unit.connection.scalar(
            select(_MESSAGE.thread).where(_MESSAGE.room_id == self.here.id, _MESSAGE.ref == message)
        )
        return thread or message

    def say(self, reply: Reply) -> None:
        """Send a reply to where this event came from, or where it says itself."""
        self.tools.outbox.enqueue(
            self.unit,
            replace(reply, visibility=self._seen_by(reply)),
            conversation=self.conversation,
            room_id=self.here.id,
            person_id=self.person.id,
            direct=self.here.direct,
        )

    @property
    def unseen(self) -> bool:
        """Nobody but who asked has seen the question: it stands in no message."""
        match self.event:
            case Invoked(message=message):
                return message is None
            case Pressed(alone=alone):
                return alone
            case Submitted(place=place):
                return place.thread is None
        return False

    def _seen_by(self, reply: Reply) -> Visibility:
        if reply.edit or reply.to is not None or reply.visibility is Visibility.HOME:
            return reply.visibility
        if self.here.nowhere:
            return Visibility.DIRECT
        if self.unseen and reply.visibility is Visibility.THREAD:
            return Visibility.ONLY_YOU
        return reply.visibility

    def react(self, emoji: str) -> None:
        """Put an emoji on the message this event is about."""
        if self.event.about is not None:
            self.tools.outbox.react(
                self.unit, Reaction(self.event.place, self.event.about, emoji), self.here.id
            )

    def typed(self, line: str) -> Verbatim:
        """Show a command as it must be typed in this room."""
        return Verbatim(f"{self.here.prefix}{line}")

    def can(self, role: Role) -> bool:
        """Tell whether who asked has at least this role now."""
        return self.person.role >= role

    def may(self, command: Command) -> bool:
        """Tell whether who asked may use a command now."""
        return self.person.role >= self.tools.rules.least(command)

    def run(self, command: Command, *arguments: Any) -> Outcome:
        """Do what a command does, for a gesture that stands for it. May raise Refused."""
        self.begin(command)
        return command.run(self, *arguments)

    def begin(self, command: Command) -> None:
        """Do what follows as this command. Raises Refused when who asked may not use it."""
        self.noted.append(noted := Noted(command.name, command.changes))
        self.tools.rules.check(command, self.person.role)
        noted.begun = True

    def audit(
        self,
        object_: str,
        before: str = "",
        after: str = "",
        *,
        sources: Iterable[tuple[int, str]] = (),
        act: str | None = None,
        refused: str | None = None,
    ) -> None:
        """Say what is recorded of this act, which its command's name and who asked are.

        Args:
            object_: what it is done to: `ticket 42`; never what somebody wrote. Another one
                makes another record.
            before: how that was, in a word or two.
            after: how it is now.
            sources: the messages those quote, beside the one this event is: deleting one
                erases both.
            act: the act's name, where no command runs.
            refused: why it was not done to this one of several.
        """
        said = [(self.here.id, self.event.message)] if isinstance(self.event, Message) else []
        if act is not None:
            self.noted.append(Noted(act))
        tell(self.noted, object_, before, after, (*said, *sources), refused)

    def errand(self, kind: str, payload: dict[str, Any]) -> None:
        """Have slow work done outside the transaction; it ends in a Finished event here."""
        self.unit.bulk(
            _INSERT_ERRAND,
            {
                "id": self.tools.outbox.new_id(),
                "kind": kind,
                "payload": json.dumps(payload),
                "room_id": self.here.id,
                "thread": self.event.place.thread,
                "person_id": self.person.id,
                "state": "queued",
                "attempts": 0,
                "next_at": self.now,
                "created_at": self.now,
            },
        )
        self.unit.after_commit(self.tools.errand_planned)


_INSERT_ERRAND = table_of(ErrandRow).insert()


def only_you(reply: Reply) -> Reply:
    """Return the same reply, for the asker's eyes only."""
    return replace(reply, visibility=Visibility.ONLY_YOU)
