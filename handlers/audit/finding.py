"""What was found when the record was read: kept as JSON, said in sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, select

from bot.chain import SHOWN, Finding, ends_of
from bot.content import Content, Time, Verbatim, paragraph, say
from bot.errors import UsageError
from bot.storage.audit_tables import AuditRow
from bot.storage.tables import table_of

_AUDIT = table_of(AuditRow).c
_MARK = re.compile(rf"(\d{{1,9}}):([0-9a-f]{{{SHOWN}}})", re.ASCII)

WHAT_TO_DO = (
    "Somebody or something has changed the database past the bot. Keep it and its backups as they "
    "are, look in the newest backup what stood there, and find out who can write to the database."
)


@dataclass(frozen=True, slots=True)
class Mark:
    """An act's number and the beginning of its hash, as people note it."""

    number: int
    hash: str

    @classmethod
    def read(cls, word: str) -> Self:
        """Read a mark. Raises UsageError when it is none."""
        found = _MARK.fullmatch(word.casefold())
        if found is None:
            msg = f"“{word}” is no mark. One looks like 120:3f2a91c04b5d7e80."
            raise UsageError(msg)
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.number}:{self.hash}"

    def wrong_in(self, connection: Connection) -> str:
        """Return why the record is not the one this mark was noted of, or nothing."""
        found = connection.scalar(select(_AUDIT.hash).where(_AUDIT.id == self.number))
        if found is not None:
            same = found.startswith(self.hash)
            return "" if same else f"Act {self.number} had another mark when you noted it."
        ends = ends_of(connection)
        if ends is not None and self.number == ends.dropped:
            same = ends.dropped_hash.startswith(self.hash)
            return "" if same else f"Act {self.number} had another mark when you noted it."
        if ends is not None and self.number < ends.dropped:
            return f"Act {self.number} is older than what is kept: note a newer mark."
        return f"Act {self.number}, whose mark you noted, is missing."


def outcome_of(finding: Finding, wrong_mark: str) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "count": finding.count,
        "first_at": finding.first_at.isoformat() if finding.first_at else None,
        "last_at": finding.last_at.isoformat() if finding.last_at else None,
        "mark": str(Mark(finding.number, finding.hash[:SHOWN])),
        "wrong": finding.wrong or wrong_mark,
    }


def said_of(outcome: dict[str, Any]) -> Content:
    """Return a finding in sentences."""
    first, last = (
        None if outcome[key] is None else Time(datetime.fromisoformat(outcome[key]))
        for key in ("first_at", "last_at")
    )
    if outcome["wrong"]:
        before: tuple[str | Time, ...] = ()
        if last is not None:
            before = ("Up to ", last, " all is as it was written. ")
        return (
            paragraph(f"The record is not as it was written. {outcome['wrong']}"),
            paragraph(*before, WHAT_TO_DO),
        )
    if first is None or last is None:
        return say("The record is empty, and nothing says that it should not be.")
    acts = "1 act" if outcome["count"] == 1 else f"{outcome['count']} acts"
    return (
        paragraph(f"Verified {acts} from ", first, " to ", last, "."),
        paragraph(
            "Note this mark outside the database; with it you find out later whether somebody "
            "wrote the record anew: ",
            Verbatim(outcome["mark"]),
        ),
    )
