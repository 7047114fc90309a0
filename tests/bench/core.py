"""Measures the core, in a process of its own: `python -m tests.bench.core TASKS RESULTS`.

Everything is as in production, a database file and the log included, but the service.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import Any, Literal

from bot.app import Deskside, Plan, running
from bot.clock import SystemClock
from bot.compose import compose
from bot.config import Config
from bot.events import Message, Person, Place
from bot.logs import set_up
from bot.storage.writer import GROUP_LIMIT
from bot.transport import Batch, Gap, Page
from tests.bench import side
from tests.bench.commands import router
from tests.bench.quiet_service import QuietService

ROOMS = 20
PEOPLE = 50
PLACES = [Place("fake", "home", f"!room-{number}") for number in range(ROOMS)]
SLOW_ROOM = Place("fake", "home", "!slow-room")

Measure = Literal["intake", "journey", "pace"]


@dataclass(frozen=True)
class Task:
    """What is measured.

    Attributes:
        database: a file, which may hold a past already.
        measure: storing alone; the whole way, as many at once as it takes; the whole way of
            single messages that come at a steady rate.
        count: how many messages.
        batch: how many of them the service tells at once.
        in_flight: how many batches may wait to be stored at the same time.
        group_limit: how many writes share a commit.
        product: with everything that Deskside does, not with one command only.
        text: what they say.
        rate: of "pace", messages a second.
        slowly: commands that take two seconds come in another room all the while.
    """

    database: str
    measure: Measure
    count: int
    batch: int = 50
    in_flight: int = 1
    group_limit: int = GROUP_LIMIT
    product: bool = False
    text: str = "!ping"
    rate: float = 50
    slowly: bool = False


def written(count: int, text: str, places: Sequence[Place] = PLACES) -> list[Message]:
    """Return messages with ids as no other run has them, in turn in each of the places."""
    names = [f"${secrets.token_urlsafe(32)}" for _ in range(count)]
    return [
        Message(
            id=name,
            place=places[number % len(places)],
            person=Person("fake", "home", f"@person-{number % PEOPLE}:home"),
            at=datetime.now(UTC),
            message=name,
            text=text,
        )
        for number, name in enumerate(names)
    ]


@asynccontextmanager
async def opened(task: Task) -> AsyncIterator[tuple[Deskside, QuietService]]:
    """Run a desk that knows the rooms and has handled something already."""
    service = QuietService()
    clock = SystemClock()
    composed = compose(Config(), [], clock) if task.product else None
    plan = Plan(
        database_url=f"sqlite:///{task.database}",
        transports=[service],
        routers=[*(composed.routers if composed else ()), router],
        clock=clock,
        rooms={(place.transport, place.room): "support" for place in PLACES},
        services=composed.services if composed else {},
        group_limit=task.group_limit,
    )
    async with running(plan) as desk:
        await service.runs.wait()
        await service.intake.receive(Batch(written(10 * ROOMS, task.text)))
        await desk.idle()
        gc.collect()  # what the start left behind costs the measurement nothing
        yield desk, service


async def tell(
    messages: Sequence[Message], task: Task, receive: Callable[[Batch], Awaitable[None]]
) -> None:
    """Have a service tell messages: the next batch whenever one of those in flight is stored."""
    batches = iter([messages[at : at + task.batch] for at in range(0, len(messages), task.batch)])

    async def read() -> None:
        for batch in batches:
            await receive(Batch(batch))

    await asyncio.gather(*(read() for _ in range(task.in_flight)))


async def intake(desk: Deskside, service: QuietService, task: Task) -> dict[str, Any]:
    """Measure how long storing takes while nothing is handled: each room waits for a gap."""
    gaps = [Gap(place, "start", None) for place in PLACES]
    await service.intake.receive(Batch([], gaps=gaps))
    messages = written(task.count, task.text)
    with Stopwatch() as watch:
        await tell(messages, task, service.intake.receive)
    for gap in await service.intake.gaps("fake", "home"):
        await service.intake.fill(Page(gap, [], None))
    await desk.idle()
    return watch.result() | counted(service, messages)


async def journey(desk: Deskside, service: QuietService, task: Task) -> dict[str, Any]:
    """Measure how long it takes until everything is stored, handled, sent and recorded."""
    messages = written(task.count, task.text)
    with Stopwatch() as watch:
        await tell(messages, task, service.intake.receive)
        await desk.idle()
    return watch.result() | counted(service, messages)


async def pace(desk: Deskside, service: QuietService, task: Task) -> dict[str, Any]:
    """Measure how long each message takes when they come at a steady rate, whatever happens."""
    messages = written(task.count, task.text)
    loop, begin = asyncio.get_running_loop(), perf_counter() + 0.1
    due = {message.id: begin + at / task.rate for at, message in enumerate(messages)}
    stored: dict[str, float] = {}

    async def one(message: Message) -> None:
        await asyncio.sleep(due[message.id] - perf_counter())
        await service.intake.receive(Batch([message]))
        stored[message.id] = perf_counter()

    others = []
    if task.slowly:
        others = written(int(task.count / task.rate / 2) + 1, "!ping slowly", [SLOW_ROOM])
        loop.create_task(service.intake.receive(Batch(others)))
    with Stopwatch() as watch:
        await asyncio.gather(*(one(message) for message in messages))
        await desk.idle()
    return (
        watch.result()
        | counted(service, [*messages, *others])
        | {
            "stored": [stored[name] - at for name, at in due.items()],
            "answered": [service.at[name] - at for name, at in due.items() if name in service.at],
        }
    )


class Stopwatch:
    """Measures time, and how long this process computed meanwhile."""

    def __enter__(self) -> Stopwatch:
        self._begin, self._cpu = perf_counter(), process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = perf_counter() - self._begin
        self.cpu_seconds = process_time() - self._cpu

    def result(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


def counted(service: QuietService, messages: Sequence[Message]) -> dict[str, int]:
    """Count what was not answered, and what was answered more than once."""
    times = [service.answered[message.id] for message in messages]
    return {"lost": times.count(0), "twice": sum(number > 1 for number in times)}


async def main(task: Task) -> dict[str, Any]:
    measure = {"intake": intake, "journey": journey, "pace": pace}[task.measure]
    async with opened(task) as (desk, service):
        return asdict(task) | await measure(desk, service, task)


if __name__ == "__main__":
    set_up("info", "json")
    side.report([asyncio.run(main(Task(**each))) for each in side.tasks()])
