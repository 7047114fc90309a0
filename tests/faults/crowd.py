"""People who write in several rooms at once, and the account of what they must have been told."""

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.live.bot_process import BotProcess
from tests.live.people import Client, Event

AT_ONCE = 20  # messages on their way to the server


@dataclass
class Crowd:
    """Everybody is in every room; what they ask for is answered in the thread of the message.

    Attributes:
        people: Who they are; the first one's view of the rooms is what is judged.
        rooms: The support rooms.
        staff: The staff room, with a card for each ticket.
        bot: Who has to answer.
        asked: By room, the messages that have to be answered.
        talk: By room, those that must be stored only.
    """

    people: Sequence[Client]
    rooms: Sequence[str]
    staff: str
    bot: BotProcess
    asked: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    talk: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def witness(self) -> Client:
        return self.people[0]

    async def let_in(self) -> None:
        """Let the bot join, introduce itself and stop; what was said before is not for it."""
        async with self.bot:
            await self.witness.until(
                lambda: all(self.by_bot(room) for room in (*self.rooms, self.staff)),
                within=30,
            )

    async def ask(self, count: int) -> None:
        """Report problems, in all rooms at once; in each the people take turns."""
        shares = [count // len(self.rooms)] * len(self.rooms)
        shares[0] += count - sum(shares)
        async with asyncio.TaskGroup() as group:
            for room, share in zip(self.rooms, shares, strict=True):
                group.create_task(self._take_turns(room, share))

    async def burst(self, room: str, count: int) -> None:
        """Report problems in one room, all at the same time."""
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(self._report(self.people[number % len(self.people)], room))

    async def chat(self, count: int, room: str | None = None) -> None:
        """Say what nobody answers, as fast as the server takes it, in all rooms or in one."""
        gate = asyncio.Semaphore(AT_ONCE)
        rooms = self.rooms if room is None else [room]

        async def say(number: int) -> None:
            where = rooms[number % len(rooms)]
            who = self.people[number % len(self.people)]
            async with gate:
                self.talk[where].append(await who.say(where, f"lunch number {number}"))

        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(say(number))

    async def _take_turns(self, room: str, count: int) -> None:
        for number in range(count):
            await self._report(self.people[number % len(self.people)], room)

    async def _report(self, who: Client, room: str) -> None:
        text = f"!ticket open lamp {next(self._numbers)} is dark"
        self.asked[room].append(await who.say(room, text))

    # What became of it.

    async def answered(self, within: float) -> None:
        """Wait until everything asked is answered, has its card, and nothing is left to do."""
        wanted = {message for messages in self.asked.values() for message in messages}

        def is_told() -> bool:
            threads = {e.thread for room in self.rooms for e in self.by_bot(room)}
            return wanted <= threads and len(self._cards()) >= len(wanted)

        await self.witness.until(is_told, within=within)
        await self.bot.stored(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
            " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'unknown'))",
            wanted=0,
            within=within,
        )

    def check(self) -> None:
        """Each is stored once and answered once, in the order of its room; nothing is left."""
        total = sum(map(len, self.asked.values()))
        for room in self.rooms:
            self._check_answers(room)
            self._check_stored(room)
        rows = self.bot.rows
        assert rows("SELECT count(*), count(DISTINCT message) FROM ticket") == [(total, total)]
        cards = Counter(e.body for e in self._cards())
        assert (len(cards), set(cards.values())) == (total, {1})
        assert rows("SELECT count(*) FROM inbox WHERE state != 'handled'") == [(0,)]
        assert rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'merged')") == [(0,)]

    def _check_answers(self, room: str) -> None:
        events, asked = self.witness.timeline[room], set(self.asked[room])
        order = [e.event_id for e in events if e.event_id in asked]
        answers = [e for e in self.by_bot(room) if e.thread in asked]
        assert [e.thread for e in answers] == order
        numbers = [int(e.body.partition("ticket #")[2].partition(" ")[0]) for e in answers]
        assert numbers == sorted(set(numbers))

    def _check_stored(self, room: str) -> None:
        found = self.bot.rows(
            "SELECT message.ref FROM message JOIN room ON room.id = room_id"
            " WHERE room.ref = ? AND person_id IS NOT NULL",
            room,
        )
        said = sorted([*self.asked[room], *self.talk[room]])
        assert sorted(ref for (ref,) in found) == said

    def _cards(self) -> list[Event]:
        return [e for e in self.by_bot(self.staff) if "is dark" in e.body]

    def by_bot(self, room: str) -> list[Event]:
        """Everything the bot has said in a room."""
        return [
            e
            for e in self.witness.timeline[room]
            if e.sender == self.bot.user_id and e.type == "m.room.message"
        ]
