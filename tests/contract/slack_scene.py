"""The Slack transport beside the Slack that misbehaves, on one clock that can be hurried."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.clock import ManualClock
from bot.content import say
from bot.errors import TransportError
from bot.events import Message, Person, Place
from bot.replies import Lane, Post
from bot.transport import Action, Delivery
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.transport import SlackTransport
from tests.contract.intake import RecordingIntake
from tests.slack.faults import Fault
from tests.slack.people import PersonThere
from tests.slack.server import SlackDouble

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
TICK = 0.005  # seconds between two looks at the machine's clock


class FlowingClock(ManualClock):
    """A clock that goes `speed` times as fast as the machine's, and can be moved besides."""

    def __init__(self, speed: float = 10) -> None:
        super().__init__(START)
        self._speed = speed

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        flow = asyncio.create_task(self._flow())
        try:
            yield
        finally:
            flow.cancel()
            with suppress(asyncio.CancelledError):
                await flow

    async def _flow(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            await asyncio.sleep(TICK)
            now = loop.time()
            self.advance(timedelta(seconds=(now - last) * self._speed))
            last = now


class Scene:
    """Alice and the bot in #support; what the bot's transport reads goes to `intake`."""

    def __init__(self, slack: SlackDouble, clock: FlowingClock) -> None:
        self.slack = slack
        self.clock = clock
        self.intake = RecordingIntake(clock)
        self.alice: PersonThere = slack.person("alice")
        self.channel = slack.workspace.add_channel("support", [self.alice.id])
        team = slack.workspace.team_id
        self.place = Place("slack", team, self.channel.id)
        self.person = Person("slack", team, self.alice.id)

    def settings(self, **changes: Any) -> SlackSettings:
        values: dict[str, Any] = {
            "bot_token": SecretStr(self.slack.bot_token),
            "app_token": SecretStr(self.slack.app_token),
            "signing_secret": SecretStr(self.slack.signing_secret),
            "team_id": self.slack.workspace.team_id,
            "api_url": self.slack.api_url,
            "posts_per_second": 1000,
        }
        return SlackSettings(**values | changes)

    @asynccontextmanager
    async def transport(
        self, named: Sequence[str] = (), **changes: Any
    ) -> AsyncIterator[SlackTransport]:
        """A transport that does not read; `named` are user groups beside the room."""
        settings = self.settings(**changes)
        transport = SlackTransport(settings, self.clock, zone="UTC", named=["#support", *named])
        try:
            yield transport
        finally:
            await transport.close()

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[SlackTransport]:
        """Let one read over sockets, or over HTTP with mode="http"."""
        async with self.transport(**changes) as transport, self.reading(transport):
            if changes.get("mode") == "http":
                async with self._served(transport):
                    yield transport
            else:
                sockets, wanted = self.slack.sockets, changes.get("connections", 2)
                await self.slack.until(lambda: len(sockets.open) == wanted)
                yield transport

    @asynccontextmanager
    async def reading(self, transport: SlackTransport) -> AsyncIterator[asyncio.Task[None]]:
        running = asyncio.create_task(transport.run(self.intake))
        try:
            yield running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError, TransportError):
                await running

    @asynccontextmanager
    async def _served(self, transport: SlackTransport) -> AsyncIterator[None]:
        app = web.Application()
        app.add_routes(transport.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
            assert await self.slack.http.listen(url)
            await self.slack.until(lambda: transport.health().ok)
            yield
        finally:
            await runner.cleanup()

    # What becomes of it.

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.intake.all(Message)]

    async def heard(self, said: str, within: float = 10) -> Message:
        return await self.intake.see(Message, lambda message: message.text == said, within)

    async def heard_all(self, count: int, within: float = 10) -> None:
        await self.intake.until(lambda: len(self.texts) >= count, within)

    def write(self, *texts: str, thread: str | None = None) -> None:
        for text in texts:
            self.alice.write("support", text, thread)

    def hide(self, *texts: str, thread: str | None = None) -> None:
        """Write what Slack keeps to itself."""
        for text in texts:
            self.slack.fail(Fault.HIDE, "message")
            self.alice.write("support", text, thread)

    async def passed(self, **much: float) -> None:
        """Let time pass at once, and what it wakes begin."""
        self.clock.advance(timedelta(**much))
        await asyncio.sleep(0)

    def posted(self) -> list[str]:
        """Return what the bot has posted in the room and its threads, the oldest first."""
        me = self.slack.workspace.bot_user
        return [m.text for m in self.channel.messages.values() if m.user == me]

    def delivery(self, text: str = "Hello", **more: Any) -> Delivery:
        values: dict[str, Any] = {
            "id": "d" * 32,
            "action": Action.POST,
            "place": self.place,
            "post": Post(say(text)),
            "lane": Lane.REPLY,
            "created": self.clock.now(),
        }
        return Delivery(**values | more)


@asynccontextmanager
async def a_scene(*, speed: float = 10, **double: Any) -> AsyncIterator[Scene]:
    """Let there be one; keywords are the double's."""
    clock = FlowingClock(speed)
    async with clock.flowing(), SlackDouble(clock, **{"limited": False, **double}) as slack:
        yield Scene(slack, clock)
