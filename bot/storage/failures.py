"""What a database's refusal means: is it away, or is it what we asked that is wrong?"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bot.errors import StorageError

# Primary result codes that tell of the database, not of the statement:
# https://www.sqlite.org/rescode.html#primary_result_code_list
_SQLITE_AWAY = {
    5,  # BUSY
    6,  # LOCKED
    7,  # NOMEM
    8,  # READONLY
    9,  # INTERRUPT
    10,  # IOERR
    11,  # CORRUPT
    13,  # FULL
    14,  # CANTOPEN
    15,  # PROTOCOL
    26,  # NOTADB
}
# Classes and codes of SQLSTATE likewise:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_AWAY = (
    "08",  # connection
    "25006",  # read-only: a server that only follows another
    "28",  # authorization
    "40",  # transaction rolled back: deadlock, serialization
    "53",  # out of disk, memory, connections
    "55P03",  # lock not available
    "57",  # shut down, cannot connect now, cancelled
    "58",  # the system below it
    "XX",  # internal, corrupted
)
_SENTENCES = (
    ("disk", "The disk with the database is full: free some space; Deskside goes on by itself."),
    ("readonly", "The database cannot be written: check the permissions of file and folder."),
    ("unable to open", "The database cannot be opened: check the permissions of file and folder."),
    ("locked", "Another program holds the database: stop it; Deskside goes on by itself."),
    ("malformed", "The database file is damaged: stop Deskside and restore a backup."),
    ("not a database", "The file is no database of Deskside: name another file."),
)


def is_database_down(error: BaseException) -> bool:
    """Tell a database that cannot work now from a statement it refuses."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if (code := getattr(error.orig, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in _SQLITE_AWAY
    if (state := getattr(error.orig, "sqlstate", None)) is not None:
        return str(state).startswith(_POSTGRES_AWAY)
    return isinstance(error, (OperationalError, InterfaceError))


def as_storage_error(error: DBAPIError) -> StorageError:
    """Say in one sentence what the database's refusal means and what to do."""
    reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
    if (code := getattr(error.orig, "sqlite_errorcode", None)) is not None and code & 0xFF == 10:
        return StorageError(
            f"The disk with the database does not work ({reason}): check it; "
            "Deskside goes on by itself."
        )
    for words, sentence in _SENTENCES:
        if words in reason.lower():
            return StorageError(sentence)
    if getattr(error.orig, "sqlstate", "none") is None:
        return StorageError(
            f"The database server cannot be reached ({reason}): start it, or check database.url."
        )
    return StorageError(f"The database refused: {reason}")
