"""The services and databases that the contracts are tested on."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy.engine import make_url

from bot.clock import SystemClock
from bot.storage.database import Database
from bot.storage.migrate import migrate
from tests.contract.console_driver import ConsoleDriver
from tests.contract.databases import Store
from tests.contract.driver import Driver
from tests.contract.matrix_driver import MatrixDriver
from tests.contract.matrix_server import MatrixServer
from tests.contract.postgres import Postgres
from tests.contract.slack_driver import SlackDriver
from tests.slack.server import SlackDouble


@pytest.fixture(params=["console", "matrix", "slack socket", "slack http"])
async def driver(request: pytest.FixtureRequest) -> AsyncIterator[Driver]:
    """Each service, with a person in a room."""
    if request.param == "console":
        yield ConsoleDriver()
        return
    if request.param.startswith("slack"):
        async with SlackDouble(SystemClock(), limited=False) as slack:
            yield SlackDriver(slack, "http" if request.param.endswith("http") else "socket")
        return
    async with MatrixServer() as server:
        yield MatrixDriver(server)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real PostgreSQL for all tests."""
    with TemporaryDirectory(prefix="postgres-") as folder, Postgres(Path(folder)) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty database on it, for this test alone, as a SQLAlchemy URL."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return Store(f"sqlite:///{tmp_path / 'desk.db'}")
    return Store(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite(tmp_path: Path) -> Store:
    """An empty SQLite database."""
    return Store(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.fixture
def postgresql(postgres_url: str) -> Store:
    """An empty PostgreSQL database."""
    return Store(postgres_url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    file = tmp_path_factory.mktemp("template") / "migrated.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated PostgreSQL database."""
    with postgres.database() as url:
        migrate(url)
        yield str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgres"])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with the tables of today, once of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield Store(f"sqlite:///{file}")
        return
    template = request.getfixturevalue("postgres_template")
    with request.getfixturevalue("postgres").database(template) as url:
        yield Store(url)


@pytest.fixture
async def database(migrated: Store) -> AsyncIterator[Database]:
    """It, open."""
    async with migrated.opened() as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a locked SQLite file be waited for only briefly."""
    monkeypatch.setattr("bot.storage.engine.BUSY_TIMEOUT_MS", 20)
