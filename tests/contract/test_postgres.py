"""The PostgreSQL that the contract tests rely on does what it promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy
from sqlalchemy import Connection, text

from bot.storage.engine import parse, writer_engine
from tests.contract.postgres import Postgres


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_sqlalchemy_reaches_a_postgresql(postgres_url: str) -> None:
    with connect(postgres_url) as connection:
        assert str(connection.scalar(text("SHOW server_version"))).startswith("18.")


def test_every_database_is_empty(postgres: Postgres) -> None:
    tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    for _ in range(2):
        with postgres.database() as url, connect(url) as connection:
            assert connection.scalar(tables) == 0
            connection.execute(text("CREATE TABLE ticket (number integer)"))


def test_two_databases_are_two(postgres: Postgres, postgres_url: str) -> None:
    with postgres.database() as other:
        assert urlsplit(other).path != urlsplit(postgres_url).path


def test_a_database_goes_even_when_somebody_is_still_connected(postgres: Postgres) -> None:
    with postgres.database() as url:
        engine = sqlalchemy.create_engine(url)
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
    connection.invalidate()
    engine.dispose()


def test_a_server_that_is_gone_without_a_word_is_noticed(postgres_url: str) -> None:
    engine = writer_engine(parse(postgres_url))
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        given = raw.info.get_parameters()
    engine.dispose()
    assert (given["keepalives_idle"], given["tcp_user_timeout"]) == ("30", "60000")
