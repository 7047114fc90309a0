"""Which acts are asked for, and how one is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, or_, select

from bot.chain import TEXTS
from bot.content import Spans, Strong, Time, spans
from bot.context import Context
from bot.errors import UsageError
from bot.storage.audit_tables import AuditRow, AuditSource
from bot.storage.tables import table_of
from bot.times import Duration

_AUDIT = table_of(AuditRow).c
_SOURCE = table_of(AuditSource).c

PAGE = 15


@dataclass(slots=True)
class Wanted:
    """Which acts are asked for; what is None or empty does not matter.

    Attributes:
        line: the filters as they were typed, without the page.
        words: an object such as `ticket 42`, or a command or the first word of some.
        below: a number: only acts before that one.
    """

    line: str = ""
    words: list[str] = field(default_factory=list)
    person_id: int | None = None
    outcome: str | None = None
    since: datetime | None = None
    below: int | None = None

    @classmethod
    def read(cls, ctx: Context, text: str) -> Self:
        """Read filters in any order. Raises UserError when one cannot be read."""
        wanted, words = cls(), iter(text.split())
        typed: list[str] = []
        for word in words:
            if word.casefold() == "before":
                wanted.below = _number(next(words, ""))
                continue
            typed.append(word)
            if word.startswith("@"):
                wanted.person_id = ctx.tools.people.find(
                    ctx.unit, ctx.person.person.transport, word
                ).id
            elif word.casefold() in ("refused", "done"):
                wanted.outcome = word.casefold()
            elif word.casefold() == "since":
                typed.append(long := next(words, ""))
                wanted.since = ctx.now - Duration.check(long)
            else:
                wanted.words.append(word.casefold().removeprefix("#"))
        wanted.line = " ".join(typed)
        return wanted

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what must hold of an act."""
        if self.words:
            said = " ".join(self.words)
            begins = _AUDIT.act.startswith(f"{said} ", autoescape=True)
            yield _AUDIT.object == said if said[-1].isdigit() else or_(_AUDIT.act == said, begins)
        if self.person_id is not None:
            yield _AUDIT.person_id == self.person_id
        if self.outcome is not None:
            yield _AUDIT.outcome == self.outcome
        if self.since is not None:
            yield _AUDIT.at >= self.since
        if self.below is not None:
            yield _AUDIT.id < self.below


def _number(word: str) -> int:
    digits = word.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        msg = "After “before” comes the number of an act."
        raise UsageError(msg)
    return int(digits)


def found(ctx: Context, wanted: Wanted) -> tuple[Sequence[Any], bool]:
    """Return a page of acts, newest first, and whether there are more."""
    rows = ctx.unit.connection.execute(
        select(table_of(AuditRow))
        .where(*wanted.conditions())
        .order_by(_AUDIT.id.desc())
        .limit(PAGE + 1)
    ).all()
    return rows[:PAGE], len(rows) > PAGE


def sources_of(ctx: Context, rows: Sequence[Any]) -> tuple[tuple[int, str], ...]:
    """Return the messages acts quote: deleting one erases it where they are shown."""
    quoting = _SOURCE.audit_id.in_([row.id for row in rows])
    chosen = select(_SOURCE.room_id, _SOURCE.message).where(quoting).distinct()
    return tuple((row.room_id, row.message) for row in ctx.unit.connection.execute(chosen))


def told(ctx: Context, row: Any) -> Spans:
    """Return an act as a line."""
    who = ctx.member(row.person_id).shown
    room = ctx.room_by_id(row.room_id)
    where = "a direct message" if room.private else f"#{room.name.lstrip('#')}"
    about = f" {row.object}" if row.object else ""
    return spans(
        f"{row.id} · ",
        Time(row.at),
        f" · {who} ({row.role}) in {where} · ",
        Strong(row.act),
        f"{about}{_came_of(row)}",
    )


def _came_of(row: Any) -> str:
    if row.digest and not any(getattr(row, name) for name in TEXTS):
        said = "(erased)"
    elif row.outcome == "refused":
        said = row.reason
    elif row.before and row.after:
        said = f"{row.before} → {row.after}"
    else:
        said = row.after or row.before
    if row.outcome == "refused":
        return f" · refused: {said}"
    return f" · {said}" if said else ""
