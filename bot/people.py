"""Who somebody is and what they may do: ids, never names; checked when the act runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
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


# Who is in a room we cannot see is not known; who is in an abandoned one does not count.
_COUNTS = _ROOM.joined & _ROOM.replaced_by.is_(None)


class People:
    """Answers who somebody is, from the configuration and membership of staff rooms.

    It remembers what it has read until `forget` is called, which intake does
    whenever a membership or a person changes. Used in the writer's thread only.

    Args:
        roles: for each role the ids given it by the configuration, either as the service
            writes them (`@bea:example.org`) or with the transport before (`console:bea`):
            of people, or of rooms and user groups, whose members have it then.
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
        member = self._known[person_id] = self._member(unit, row)
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
        return self._member(unit, exact[0])

    def _member(
        self, unit: Unit, row: Row[tuple[int, str, str, str, str, str | None, bool]]
    ) -> Member:
        person = Person(row.transport, row.workspace, row.ref)
        role = self._role(person, self._rooms_of(unit, row.id), staff=row.staff)
        return Member(row.id, person, row.name, row.zone, role)

    def _rooms_of(self, unit: Unit, person_id: int) -> Iterable[str]:
        """Return the rooms and groups that count for a person, if any could be named."""
        if not self._named:
            return ()
        there = (_MEMBERSHIP.person_id == person_id) & (_MEMBERSHIP.room_id == _ROOM.id)
        return unit.connection.scalars(select(_ROOM.ref).where(there, _COUNTS))

    def _role(self, person: Person, rooms: Iterable[str], *, staff: bool) -> Role:
        named = max(
            self._named.get(name, Role.OUTSIDER)
            for ref in (person.user, *rooms)
            for name in (ref, f"{person.transport}:{ref}")
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
            _COUNTS,
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
