"""The contract's driver for Slack, on the Slack that misbehaves on demand."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Literal

from aiohttp import web
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.events import Person, Place
from bot.replies import Button
from bot.transport import Transport
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.transport import SlackTransport
from tests.contract.driver import WAIT, Ability, Fault, Shown
from tests.contract.intake import RecordingIntake
from tests.slack import acts
from tests.slack.emoji import CHARACTERS
from tests.slack.faults import Fault as SlackFault
from tests.slack.people import Seen
from tests.slack.records import Message
from tests.slack.server import SlackDouble


class SlackDriver:
    """Alice, in a channel of the double."""

    abilities: Collection[Ability] = (Ability.WRITE_TO_NOBODY, Ability.RUN_PROGRAMS)

    def __init__(self, slack: SlackDouble, mode: Literal["socket", "http"]) -> None:
        self.intake = RecordingIntake()
        self.faults: Collection[Fault] = (Fault.LIMIT, Fault.LOSE, Fault.RETELL)
        if mode == "socket":
            self.faults = (*self.faults, Fault.CUT)
        self._mode: Literal["socket", "http"] = mode
        self._slack = slack
        self._alice = slack.person("alice")
        workspace = slack.workspace
        self._channel = workspace.add_channel("support", [self._alice.id])
        elsewhere = workspace.add_channel("elsewhere", [self._alice.id])
        elsewhere.members.remove(workspace.bot_user)
        team = workspace.team_id
        self.place = Place("slack", team, self._channel.id)
        self.nowhere = Place("slack", team, elsewhere.id)
        self.person = Person("slack", team, self._alice.id)

    @property
    def acknowledged(self) -> bool:
        return all(each.is_over for each in self._slack.teller.deliveries)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Transport]:
        settings = SlackSettings(
            mode=self._mode,
            signing_secret=SecretStr(self._slack.signing_secret),
            bot_token=SecretStr(self._slack.bot_token),
            app_token=SecretStr(self._slack.app_token),
            team_id=self._slack.workspace.team_id,
            api_url=self._slack.api_url,
            posts_per_second=1000,
        )
        transport = SlackTransport(settings, SystemClock(), zone="UTC", named=["#support"])
        running = asyncio.create_task(transport.run(self.intake))
        try:
            if self._mode == "http":
                async with self._served(transport):
                    yield transport
            else:
                sockets = self._slack.sockets
                await self._slack.until(lambda: len(sockets.open) == settings.connections)
                yield transport
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await transport.close()

    @asynccontextmanager
    async def _served(self, transport: SlackTransport) -> AsyncIterator[None]:
        """Let the double send its requests to the transport."""
        app = web.Application()
        app.add_routes(transport.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            assert await self._slack.http.listen(
                f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
            )
            await self._slack.until(lambda: transport.health().ok)
            yield
        finally:
            await runner.cleanup()

    async def write(self, text: str, thread: str | None = None) -> str:
        return self._alice.write("support", text, thread)

    async def write_directly(self, text: str) -> str:
        return self._alice.dm(text)

    async def share(self, file: str, text: str) -> str:
        return self._alice.write("support", text, files=[(file, b"content")])

    async def run_program(self, text: str) -> None:
        workspace = self._slack.workspace
        robot = workspace.add_user("weather", is_bot=True, bot_id="B0WEATHER")
        said = Message(
            workspace.new_ts(),
            self._channel.id,
            robot.id,
            text,
            workspace.team_id,
            bot_id=robot.bot_id,
        )
        acts.post(workspace, self._channel, said)

    async def edit(self, message: str, text: str) -> None:
        self._alice.edit("support", message, text)

    async def delete(self, message: str) -> None:
        self._alice.delete("support", message)

    async def react(self, message: str, emoji: str) -> None:
        self._alice.react("support", message, CHARACTERS[emoji])

    async def press(self, message: str, button: Button, *, alone: bool = False) -> None:
        del alone
        label = f"{button.emoji} {button.label}".strip()
        await self._slack.gestures.press(self._alice, "support", message, label)

    async def seen(self) -> list[Shown]:
        channel = self._channel.id
        return [_shown(each) for each in self._everything(channel) if not each.is_ephemeral]

    async def seen_alone(self) -> list[Shown]:
        alone = [each for each in self._everything(self._channel.id) if each.is_ephemeral]
        return [_shown(each) for each in (*alone, *self._everything(self._alice.direct.id))]

    def _everything(self, channel: str) -> list[Seen]:
        """Return what the bot has posted in a channel and all its threads."""
        said = self._alice.sees(channel)
        threads = [reply for each in said for reply in self._alice.sees(channel, each.ts)[1:]]
        mine = self._slack.workspace.bot_user
        return [each for each in (*said, *threads) if each.is_ephemeral or each.user == mine]

    def make(self, fault: Fault) -> None:
        match fault:
            case Fault.CUT:
                self._slack.sockets.drop()
            case Fault.LIMIT:
                self._slack.fail(SlackFault.LIMIT, "chat.postMessage", retry_after=WAIT)
            case Fault.LOSE:
                self._slack.fail(SlackFault.LOSE, "chat.postMessage")
            case Fault.RETELL:
                self._slack.teller.send(self._slack.teller.deliveries[-1].payload)
            case _:
                raise NotImplementedError


def _shown(seen: Seen) -> Shown:
    return Shown(seen.ts, seen.shown, seen.thread or None)
