"""The whole bot, from intake to outbox, on a real database: only service and clock are fakes.

A test of a handler says what people do and what they then see:

    async def test_a_claimed_ticket_names_its_agent(desk: Desk) -> None:
        await desk.says("alice", "!ticket open my laptop will not start")
        await desk.presses("bea", "Claim", room="staff")
        assert "bea has it" in desk.card(1)

`support` and `staff` are there; bea and dan are in staff and so are agents; `dm` is the
direct room of whoever acts. Messages are numbered per room, threads included.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.app import Deskside, running
from bot.clock import ManualClock
from bot.compose import compose
from bot.config import Config
from bot.content import say
from bot.events import (
    Deleted,
    Edited,
    Event,
    Invoked,
    Joined,
    Left,
    Message,
    Opened,
    Pressed,
    Reacted,
    RoomChanged,
    Submitted,
)
from bot.plan import Plan
from bot.replies import Post
from bot.transport import Batch
from tests.service import BOT, FakeService, Shown, person, place

NINE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday, nine o'clock in Berlin
BERLIN = ZoneInfo("Europe/Berlin")
STAFF = ("bea", "dan")
PATIENCE = 20.0  # seconds until a desk that does not come to rest fails its test

T = TypeVar("T")


@cache
def composed() -> Plan:
    """Return the product's own plan, with the sample articles indexed once for all tests."""
    return compose(Config(), [], ManualClock(NINE))


class Desk:
    """A desk and the people around it.

    Args:
        file: its database.
        changes: what is changed in the product's own plan: further slices, services.
    """

    def __init__(
        self,
        file: Path,
        changes: Sequence[Callable[[Plan], Plan]] = (),
    ) -> None:
        self.file = file
        self.clock = ManualClock(NINE)
        self.service = FakeService()
        self.plan = replace(
            composed(),
            database_url=f"sqlite:///{file}",
            transports=[self.service],
            clock=self.clock,
            zone="Europe/Berlin",
            rooms={("fake", "support"): "support", ("fake", "staff"): "staff"},
        )
        for change in changes:
            self.plan = change(self.plan)
        self._bot: Deskside | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._events = 0

    @property
    def bot(self) -> Deskside:
        """The running desk."""
        assert self._bot is not None
        return self._bot

    async def opens(self) -> None:
        """Start for the first time: the rooms and the staff become known."""
        await self.starts()
        facts: list[Event] = [
            RoomChanged(**self.facts("alice", "support"), name="support"),
            RoomChanged(**self.facts("bea", "staff"), name="staff"),
            *(Joined(**self.facts(who, "staff")) for who in STAFF),
        ]
        await self.tells(*facts)

    async def starts(self) -> None:
        """Start, or start again on what is stored."""
        ready = asyncio.Event()
        self._stop = asyncio.Event()

        async def run() -> None:
            async with running(self.plan) as self._bot:
                ready.set()
                await self._stop.wait()

        # A task of its own: a crash inside ends it, and shows in whatever waits.
        self._task = asyncio.get_running_loop().create_task(run())
        await self._unless_crashed(ready.wait())
        for transport in self.plan.transports:
            assert isinstance(transport, FakeService)
            await self._unless_crashed(transport.runs())

    async def stops(self) -> None:
        """Stop as SIGTERM would."""
        if self._task is not None:
            self._stop.set()
            task, self._task = self._task, None
            async with asyncio.timeout(PATIENCE):
                await task

    async def restarts(self) -> None:
        """Stop, and start again."""
        await self.stops()
        await self.starts()
        await self.rests()

    async def rests(self) -> None:
        """Wait until everything is handled, done and said."""
        await self._unless_crashed(self.bot.idle())

    async def advances(self, **delta: float) -> None:
        """Let time pass."""
        await self._unless_crashed(self.bot.advance(timedelta(**delta)))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, while the desk need not come to rest."""

        async def wait() -> None:
            while not holds():
                await asyncio.to_thread(lambda: None)  # lets threads and tasks go on

        await self._unless_crashed(wait())

    async def _unless_crashed(self, work: Awaitable[T]) -> T:
        assert self._task is not None
        waiting = asyncio.ensure_future(work)
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait((waiting, self._task), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await self._task
        return await waiting

    # What people do

    def facts(self, who: str, room: str, thread: str | None = None) -> dict[str, Any]:
        """Return what every event has, with a new id."""
        self._events += 1
        where = f"dm-{who}" if room == "dm" else room
        return {
            "id": f"event-{self._events}",
            "place": place(where, thread),
            "person": person(who),
            "at": self.clock.now(),
        }

    async def tells(self, *events: Event, away: datetime | None = None) -> None:
        """Have the service tell events at once, and wait for what they cause."""
        await self.stores(*events, away=away)
        await self.rests()

    async def stores(self, *events: Event, away: datetime | None = None) -> None:
        """Have the service tell events at once; returns when they are stored."""
        await self._unless_crashed(self.service.intake.receive(Batch(events, away=away)))

    def message(
        self, who: str, text: str, room: str = "support", thread: str | None = None, **more: Any
    ) -> Message:
        """Make a message, shown in its room."""
        facts = self.facts(who, room, thread)
        number = self.service.number(facts["place"].room)
        self.service.put(facts["place"].room, Shown(number, thread, who, Post(say(text))))
        return Message(**facts, message=number, text=text, direct=room == "dm", **more)

    async def says(
        self, who: str, text: str, room: str = "support", thread: str | None = None, **more: Any
    ) -> str:
        """Write something; returns the message's number."""
        written = self.message(who, text, room, thread, **more)
        await self.tells(written)
        return written.message

    async def presses(
        self, who: str, label: str, room: str = "support", thread: str | None = None
    ) -> None:
        """Press the newest button with a label."""
        await self.tells(self.press(who, label, room, thread))

    def press(
        self, who: str, label: str, room: str = "support", thread: str | None = None
    ) -> Pressed:
        """Make a press of the newest button with a label, as it stands there now."""
        facts = self.facts(who, room)
        for shown in reversed(self.visible(facts["place"].room, who)):
            if thread in (None, shown.thread):
                for button in shown.post.buttons:
                    if button.label == label:
                        facts["place"] = place(facts["place"].room, shown.thread)
                        return Pressed(
                            **facts, message=shown.id, line=button.line, direct=room == "dm"
                        )
        raise AssertionError(f"{who} sees no button {label} in {room}: {self.texts(room, who)}")

    async def fills(self, who: str, title: str, room: str = "support", **answers: str) -> None:
        """Fill in the newest form of a title."""
        facts = self.facts(who, room)
        for shown in reversed(self.visible(facts["place"].room, who)):
            form = shown.post.form
            if form is not None and form.title == title:
                facts["place"] = place(facts["place"].room, shown.thread)
                filled = tuple(answers.items())
                await self.tells(
                    Submitted(**facts, command=form.command, answers=filled, direct=room == "dm")
                )
                return
        raise AssertionError(f"{who} sees no form {title} in {room}")

    async def invokes(
        self, who: str, text: str, room: str = "support", message: str | None = None
    ) -> None:
        """Give a command by a gesture of the service; room "" is none of the bot's."""
        facts = self.facts(who, room)
        direct = room == "dm"
        await self.tells(Invoked(**facts, text=text, message=message, direct=direct))

    async def submits(self, who: str, command: str, room: str = "support", **answers: str) -> None:
        """Fill in a form that stands under no message."""
        filled, direct = tuple(answers.items()), room == "dm"
        facts = self.facts(who, room)
        await self.tells(Submitted(**facts, command=command, answers=filled, direct=direct))

    async def opens_page(self, who: str, room: str = "") -> None:
        """Open the bot's own page."""
        await self.tells(Opened(**self.facts(who, room)))

    async def presses_on_page(self, who: str, label: str) -> None:
        """Press a button of the bot's own page."""
        buttons = {button.label: button.line for button in self.service.pages[who][-1].buttons}
        await self.tells(Pressed(**self.facts(who, ""), message="", line=buttons[label]))

    async def reacts(
        self, who: str, emoji: str, message: str, room: str = "support", *, added: bool = True
    ) -> None:
        """Put an emoji on a message, or take it off."""
        await self.tells(
            Reacted(**self.facts(who, room), message=message, emoji=emoji, added=added)
        )

    async def edits(self, who: str, message: str, text: str, room: str = "support") -> None:
        """Write a message anew."""
        facts = self.facts(who, room)
        await self.tells(Edited(**facts, message=message, text=text, number=facts["id"]))

    async def deletes(self, who: str, message: str, room: str = "support") -> None:
        """Delete a message."""
        await self.tells(Deleted(**self.facts(who, room), message=message))

    async def joins(self, who: str, room: str, *, bot: bool = False) -> None:
        """Come into a room."""
        await self.tells(Joined(**self.facts(who, room), bot=bot))

    async def leaves(self, who: str, room: str, *, bot: bool = False) -> None:
        """Leave a room."""
        await self.tells(Left(**self.facts(who, room), bot=bot))

    async def plays(self, dialog: Iterable[tuple[str, str]], room: str = "support") -> None:
        """Check a dialog: what somebody says (`alice: …`) and what is answered in its thread.

        `alice/: …` goes on in the thread of the first line. The answers to one line are
        joined by line breaks; an empty one is silence.
        """
        thread: str | None = None
        for said, answered in dialog:
            who, _, text = said.partition(": ")
            goes_on, who = who.endswith("/"), who.rstrip("/")
            before = len(self.visible(self._ref(who, room), who))
            message = await self.says(who, text, room, thread if goes_on else None)
            thread = thread or message
            new = self.visible(self._ref(who, room), who)[before + 1 :]
            answers = "\n".join(each.text(BERLIN) for each in new if each.who == BOT)
            assert answers == answered, f"to {said!r}: {answers!r}"

    # What people see

    @staticmethod
    def _ref(who: str, room: str) -> str:
        return f"dm-{who}" if room == "dm" else room

    def visible(self, room: str, who: str | None = None) -> list[Shown]:
        """Return what stands in a room; with `who`, what they can see of it."""
        here = self.service.rooms.get(room, [])
        return [shown for shown in here if who is None or shown.only in (None, who)]

    def texts(self, room: str, who: str | None = None, thread: str | None = None) -> list[str]:
        """Return what the bot says in a room (`dm` is `who`'s), oldest first."""
        ref = self._ref(who or "", room)
        return [
            shown.text(BERLIN)
            for shown in self.visible(ref, who)
            if shown.who == BOT and thread in (None, shown.thread)
        ]

    def last(self, room: str, who: str | None = None, thread: str | None = None) -> str:
        """Return the newest thing the bot says in a room, or nothing."""
        return next(reversed(self.texts(room, who, thread)), "")

    def page(self, who: str) -> str:
        """Return what the bot's page shows somebody now; nothing when they were shown none."""
        pages = self.service.pages.get(who, [])
        return Shown("", None, BOT, pages[-1]).text(BERLIN) if pages else ""

    def card(self, ticket: int) -> str:
        """Return a ticket's card as it stands in the staff room now."""
        for shown in self.visible("staff"):
            if any(f" {ticket}" in b.line.replace("#", "") for b in shown.post.buttons):
                return shown.text(BERLIN)
        raise AssertionError(f"there is no card of ticket {ticket}: {self.texts('staff')}")

    # What is stored

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database."""
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def changes(self, statement: str, *values: object) -> None:
        """Change the database behind the desk's back, while it is stopped."""
        assert self._task is None
        connection = sqlite3.connect(self.file)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    def stored_bytes(self) -> bytes:
        """Return every byte of the database, its journal included."""
        files = sorted(self.file.parent.glob(f"{self.file.name}*"))
        return b"".join(each.read_bytes() for each in files)


def copy_template(template: Path, folder: Path) -> Path:
    """Return a new database, migrated already."""
    return Path(shutil.copy(template, folder / "desk.db"))
