"""However the bot dies, and wherever: everything is stored once and answered once, in order."""

import asyncio
import random
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.steps import Step
from tests.faults.conftest import Figures, Gather
from tests.faults.crowd import Crowd

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

MORTAL = ("-m", "tests.faults.mortal")
NO_GAP_BELOW = 100  # events of a room that Synapse tells at once: filter_timeline_limit


async def test_random_kills_lose_and_repeat_nothing(
    gather: Gather, short: bool, figures: Figures
) -> None:
    kills = 4 if short else 20
    crowd = await gather()
    chance = random.Random()
    in_flight = 0
    for _ in range(kills):
        await crowd.bot.start()
        asking = asyncio.create_task(crowd.ask(15))
        await asyncio.sleep(chance.uniform(0, 1.5))  # seconds; when it comes is chance
        await crowd.bot.kill()
        in_flight += crowd.bot.unfinished() > 0
        await asking
    await crowd.bot.start()
    await crowd.answered(within=120)
    assert await crowd.bot.stop() == 0
    figures(f"kills with work in flight: {in_flight} of {kills}")
    crowd.check()
    assert in_flight * 2 >= kills


# At which time a step is taken in a process after which it dies; the first sync takes one.
TIMES = {step: (1, 3, 5) for step in Step} | {
    Step.STORING: (2, 3, 4),
    Step.STORED: (2, 3, 4),
    Step.FILLING: (1, 1, 2),
    Step.FILLED: (1, 1, 2),
    Step.DUE: (1, 1, 1),
    Step.STOPPING: (1, 1, 1),
    Step.CLOSING: (1, 1, 1),
}


async def test_a_kill_at_any_step_loses_and_repeats_nothing(
    gather: Gather, short: bool, figures: Figures
) -> None:
    crowd = await gather(backfill_page=20)
    kills = Counter[Step]()
    for step in Step:
        for number in TIMES[step][: 1 if short else None]:
            if step is Step.FILLING and not kills[step]:
                await crowd.chat(NO_GAP_BELOW + 150, crowd.rooms[0])
            if step is Step.DUE and not kills[step]:  # what is undone is due again
                await plan_maintenance(crowd, timedelta(seconds=20 if short else 60))
            await die(crowd, step, number)
            kills[step] += 1
    await crowd.bot.start()
    await crowd.answered(within=120)
    await maintenance_is_over(crowd)
    assert await crowd.bot.stop() == 0
    figures("kills at " + ", ".join(f"{step}: {count}" for step, count in kills.items()))
    crowd.check()
    assert set(kills) == set(Step)


async def die(crowd: Crowd, step: Step, number: int) -> None:
    """Let the bot run until it takes a step for the nth time, with work that leads there."""
    bot = crowd.bot
    await bot.start(program=(*MORTAL, step, str(number)), may_die=True)
    asking = asyncio.create_task(crowd.ask(9))
    if step in (Step.STOPPING, Step.CLOSING):
        await bot.logged("handled")
        bot.terminate()
    assert await bot.ended() == -signal.SIGKILL
    await asking


async def plan_maintenance(crowd: Crowd, lasting: timedelta) -> None:
    starts = (datetime.now(UTC) + timedelta(seconds=12)).replace(microsecond=0)
    plan = f"!maintenance plan mail --at {starts.isoformat()} --for {lasting.seconds}s"
    await crowd.witness.say(crowd.staff, plan)


async def maintenance_is_over(crowd: Crowd) -> None:
    """Wait for the end of the maintenance; each part of it is told once in each room."""

    def told(room: str, words: str) -> int:
        return sum(words in event.body for event in crowd.by_bot(room))

    await crowd.witness.until(
        lambda: all(told(room, "mail is finished") for room in crowd.rooms), within=120
    )
    for room in crowd.rooms:
        for words in ("Planned maintenance: mail", "mail has begun", "mail is finished"):
            assert told(room, words) == 1
