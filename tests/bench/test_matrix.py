"""Next to a bare client that stores nothing, how fast and how big is Deskside on Matrix?

Both run all the time, in rooms of their own on the same Synapse, and are asked in turn. Aims:
at most 1.10 times its latency, at least 0.95 times its throughput, nothing lost; at most 120 MB.

Deskside promises the order of what it says in a room, and for that sends one message after the
other there. What that costs is the server's: it stores messages that arrive together together and
tells of them together, and spends about half as long on each. So a bare client that keeps the order
is measured as well, and how long the server computes.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from tests.bench import side
from tests.bench.conftest import NewTable
from tests.bench.figures import Table, percentile, times
from tests.leash import last_words, spawn
from tests.live.bot_process import ROOT, BotProcess
from tests.live.people import Client, Event
from tests.live.synapse import Account, Synapse

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

PATIENCE = 60.0  # seconds, then an answer counts as lost
ROOMS = 4
AT_ONCE = 50  # requests of the one who writes
VOID_AT_MOST = 3  # runs in which the bare client lost something
TALK = "Since this morning my laptop does not find the printer any more, what can I do?"

PROGRAM = ("-m", "tests.bench.desk_with_ping")
COLUMNS = ("messages/s", "p50 ms", "p95 ms", "CPU ms each", "server CPU ms", "lost", "twice")

Arrive = Callable[[str], Awaitable[Client]]


@dataclass(frozen=True)
class Size:
    """How much is measured: messages, but for the rounds."""

    rounds: int
    single: int
    burst: int
    talk: int


@dataclass
class Run:
    """What one side did in one measurement."""

    seconds: list[float]  # of each answer, or of all of them
    cpu_seconds: float
    server_seconds: float  # that the server has computed
    messages: int
    lost: int
    twice: int

    @property
    def is_single(self) -> bool:
        return len(self.seconds) > 1


@dataclass
class Side:
    """A bot in rooms of its own, and the person who asks it."""

    name: str
    account: Account
    asker: Client
    server: int  # its process id, as that of the bot
    rooms: list[str] = field(default_factory=list)
    pid: int = 0

    def _answers(self) -> list[Event]:
        return [
            event
            for room in self.rooms
            for event in self.asker.timeline[room]
            if event.sender == self.account.user_id and event.thread is not None
        ]

    async def answered(self, asked: Sequence[str]) -> None:
        """Wait until every one is answered, or for as long as patience lasts."""
        open_ = set(asked)

        def is_last(event: Event) -> bool:
            if event.sender == self.account.user_id and event.thread is not None:
                open_.discard(event.thread)
            return not open_

        try:
            await self.asker.see(is_last, within=PATIENCE)
        except TimeoutError:
            return

    async def one_by_one(self, count: int) -> Run:
        """Ask, wait for the answer, ask again."""
        cpu, seconds, asked = self._cpu(), [], []
        for _ in range(count):
            begin = perf_counter()
            asked.append(await self.asker.say(self.rooms[0], "!ping"))
            await self.answered(asked[-1:])
            seconds.append(perf_counter() - begin)
        return self._run(cpu, seconds, asked)

    async def burst(self, count: int, rooms: int) -> Run:
        """Ask everything at once."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def ask(number: int) -> str:
            async with turn:
                return await self.asker.say(self.rooms[number % rooms], "!ping")

        cpu, begin = self._cpu(), perf_counter()
        asked = await asyncio.gather(*(ask(number) for number in range(count)))
        await self.answered(asked)
        return self._run(cpu, [perf_counter() - begin], asked)

    async def talk(self, count: int, question: str) -> None:
        """Say a lot, some of which is answered."""
        for number in range(count // 10):
            room = self.rooms[number % ROOMS]
            await asyncio.gather(*(self.asker.say(room, TALK) for _ in range(9)))
            await self.answered([await self.asker.say(room, question)])

    def _cpu(self) -> tuple[float, float]:
        return side.cpu_seconds(self.pid), side.cpu_seconds(self.server)

    def _run(self, cpu: tuple[float, float], seconds: list[float], asked: Sequence[str]) -> Run:
        own, server = self._cpu()
        answers = Counter(event.thread for event in self._answers())
        numbers = [answers[message] for message in asked]
        return Run(
            seconds,
            own - cpu[0],
            server - cpu[1],
            len(asked),
            numbers.count(0),
            sum(number > 1 for number in numbers),
        )


@asynccontextmanager
async def echoing(
    account: Account, synapse: Synapse, folder: Path, *manner: str
) -> AsyncIterator[int]:
    """Run the bare client; gives its process id once it reads."""
    log = folder / "-".join(("echo", *manner))
    access = (synapse.base_url, account.user_id, account.device_id, account.access_token)
    program = [sys.executable, "-m", "tests.bench.echo", *access, *manner]
    process = spawn(program, log, folder=ROOT)
    try:
        async with asyncio.timeout(PATIENCE):
            while "reading" not in log.read_text():
                assert process.poll() is None, last_words(log)
                await asyncio.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


async def enter(synapse: Synapse, person: Arrive, name: str) -> Side:
    """Return a side whose bot is in its rooms."""
    account = await synapse.register(f"{name}-{secrets.token_hex(4)}")
    await synapse.exempt(account.user_id)
    made = Side(name, account, await person(f"asks-{name}"), synapse.pid)
    async with Client(synapse.base_url, account) as bot:
        for number in range(ROOMS):
            room = await made.asker.create(f"Room {number}", is_public=True)
            await bot.join(room)
            made.rooms.append(room)
    return made


@pytest.fixture
async def bare(synapse: Synapse, person: Arrive, tmp_path: Path) -> AsyncIterator[Side]:
    made = await enter(synapse, person, "nio")
    async with echoing(made.account, synapse, tmp_path) as made.pid:
        yield made


@pytest.fixture
async def in_order(synapse: Synapse, person: Arrive, tmp_path: Path) -> AsyncIterator[Side]:
    """The bare client that, as Deskside does, keeps the order of its answers in a room."""
    made = await enter(synapse, person, "nio-in-order")
    async with echoing(made.account, synapse, tmp_path, "in-order") as made.pid:
        yield made


@pytest.fixture
async def deskside(synapse: Synapse, person: Arrive, tmp_path: Path) -> AsyncIterator[Side]:
    made = await enter(synapse, person, "deskside")
    kinds = dict.fromkeys(made.rooms, "support")
    bot = BotProcess(tmp_path, synapse, made.account, kinds)
    try:
        await bot.start(program=PROGRAM)
        await bot.stop()
        await bot.start(program=PROGRAM)  # as it mostly does: with a database made before
        made.pid = bot.pid
        yield made
    finally:
        await bot.end()


async def test_next_to_a_bare_client(
    bare: Side, in_order: Side, deskside: Side, table: NewTable, short: bool
) -> None:
    size = Size(1, 15, 40, 30) if short else Size(3, 100, 300, 1_000)
    sizes = table("memory", ("at start MB", "later MB", "messages"))
    for each, question in ((bare, "!ping"), (deskside, "!help")):
        begin = side.resident_mb(each.pid)
        await each.talk(size.talk, question)
        later = side.resident_mb(each.pid)
        sizes.add(each.name, **{"at start MB": begin, "later MB": later, "messages": size.talk})
    sides = (bare, in_order, deskside)
    speeds = table("Matrix", (*COLUMNS, *(f"to {each.name}" for each in sides[:-1])))
    for name, rounds in (await compared(sides, size)).items():
        runs = list(zip(*rounds, strict=True))
        for number, each in enumerate(sides):
            show(speeds, f"{name}, {each.name}", runs[number])
            for other in range(number):
                speeds.rows[-1][f"to {sides[other].name}"] = ratio(runs[other], runs[number])


async def compared(sides: Sequence[Side], size: Size) -> dict[str, list[list[Run]]]:
    """Measure all in turn, ours as the last; by measure, the runs of each round.

    A round in which another one loses something does not count.
    """
    measures: dict[str, Callable[[Side], Awaitable[Run]]] = {
        "one at a time": lambda each: each.one_by_one(size.single),
        "burst in one room": lambda each: each.burst(size.burst, 1),
        f"burst in {ROOMS} rooms": lambda each: each.burst(size.burst, ROOMS),
    }
    rounds: list[dict[str, list[Run]]] = []
    for _ in range(size.rounds + VOID_AT_MOST):
        found = {name: [await ask(each) for each in sides] for name, ask in measures.items()}
        for *_, ours in found.values():
            assert (ours.lost, ours.twice) == (0, 0)
        if not any(run.lost for *theirs, _ in found.values() for run in theirs):
            rounds.append(found)
        if len(rounds) == size.rounds:
            break
    assert len(rounds) == size.rounds
    return {name: [each[name] for each in rounds] for name in measures}


def show(table: Table, name: str, runs: Sequence[Run]) -> None:
    seconds = [second for run in runs for second in run.seconds]
    figures: dict[str, float] = {
        "CPU ms each": median(1000 * run.cpu_seconds / run.messages for run in runs),
        "server CPU ms": median(1000 * run.server_seconds / run.messages for run in runs),
        "lost": sum(run.lost for run in runs),
        "twice": sum(run.twice for run in runs),
    }
    if runs[0].is_single:
        figures |= {"p50 ms": 1000 * median(seconds), "p95 ms": 1000 * percentile(seconds, 95)}
    else:
        figures["messages/s"] = runs[0].messages / median(seconds)
    table.add(name, **figures)


def ratio(theirs: Sequence[Run], ours: Sequence[Run]) -> str:
    their_seconds, our_seconds = (
        [s for run in runs for s in run.seconds] for runs in (theirs, ours)
    )
    if ours[0].is_single:
        return f"latency {times(our_seconds, their_seconds)}"
    return f"throughput {times(their_seconds, our_seconds)}"
