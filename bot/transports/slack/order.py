"""Lets what arrives at once go on in the order in which it happened.

Slack's events come over several sockets or requests and overtake each other; there is
no number in them but the time stamp.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

# Seconds in which what was sent at once has arrived, on whichever socket; nobody notices it.
A_MOMENT = 0.003


class Turns:
    """Where those who come together wait for each other, for a moment."""

    def __init__(self) -> None:
        """Let nobody wait yet."""
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._came = 0

    async def mine(self, at: datetime) -> None:
        """Return when it is the turn of what happened at `at`; callers go on one by one."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        if not self._waiting:
            loop.call_later(A_MOMENT, self._let_in)
        self._came += 1
        self._waiting.append((at, self._came, turn))
        await turn

    def _let_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        for _, _, turn in sorted(waiting, key=lambda each: each[:2]):
            if not turn.done():
                turn.set_result(None)
