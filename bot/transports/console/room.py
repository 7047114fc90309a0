"""What the bot's side and the people's side of the console share: one screen, one book."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TypedDict

from bot.clock import Clock
from bot.errors import StorageError
from bot.events import Event, Joined, Person, PersonChanged, Place, RoomChanged
from bot.plain import to_plain
from bot.replies import Attachment, Form, Post
from bot.transport import Batch, Intake
from bot.transports.console.book import (
    BOT,
    Book,
    Entry,
    direct_room,
    direct_with,
    root_of,
    thread_of,
)
from bot.transports.console.lines import Choice, Shown, form_choice

TRANSPORT = "console"
WORKSPACE = "demo"


class Circumstances(TypedDict):
    """What every event has."""

    id: str
    place: Place
    person: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A button somebody can press, or a form they can fill in, under a message."""

    room: str
    message: str
    label: str
    line: str
    form: Form | None = None


class Room:
    """The rooms of a console, all on one screen.

    Args:
        clock: dates what happens.
        members: who is in which room of a fresh database; what is stored counts otherwise.
        out: shows something; must not raise.
        zone: in which times are shown.
        prefix: what stands before a command typed in a room.
    """

    def __init__(
        self,
        clock: Clock,
        members: Mapping[str, Sequence[str]],
        out: Callable[[Shown], None],
        *,
        zone: tzinfo = UTC,
        prefix: str = "!",
    ) -> None:
        """See the class."""
        self.clock = clock
        self.out = out
        self.zone = zone
        self.prefix = prefix
        self.book = Book()
        self.left_at: datetime | None = None  # when it was last stored, before this start
        self._members = members
        self._posts: dict[tuple[str, str], Post] = {}  # what this process has shown
        self._untold: list[Event] = []  # stored with what happens next
        self._intake: Intake | None = None
        self._opened = asyncio.Event()
        self._failure: StorageError | None = None
        self._storing = asyncio.Lock()

    async def open(self, intake: Intake) -> None:
        """Take up what is stored, or begin: tell of the people and the rooms.

        Raises:
            StorageError: also to everybody who waits for `opened`.
        """
        self._intake = intake
        try:
            await self._take_up(intake)
        except StorageError as error:
            self._failure = error
            raise
        finally:
            self._opened.set()

    async def _take_up(self, intake: Intake) -> None:
        stored = await intake.cursor(TRANSPORT, WORKSPACE)
        if stored is not None:
            self.book, self.left_at = Book.load(stored[0]), stored[1]
        self._newcomers()
        if self._untold:
            await self._store(())

    async def opened(self) -> None:
        """Return once what is stored has been taken up. Raises StorageError when it cannot be."""
        await self._opened.wait()
        if self._failure is not None:
            raise self._failure

    async def store(self, *events: Event) -> None:
        """Store events and all that is remembered, together.

        Raises:
            StorageError: not yet: they were seen, and are stored with what happens next.
        """
        await self.opened()
        await self._store(events)

    async def _store(self, events: Sequence[Event]) -> None:
        assert self._intake is not None
        self._untold += events
        # One after the other: an older state must not overwrite a newer one.
        async with self._storing:
            batch = Batch(tuple(self._untold), cursor=self.book.dump())
            await self._intake.receive(batch)
            del self._untold[: len(batch.events)]

    def _newcomers(self) -> None:
        for room in self._members:
            if room not in self.book.rooms:
                self._new_room(room)
        for person in dict.fromkeys(name for names in self._members.values() for name in names):
            if person not in self.book.people:
                self.introduce(person)
                for room in self._members:
                    if person in self._members[room]:
                        self.enter(person, room)

    def _new_room(self, room: str) -> None:
        # The bot was always here: it joins nothing, so it introduces itself to nobody.
        self.book.room(room)
        self._untold.append(RoomChanged(**self.facts(BOT, room), name=room))

    def introduce(self, person: str) -> None:
        """Make somebody known; told with what happens next."""
        self.book.people.append(person)
        first = next(iter(self._members))
        self._untold.append(PersonChanged(**self.facts(person, first), name=person))

    def enter(self, person: str, room: str) -> None:
        """Let somebody in; told with what happens next."""
        self.book.room(room).members.append(person)
        self._untold.append(Joined(**self.facts(person, room)))

    def direct(self, person: str) -> str:
        """Return somebody's direct room; its opening is told with what happens next."""
        room = direct_room(person)
        if room not in self.book.rooms:
            self.book.room(room)
            self._untold += [
                RoomChanged(**self.facts(person, room), direct=True),
                Joined(**self.facts(BOT, room), bot=True),
            ]
            self.enter(person, room)
        return room

    def facts(self, who: str, room: str, thread: str | None = None) -> Circumstances:
        """Return what an event that happens now has, with a new id."""
        return {
            "id": self.book.next_event(),
            "place": Place(TRANSPORT, WORKSPACE, room, thread),
            "person": person_named(who),
            "at": self.clock.now(),
        }

    def add(self, room: str, entry: Entry, thread: str | None, text: str) -> str:
        """Number a person's message and show it."""
        number = self.book.room(room).add(entry, thread)
        self.out(Shown(room, number, entry.author, text, entry.only))
        return number

    def show_post(self, room: str, number: str, post: Post, *, deed: str = "") -> None:
        """Show what the bot posted under a number, or what it has edited it to."""
        self._posts[room, number] = post
        choices = [self._choice(offer) for offer in offers(room, number, post)]
        files = "".join(f"\nattached: {named(each)}" for each in post.attachments)
        text = f"{to_plain(post.content, self.zone)}{files}"
        only = self.book.room(room).entry(number).only
        self.out(Shown(room, number, BOT, text, only, deed=deed, choices=tuple(choices)))

    def _choice(self, offer: Offer) -> Choice:
        if offer.form is not None:
            return form_choice(offer.form)
        prefix = "" if direct_with(offer.room) else self.prefix
        return Choice(offer.label, f"{prefix}{offer.line}")

    async def offers(
        self, who: str, room: str, thread: str | None, message: str | None
    ) -> AsyncIterator[Offer]:
        """Yield what somebody can press in a room, a thread or under a message, newest first."""
        for number, entry in reversed(list(self.book.room(room).entries.items())):
            there = thread in (None, root_of(number)) and message in (None, number)
            if there and entry.author == BOT and not entry.deleted and entry.only in (None, who):
                post = await self._post(room, number)
                for offer in () if post is None else offers(room, number, post):
                    yield offer

    async def _post(self, room: str, number: str) -> Post | None:
        if (post := self._posts.get((room, number))) is None:
            assert self._intake is not None
            place = Place(TRANSPORT, WORKSPACE, room, thread_of(number))
            post = await self._intake.sent_message(place, number)
            if post is not None:
                self._posts[room, number] = post
        return post


def offers(room: str, number: str, post: Post) -> tuple[Offer, ...]:
    """Return a post's buttons, its form's last."""
    buttons = [Offer(room, number, button.label, button.line) for button in post.buttons]
    if post.form is not None:
        buttons.append(Offer(room, number, post.form.title, post.form.command, post.form))
    return tuple(buttons)


def named(file: Attachment) -> str:
    """Return a file's name and size on one line: `transcript.md (1.2 KB)`."""
    size = len(file.data)
    steps = ((2**20, "MB"), (2**10, "KB"))
    shown = next((f"{size / step:.1f} {unit}" for step, unit in steps if size >= step), f"{size} B")
    return f"{' '.join(file.name.split())} ({shown})"


def person_named(name: str) -> Person:
    """Return the person of that name; `Deskside` is the bot."""
    return Person(TRANSPORT, WORKSPACE, name)
