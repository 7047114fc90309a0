"""Who somebody is, while what says so comes and goes."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.events import Joined
from bot.people import Role
from bot.recorder import Recorder
from bot.storage.tables import PersonRow, table_of
from bot.storage.unit import Unit
from tests.desk import Desk

PERSON = table_of(PersonRow)
ALICE = select(PERSON.c.id).where(PERSON.c.ref == "alice")


async def test_nobody_keeps_a_role_from_a_transaction_that_was_taken_back(desk: Desk) -> None:
    people = desk.bot.people
    recorder = Recorder(people, desk.bot.rooms, desk.bot.outbox, lambda _, __: None)

    def role(unit: Unit) -> Role:
        return people.member(unit, unit.connection.execute(ALICE).scalar_one()).role

    def joins_in_vain(unit: Unit) -> None:
        joined = Joined(**desk.facts("alice", "staff"))
        recorder.record(unit, joined, recorder.known(unit, joined))
        assert role(unit) is Role.AGENT
        unit.bulk(PERSON.insert(), {"transport": None})

    with pytest.raises(IntegrityError):
        await desk.bot.database.write(joins_in_vain)
    assert await desk.bot.database.write(role) is Role.EMPLOYEE
