"""What becomes of the tickets of an earlier version."""

import alembic.command
import pytest
from sqlalchemy import text

from bot.storage.migrate import alembic_config, migrate
from tests.contract.databases import Store
from tests.contract.test_database_migration import connected, made_first

OLD_TICKET = """
INSERT INTO ticket (state, subject, requester_id, assignee_id, room_id, private, urgent,
    resolution, opened_at, solved_at, version)
VALUES (:state, :subject, 1, 2, 1, '0', :urgent, '', '2026-01-05 08:00:00', :solved_at, 1)
"""
SOLVED_AT = "2026-01-05 09:00:00"


@pytest.fixture
def third(store: Store) -> Store:
    """A database of the version before priorities, with a ticket of each kind it knew."""
    made_first(store)
    config = alembic_config()
    with connected(store) as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "tickets_3")
        for state, urgent in (("open", "1"), ("solved", "0")):
            solved_at = SOLVED_AT if state == "solved" else None
            values = {"state": state, "subject": state, "urgent": urgent, "solved_at": solved_at}
            connection.execute(text(OLD_TICKET), values)
    return store


def test_an_urgent_ticket_has_the_first_priority_afterwards(third: Store) -> None:
    migrate(third.url)
    with connected(third) as connection:
        kept = connection.execute(
            text("SELECT subject, state, priority, queue FROM ticket ORDER BY id")
        )
        assert kept.all() == [
            ("My laptop will not start", "new", 2, ""),
            ("open", "open", 0, ""),
            ("solved", "solved", 2, ""),
        ]


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "'lost'"), ("priority", "4"), ("state", "'closed'"), ("merged_into", "2")],
)
def test_a_ticket_cannot_be_what_makes_no_sense(third: Store, column: str, value: str) -> None:
    migrate(third.url)
    with (
        pytest.raises(Exception, match=r"(?i)check"),
        connected(third) as connection,
    ):
        connection.execute(text(f"UPDATE ticket SET {column} = {value} WHERE id = 1"))
