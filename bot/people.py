"""Who somebody is and what they may do: ids, never names; checked when the act runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.engine import Row

from bot.errors import UserError
from bot.events import Person
from bot.storage.tables import Membership, PersonRow, Room, table_of
from bot.storage.unit import Unit


class Role(IntEnum):
    """What somebody is to the support room; each includes those below it."""

    OUTSIDER = 0
    EMPLOYEE = 1
    AGENT = 2
    LEAD = 3
    ADMIN = 4

    @property
    def plural(self) -> str:
        """The word for many of them, as the configuration names them."""
        return f"{self.name.lower()}s"


@dataclass(frozen=True, slots=True)
class Member:
    """A known person; `id` is the database's, `zone` an IANA name or None."""

    id: int
    person: Person
    name: str
    zone: str | None
    role: Role

    @property
    def shown(self) -> str:
        """How to call them in a sentence."""
        return self.name or self.person.user


_MEMBERSHIP = table_of(Membership).c
_ROOM = table_of(Room).c
_PERSON = table_of(PersonRow).c


class People:
    """Answers who somebody is, from the configuration and membership of staff rooms.

    It remembers what it has read until `forget` is called, which intake does
    whenever a membership or a person changes. Used in the writer's thread only.

    Args:
        roles: for each role the ids given it by the configuration, either as the service
            writes them (`@bea:example.org`) or with the transport before (`console:bea`).
        home: workspaces whose people are employees, per transport; an empty collection
            means every workspace is at home.
    """

    def __init__(
        self, roles: Mapping[Role, Collection[str]], home: Mapping[str, Collection[str]]
    ) -> None:
        """Keep the configuration's word."""
        self._named = {user: role for role in sorted(roles) for user in roles[role]}
        self._home = home
        self._known: dict[int, Member] = {}

    def forget(self) -> None:
        """Read everybody anew from now on."""
        self._known.clear()

    def member(self, unit: Unit, person_id: int) -> Member:
        """Return the person with this database id."""
        if (known := self._known.get(person_id)) is not None:
            return known
        row = unit.connection.execute(_query().where(_PERSON.id == person_id)).one()
        member = self._known[person_id] = self._member(row)
        return member

    def find(self, unit: Unit, transport: str, word: str) -> Member:
        """Return the person somebody means by `word`: an id, or a name if only one has it.

        Raises:
            UserError: nobody, or more than one.
        """
        name = word.lstrip("@").rstrip(":,")
        rows = unit.connection.execute(
            _query().where(
                _PERSON.transport == transport,
                or_(
                    _PERSON.ref.in_((word, name, f"@{name}")),
                    func.lower(_PERSON.name) == name.casefold(),
                ),
            )
        ).all()
        exact = [row for row in rows if row.ref in (word, name, f"@{name}")] or rows
        if not exact:
            msg = f"I do not know {word}. Write @ and the name as this room shows it."
            raise UserError(msg)
        if len(exact) > 1:
            ids = ", ".join(sorted(row.ref for row in exact))
            msg = f"{word} can be several people: name one of {ids}."
            raise UserError(msg)
        return self._member(exact[0])

    def _member(self, row: Row[tuple[int, str, str, str, str, str | None, bool]]) -> Member:
        person = Person(row.transport, row.workspace, row.ref)
        return Member(row.id, person, row.name, row.zone, self._role(person, staff=row.staff))

    def _role(self, person: Person, *, staff: bool) -> Role:
        named = max(
            self._named.get(person.user, Role.OUTSIDER),
            self._named.get(f"{person.transport}:{person.user}", Role.OUTSIDER),
        )
        if named > Role.OUTSIDER:
            return max(named, Role.AGENT) if staff and named >= Role.EMPLOYEE else named
        if staff:
            return Role.AGENT
        home = self._home.get(person.transport, ())
        return Role.EMPLOYEE if not home or person.workspace in home else Role.OUTSIDER


def _query() -> Select[Any]:
    staff = exists().where(
        and_(
            _MEMBERSHIP.person_id == _PERSON.id,
            _MEMBERSHIP.room_id == _ROOM.id,
            _ROOM.kind == "staff",
            _ROOM.joined,  # who is in a room we cannot see is not known
            _ROOM.replaced_by.is_(None),  # who is in an abandoned one does not count
        )
    )
    return select(
        _PERSON.id,
        _PERSON.transport,
        _PERSON.workspace,
        _PERSON.ref,
        _PERSON.name,
        _PERSON.zone,
        staff.label("staff"),
    )
