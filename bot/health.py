"""How is each part of a running desk?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.dispatcher import Dispatcher
from bot.sender import Sender
from bot.storage.database import Database
from bot.transport import Health, Transport

DEEP = 10_000  # events to handle
SLOW = 1_000  # writes waiting
STUCK = timedelta(minutes=15)  # the oldest delivery waits


def health_of(
    now: datetime,
    transports: Sequence[Transport],
    stopped: Mapping[tuple[str, str], str],
    dispatcher: Dispatcher,
    senders: Collection[Sender],
    database: Database,
) -> dict[str, Health]:
    """Return how each part is; `stopped` says why a transport was given up."""
    found = {}
    for transport in transports:
        key = (transport.name, transport.workspace)
        health = transport.health()
        if key in stopped:
            health = Health(ok=False, detail=stopped[key])
        found[f"{transport.name} {transport.workspace}"] = health
    waiting = dispatcher.waiting
    found["inbox"] = Health(ok=waiting < DEEP, detail=f"{waiting} events to handle")
    found["outbox"] = _outbox(now, senders)
    found["database"] = _database(database)
    return found


def _database(database: Database) -> Health:
    lag = database.writes_waiting
    if database.trouble is not None:
        return Health(ok=False, detail=f"{database.trouble} {lag} writes waiting")
    return Health(ok=lag < SLOW, detail=f"{lag} writes waiting")


def _outbox(now: datetime, senders: Collection[Sender]) -> Health:
    unsent = sum(sender.waiting for sender in senders)
    times = [since for sender in senders if (since := sender.oldest()) is not None]
    waits = now - min(times, default=now)
    detail = f"{unsent} to send"
    if waits > STUCK:
        detail += f", the oldest since {waits // timedelta(minutes=1)} minutes"
    detail += f", dead letters in a day: {sum(sender.dead.lately for sender in senders)}"
    alarm = any(sender.dead.alarm for sender in senders)
    return Health(ok=not alarm and waits <= STUCK, detail=detail)
