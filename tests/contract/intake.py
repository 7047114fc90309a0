"""An intake that keeps everything in memory, for tests of a transport without the core."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.clock import Clock, SystemClock
from bot.errors import StorageError
from bot.events import Event, Joined, Left, Message, Person, Place
from bot.replies import Form, Post
from bot.transport import MOST_THREADS, Batch, Page, StoredGap

PATIENCE = 10.0  # seconds

E = TypeVar("E")


class RecordingIntake:
    """Keeps what a transport stores; an event with an id it has is not stored again.

    Attributes:
        batches: what was received, in order, with repetitions.
        events: what was stored, each once; those of a gap at its place.
        posts: what the bot posted, by message id.
        forms: what `form` returns, by line.
        wrong: what `problems` returns, by command.
        fail: how many calls of `receive` with events, and of `fill`, fail next.
        fail_marks: the first of them may have no events, but a mark alone.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.batches: list[Batch] = []
        self.pages: list[Page] = []
        self.events: list[Event] = []
        self.posts: dict[str, Post] = {}
        self.forms: dict[str, Form] = {}
        self.wrong: dict[str, dict[str, str]] = {}
        self.rooms: dict[Person, str] = {}
        self.token: tuple[str, datetime] | None = None
        self.open_gaps: dict[int, StoredGap] = {}
        self.own: dict[tuple[str, str], str] = {}
        self.fail = 0
        self.fail_marks = False
        self._clock = clock or SystemClock()
        self._below: dict[int, int] = {}  # gap id -> where its events go
        self._news = asyncio.Condition()
        self._free = asyncio.Event()
        self._free.set()
        self._held = 0

    async def receive(self, batch: Batch) -> None:
        await self._wait_until_free(batch)
        if batch.events or self.fail_marks:
            self.fail_marks = False
            self._fail()
        async with self._news:
            for gap in batch.gaps:
                number = len(self._below)
                self.open_gaps[number] = StoredGap(number, gap)
                self._below[number] = len(self.events)
            self._store(batch.events, len(self.events))
            self.batches.append(batch)
            if batch.cursor is not None:
                self.token = (batch.cursor, self._clock.now())
            self._news.notify_all()

    async def fill(self, page: Page) -> None:
        self._fail()
        async with self._news:
            before = len(self.events)
            self._store(page.events[::-1], self._below[page.gap.id])
            for later in range(page.gap.id + 1, len(self._below)):
                self._below[later] += len(self.events) - before
            self.pages.append(page)
            if page.next is None:
                del self.open_gaps[page.gap.id]
            else:
                gap = replace(page.gap.gap, start=page.next)
                self.open_gaps[page.gap.id] = replace(page.gap, gap=gap)
            self._news.notify_all()

    async def _wait_until_free(self, batch: Batch) -> None:
        if self._free.is_set():
            return
        async with self._news:
            self._held += bool(batch.events)
            self._news.notify_all()
        await self._free.wait()

    def _fail(self) -> None:
        if self.fail:
            self.fail -= 1
            raise StorageError("The disk is full.")

    def _store(self, events: Sequence[Event], at: int) -> None:
        known = {event.id for event in self.events}
        once = {event.id: event for event in reversed(events) if event.id not in known}
        self.events[at:at] = reversed(once.values())

    async def cursor(self, *_: str) -> tuple[str, datetime] | None:
        return self.token

    async def gaps(self, *_: str) -> Sequence[StoredGap]:
        return list(self.open_gaps.values())

    async def direct_room(self, person: Person) -> str | None:
        return self.rooms.get(person)

    async def sent_message(self, _: Place, message: str) -> Post | None:
        return self.posts.get(message)

    def form(self, line: str) -> Form | None:
        return self.forms.get(line)

    def problems(self, command: str, _: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        return self.wrong.get(command, {})

    async def threads(self, place: Place, since: datetime) -> Sequence[str]:
        said = [event for event in self.said(place) if event.at >= since]
        roots = [event.place.thread for event in reversed(said) if event.place.thread]
        return list(dict.fromkeys(roots))[:MOST_THREADS]

    async def members(self, place: Place) -> Sequence[Person]:
        there: dict[Person, None] = {}
        for event in self.events:
            if isinstance(event, Joined) and not event.bot and event.place == place:
                there[event.person] = None
            elif isinstance(event, Left) and event.place == place:
                there.pop(event.person, None)
        return list(there)

    async def keep(self, transport: str, workspace: str, value: str) -> None:
        self.own[transport, workspace] = value

    async def kept(self, transport: str, workspace: str) -> str | None:
        return self.own.get((transport, workspace))

    def said(self, place: Place) -> list[Message]:
        return [event for event in self.all(Message) if event.place.main == place.main]

    # What a test asks.

    def pause(self) -> None:
        """Store nothing until `resume`."""
        self._free.clear()

    def resume(self) -> None:
        self._free.set()
        self._held = 0

    async def asked(self) -> None:
        """Wait until events are to be stored while it is paused."""
        await self.until(lambda: self._held > 0)

    def all(self, kind: type[E]) -> list[E]:
        """Return the stored events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    async def see(
        self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True, within: float = PATIENCE
    ) -> E:
        """Wait for an event of a kind."""
        found: list[E] = []

        def look() -> bool:
            found[:] = [event for event in self.all(kind) if wanted(event)][:1]
            return bool(found)

        await self.until(look, within)
        return found[0]

    async def until(self, is_true: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait until something holds that depends on what is stored."""
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(is_true)
        except TimeoutError:
            seen = "".join(f"\n  {event}" for event in self.events[-20:])
            raise TimeoutError(f"not stored within {within} s; there is:{seen}") from None
