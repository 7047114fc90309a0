"""A desk on Slack for each module: its tests disturb each other as little as people do."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from bot.plan import Plan
from bot.storage.migrate import migrate
from tests.slack_stories.scene import Mode, Scene, scene

Changes = Callable[[Plan], Plan]


@pytest.fixture(scope="module")
def mode() -> Mode:
    """How Slack reaches the desk."""
    return "socket"


@pytest.fixture(scope="module")
def changes() -> Changes:
    """What is changed in the product's own plan."""
    return lambda plan: plan


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(
    tmp_path_factory: pytest.TempPathFactory, mode: Mode, changes: Changes
) -> AsyncIterator[Scene]:
    """A desk that all tests of a module share; nothing it said was lost, nothing failed."""
    database = tmp_path_factory.mktemp("slack") / "desk.db"
    migrate(f"sqlite:///{database}")
    opened: asyncio.Future[Scene] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def keep_open() -> None:
        async with scene(database, mode, changes=changes) as desk:
            opened.set_result(desk)
            await over.wait()
            await desk.rests()

    # What is opened in a task must be closed in it.
    task = asyncio.create_task(keep_open())
    await asyncio.wait((task, opened), return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    desk = opened.result()
    yield desk
    over.set()
    await task
    lost = desk.rows("SELECT action, error FROM outbox WHERE state = 'dead'")
    assert lost == []
    failed = desk.rows("SELECT kind, reference FROM inbox WHERE state = 'failed'")
    assert failed == []
