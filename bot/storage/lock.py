"""The lock beside a SQLite file, which whoever writes to it holds; looked at without SQLAlchemy."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout


def lock_of(file: Path) -> FileLock:
    """Return the lock of a database, not yet taken."""
    # Taken in a thread, let go in another.
    return FileLock(f"{file}.lock", thread_local=False)


def is_held(file: Path) -> bool:
    """Tell whether another process writes to a database; touches nothing that is not there."""
    lock = lock_of(file)
    if not Path(lock.lock_file).exists():
        return False
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # opening the database will tell what is wrong
    lock.release()
    return False
