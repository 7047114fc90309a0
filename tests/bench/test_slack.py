"""Next to bolt with one shared HTTP session that stores nothing, how fast is Deskside on Slack?

Both run all the time, each on a Slack double of its own without limits, and are asked in turn,
over TLS and without. Aims: at most 1.15 times its latency, at least 0.85 times its throughput,
nothing lost; at 200 events a second an acknowledgement within half a second (p99).
"""

from __future__ import annotations

import asyncio
import shutil
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from bot.clock import SystemClock
from tests.bench import side
from tests.bench.conftest import NewTable
from tests.bench.figures import Table, percentile, times
from tests.leash import last_words, spawn
from tests.slack import tls
from tests.slack.people import PersonThere
from tests.slack.records import Json
from tests.slack.server import SlackDouble

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

PATIENCE = 60.0  # seconds, then an answer counts as lost
ROOMS = 4
PER_SECOND = 200  # events, of which one in ten asks something

CONFIG = """
[database]
url = "sqlite:///{database}"
[slack]
bot_token = "{bot}"
app_token = "{app}"
api_url = "{url}"
posts_per_second = 100000
"""
TALK = "the coffee machine on the third floor is out of beans"
COLUMNS = (
    "messages/s",
    "p50 ms",
    "p95 ms",
    "ack p99 ms",
    "CPU ms each",
    "lost",
    "twice",
    "to bolt",
)


@dataclass(frozen=True)
class Size:
    """How much is measured: messages, but for the rounds and the seconds."""

    rounds: int
    single: int
    burst: int
    seconds: int


@dataclass
class Run:
    """What one side did in one measurement."""

    seconds: list[float]  # of each answer, or of all of them
    cpu_seconds: float
    messages: int
    lost: int
    twice: int
    acks: list[float] = field(default_factory=list)  # seconds each

    @property
    def is_single(self) -> bool:
        return len(self.seconds) > 1


@dataclass
class Side:
    """A bot on a Slack of its own, and the person who asks it."""

    name: str
    slack: SlackDouble
    asker: PersonThere
    rooms: list[str]
    pid: int = 0
    answers: list[str] = field(default_factory=list)  # the threads they stand in

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self.slack.workspace.observers.append(self._see)

    def _see(self, event: Json) -> None:
        is_post = event.get("type") == "message" and event.get("subtype") is None
        if is_post and event.get("user") == self.slack.workspace.bot_user:
            self.answers.append(str(event.get("thread_ts")))
            self._news.set()

    async def answered(self, asked: Sequence[str]) -> None:
        """Wait until every one is answered, or for as long as patience lasts."""
        open_ = set(asked)
        try:
            async with asyncio.timeout(PATIENCE):
                while open_ := open_ - set(self.answers[-2 * len(asked) :]):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return

    def ask(self, number: int = 0) -> str:
        return self.asker.write(self.rooms[number % len(self.rooms)], "!ping")

    async def one_by_one(self, count: int) -> Run:
        """Ask, wait for the answer, ask again."""
        cpu, seconds, asked = side.cpu_seconds(self.pid), [], []
        for _ in range(count):
            begin = perf_counter()
            asked.append(self.ask())
            await self.answered(asked[-1:])
            seconds.append(perf_counter() - begin)
        return self._run(cpu, seconds, asked)

    async def burst(self, count: int) -> Run:
        """Ask everything at once."""
        cpu, begin = side.cpu_seconds(self.pid), perf_counter()
        asked = [self.ask(number) for number in range(count)]
        await self.answered(asked)
        return self._run(cpu, [perf_counter() - begin], asked)

    async def stream(self, seconds: int) -> Run:
        """Say so many things a second, some of which are answered, and see when each is taken."""
        cpu, asked, before = side.cpu_seconds(self.pid), [], len(self.slack.teller.deliveries)
        begin = asyncio.get_running_loop().time()
        for number in range(seconds * PER_SECOND):
            if number % 10 == 0:
                asked.append(self.ask(number))
            else:
                self.asker.write(self.rooms[number % len(self.rooms)], TALK)
            rest = begin + number / PER_SECOND - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, rest))  # the load itself
        await self.answered(asked)
        told = self.slack.teller.deliveries[before:]
        await self.slack.until(lambda: all(each.is_over for each in told), within=PATIENCE)
        run = self._run(cpu, [float(seconds)], asked)
        run.acks = [each.taken_at - each.attempts[0] for each in told if each.taken_at is not None]
        run.lost += sum(each.taken_at is None for each in told)
        return run

    def _run(self, cpu: float, seconds: list[float], asked: Sequence[str]) -> Run:
        answers = Counter(self.answers)
        numbers = [answers[message] for message in asked]
        own = side.cpu_seconds(self.pid) - cpu
        twice = sum(number > 1 for number in numbers)
        return Run(seconds, own, len(asked), numbers.count(0), twice)


async def enter(stack: AsyncExitStack, name: str, server: ssl.SSLContext | None) -> Side:
    """Return a side with a Slack and rooms, and no bot yet."""
    slack = await stack.enter_async_context(SlackDouble(SystemClock(), tls=server, limited=False))
    asker = slack.person("alice")
    rooms = [f"room-{number}" for number in range(ROOMS)]
    for room in rooms:
        slack.workspace.add_channel(room, [asker.id])
    return Side(name, slack, asker, rooms)


@asynccontextmanager
async def bot(each: Side, program: Sequence[str], folder: Path) -> AsyncIterator[None]:
    """Run a side's bot, from when it reads."""
    log = folder / f"{each.name}.log"
    trust = f"SSL_CERT_FILE={folder / 'slack.pem'}"
    command = [str(shutil.which("env")), trust, sys.executable, *program]
    process = spawn(command, log, folder=side.ROOT)
    try:
        async with asyncio.timeout(PATIENCE):
            while not each.slack.sockets.open:
                assert process.poll() is None, last_words(log)
                await asyncio.sleep(0.05)
        each.pid = process.pid
        await each.one_by_one(3)  # what the first message alone costs
        yield
    finally:
        process.kill()
        process.wait()


def bolt(each: Side) -> Sequence[str]:
    return (
        "-m",
        "tests.bench.bolt_echo",
        each.slack.api_url,
        each.slack.bot_token,
        each.slack.app_token,
    )


def deskside(each: Side, folder: Path) -> Sequence[str]:
    rooms = "".join(
        f'[[rooms]]\ntransport = "slack"\nid = "#{room}"\nkind = "support"\n' for room in each.rooms
    )
    config = CONFIG.format(
        database=folder / "desk.db",
        bot=each.slack.bot_token,
        app=each.slack.app_token,
        url=each.slack.api_url,
    )
    file = folder / "desk.toml"
    file.write_text(config + rooms)
    return ("-m", "tests.bench.desk_with_ping", "run", "--config", str(file))


@pytest.mark.parametrize("way", ["plain", "TLS"])
async def test_next_to_bolt(way: str, tmp_path: Path, table: NewTable, short: bool) -> None:
    size = Size(1, 30, 60, 3) if short else Size(3, 200, 300, 20)
    server = tls.contexts(tmp_path)[0] if way == "TLS" else None
    async with AsyncExitStack() as stack:
        theirs, ours = [await enter(stack, name, server) for name in ("bolt", "deskside")]
        await stack.enter_async_context(bot(theirs, bolt(theirs), tmp_path))
        await stack.enter_async_context(bot(ours, deskside(ours, tmp_path), tmp_path))
        speeds = table(f"Slack, {way}", COLUMNS)
        for name, rounds in (await compared((theirs, ours), size)).items():
            their_runs, our_runs = zip(*rounds, strict=True)
            show(speeds, f"{name}, bolt", their_runs)
            show(speeds, f"{name}, deskside", our_runs)
            speeds.rows[-1]["to bolt"] = ratio(their_runs, our_runs)


async def compared(sides: Sequence[Side], size: Size) -> dict[str, list[list[Run]]]:
    """Measure both in turn; by measure, the runs of each round. Ours may lose nothing."""
    measures: dict[str, Callable[[Side], Awaitable[Run]]] = {
        "one at a time": lambda each: each.one_by_one(size.single),
        f"burst in {ROOMS} rooms": lambda each: each.burst(size.burst),
        f"{PER_SECOND}/s": lambda each: each.stream(size.seconds),
    }
    found: dict[str, list[list[Run]]] = {name: [] for name in measures}
    for _ in range(size.rounds):
        for name, ask in measures.items():
            runs = [await ask(each) for each in sides]
            assert (runs[-1].lost, runs[-1].twice) == (0, 0)
            found[name].append(runs)
    return found


def show(table: Table, name: str, runs: Sequence[Run]) -> None:
    seconds = [second for run in runs for second in run.seconds]
    acks = [second for run in runs for second in run.acks]
    figures: dict[str, float] = {
        "CPU ms each": median(1000 * run.cpu_seconds / run.messages for run in runs),
        "lost": sum(run.lost for run in runs),
        "twice": sum(run.twice for run in runs),
    }
    if acks:
        figures["ack p99 ms"] = 1000 * percentile(acks, 99)
    elif runs[0].is_single:
        figures |= {"p50 ms": 1000 * median(seconds), "p95 ms": 1000 * percentile(seconds, 95)}
    else:
        figures["messages/s"] = runs[0].messages / median(seconds)
    table.add(name, **figures)


def ratio(theirs: Sequence[Run], ours: Sequence[Run]) -> str:
    their_seconds, our_seconds = (
        [s for run in runs for s in run.seconds] for runs in (theirs, ours)
    )
    if ours[0].acks:
        return ""
    if ours[0].is_single:
        return f"latency {times(our_seconds, their_seconds)}"
    return f"throughput {times(their_seconds, our_seconds)}"
