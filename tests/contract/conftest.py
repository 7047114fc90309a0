"""The databases that the contracts are tested on."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contract.postgres import Postgres


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
