"""How is each part of a running desk?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.dispatcher import Dispatcher
from bot.sender import Sender
from bot.storage.database import Database
from bot.transport import Health, Transport

DEEP = 10_000  # events to handle
SLOW = 1_000  # writes waiting


def health_of(
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
    dead = sum(sender.dead for sender in senders)
    unsent = sum(sender.waiting for sender in senders)
    found["outbox"] = Health(ok=dead == 0, detail=f"{unsent} to send, {dead} dead letters")
    lag = database.writes_waiting
    found["database"] = Health(ok=lag < SLOW, detail=f"{lag} writes waiting")
    return found
