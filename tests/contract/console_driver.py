"""The contract's driver for the console, where the people and the bot share a process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from bot.clock import SystemClock
from bot.errors import StorageError
from bot.events import Person, Place
from bot.replies import Button
from bot.transport import Transport
from bot.transports.console import ConsoleTransport, book, lines
from bot.transports.console.script import DIRECT
from tests.contract.driver import Ability, Fault, Shown
from tests.contract.intake import RecordingIntake

ALICE = "alice"
ROOM = "support"


class ConsoleDriver:
    """Alice, in a room on a screen that outlives the transport."""

    place = Place("console", "demo", ROOM)
    nowhere = Place("console", "demo", "kitchen")
    person = Person("console", "demo", ALICE)
    faults: Collection[Fault] = (Fault.LOSE,)
    abilities: Collection[Ability] = (Ability.SEE_ALONE_WHAT_CHANGES,)

    def __init__(self) -> None:
        self.intake = RecordingIntake()
        self._screen: list[lines.Shown] = []
        self._acting = 0
        self._open()

    def _open(self) -> None:
        members = {ROOM: (ALICE,)}
        self._transport = ConsoleTransport(SystemClock(), members, self._screen.append)
        self._people = self._transport.people

    @property
    def acknowledged(self) -> bool:
        return not self._acting

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Transport]:
        self._open()
        running = asyncio.create_task(self._transport.run(self.intake))
        try:
            await self._transport.opened()
            yield self._transport
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await self._transport.close()

    async def _act(self, act: Awaitable[object]) -> str:
        """Do something; returns the number of the message, if it is one."""
        self._acting += 1
        try:
            with suppress(StorageError):  # told to whoever acts; the room goes on
                await act
        finally:
            self._acting -= 1
        return self._screen[-1].number

    async def write(self, text: str, thread: str | None = None) -> str:
        return await self._act(self._people.post(ALICE, ROOM, text, thread=thread))

    async def write_directly(self, text: str) -> str:
        return await self._act(self._people.post(ALICE, DIRECT, text))

    async def share(self, file: str, text: str) -> str:
        return await self._act(self._people.post(ALICE, ROOM, text, files=(file,)))

    async def run_program(self, text: str) -> None:
        raise NotImplementedError

    async def edit(self, message: str, text: str) -> None:
        await self._act(self._people.edit(ALICE, ROOM, message, text))

    async def delete(self, message: str) -> None:
        await self._act(self._people.delete(ALICE, ROOM, message))

    async def react(self, message: str, emoji: str) -> None:
        await self._act(self._people.react(ALICE, ROOM, message, emoji))

    async def press(self, message: str, button: Button, *, alone: bool = False) -> None:
        del alone  # what only she sees stands in the room, too
        await self._act(self._people.press(ALICE, ROOM, button.label, message=message))

    async def seen(self) -> list[Shown]:
        return self._seen(lambda shown: shown.room == ROOM and shown.only is None)

    async def seen_alone(self) -> list[Shown]:
        direct = book.direct_room(ALICE)
        return self._seen(lambda shown: shown.room == direct or shown.only == ALICE)

    def _seen(self, wanted: Callable[[lines.Shown], bool]) -> list[Shown]:
        found: dict[str, Shown] = {}
        for shown in filter(wanted, self._screen):
            if shown.deed == "deleted":
                found.pop(shown.number, None)
            elif shown.author == book.BOT and not shown.told:
                text = "\n".join(shown.body)
                new = Shown(shown.number, text, book.thread_of(shown.number))
                found[shown.number] = replace(found.get(shown.number, new), text=text)
        return list(found.values())

    def make(self, fault: Fault) -> None:
        assert fault is Fault.LOSE
        self.intake.fail, self.intake.fail_marks = 1, True  # shown, and not stored
