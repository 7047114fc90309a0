"""The Matrix transport beside its misbehaving homeserver, on a clock that does not wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.content import say
from bot.events import Message, Place
from bot.replies import Lane, Post
from bot.transport import Action, Delivery
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from tests.contract.intake import RecordingIntake
from tests.contract.matrix_server import ME, ROOM, TOKEN, MatrixServer

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class HurriedClock:
    """A clock on which every wait is over at once; `waits` tells how long they were."""

    def __init__(self) -> None:
        self.time = START
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.time

    def elapsed(self) -> float:
        return (self.time - START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Scene:
    """A transport, its server, its clock, and what it has stored."""

    def __init__(self, server: MatrixServer) -> None:
        self.server = server
        self.clock = HurriedClock()
        self.intake = RecordingIntake(self.clock)

    @asynccontextmanager
    async def transport(self, **settings: Any) -> AsyncIterator[MatrixTransport]:
        values: dict[str, Any] = {
            "homeserver": self.server.address,
            "user_id": ME,
            "access_token": SecretStr(TOKEN),
            "invite_from": (":fake.test",),
        }
        named = settings.pop("named", ())
        transport = MatrixTransport(MatrixSettings(**values | settings), self.clock, named=named)
        try:
            yield transport
        finally:
            await transport.close()

    @asynccontextmanager
    async def running(self, **settings: Any) -> AsyncIterator[MatrixTransport]:
        """Run it; the server holds its first sync with a token when this begins."""
        async with self.transport(**settings) as transport, self.reading(transport):
            yield transport

    @asynccontextmanager
    async def reading(self, transport: MatrixTransport) -> AsyncIterator[None]:
        """Let a transport read."""
        running = asyncio.create_task(transport.run(self.intake))
        try:
            await self.server.until(lambda: any("since" in a.query for a in self.syncs))
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    @property
    def syncs(self) -> list[Any]:
        return self.server.calls("/sync")

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.intake.all(Message)]

    async def heard(self, said: str) -> Message:
        return await self.intake.see(Message, lambda message: message.text == said)


def delivery(action: Action = Action.POST, **more: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": "d1",
        "place": Place("matrix", "fake.test", ROOM),
        "post": Post(say("Hello")),
        "lane": Lane.REPLY,
        "created": START,
    }
    return Delivery(action=action, **values | more)
