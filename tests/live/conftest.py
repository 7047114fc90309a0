"""One real Synapse for all live tests, and people who come and go with each test."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from tests.live.people import Client
from tests.live.synapse import Synapse


def _serve(server: Synapse) -> Iterator[Synapse]:
    # A loop of its own: those of the tests live no longer than a test.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(server.start())
        yield server
        runner.run(server.stop())


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    yield from _serve(Synapse(tmp_path_factory.mktemp("synapse")))


@pytest.fixture(scope="session")
def limiting_synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A server with Synapse's own rate limits."""
    yield from _serve(Synapse(tmp_path_factory.mktemp("limits"), own_limits=True))


@pytest.fixture
async def synapse(_server: Synapse) -> AsyncIterator[Synapse]:
    """The server; whatever a test does to it, the next test finds it running."""
    yield _server
    if _server.is_running:
        _server.thaw()
    else:
        await _server.start()


@pytest.fixture
async def person(synapse: Synapse) -> AsyncIterator[Callable[[str], Awaitable[Client]]]:
    """Lets somebody come who is new to the server: `alice = await person("alice")`."""
    async with AsyncExitStack() as people:

        async def arrive(name: str) -> Client:
            account = await synapse.register(f"{name}-{secrets.token_hex(4)}")
            return await people.enter_async_context(Client(synapse.base_url, account))

        yield arrive
