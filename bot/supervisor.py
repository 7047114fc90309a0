"""Keeps the transports reading: starts each again whenever it ends, unless its access is gone."""

from __future__ import annotations

import logging
import random

from bot.clock import Clock, monotonic
from bot.errors import SendFailure, TransportError
from bot.transport import Intake, Transport

log = logging.getLogger(__name__)

FIRST_RESTART = 1.0  # seconds
LONGEST_RESTART = 60.0  # seconds


class Supervisor:
    """Runs transports.

    Attributes:
        stopped: why a transport was given up, by its name and workspace.
    """

    def __init__(self, clock: Clock) -> None:
        """Run nothing yet."""
        self._clock = clock
        self.stopped: dict[tuple[str, str], str] = {}

    async def run(self, transport: Transport, intake: Intake) -> None:
        """Run a transport again whenever it ends; returns when its access is gone."""
        delay = FIRST_RESTART
        while True:
            begun = monotonic()
            try:
                await transport.run(intake)
            except TransportError as error:
                if error.failure is SendFailure.REFUSED:
                    self.refused(transport, error)
                    return
                log.warning("%s stopped: %s", transport.name, error)
            except Exception:
                log.exception("%s crashed and is started again", transport.name)
            await self._clock.sleep(delay * random.uniform(0.5, 1.0))
            lasted = monotonic() - begun > LONGEST_RESTART
            delay = FIRST_RESTART if lasted else min(LONGEST_RESTART, delay * 2)

    def refused(self, transport: Transport, error: TransportError) -> None:
        """Give a transport up: its service refuses our access."""
        self.stopped[transport.name, transport.workspace] = str(error)
        log.critical(
            "%s refuses the bot's access and is stopped: %s",
            transport.name,
            error,
            extra={"event": "access_refused", "transport": transport.name},
        )
