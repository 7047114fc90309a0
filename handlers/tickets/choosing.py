"""Which tickets, and whom, does a command name?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from sqlalchemy import select

from bot.context import Act, Context
from bot.errors import UserError
from bot.people import Member, Role
from bot.storage.tables import Membership, Room, table_of
from handlers.tickets.selection import parse
from handlers.tickets.tickets import Ticket

_MEMBER = table_of(Membership).c
_ROOM = table_of(Room).c

_NUMBERS = re.compile(r"#?\d[-#,\u2010-\u2014\u2212\d]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets by their numbers, each once, in the order they were named."""

    numbers: tuple[int, ...]

    expects: ClassVar[str] = "#number"

    @property
    def id(self) -> int:
        """The first one's number."""
        return self.numbers[0]

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Return the tickets that `4 7 9-12` names; whether they are there is not looked at."""
        del ctx
        return cls.check(word)

    @classmethod
    def check(cls, word: str) -> Self:
        """Read numbers and ranges. Raises UserError when they are none, or too many."""
        found, rest = parse(word)
        if rest or not found.numbers:
            msg = f"“{rest or word}” is not a ticket number. Write for example #12."
            raise UserError(msg)
        return cls(found.numbers)

    @classmethod
    def goes_on(cls, word: str) -> bool:
        """Tell whether a word names one more, or a range of them."""
        return _NUMBERS.fullmatch(word) is not None

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """Return the ticket this conversation is about."""
        ticket = Ticket.implied(ctx)
        return None if ticket is None else cls((ticket.id,))

    def __iter__(self) -> Iterator[int]:
        """Return the numbers one after the other."""
        return iter(self.numbers)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody of IT, named by `@name`, or `me`."""

    member: Member

    expects: ClassVar[str] = "@agent"

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Return who is meant. Raises UserError when nobody is, or they are not of IT."""
        if word.casefold() == "me":
            return cls(ctx.person)
        found = ctx.tools.people.find(ctx.unit, ctx.here.place.transport, word)
        if found.role < Role.AGENT:
            msg = f"{found.shown} is not of IT. Name somebody who is in the staff room."
            raise UserError(msg)
        return cls(found)

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """No conversation implies an agent."""
        del ctx
        return None


def agents(act: Act, limit: int) -> list[Member]:
    """Return who is in the staff rooms, by name."""
    there = (_MEMBER.room_id == _ROOM.id) & (_ROOM.kind == "staff") & _ROOM.joined
    numbers = act.unit.connection.scalars(
        select(_MEMBER.person_id).where(there, _ROOM.replaced_by.is_(None)).distinct().limit(limit)
    ).all()
    found = (act.member(number) for number in numbers)
    return sorted((each for each in found if each.role >= Role.AGENT), key=lambda each: each.shown)
