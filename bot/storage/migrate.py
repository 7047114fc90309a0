"""Brings a database to this program's schema: with a backup first, never backwards."""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import alembic.command
import alembic.config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage import engine as engines
from bot.storage.writer import as_storage_error

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
SLICES = HERE.parent.parent / "handlers"


def alembic_config() -> alembic.config.Config:
    """Return Alembic's settings: the core's migrations and every slice's own."""
    config = alembic.config.Config()
    folders = [HERE / "migrations" / "versions", *sorted(SLICES.glob("*/migrations"))]
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders))
    return config


def migrate(url: str, *, target: str = "heads") -> None:
    """Bring the database to `target`.

    An existing SQLite file is copied beside itself first (`NAME.before-REVISION`).

    Raises:
        StorageError: it is newer than this program, or cannot be migrated.
    """
    parsed = engines.parse(url)
    config = alembic_config()
    engine = engines.migration_engine(parsed)
    try:
        current = _revisions(engine)
        script = ScriptDirectory.from_config(config)
        if current == set(script.get_heads()) and target == "heads":
            return
        _refuse_newer(current, script)
        if current:
            _back_up(parsed, sorted(current)[0])
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, target)
            if parsed.get_backend_name() == "sqlite":
                _check_foreign_keys(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
    except DBAPIError as error:
        raise as_storage_error(error) from error
    except CommandError as error:
        msg = f"The database cannot be migrated: {error}"
        raise StorageError(msg) from error
    finally:
        engine.dispose()


def _revisions(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads())


def _refuse_newer(current: set[str], script: ScriptDirectory) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    if unknown := current - known:
        msg = (
            f"The database was written by a newer Deskside ({', '.join(sorted(unknown))}): "
            "install that version, or restore the backup made before its migration."
        )
        raise StorageError(msg)


def _check_foreign_keys(broken: object) -> None:
    if broken:
        msg = "The migration would break references between tables; nothing was changed."
        raise StorageError(msg)


def _back_up(url: URL, revision: str) -> None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    copy = Path(f"{url.database}.before-{revision}-{stamp}")
    source = sqlite3.connect(str(url.database))
    target = sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    log.info("backed up before migrating", extra={"event": "backup", "file": str(copy)})


def state_of(url: str) -> str | None:
    """Return what is wrong with the database as it is, changing nothing, or None."""
    parsed = engines.parse(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return None  # it will be made
    engine = engines.migration_engine(parsed)
    try:
        _refuse_newer(_revisions(engine), ScriptDirectory.from_config(alembic_config()))
    except StorageError as error:
        return str(error)
    except DBAPIError as error:
        return str(as_storage_error(error))
    finally:
        engine.dispose()
    return None
