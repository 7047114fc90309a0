"""Whatever the homeserver does, the bot comes back by itself, loses nothing and waits idly."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Figures, Gather, a_crowd
from tests.live.bot_process import BotProcess
from tests.live.people import Client
from tests.live.synapse import Synapse

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

IDLE = 0.05  # of one processor, while there is nothing to do but to try again
IMPATIENT = {"sync_timeout": 4, "request_timeout": 4}  # seconds, to give up within the fault


@pytest.fixture
def lasting(short: bool) -> float:
    """For how many seconds the server is not there."""
    return 8 if short else 30


@asynccontextmanager
async def idle(bot: BotProcess, figures: Figures) -> AsyncIterator[None]:
    """Measure what the bot computes meanwhile, and expect little."""
    loop = asyncio.get_running_loop()
    before, begun = bot.cpu_seconds(), loop.time()
    yield
    share = (bot.cpu_seconds() - before) / (loop.time() - begun)
    figures(f"computing {share:.1%} of {loop.time() - begun:.0f} s while waiting")
    assert share < IDLE


async def test_a_server_that_was_stopped_is_found_again(
    gather: Gather, synapse: Synapse, figures: Figures, lasting: float
) -> None:
    crowd = await gather(**IMPATIENT)
    async with crowd.bot as bot:
        await crowd.ask(9)
        await synapse.stop()
        async with idle(bot, figures):
            await asyncio.sleep(lasting)
        await synapse.start()
        await crowd.ask(9)
        await crowd.answered(within=120)
        assert await bot.stop() == 0
    crowd.check()


async def test_a_server_that_was_frozen_is_not_told_twice(
    gather: Gather, synapse: Synapse, figures: Figures, lasting: float
) -> None:
    crowd = await gather(**IMPATIENT)
    async with crowd.bot as bot:
        await crowd.ask(9)
        with synapse.frozen():
            async with idle(bot, figures):
                await asyncio.sleep(lasting)
        await crowd.ask(9)
        await crowd.answered(within=120)
        assert await bot.stop() == 0
    crowd.check()


async def test_a_server_that_takes_a_message_in_two_seconds_gets_them_all(
    tmp_path: Path, figures: Figures, short: bool
) -> None:
    count = 3 if short else 12
    half_a_message = {"rc_message": {"per_second": 0.5, "burst_count": 1}}
    async with (
        AsyncExitStack() as people,
        Synapse(tmp_path / "synapse", limits=half_a_message) as server,
    ):

        async def arrive(name: str) -> Client:
            account = await server.register(f"{name}-{secrets.token_hex(4)}")
            await server.exempt(account.user_id)
            return await people.enter_async_context(Client(server.base_url, account))

        crowd = await a_crowd(server, arrive, tmp_path)
        await crowd.let_in()
        async with crowd.bot as bot:
            await crowd.ask(count)
            async with idle(bot, figures):
                await crowd.answered(within=30 + count * 6)
            refused = [x for x in bot.lines() if x.get("event") == "send_failed"]
            figures(f"{len(refused)} refusals on the way to {2 * count} deliveries")
            assert len(refused) <= 4 * count
            assert await bot.stop() == 0
        crowd.check()
