"""Writes down who did what, and what was refused to whom, with the act itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update

from bot.chain import TEXTS, digest_of, ends_of, hash_of
from bot.storage.audit_tables import AuditChain, AuditRow, AuditSource
from bot.storage.tables import table_of
from bot.storage.unit import Unit

_AUDIT = table_of(AuditRow)
_SOURCE = table_of(AuditSource)
_CHAIN = table_of(AuditChain)

_INSERT = _AUDIT.insert()
_INSERT_SOURCE = _SOURCE.insert()
_END = _CHAIN.update().values(last=bindparam("number"), last_hash=bindparam("its_hash"))

LONGEST = 500  # characters of a text

Sources = Iterable[tuple[int, str]]


@dataclass(slots=True)
class Noted:
    """What an act under way is to be recorded as.

    Attributes:
        act: the command's name.
        changes: it is recorded even when it is not refused.
        object: what it was done to: `ticket 42`; never what somebody wrote.
        before: how that was.
        after: how it is now.
        sources: the messages those quote, as in a Reply.
        refused: why it was not done to this one of several.
        begun: its handler has been called.
        told: the handler has said so, not the command line.
    """

    act: str
    changes: bool = True
    object: str = ""
    before: str = ""
    after: str = ""
    sources: tuple[tuple[int, str], ...] = ()
    refused: str | None = None
    begun: bool = False
    told: bool = False


def tell(
    noted: list[Noted],
    object_: str,
    before: str,
    after: str,
    sources: tuple[tuple[int, str], ...],
    refused: str | None,
) -> None:
    """Say what the newest act is done to; of another object it makes another record."""
    newest = noted[-1]
    if newest.told and newest.object != object_:
        newest = Noted(newest.act, newest.changes, begun=True)
        noted.append(newest)
    newest.object, newest.before, newest.after = object_, before, after
    newest.sources, newest.refused, newest.told = sources, refused, True


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, their role at that time, and the room: the database's ids."""

    person_id: int
    role: str
    room_id: int


class Audit:
    """Adds to the chain of acts; it remembers the chain's end.

    One process writes to a database, in one thread, so the chain has one end.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._last: tuple[int, str] | None = None

    def add(self, unit: Unit, who: Who, at: datetime, noted: Noted, reason: str | None) -> None:
        """Record an act in its transaction; `reason` is why it was refused, if it was."""
        number, previous = self._last or _end(unit)
        unit.when_taken_back(self._forget)
        texts = [_short(text) for text in (noted.before, noted.after, reason or "")]
        salt = secrets.token_hex(16) if any(texts) else ""
        facts = {
            "id": number + 1,
            "at": at,
            "person_id": who.person_id,
            "role": who.role,
            "room_id": who.room_id,
            "act": noted.act,
            "object": noted.object,
            "outcome": "done" if reason is None else "refused",
            "digest": digest_of(salt, texts),
        }
        hashed = hash_of(previous, facts.values())
        unit.bulk(_INSERT, facts | dict(zip(TEXTS, texts, strict=True), salt=salt, hash=hashed))
        unit.bulk(_END, {"number": number + 1, "its_hash": hashed})
        for room_id, message in dict.fromkeys(noted.sources if salt else ()):
            row = {"room_id": room_id, "message": message, "audit_id": number + 1}
            unit.bulk(_INSERT_SOURCE, row)
        self._last = (number + 1, hashed)

    def _forget(self) -> None:
        self._last = None


def _end(unit: Unit) -> tuple[int, str]:
    ends = ends_of(unit.look(_CHAIN))
    # A number somebody has put there must not stop everything; verifying shows it.
    highest = unit.look(_AUDIT).scalar(select(func.max(_AUDIT.c.id))) or 0
    return (highest, "") if ends is None else (max(ends.last, highest), ends.last_hash)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def erase(unit: Unit, room_id: int, messages: Select[Any] | Iterable[str]) -> None:
    """Erase the texts of acts that quote messages, and the salt by which they could be guessed."""
    wanted = messages if isinstance(messages, Select) else list(messages)
    quoting = (_SOURCE.c.room_id == room_id) & _SOURCE.c.message.in_(wanted)
    numbers = unit.connection.scalars(select(_SOURCE.c.audit_id).where(quoting)).all()
    if not numbers:
        return
    unit.erase_traces()
    unit.connection.execute(
        update(_AUDIT)
        .where(_AUDIT.c.id.in_(numbers))
        .values(before="", after="", reason="", salt="")
    )
    unit.connection.execute(delete(_SOURCE).where(_SOURCE.c.audit_id.in_(numbers)))


def drop(unit: Unit, before: datetime, limit: int) -> int:
    """Delete the oldest acts that are older than `before`, and remember where the rest begins.

    Returns how many.
    """
    old = unit.connection.execute(
        select(_AUDIT.c.id, _AUDIT.c.hash, _AUDIT.c.at).order_by(_AUDIT.c.id).limit(limit)
    ).all()
    gone = 0
    while gone < len(old) and old[gone].at < before:
        gone += 1
    if gone:
        last = old[gone - 1]
        unit.connection.execute(delete(_SOURCE).where(_SOURCE.c.audit_id <= last.id))
        unit.connection.execute(delete(_AUDIT).where(_AUDIT.c.id <= last.id))
        unit.connection.execute(update(_CHAIN).values(dropped=last.id, dropped_hash=last.hash))
    return gone
