"""However the bot dies on Slack, and whatever Slack does: each question is answered once."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.steps import Step
from tests.faults.conftest import Figures
from tests.faults.slack_desk import Desk, HastyClock, SlackProcess
from tests.slack.faults import Fault
from tests.slack.server import SlackDouble

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

MORTAL = ("-m", "tests.faults.mortal")


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def desk(mode: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """A bot that has run before: what was said before that was not said to it."""
    async with SlackDouble(HastyClock(), limited=False) as slack:
        bot = SlackProcess(tmp_path, slack, mode)
        desk = Desk(slack, bot)
        async with bot:
            pass
        try:
            yield desk
        finally:
            await bot.end()


async def finish(desk: Desk, figures: Figures, found: str, *, in_order: bool = True) -> None:
    """Let the bot do what is left, stop it, and look at everything."""
    begun = monotonic()
    await desk.answered()
    assert await desk.bot.stop() == 0
    figures(f"{desk.figures()}; {found}; finished after {monotonic() - begun:.1f} s")
    desk.check(in_order=in_order)


async def test_random_kills_lose_and_repeat_nothing(
    desk: Desk, short: bool, figures: Figures
) -> None:
    kills, count = (4, 30) if short else (20, 100)
    chance, in_flight = random.Random(), 0
    for _ in range(kills):
        await desk.bot.start()
        await desk.caught_up()
        before = chance.randint(1, count)  # messages; when it comes is chance
        await desk.ask(before)
        asking = asyncio.create_task(desk.ask(count - before))
        await desk.bot.kill()
        in_flight += desk.bot.unfinished() > 0
        await asking
    await desk.bot.start()
    await finish(desk, figures, f"kills with work in flight: {in_flight} of {kills}")
    assert in_flight * 2 >= kills


# What falls due is no part of a conversation.
STEPS = [step for step in Step if step is not Step.DUE]
# At which time a step is taken in a process after which it dies; some are taken once.
TIMES = {step: (3, 1, 8) for step in Step} | {
    Step.FILLING: (1, 2, 3),
    Step.FILLED: (1, 2, 3),
    Step.STOPPING: (1, 1, 1),
    Step.CLOSING: (1, 1, 1),
}


async def test_a_kill_at_any_step_loses_and_repeats_nothing(
    desk: Desk, short: bool, figures: Figures
) -> None:
    kills = Counter[Step]()
    for step in STEPS:
        for number in TIMES[step][: 1 if short else None]:
            await die(desk, step, number)
            kills[step] += 1
    await desk.bot.start()
    # What is read at a start may overtake what is told of meanwhile.
    found = f"kills at {len(kills)} steps: {kills.total()}"
    await finish(desk, figures, found)
    assert set(kills) == set(STEPS)


async def die(desk: Desk, step: Step, number: int) -> None:
    """Let the bot run until it takes a step for the nth time, in a conversation that leads there.

    It begins before the bot does, so that something is missed as well.
    """
    bot = desk.bot
    await desk.ask(3)
    await bot.start(program=(*MORTAL, step, str(number)), may_die=True)
    asking = asyncio.create_task(desk.ask(15))
    if step in (Step.STOPPING, Step.CLOSING):
        await bot.logged("handled")
        bot.terminate()
    assert await bot.ended() == -signal.SIGKILL
    await asking


OF_CALLS: list[tuple[Fault, dict[str, Any]]] = [
    (Fault.LOSE, {}),
    (Fault.HANG, {}),
    (Fault.HANG, {"carried_out": True}),
    (Fault.RESET, {}),
    (Fault.SERVER_ERROR, {}),
    (Fault.SERVER_ERROR, {"carried_out": True}),
    (Fault.GARBAGE, {}),
    (Fault.LIMIT, {}),
    (Fault.ERROR, {"error": "internal_error"}),
    (Fault.ERROR, {"error": "internal_error", "carried_out": True}),
]


async def test_whatever_becomes_of_a_post_nothing_is_lost_or_repeated(
    desk: Desk, short: bool, figures: Figures
) -> None:
    count, times = (30, 3) if short else (100, 10)
    await desk.bot.start()
    for fault, details in OF_CALLS:
        fail = partial(desk.slack.fail, fault, "chat.postMessage", **details)
        await suffer(desk, fail, count, times)
    await finish(desk, figures, f"faults: {len(OF_CALLS) * times}")


OF_EVENTS = {
    Fault.HIDE: "message",
    Fault.DUPLICATE: "message",
    Fault.REORDER: "message",
    Fault.LOST_ACK: "events_api",
}
OF_SOCKETS = {
    Fault.SILENT: "events_api",
    Fault.DROP: "events_api",
    Fault.GARBAGE_FRAME: "events_api",
}


async def test_whatever_becomes_of_an_event_nothing_is_lost_or_repeated(
    desk: Desk, mode: str, short: bool, figures: Figures
) -> None:
    faults = OF_EVENTS | (OF_SOCKETS if mode == "socket" else {})
    count, times = (30, 3) if short else (100, 10)
    await desk.bot.start()
    for fault, where in faults.items():
        await suffer(desk, partial(desk.slack.fail, fault, where), count, times)
    await finish(desk, figures, f"faults: {len(faults) * times}", in_order=False)


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
async def test_addresses_that_are_dead_already_lose_and_repeat_nothing(
    desk: Desk, short: bool, figures: Figures
) -> None:
    count, times = (30, 1) if short else (100, 3)

    def fail() -> None:
        desk.slack.fail(Fault.STALE_TICKET, "apps.connections.open")
        desk.slack.sockets.drop()

    await desk.bot.start()
    await suffer(desk, fail, count, times)
    await finish(desk, figures, f"faults: {times}", in_order=False)


async def suffer(desk: Desk, fail: Callable[[], None], count: int, times: int) -> None:
    """Let something fail so many times in the middle of a conversation, and be got over."""
    asked = 0

    def sometimes() -> None:
        nonlocal asked
        asked += 1
        if asked % (count // times) == 1:
            fail()

    await desk.ask(count, sometimes)
    try:
        await desk.answered()
    except TimeoutError as error:
        error.add_note(f"with {fail}")
        raise
    assert desk.slack.failures.left == 0, fail
