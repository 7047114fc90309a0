"""How much longer does what staff do take with a hundred thousand tickets than with none?

Aim: at most twice as long.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from bot.plan import Plan
from bot.storage.migrate import migrate
from tests.bench.conftest import NewTable
from tests.bench.past import fill
from tests.desk import Desk

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

TICKETS, MESSAGES = 100_000, 1_000_000
SHORT = 5_000  # of both
TIMES = 40

# Every second one is solved; the words are those of its subject.
TICKETS_OF_THE_PAST = """
CREATE TEMP TABLE numbers AS
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count) SELECT n FROM n;

INSERT INTO ticket (state, subject, requester_id, assignee_id, room_id, thread, private,
    resolution, opened_at, solved_at, version, priority, queue)
SELECT iif(n % 2, 'new', 'solved'), 'printer ' || n || ' prints nothing', 1 + n % 2000, NULL,
    1 + n % 200, 'past-' || n, FALSE, '', '2025-01-05 08:00:00',
    iif(n % 2, NULL, '2025-01-06 08:00:00'), 1, n % 4, ''
FROM numbers;

INSERT INTO ticket_word (word, ticket_id, internal) SELECT 'printer', id, FALSE FROM ticket;
INSERT INTO ticket_word (word, ticket_id, internal) SELECT 'nothing', id, FALSE FROM ticket;
INSERT INTO ticket_word (word, ticket_id, internal) SELECT 'w' || id, id, FALSE FROM ticket;
INSERT INTO ticket_tag (ticket_id, tag) SELECT id, 'tag' || id % 100 FROM ticket;
INSERT INTO ticket_history (ticket_id, at, person_id, act, "before", "after")
SELECT id, opened_at, requester_id, 'open', '', '' FROM ticket;
INSERT INTO ticket_reading (id, message_id) SELECT 1, max(id) FROM message
"""


def years_of_tickets(file: Path, count: int, messages: int) -> None:
    """Make a database with that many tickets and messages."""
    fill(file, messages)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF").fetchall()
        connection.execute("BEGIN")
        for statement in TICKETS_OF_THE_PAST.split(";\n"):
            connection.execute(statement, {"count": count} if ":count" in statement else {})
        connection.execute("COMMIT")


async def medians(file: Path) -> dict[str, float]:
    """Return how long each act of staff takes, in seconds."""

    def on_the_file(plan: Plan) -> Plan:
        return replace(plan, database_url=f"sqlite:///{file}")

    desk = Desk(file, changes=[on_the_file])
    await desk.opens()
    opened = [
        desk.message("alice", f"!ticket open scanner {n} scans nothing") for n in range(TIMES)
    ]
    await desk.tells(*opened)
    first = desk.rows("SELECT min(id) FROM ticket WHERE subject LIKE 'scanner%'")[0][0]
    lines: dict[str, Callable[[int], str]] = {
        "list": lambda _: "list",
        "list filtered": lambda _: "list unassigned -urgent",
        "search": lambda _: "search scanner nothing",
        "search common": lambda _: "search nothing",
        "claim": lambda n: f"claim {first + n}",
        "tag": lambda n: f"tag {first + n} +vpn",
    }
    taken: dict[str, float] = {}
    for name, line in lines.items():
        times = []
        for n in range(TIMES):
            message = desk.message("bea", f"!ticket {line(n)}", room="staff")
            began = time.perf_counter()
            await desk.tells(message)
            times.append(time.perf_counter() - began)
        taken[name] = median(times)
    await desk.stops()
    return taken


async def test_many_tickets_do_not_slow_staff_down(
    tmp_path: Path, table: NewTable, *, short: bool
) -> None:
    empty, full = tmp_path / "empty.db", tmp_path / "full.db"
    migrate(f"sqlite:///{empty}")
    years_of_tickets(full, *((SHORT, SHORT) if short else (TICKETS, MESSAGES)))
    before, after = await medians(empty), await medians(full)
    shown = table("tickets", ("empty ms", "full ms", "compared"))
    for name, seconds in after.items():
        figures = {"empty ms": before[name] * 1000, "full ms": seconds * 1000}
        shown.add(name, **figures, compared=seconds / before[name])
