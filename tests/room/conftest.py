"""A desk for each test; the schema is migrated once and copied."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.plan import Plan
from bot.storage.migrate import migrate
from tests.desk import Desk, copy_template
from tests.room.probe import Behaviour

OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database."""
    file = tmp_path_factory.mktemp("template") / "empty.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def open_desk(template: Path, tmp_path: Path) -> AsyncIterator[OpenDesk]:
    """Open a desk, with changes to its plan; closed when the test ends."""
    opened: list[Desk] = []

    async def open_one(*changes: Callable[[Plan], Plan]) -> Desk:
        desk = Desk(copy_template(template, tmp_path), changes)
        opened.append(desk)
        await desk.opens()
        return desk

    yield open_one
    for desk in opened:
        await desk.stops()


@pytest.fixture
async def desk(open_desk: OpenDesk) -> Desk:
    """A desk like the one people install."""
    return await open_desk()


@pytest.fixture
def behaviour() -> Behaviour:
    """How the probe of `probed` behaves."""
    return Behaviour()


@pytest.fixture
async def probed(open_desk: OpenDesk, behaviour: Behaviour) -> Desk:
    """A desk with a slice that misbehaves."""
    return await open_desk(behaviour.joins)
