"""Who somebody is: from the configuration, the staff room and their home, by id."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from bot.errors import UserError
from bot.people import People, Role
from bot.storage.tables import Membership, PersonRow, Room
from bot.storage.unit import Bulk, Unit

SEEN = (
    ("@bea:home", "home", "Bea"),
    ("@bob:home", "home", "Bob"),
    ("@bob:away", "away", "bob"),
    ("@eve:away", "away", "Bea"),
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """Four people are known; @bea:home and @eve:away are in the staff room."""
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as opened:
        for number, (ref, home, name) in enumerate(SEEN, 1):
            row = {"id": number, "transport": "t", "workspace": home, "ref": ref, "name": name}
            opened.execute(PersonRow.__table__.insert(), row)  # type: ignore[attr-defined]
        room = {"id": 1, "transport": "t", "workspace": "home", "ref": "!s", "kind": "staff"}
        opened.execute(Room.__table__.insert(), room)  # type: ignore[attr-defined]
        for number in (1, 4):
            member = {"room_id": 1, "person_id": number}
            opened.execute(Membership.__table__.insert(), member)  # type: ignore[attr-defined]
        yield opened
    engine.dispose()


def unit(connection: Connection) -> Unit:
    return Unit(connection, Bulk())


def roles(connection: Connection, people: People) -> list[Role]:
    return [people.member(unit(connection), number).role for number in (1, 2, 3, 4)]


def test_whoever_is_in_the_staff_room_is_an_agent(connection: Connection) -> None:
    assert roles(connection, People({}, {})) == [
        Role.AGENT,
        Role.EMPLOYEE,
        Role.EMPLOYEE,
        Role.AGENT,
    ]


def test_guests_are_outsiders(connection: Connection) -> None:
    found = roles(connection, People({}, {"t": ("home",)}))
    assert found[1:3] == [Role.EMPLOYEE, Role.OUTSIDER]


def test_the_configuration_goes_before(connection: Connection) -> None:
    people = People(
        {Role.ADMIN: ["@bob:away"], Role.LEAD: ["t:@bea:home"], Role.EMPLOYEE: ["@eve:away"]},
        {"t": ("home",)},
    )
    assert roles(connection, people) == [Role.LEAD, Role.EMPLOYEE, Role.ADMIN, Role.AGENT]


def test_the_highest_role_named_counts(connection: Connection) -> None:
    people = People({Role.ADMIN: ["@bob:home"], Role.EMPLOYEE: ["@bob:home"]}, {})
    assert people.member(unit(connection), 2).role is Role.ADMIN


def test_a_display_name_gives_no_role(connection: Connection) -> None:
    assert roles(connection, People({Role.ADMIN: ["Bob", "bob"]}, {}))[1] is Role.EMPLOYEE


@pytest.mark.parametrize("word", ["@bea:home", "@bea:home:", "@bob:away"])
def test_somebody_is_found_by_id(connection: Connection, word: str) -> None:
    assert People({}, {}).find(unit(connection), "t", word).person.user == word.rstrip(":")


def test_a_name_that_several_have_is_refused(connection: Connection) -> None:
    with pytest.raises(UserError, match="name one of @bob:away, @bob:home"):
        People({}, {}).find(unit(connection), "t", "@Bob")


def test_a_name_nobody_has_is_refused(connection: Connection) -> None:
    with pytest.raises(UserError, match="I do not know carol"):
        People({}, {}).find(unit(connection), "t", "carol")


def test_what_is_remembered_is_read_anew_when_told(connection: Connection) -> None:
    people = People({}, {})
    assert people.member(unit(connection), 1).role is Role.AGENT
    connection.execute(Membership.__table__.delete())  # type: ignore[attr-defined]
    people.forget()
    assert people.member(unit(connection), 1).role is Role.EMPLOYEE


def test_the_members_of_a_named_group_have_its_role(connection: Connection) -> None:
    people = People({Role.LEAD: ("!s",), Role.EMPLOYEE: ("@bob:away",)}, {"t": ("home",)})
    assert roles(connection, people) == [Role.LEAD, Role.EMPLOYEE, Role.EMPLOYEE, Role.LEAD]


def test_a_group_is_named_with_its_transport_too(connection: Connection) -> None:
    assert roles(connection, People({Role.ADMIN: ("t:!s",)}, {}))[0] is Role.ADMIN
    assert roles(connection, People({Role.ADMIN: ("u:!s",)}, {}))[0] is Role.AGENT


def test_whoever_is_named_keeps_the_higher_of_two_roles(connection: Connection) -> None:
    people = People({Role.LEAD: ("@bea:home",), Role.EMPLOYEE: ("!s",)}, {})
    assert roles(connection, people)[0] is Role.LEAD
