"""Lets what arrives at once go on in the order in which it happened.

Slack's events come over several sockets or requests and overtake each other; there is
no number in them but the time stamp.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

# Seconds without anything new after which what was sent at once has arrived, on whichever
# socket or connection, and the most that is waited for it; nobody notices either.
A_MOMENT = 0.003
AT_MOST = 0.03


@dataclass
class _Room:
    """The door of a room; it stays the same one while anybody waits before it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0


class Turns:
    """Where those who come together wait for each other, for a moment.

    Attributes:
        open: while it is not set, everybody waits.
    """

    def __init__(self) -> None:
        """Let nobody wait yet."""
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._came = 0
        self._timer: asyncio.TimerHandle | None = None
        self._latest = 0.0
        self._rooms: dict[str, _Room] = {}
        self.open = asyncio.Event()
        self.open.set()

    @asynccontextmanager
    async def mine(self, room: str, at: float) -> AsyncIterator[None]:
        """Run the block when it is the turn of what happened at `at` (seconds).

        What happened in the same room goes on one by one, other rooms beside it.
        """
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wait_a_moment()
        self._came += 1
        self._waiting.append((at, self._came, turn))
        await turn
        there = self._rooms.setdefault(room, _Room())
        there.people += 1
        try:
            async with there.lock:
                await self.open.wait()
                yield
        finally:
            there.people -= 1
            if not there.people:
                del self._rooms[room]

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
