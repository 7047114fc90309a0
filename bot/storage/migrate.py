"""Brings a database to this program's schema: with a backup first, never backwards."""

from __future__ import annotations

import filecmp
import itertools
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import alembic.command
import alembic.config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.errors import StorageError
from bot.storage import engine as engines
from bot.storage.failures import as_storage_error
from bot.storage.revisions import HERE, folders

log = logging.getLogger(__name__)


def alembic_config() -> alembic.config.Config:
    """Return Alembic's settings: the core's migrations and every slice's own."""
    config = alembic.config.Config()
    config.set_main_option("script_location", _escaped(HERE / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(_escaped, folders())))
    return config


def _escaped(folder: Path) -> str:
    return str(folder).replace("%", "%%")  # Alembic's settings interpolate


def migrate(url: str, *, target: str = "heads") -> None:
    """Bring the database to `target`.

    An existing SQLite file is copied beside itself first: `NAME.before-REVISION`, with the
    first revision that it lacks. It all happens, or the database stays as it was.

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
        if current and parsed.get_backend_name() == "sqlite":
            back_up(Path(str(parsed.database)), _first_missing(current, script))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, target)
            if parsed.get_backend_name() == "sqlite":
                _check_foreign_keys(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
    except DBAPIError as error:
        raise as_storage_error(error) from error
    except (sqlite3.Error, OSError) as error:
        msg = f"The database cannot be copied before its migration ({error}); nothing was changed."
        raise StorageError(msg) from error
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


def _first_missing(current: set[str], script: ScriptDirectory) -> str:
    done = {revision.revision for revision in script.iterate_revisions(tuple(current), "base")}
    missing = {each.revision for each in script.walk_revisions()} - done
    return min(missing, key=_slice_and_number)  # the same whenever it is asked


def _slice_and_number(revision: str) -> tuple[str, int]:
    name, _, number = revision.rpartition("_")
    return name, int(number)


def back_up(file: Path, revision: str) -> Path:
    """Copy a SQLite file beside itself and return the copy; an older one is never overwritten."""
    partial = Path(f"{file}.before-{revision}.partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(partial)) as target:
        source.backup(target)
        if target.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            msg = "The database file is damaged, so it is not migrated: restore a backup."
            raise StorageError(msg)
    names = (f"{file}.before-{revision}" + (f".{n}" if n > 1 else "") for n in itertools.count(1))
    copy = Path(next(name for name in names if not _is_other(Path(name), partial)))
    partial.replace(copy)
    log.info("backed up before migrating", extra={"event": "backup", "file": str(copy)})
    return copy


def _is_other(copy: Path, new: Path) -> bool:
    # An earlier attempt at this migration has made the same copy: one is enough.
    return copy.exists() and not filecmp.cmp(new, copy, shallow=False)


def state_of(url: str) -> str | None:
    """Return what is wrong with the database as it is, changing nothing, or None."""
    parsed = engines.parse(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return None  # it will be made
    engine = engines.reader_engine(parsed)
    try:
        _refuse_newer(_revisions(engine), ScriptDirectory.from_config(alembic_config()))
    except StorageError as error:
        return str(error)
    except DBAPIError as error:
        return str(as_storage_error(error))
    finally:
        engine.dispose()
    return None
