"""What becomes of a database when the program is newer, or older, than it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import bot.compose  # noqa: F401 - registers the tables of every slice
from bot.errors import StorageError
from bot.storage import engine as engines
from bot.storage.database import Database
from bot.storage.migrate import alembic_config, back_up, migrate, state_of
from tests.contract.databases import Store, adds, names

# As the first version made it, with a row in each table that later versions change.
FIRST = ("bot_1", "faq_1", "notices_1", "tickets_1")
FIRST_ROWS = (Path(__file__).parent.parent / "data" / "schema-1.sql").read_text()

DELIVERY = """
INSERT INTO outbox (id, transport, workspace, room_id, private, action, lane, position, post_key,
    emoji, late, state, attempts, rest, created_at)
VALUES (:id, 'fake', 'here', 2, '0', 'edit', 2, :position, 'ticket/1/card', '', '0', 'sent', 1,
    '[]', :at)
"""
QUOTE = "INSERT INTO quote (room_id, message, delivery_id) VALUES (1, :message, :id)"


@contextmanager
def connected(store: Store) -> Iterator[Connection]:
    engine = engines.migration_engine(engines.parse(store.url))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.fixture
def first(store: Store) -> Store:
    """A database of the first version, in use."""
    return made_first(store)


def made_first(store: Store) -> Store:
    config = alembic_config()
    with connected(store) as connection:
        config.attributes["connection"] = connection
        for revision in FIRST:
            alembic.command.upgrade(config, revision)
        for statement in FIRST_ROWS.split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    return store


def schema(connection: Connection) -> dict[str, Any]:
    """Return all there is to say about the tables, and which revision they are."""
    found = inspect(connection)
    tables = {name: found.get_columns(name) for name in found.get_table_names()}
    described: dict[str, Any] = {
        name: sorted((each["name"], str(each["type"])) for each in columns)
        for name, columns in tables.items()
    }
    described["revisions"] = set(MigrationContext.configure(connection).get_current_heads())
    return described


def copies(store: Store) -> list[str]:
    return sorted(file.name for file in store.file.parent.glob("*before*"))


def test_models_and_migrations_agree(store: Store) -> None:
    migrate(store.url)
    with connected(store) as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_every_constraint_has_a_name(store: Store) -> None:
    migrate(store.url)
    with connected(store) as connection:
        found = inspect(connection)
        for table in set(found.get_table_names()) - {"alembic_version"}:
            constraints = [
                found.get_pk_constraint(table),
                *found.get_foreign_keys(table),
                *found.get_unique_constraints(table),
                *found.get_check_constraints(table),
            ]
            wanted = SQLModel.metadata.tables[table].constraints
            assert {each["name"] for each in constraints} == {each.name for each in wanted}, table


def test_what_the_first_version_stored_is_kept(first: Store) -> None:
    migrate(first.url)
    with connected(first) as connection:
        assert connection.execute(text("SELECT name, kind FROM room ORDER BY id")).all() == [
            ("Support", "support"),
            ("Staff", "staff"),
        ]
        assert connection.scalar(text("SELECT subject FROM ticket")) == "My laptop will not start"
        made = schema(connection)
    assert made["revisions"] == set(ScriptDirectory.from_config(alembic_config()).get_heads())


def test_a_solution_is_known_by_the_last_message_that_told_one(first: Store) -> None:
    with connected(first) as connection:
        connection.execute(text("UPDATE ticket SET resolution = 'a new battery'"))
        for position, quoted in enumerate((["m1"], ["m2", "m1"], ["m3", "m2", "m1"])):
            values = {"id": f"d{position}", "position": position, "at": "2026-01-05 08:00:00"}
            connection.execute(text(DELIVERY), values)
            for message in quoted:
                connection.execute(text(QUOTE), {"id": values["id"], "message": message})
    migrate(first.url)
    with connected(first) as connection:
        told = connection.execute(text("SELECT resolution_room_id, resolution_message FROM ticket"))
        assert told.all() == [(1, "m3")]


def test_what_came_in_and_falls_due_is_kept_without_its_lease(first: Store) -> None:
    migrate(first.url)
    with connected(first) as connection:
        came_in = connection.execute(text("SELECT ref, state FROM inbox")).all()
        falls_due = connection.execute(text("SELECT kind, key, attempts FROM schedule")).all()
        columns = {"inbox": schema(connection)["inbox"], "schedule": schema(connection)["schedule"]}
        waiting = inspect(connection).get_indexes("inbox")
    assert (came_in, falls_due) == ([("e1", "handled")], [("ticket_closes", "1", 0)])
    leases = {"owner", "leased_until"}
    assert not any(leases & {name for name, _ in found} for found in columns.values())
    partial = next(each for each in waiting if each["name"] == "ix_inbox_waiting")
    assert [each for each in partial["dialect_options"] if each.endswith("_where")]


def test_what_is_to_be_sent_is_kept_without_what_nobody_reads(first: Store) -> None:
    values = {"id": "d1", "position": 1, "at": "2026-01-05 08:00:00"}
    with connected(first) as connection:
        connection.execute(text(DELIVERY), values)
    migrate(first.url)
    with connected(first) as connection:
        kept = connection.execute(text("SELECT id, state, attempts FROM outbox")).all()
        tables = schema(connection)
    assert kept == [("d1", "sent", 1)]
    unread = {"schedule": {"zone", "rule", "version"}, "outbox": {"late", "next_at"}}
    for table, columns in unread.items():
        assert not columns & {name for name, _ in tables[table]}


async def test_the_first_version_is_opened_as_if_new(first: Store) -> None:
    async with first.opened() as database:
        await database.write(adds("dan"))
        assert await database.read(names) == ["alice", "bea", "dan"]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_migration_that_dies_leaves_the_old_state(
    first: Store, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(first) as connection:
        before = schema(connection)
    with monkeypatch.context() as patched:
        left = iter(range(step))
        invoke = Operations.invoke

        def dies(self: Operations, operation: Any) -> Any:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return invoke(self, operation)

        patched.setattr(Operations, "invoke", dies)
        try:
            migrate(first.url)
        except KeyboardInterrupt:
            with connected(first) as connection:
                assert schema(connection) == before
    migrate(first.url)
    assert state_of(first.url) is None


def test_a_copy_is_made_first_and_only_one_for_the_same_state(
    sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_first(sqlite)
    with monkeypatch.context() as patched:
        patched.setattr("alembic.command.upgrade", fails)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                migrate(sqlite.url)
    assert copies(sqlite) == ["desk.db.before-bot_2"]
    migrate(sqlite.url)
    migrate(sqlite.url)
    assert copies(sqlite) == ["desk.db.before-bot_2"]
    with closing(sqlite3.connect(sqlite.file.with_name("desk.db.before-bot_2"))) as copy:
        assert copy.execute("SELECT name FROM sqlite_master WHERE name = 'tenure'").fetchall() == []
        assert copy.execute("SELECT ref FROM person").fetchall() == [("alice",), ("bea",)]


def fails(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_older_copy_is_never_overwritten(sqlite: Store) -> None:
    made_first(sqlite)
    older = sqlite.file.with_name("desk.db.before-bot_2")
    older.write_text("precious")
    assert back_up(sqlite.file, "bot_2").name == "desk.db.before-bot_2.2"
    assert older.read_text() == "precious"


def test_a_new_file_needs_no_copy(sqlite: Store) -> None:
    migrate(sqlite.url)
    assert copies(sqlite) == []


async def test_a_copy_that_cannot_be_made_stops_the_migration(
    sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_first(sqlite)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("bot.storage.migrate.back_up", full)
    with pytest.raises(StorageError, match="cannot be copied"):
        await Database.open(sqlite.url)
    with connected(sqlite) as connection:
        assert "tenure" not in schema(connection)


@pytest.mark.parametrize("ask", [migrate, state_of])
def test_a_newer_database_is_refused_unchanged(store: Store, ask: Callable[[str], Any]) -> None:
    migrate(store.url)
    with connected(store) as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = 'bot_99' WHERE version_num LIKE 'bot_%'")
        )
        before = schema(connection)
    try:
        sentence = str(ask(store.url))
    except StorageError as error:
        sentence = str(error)
    assert "written by a newer Deskside (bot_99)" in sentence
    with connected(store) as connection:
        assert schema(connection) == before


def test_looking_at_the_state_makes_nothing(sqlite: Store) -> None:
    assert state_of(sqlite.url) is None
    assert not sqlite.file.exists()
