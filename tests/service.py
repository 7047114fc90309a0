"""A chat service in memory that can be told to fail: what a desk talks to in tests."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, timedelta, tzinfo
from enum import Enum, auto

from bot.errors import SendFailure, TransportError
from bot.events import Person, Place
from bot.plain import to_plain
from bot.replies import Post
from bot.transport import Action, Delivery, Health, Intake, Promise, Sent

BOT = "bot"
HOME = "home"
PAUSE = timedelta(seconds=30)  # what it asks for when it limits the bot


class Fault(Enum):
    """What can go wrong with one send."""

    LOSE = auto()  # done, but the answer is lost
    DROP = auto()  # not done, which nobody knows
    BUSY = auto()  # certainly not done; later it will be
    LIMIT = auto()  # the same, and it says how long to wait
    REFUSE = auto()  # never
    EXPEL = auto()  # the bot's access is gone
    HANG = auto()  # done once `go_on` is set
    CRASH = auto()  # an error no transport should raise


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands in a room now; `only` is who alone sees it."""

    id: str
    thread: str | None
    who: str
    post: Post
    only: str | None = None
    edits: int = 0
    late: bool = False

    def text(self, zone: tzinfo = UTC) -> str:
        """What people read, buttons included."""
        labels = "".join(f" [{button.label}]" for button in self.post.buttons)
        return f"{to_plain(self.post.content, zone)}{labels}"


class FakeService:
    """Implements `bot.transport.Transport` on a dictionary of rooms.

    Attributes:
        rooms: what stands in each room, oldest first.
        pages: each version of the bot's page that a person was shown.
        pinned: the messages that are pinned in a room.
        topics: what rooms say of themselves.
        attempts: every call of `send`, the failed ones too.
        faults: what happens to the next sends, in order; None is no fault.
        closed: rooms that refuse everything for good.
        promised: what it promises for deliveries of unknown outcome.
        waits: seconds until it takes any delivery.
        longest: characters of a message; a longer post takes two, and both show it.
        intake: where events go once it runs.
    """

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.workspace = HOME
        self.rooms: dict[str, list[Shown]] = {}
        self.reactions: list[tuple[str, str, str]] = []
        self.pages: dict[str, list[Post]] = {}
        self.pinned: dict[str, set[str]] = {}
        self.topics: dict[str, str] = {}
        self.attempts: list[Delivery] = []
        self.faults: deque[Fault | None] = deque()
        self.closed: set[str] = set()
        self.promised = Promise.PROVABLE
        self.waits = 0.0
        self.longest = 10_000
        self.go_on = asyncio.Event()
        self.hanging = asyncio.Event()
        self.typing_signs: list[bool] = []
        self.closings = 0
        self._done: dict[str, Sent] = {}
        self._numbers: dict[str, int] = {}
        self._runs = asyncio.Event()
        self._stumble = asyncio.Event()
        self._stumbled = asyncio.Event()
        self._intake: Intake | None = None

    @property
    def intake(self) -> Intake:
        assert self._intake is not None
        return self._intake

    async def run(self, intake: Intake) -> None:
        self._intake = intake
        self._runs.set()
        try:
            await self._stumble.wait()
            msg = "a mistake in the transport"
            raise RuntimeError(msg)
        finally:
            self._runs.clear()
            self._stumble.clear()
            self._stumbled.set()

    async def runs(self) -> None:
        """Wait until the desk listens."""
        await self._runs.wait()

    async def stumbles(self) -> None:
        """Let `run` end with an error no transport should raise."""
        self._stumbled.clear()
        self._stumble.set()
        await self._stumbled.wait()

    def number(self, room: str) -> str:
        """Return the id of the next message of a room."""
        self._numbers[room] = self._numbers.get(room, 0) + 1
        return str(self._numbers[room])

    def put(self, room: str, shown: Shown) -> None:
        self.rooms.setdefault(room, []).append(shown)

    async def send(self, delivery: Delivery) -> Sent:
        self.attempts.append(delivery)
        room = delivery.place.room or f"dm-{delivery.person.user if delivery.person else '?'}"
        fault = self.faults.popleft() if self.faults else None
        if room in self.closed:
            fault = Fault.REFUSE
        if fault is Fault.HANG:
            self.hanging.set()
            await self.go_on.wait()
        elif fault is not None and fault is not Fault.LOSE:
            raise _failure(fault)
        sent = self._carry_out(delivery, room)
        if fault is Fault.LOSE:
            raise TransportError("the answer was lost", failure=SendFailure.UNKNOWN)
        return sent

    def _carry_out(self, delivery: Delivery, room: str) -> Sent:
        known = self._done.get(delivery.id)
        if known is not None and self.promised is Promise.IDEMPOTENT:
            return known
        post = delivery.post or Post(())
        message, rest = delivery.target or "", list[str]()
        match delivery.action:
            case Action.POST:
                message, *rest = self._post(delivery, room, post)
            case Action.EDIT:
                self._edit(room, message, post)
            case Action.REACT:
                self.reactions.append((room, message, delivery.emoji))
            case Action.DELETE:
                self.rooms[room] = [shown for shown in self.rooms[room] if shown.id != message]
            case Action.HOME:
                assert delivery.person is not None
                self.pages.setdefault(delivery.person.user, []).append(post)
                return Sent("page")
            case Action.PIN:
                self.pinned.setdefault(room, set()).add(message)
            case Action.UNPIN:
                self.pinned.setdefault(room, set()).discard(message)
            case Action.TOPIC:
                self.topics[room] = to_plain(post.content, UTC)
        sent = self._done[delivery.id] = Sent(message, room=room, rest=tuple(rest))
        return sent

    def _post(self, delivery: Delivery, room: str, post: Post) -> list[str]:
        """Show a post and return the ids of its messages."""
        only = delivery.person.user if delivery.private and delivery.person else None
        parts = 2 if len(to_plain(post.content, UTC)) > self.longest else 1
        made = [self.number(room) for _ in range(parts)]
        for message in made:
            shown = Shown(message, delivery.place.thread, BOT, post, only, late=delivery.late)
            self.put(room, shown)
        return made

    def _edit(self, room: str, message: str, post: Post) -> None:
        here = self.rooms[room]
        index = next(index for index, shown in enumerate(here) if shown.id == message)
        here[index] = replace(here[index], post=post, edits=here[index].edits + 1)

    def promise(self, delivery: Delivery) -> Promise:  # noqa: ARG002 - the same for all
        return self.promised

    def wait(self, delivery: Delivery) -> float:  # noqa: ARG002 - the same for all
        return self.waits

    async def find(self, delivery: Delivery) -> Sent | None:
        return self._done.get(delivery.id)

    async def typing(self, place: Place, *, on: bool) -> None:  # noqa: ARG002 - counted only
        self.typing_signs.append(on)

    def health(self) -> Health:
        return Health(ok=True, detail="It is only a fake.")

    async def close(self) -> None:
        self.closings += 1


def _failure(fault: Fault) -> Exception:
    match fault:
        case Fault.DROP:
            return TransportError("nobody knows", failure=SendFailure.UNKNOWN)
        case Fault.BUSY:
            return TransportError("not now", failure=SendFailure.RETRY)
        case Fault.LIMIT:
            return TransportError("too much", failure=SendFailure.RETRY, retry_after=PAUSE)
        case Fault.REFUSE:
            return TransportError("never", failure=SendFailure.PERMANENT)
        case Fault.EXPEL:
            return TransportError("access is gone", failure=SendFailure.REFUSED)
        case _:
            return RuntimeError("a mistake in the transport")


def person(name: str, service: str = "fake") -> Person:
    """Return the person of that name."""
    return Person(service, HOME, name)


def place(room: str, thread: str | None = None, service: str = "fake") -> Place:
    """Return a room, or a thread of it."""
    return Place(service, HOME, room, thread)
