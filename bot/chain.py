"""Is the record of acts still what was written? A chain of hashes tells; pure but for reading it.

An act's hash covers the hash before it, the act's facts, and a salted digest of its texts.
So texts can be erased, with the salt by which they could be guessed, and the chain holds.

What this protects from: a change by whoever does not renew every later hash and the end of the
chain, which stands in a table of its own. Who can write the whole database and knows this file
can make another chain; it shows only to somebody who has noted a hash elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from bot.storage.audit_tables import AuditChain, AuditRow
from bot.storage.tables import table_of

_AUDIT = table_of(AuditRow)
_CHAIN = table_of(AuditChain)

FACTS = ("id", "at", "person_id", "role", "room_id", "act", "object", "outcome", "digest")
TEXTS = ("before", "after", "reason")
SHOWN = 16  # characters of a hash that people note
AT_ONCE = 1000  # rows


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a chain begins, after what was dropped, and where it ends."""

    dropped: int
    dropped_hash: str
    last: int
    last_hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a chain: how far it holds, and what is wrong with the act after that.

    Attributes:
        count: how many acts are as they were written, one after the other.
        number: the last of them, or the act the finding is about.
        hash: of the last act; empty if something is wrong.
        wrong: a sentence; empty when nothing is wrong.
    """

    count: int
    number: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    hash: str = ""
    wrong: str = ""


def digest_of(salt: str, texts: Iterable[str]) -> str:
    """Return the digest of an act's texts; of none it is empty, as is their salt."""
    return _hashed(salt, *texts) if salt else ""


def hash_of(previous: str, facts: Iterable[Any]) -> str:
    """Return an act's hash. `facts` are those of `FACTS`, in that order."""
    return _hashed(previous, *facts)


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


_encode = json.JSONEncoder(default=_plain).encode  # once: it is made anew for each dumps


def _hashed(*parts: Any) -> str:
    return hashlib.sha256(_encode(parts).encode()).hexdigest()


def ends_of(connection: Connection) -> Ends | None:
    """Return where the chain begins and ends; None when that is not there any more."""
    row = connection.execute(select(_CHAIN)).first()
    return None if row is None else Ends(row.dropped, row.dropped_hash, row.last, row.last_hash)


def verify(connection: Connection) -> Finding:
    """Read the whole chain and compare, up to its end as it is now."""
    while True:
        ends = ends_of(connection)
        if ends is None:
            return Finding(0, 0, wrong=_NO_ENDS)
        found = _verified(connection, ends)
        now = ends_of(connection)
        if not found.wrong or now is None or now.dropped == ends.dropped:
            return found  # else old acts were dropped meanwhile, as they should be


_NO_ENDS = "The table audit_chain is empty, so nobody can tell where the record begins and ends."


def _verified(connection: Connection, ends: Ends) -> Finding:
    number, previous, count = ends.dropped, ends.dropped_hash, 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    rows = connection.execute(
        select(_AUDIT).order_by(_AUDIT.c.id).execution_options(yield_per=AT_ONCE)
    )
    for row in rows:
        if row.id > ends.last:
            break
        wrong = _wrong_with(row, number, previous)
        if wrong:
            rows.close()
            return Finding(count, number + 1, first_at, last_at, wrong=wrong)
        number, previous, count = row.id, row.hash, count + 1
        first_at, last_at = first_at or row.at, row.at
    rows.close()
    wrong = _wrong_at_the_end(connection, ends, number, previous)
    if wrong:
        return Finding(count, number + 1, first_at, last_at, wrong=wrong)
    return Finding(count, number, first_at, last_at, previous)


def _wrong_with(row: Any, before: int, previous: str) -> str:
    expected = before + 1
    if row.id <= before:
        return f"Act {row.id} stands before the beginning of the record: it was put there."
    if row.id > expected:
        missing = f"Act {expected} is" if row.id == expected + 1 else _range(expected, row.id - 1)
        return f"{missing} missing."
    if row.hash != hash_of(previous, [getattr(row, name) for name in FACTS]):
        return f"Act {row.id} is not what was written, or not where it was written."
    texts = [getattr(row, name) for name in TEXTS]
    erased = not row.salt and not any(texts)
    if not erased and row.digest != digest_of(row.salt, texts):
        return f"The texts of act {row.id} are not what was written."
    return ""


def _wrong_at_the_end(connection: Connection, ends: Ends, number: int, previous: str) -> str:
    if number < ends.last:
        missing = (
            f"Act {ends.last} is" if number + 1 == ends.last else _range(number + 1, ends.last)
        )
        return f"{missing} missing from the end."
    if previous != ends.last_hash:
        return f"Act {number} does not end the record that was written: it was written anew."
    # In this order: what is added meanwhile moves the end with it.
    highest = connection.scalar(select(func.max(_AUDIT.c.id))) or 0
    now = ends_of(connection) or ends
    if highest > max(now.last, now.dropped):
        return f"Act {highest} stands after the end of the record: it was put there."
    return ""


def _range(first: int, last: int) -> str:
    return f"Acts {first} to {last} are"
