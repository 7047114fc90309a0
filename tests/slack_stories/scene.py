"""A whole desk on the tests' Slack, and people around it who write, press and look.

Time stands still but for the seconds the bot itself waits for Slack's limits, and for what
`advances` lets pass.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import SecretStr

from bot.app import Deskside, running
from bot.clock import ManualClock
from bot.compose import routers
from bot.people import Role
from bot.plan import Plan
from bot.router import Commands
from bot.transport import Transport
from bot.transports.slack.manifest import manifest
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.transport import SlackTransport
from tests.desk import PATIENCE, composed
from tests.slack.delivery import Answer
from tests.slack.manifest import install
from tests.slack.markup import read_blocks
from tests.slack.people import PersonThere, Seen
from tests.slack.server import SlackDouble

Mode = Literal["socket", "http"]
T = TypeVar("T")

NINE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday, nine o'clock in Berlin
# As long as a room makes the bot wait between two posts; what sleeps longer waits for more.
BRIEF = timedelta(seconds=1.5)
AGENTS = "it-agents"


class StoryClock(ManualClock):
    """Tells when somebody begins a brief wait."""

    def __init__(self, now: datetime) -> None:
        """Stand still."""
        super().__init__(now)
        self.brief = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock is moved."""
        if 0 < seconds <= BRIEF.total_seconds():
            self.brief.set()
        await super().sleep(seconds)

    def pass_brief_waits(self) -> bool:
        """Move on to the end of the next brief wait; whether there was one."""
        self.brief.clear()
        wake = self.next_wake()
        if wake is None or wake - self.now() > BRIEF:
            return False
        self.move_to(wake)
        return True


@dataclass
class Scene:
    """A desk, its Slack and the people: alice is an employee, bea and dan are in #staff."""

    slack: SlackDouble
    clock: StoryClock
    bot: Deskside
    file: Path

    def __post_init__(self) -> None:
        """Let the people in."""
        self.alice, self.bea, self.dan = map(self.slack.person, ("alice", "bea", "dan"))
        # What happened before the desk listened it is not told of, or only when time passes.
        self._before = len(self.slack.teller.deliveries)

    # Time

    async def rests(self) -> None:
        """Wait until everything is told, handled, done and said."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_at_rest():
                pass

    async def _is_at_rest(self) -> bool:
        await self.slack.until(self._all_told, PATIENCE)
        if self.clock.pass_brief_waits():
            return False
        idle = asyncio.ensure_future(self.bot.idle())
        brief = asyncio.ensure_future(self.clock.brief.wait())
        try:
            await asyncio.wait((idle, brief), return_when=asyncio.FIRST_COMPLETED)
            return self._all_told() and idle.done() and not brief.done()
        finally:
            idle.cancel()
            brief.cancel()

    def _all_told(self) -> bool:
        return all(each.is_over for each in self.slack.teller.deliveries[self._before :])

    async def advances(self, **delta: float) -> None:
        """Let time pass, stopping wherever something falls due."""
        target = self.clock.now() + timedelta(**delta)
        await self.rests()
        while (due := self.bot.ticker.next_due) is not None and due <= target:
            self.clock.move_to(max(due, self.clock.now()))
            await self.bot.ticker.tick()
            await self.rests()
        self.clock.move_to(max(target, self.clock.now()))
        await self.rests()

    # What people do

    async def after(self, act: Awaitable[T]) -> T:
        """Do something and wait for what follows from it."""
        done = await act
        await self.rests()
        return done

    async def says(
        self, who: PersonThere, text: str, room: str = "support", thread: str | None = None
    ) -> str:
        """Write something; returns its ts."""
        ts = who.write(room, text, thread)
        await self.rests()
        return ts

    async def tells(self, who: PersonThere, text: str) -> str:
        """Write to the bot alone."""
        return await self.says(who, text, who.direct.id)

    async def commands(
        self, who: PersonThere, command: str, text: str = "", room: str = "support"
    ) -> Answer:
        """Use a slash command."""
        return await self.after(self.slack.gestures.slash(who, room, command, text))

    async def presses(
        self, who: PersonThere, label: str, seen: Seen, room: str = "support"
    ) -> Answer:
        """Press a button of a message."""
        return await self.after(self.slack.gestures.press(who, room, seen.ts, label))

    async def reacts(self, who: PersonThere, emoji: str, ts: str, room: str = "support") -> None:
        """Put an emoji on a message."""
        who.react(room, ts, emoji)
        await self.rests()

    async def looks_home(self, who: PersonThere) -> str:
        """Open the bot's page."""
        self.slack.gestures.open_home(who)
        await self.rests()
        return self.home(who)

    # What people see

    def answers(self, who: PersonThere, thread: str, room: str = "support") -> list[Seen]:
        """Return what the bot says in a thread, the oldest first, as somebody sees it."""
        said = self.said(who, room, thread)
        return [each for each in said if each.ts != thread]

    def said(self, who: PersonThere, room: str, thread: str | None = None) -> list[Seen]:
        """Return what the bot says in a room, or in a thread of it, as somebody sees it."""
        mine = self.slack.workspace.bot_user
        seen = who.sees(room, thread)
        return [each for each in seen if each.is_ephemeral or each.user == mine]

    def last(self, who: PersonThere, room: str, thread: str | None = None) -> Seen:
        """Return the newest thing the bot says there."""
        return self.said(who, room, thread)[-1]

    def direct(self, who: PersonThere) -> list[Seen]:
        """Return what the bot has told somebody directly, in threads too."""
        room = who.direct.id
        mine = self.slack.workspace.bot_user
        everything = self.slack.workspace.channels[room].messages
        shown = {each.ts: each for ts in everything for each in who.sees(room, ts)}
        return [shown[ts] for ts in sorted(shown) if shown[ts].user == mine]

    def card(self, number: int, who: PersonThere | None = None) -> Seen:
        """Return a ticket's card."""
        cards = self.said(who or self.bea, "staff")
        return next(each for each in cards if each.shown.startswith(f"#{number} "))

    def newest(self) -> int:
        """Return the newest ticket's number."""
        [(number,)] = self.rows("SELECT max(id) FROM ticket")
        return int(number or 0)

    def home(self, who: PersonThere) -> str:
        """Return what the bot's page shows somebody."""
        view = self.slack.workspace.homes[who.id]
        return read_blocks(self.slack.workspace, view.view["blocks"])

    # What is stored

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database."""
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def stored(self, ts: str) -> list[tuple[Any, ...]]:
        """Return the text that is stored of a message, or nothing."""
        return self.rows("SELECT text FROM message WHERE ref = ?", ts)

    def is_stored(self, words: str) -> bool:
        """Tell whether words stand anywhere in the database's files."""
        files = self.file.parent.glob(f"{self.file.name}*")
        return any(words.encode() in each.read_bytes() for each in files)


@asynccontextmanager
async def scene(
    file: Path,
    mode: Mode = "socket",
    others: Sequence[Transport] = (),
    changes: Callable[[Plan], Plan] = lambda plan: plan,
) -> AsyncIterator[Scene]:
    """Open a desk on a Slack of its own.

    Args:
        file: its database, migrated.
        mode: how Slack reaches it.
        others: its further services.
        changes: what is changed in its plan.
    """
    clock = StoryClock(NINE)
    async with SlackDouble(clock) as slack:
        plan = replace(
            composed(),
            database_url=f"sqlite:///{file}",
            clock=clock,
            zone="Europe/Berlin",
            rooms={
                ("slack", "#support"): "support",
                ("slack", "#staff"): "staff",
                ("console", "support"): "support",
                ("console", "staff"): "staff",
            },
            **_people(slack),
        )
        settings = _settings(slack, mode)
        install(slack, manifest(settings, "Deskside", Commands(routers()), "https://desk.example"))
        transport = _transport(slack, settings, clock)
        plan = changes(replace(plan, transports=[transport, *others]))
        async with running(plan) as bot, _listening(transport, slack, mode):
            async with asyncio.timeout(PATIENCE):
                while not transport.health().ok:
                    await asyncio.to_thread(lambda: None)  # lets everything else go on
            desk = Scene(slack, clock, bot, file)
            await desk.rests()
            yield desk
        assert not slack.sockets.problems
        assert not slack.gestures.refused
        assert not slack.workspace.misuses
        # What the app's manifest asks for is enough.
        assert "missing_scope" not in {code for _, code, _ in slack.refusals}


def _people(slack: SlackDouble) -> dict[str, Any]:
    """Fill the rooms; return what the desk's plan says of people."""
    workspace = slack.workspace
    alice, bea, dan = (workspace.user_named(name).id for name in ("alice", "bea", "dan"))
    workspace.add_channel("support", [alice, bea, dan])
    workspace.add_channel("staff", [bea, dan], private=True)
    group = workspace.add_group(AGENTS, [])
    home = {"slack": (workspace.team_id,)}
    return {"roles": {Role.AGENT: (group.id,)}, "home": home}


def _settings(slack: SlackDouble, mode: Mode) -> SlackSettings:
    return SlackSettings(
        mode=mode,
        signing_secret=SecretStr(slack.signing_secret),
        bot_token=SecretStr(slack.bot_token),
        app_token=SecretStr(slack.app_token),
        team_id=slack.workspace.team_id,
        api_url=slack.api_url,
    )


def _transport(slack: SlackDouble, settings: SlackSettings, clock: StoryClock) -> SlackTransport:
    groups = tuple(slack.workspace.groups)
    return SlackTransport(
        settings, clock, zone="Europe/Berlin", named=["#support", "#staff", *groups]
    )


@asynccontextmanager
async def _listening(
    transport: SlackTransport, slack: SlackDouble, mode: Mode
) -> AsyncIterator[None]:
    """Let the double reach the desk."""
    if mode == "socket":
        yield
        return
    app = web.Application()
    app.add_routes(transport.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        assert await slack.http.listen(address)
        yield
    finally:
        await runner.cleanup()
