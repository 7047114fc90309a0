"""A crowd in three support rooms and a staff room, and a bot that is not running."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.faults.crowd import Crowd
from tests.live.bot_process import BotProcess
from tests.live.conftest import _server, person, synapse
from tests.live.people import Client
from tests.live.synapse import Synapse

__all__ = ["_server", "person", "synapse"]

Gather = Callable[..., Awaitable[Crowd]]
Figures = Callable[[str], None]

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Lets a test say what it has measured, in the summary."""
    found = request.config.stash.setdefault(FIGURES, [])
    return lambda figure: found.append(f"{request.node.name}: {figure}")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for figure in config.stash.get(FIGURES, []):
        terminalreporter.write_line(figure)


@pytest.fixture
async def gather(
    synapse: Synapse,
    person: Callable[[str], Awaitable[Client]],
    tmp_path: Path,
) -> AsyncIterator[Gather]:
    """Lets a crowd come: `crowd = await gather(away_after=1)`, with keys for the Matrix section."""
    async with AsyncExitStack() as bots:

        async def gather(**matrix: object) -> Crowd:
            crowd = await a_crowd(synapse, person, tmp_path, **matrix)
            bots.push_async_callback(crowd.bot.end)
            await crowd.let_in()
            return crowd

        yield gather


async def a_crowd(
    server: Synapse,
    arrive: Callable[[str], Awaitable[Client]],
    folder: Path,
    **matrix: object,
) -> Crowd:
    """Let people, rooms and the bot's account be made."""
    people = [await arrive(name) for name in ("alice", "bea", "dan")]
    account = await server.register(f"desk-{secrets.token_hex(4)}")
    host = people[0]
    rooms = [
        await host.create(f"Support {number}", invite=[account.user_id], is_public=True)
        for number in range(3)
    ]
    staff = await host.create("Staff", invite=[account.user_id], is_public=True)
    for who in people[1:]:
        for room in (*rooms, staff):
            await who.join(room)
    kinds = dict.fromkeys(rooms, "support") | {staff: "staff"}
    bot = BotProcess(folder, server, account, kinds, matrix=matrix)
    return Crowd(people, rooms, staff, bot)
