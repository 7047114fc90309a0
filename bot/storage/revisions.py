"""Is a database at this program's schema? Known without Alembic.

Alembic, once imported, occupies 8 MB for as long as the process lives, and most starts have
nothing to migrate.
"""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from bot.storage import engine as engines
from bot.storage.failures import as_storage_error

HERE = Path(__file__).parent
SLICES = HERE.parent.parent / "handlers"

_OWN = re.compile(r"^revision = [\"'](\w+)[\"']", re.MULTILINE)
_BEFORE = re.compile(r"^down_revision = (.+)", re.MULTILINE)
_NAME = re.compile(r"[\"'](\w+)[\"']")


def folders() -> list[Path]:
    """Return where the migrations are: the core's and every slice's own."""
    return [HERE / "migrations" / "versions", *sorted(SLICES.glob("*/migrations"))]


def newest() -> set[str]:
    """Return the revisions that no other one follows."""
    texts = [file.read_text() for folder in folders() for file in folder.glob("*.py")]
    own = {name for text in texts for name in _OWN.findall(text)}
    return own - {
        name for text in texts for line in _BEFORE.findall(text) for name in _NAME.findall(line)
    }


def is_current(url: str) -> bool:
    """Tell whether there is nothing to migrate.

    Raises:
        StorageError: the database cannot be read.
    """
    engine = engines.migration_engine(engines.parse(url))
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version")
            return set(rows.scalars()) == newest()
    except DBAPIError as error:
        raise as_storage_error(error) from error
    finally:
        engine.dispose()
