"""A console room without a core: what it tells is kept, not handled."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.clock import ManualClock
from bot.content import Content, say
from bot.events import Event, Person, Place
from bot.replies import Button, Form, Lane, Post
from bot.transport import Action, Batch, Delivery, Page, StoredGap
from bot.transports.console import ConsoleTransport
from bot.transports.console.lines import Shown, lines

NINE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MEMBERS = {"support": ("alice", "carol", "bea"), "staff": ("bea",)}


class Memory:
    """An Intake that keeps everything in lists."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.stored: str | None = None
        self.stored_at = NINE
        self.posts: dict[tuple[str, str], Post] = {}

    async def receive(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        self.events += batch.events
        self.stored = batch.cursor or self.stored

    async def fill(self, page: Page) -> None:
        raise NotImplementedError

    async def cursor(self, *_: str) -> tuple[str, datetime] | None:
        return None if self.stored is None else (self.stored, self.stored_at)

    async def gaps(self, *_: str) -> Sequence[StoredGap]:
        return ()

    async def direct_room(self, person: Person) -> str | None:
        raise NotImplementedError

    async def sent_message(self, place: Place, message: str) -> Post | None:
        return self.posts.get((place.room, message))

    def form(self, line: str) -> Form | None:
        raise NotImplementedError

    def problems(self, command: str, answers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        raise NotImplementedError

    async def threads(self, place: Place, since: datetime) -> Sequence[str]:
        raise NotImplementedError

    async def members(self, place: Place) -> Sequence[Person]:
        raise NotImplementedError

    async def keep(self, transport: str, workspace: str, value: str) -> None:
        raise NotImplementedError

    async def kept(self, transport: str, workspace: str) -> str | None:
        raise NotImplementedError


class Stage:
    """A console room, the screen it is seen on, and the bot's voice in it."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self.screen: list[str] = []
        self.clock = ManualClock(NINE)
        self.transport = ConsoleTransport(self.clock, MEMBERS, self._show)
        self.people = self.transport.people
        self._task = asyncio.create_task(self.transport.run(self.memory))
        self._sent = 0

    def _show(self, shown: Shown) -> None:
        self.screen += lines(shown)

    @property
    def event(self) -> Event:
        return self.memory.events[-1]

    async def say(
        self,
        text: str | Content,
        room: str = "support",
        thread: str | None = None,
        *,
        buttons: Sequence[Button] = (),
        form: Form | None = None,
        only: str | None = None,
    ) -> str:
        content = say(text) if isinstance(text, str) else text
        post = Post(content, tuple(buttons), form)
        return await self.send(delivery(room, thread, post=post, only=only, id=self.next_id()))

    async def send(self, wanted: Delivery) -> str:
        return (await self.transport.send(wanted)).message

    def next_id(self) -> str:
        self._sent += 1
        return f"d{self._sent}-{id(self)}"

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.transport.close()


def delivery(
    room: str = "support",
    thread: str | None = None,
    *,
    id: str = "d",  # noqa: A002 - the field's name
    action: Action = Action.POST,
    post: Post | None = None,
    only: str | None = None,
    target: str | None = None,
    emoji: str = "",
) -> Delivery:
    """Make a delivery; without a room it is a direct one to `only`."""
    return Delivery(
        id=id,
        action=action,
        place=Place("console", "demo", room, thread),
        post=post,
        lane=Lane.REPLY,
        created=NINE,
        person=None if only is None else Person("console", "demo", only),
        private=bool(only and room),
        target=target,
        emoji=emoji,
    )
