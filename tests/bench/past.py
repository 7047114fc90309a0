"""Writes a long past into a database, as if the bot had been there for years."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlmodel import Session, create_engine

from bot.storage.migrate import migrate
from bot.storage.tables import PersonRow, Room

ROOMS = 200
PEOPLE = 2_000
SENT = 5  # every so manieth message is the bot's

# Ids are random, as on Matrix: what is new lands anywhere in an index.
FILL = f"""
CREATE TEMP TABLE past AS
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
SELECT n, '$' || lower(hex(randomblob(22))) AS ref, 1 + n % {ROOMS} AS room_id,
    iif(n % {SENT}, 1 + (n * 7) % {PEOPLE}, NULL) AS person_id,
    strftime('%Y-%m-%d %H:%M:%f000', 'now', (n - :count) || ' minutes') AS at
FROM numbers;

INSERT INTO message (room_id, ref, person_id, text, files, sent_at)
SELECT room_id, ref, person_id,
    'Since this morning my laptop ' || n || ' does not find the printer any more.', '[]', at
FROM past;

INSERT INTO inbox (transport, workspace, ref, room_id, person_id, message, kind, revision,
    position, payload, late, state, received_at, handled_at)
SELECT 'past', 'home', ref, room_id, person_id, ref, 'message', '', n,
    json_object('id', ref, 'message', ref, 'kind', 'message', 'at', at, 'text',
        'Since this morning my laptop ' || n || ' does not find the printer any more.'),
    FALSE, 'handled', at, at
FROM past WHERE person_id IS NOT NULL;

INSERT INTO outbox (id, transport, workspace, room_id, private, action, lane, position, post,
    emoji, state, attempts, message, rest, created_at, sent_at)
SELECT printf('%012x', n) || lower(hex(randomblob(10))), 'past', 'home', room_id, FALSE, 'post',
    1, n, '{{"content":[{{"spans":[{{"text":"From the article printer-not-found: …"}}]}}]}}',
    '', 'sent', 1, ref, '[]', at, at
FROM past WHERE person_id IS NULL;
"""


def fill(database: Path, count: int) -> None:
    """Make a database of `count` messages, with an event or a delivery for each of them."""
    url = f"sqlite:///{database}"
    migrate(url)
    engine = create_engine(url)
    with Session(engine) as session:
        whose: dict[str, Any] = {"transport": "past", "workspace": "home"}
        session.add_all(Room(**whose, ref=f"!{number}", kind="support") for number in range(ROOMS))
        session.add_all(PersonRow(**whose, ref=f"@{number}") for number in range(PEOPLE))
        session.commit()
    engine.dispose()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        # Nothing here has to survive a crash.
        for pragma in ("synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN")
        for statement in FILL.split(";\n"):
            connection.execute(statement, {"count": count} if ":count" in statement else {})
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
