"""Lets what arrives at once go on in the order in which it happened.

Slack's events come over several sockets or requests and overtake each other; there is
no number in them but the time stamp.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bot.events import Event

# Seconds without anything new after which what was sent at once has arrived, on whichever
# socket or connection, and the most that is waited for it; nobody notices either.
A_MOMENT = 0.003
AT_MOST = 0.03
MOST = 100  # events that are stored together
FOR_THE_MISSING = 1.5  # seconds of the three after which Slack tells it again


@dataclass(eq=False)
class Door:
    """The door of a room; it stays the same one while anybody waits before it.

    Attributes:
        events: of those who went through, still to be stored.
        carriers: one for each of them, who waits until they are.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0
    events: list[Event] = field(default_factory=list)
    carriers: list[asyncio.Future[None]] = field(default_factory=list)
    since: float = 0.0

    def carry(self, events: Sequence[Event]) -> asyncio.Future[None]:
        """Take events along; returns what ends when they are stored."""
        loop = asyncio.get_running_loop()
        if not self.carriers:
            self.since = loop.time()
        self.carriers.append(loop.create_future())
        self.events += events
        return self.carriers[-1]

    @property
    def is_due(self) -> bool:
        """Nobody else comes along soon, or enough have."""
        if not self.carriers:
            return False
        late = asyncio.get_running_loop().time() - self.since > AT_MOST
        return not self.people or late or len(self.events) >= MOST


class Turns:
    """Where those who come together wait for each other, for a moment.

    Attributes:
        open: while it is not set, everybody waits.
        before: what happened before (in seconds since 1970) may be missing, with what happened
            next to it, until `whole` is set.

    Args:
        store: begins to store what was carried through a door. What came together into a
            room is stored together, so that none of it is stored without what came before it.
    """

    def __init__(self, store: Callable[[Door], None]) -> None:
        """Let nobody wait yet."""
        self._store = store
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._came = 0
        self._timer: asyncio.TimerHandle | None = None
        self._latest = 0.0
        self._rooms: dict[str, Door] = {}
        self.open = asyncio.Event()
        self.open.set()
        self.before = 0.0
        self.whole = asyncio.Event()

    @asynccontextmanager
    async def mine(self, room: str, at: float) -> AsyncIterator[Door]:
        """Run the block when it is the turn of what happened at `at` (seconds).

        What happened in the same room goes on one by one, other rooms beside it.
        """
        if at < self.before:
            await self._until_whole()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wait_a_moment()
        self._came += 1
        self._waiting.append((at, self._came, turn))
        there = self._rooms.setdefault(room, Door())
        there.people += 1
        try:
            await turn
            async with there.lock:
                await self.open.wait()
                yield there
        finally:
            there.people -= 1
            if not there.people:
                del self._rooms[room]
            if there.is_due:
                self._store(there)

    async def _until_whole(self) -> None:
        """Let what is missing go before what is told late, if it does not take too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FOR_THE_MISSING):
                await self.whole.wait()

    def _wait_a_moment(self) -> None:
        loop = asyncio.get_running_loop()
        if not self._waiting:
            self._latest = loop.time() + AT_MOST
        elif self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(min(loop.time() + A_MOMENT, self._latest), self._let_in)

    def _let_in(self) -> None:
        self._timer = None
        waiting, self._waiting = self._waiting, []
        for _, _, turn in sorted(waiting, key=lambda each: each[:2]):
            if not turn.done():
                turn.set_result(None)
