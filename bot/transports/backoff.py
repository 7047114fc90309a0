"""How long to wait before the next attempt, and when to make none?"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError

log = logging.getLogger(__name__)

FLOOR = 1.0  # seconds: never more than one request a second on errors
CAP = 60.0  # seconds

T = TypeVar("T")


class Backoff:
    """Waits that double, with jitter, from one second to a minute.

    A wait the server asked for is a lower bound, whatever its length.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        """Start with the shortest wait; `chance` makes the jitter."""
        self._chance = chance or random.Random()
        self._failures = 0

    def next(self, asked: timedelta | None = None) -> float:
        """Return the seconds to wait after one more failure."""
        self._failures = min(self._failures + 1, 10)
        wait = self._chance.uniform(FLOOR, min(CAP, FLOOR * 2**self._failures))
        return max(wait, asked.total_seconds()) if asked else wait

    def reset(self) -> None:
        """Begin anew after a success."""
        self._failures = 0


async def patiently(
    what: str, do: Callable[[], Awaitable[T]], clock: Clock, *, attempts: int | None = None
) -> T:
    """Do something until it succeeds, waiting longer and longer.

    Args:
        what: what is done, for the log.
        do: does it once.
        clock: on which to wait.
        attempts: after how many to give up, if ever.

    Raises:
        TransportError: it can never succeed, or the attempts are used up.
    """
    pause = Backoff()
    made = 0
    while True:
        made += 1
        try:
            return await do()
        except (TransportError, StorageError) as error:
            asked = None
            if isinstance(error, TransportError):
                if error.failure in (SendFailure.REFUSED, SendFailure.PERMANENT):
                    raise
                asked = error.retry_after
            if made == attempts:
                raise
            log.warning(
                "%s failed and is tried again: %s",
                what,
                error,
                extra={"event": "transport_retry"},
            )
        await clock.sleep(pause.next(asked))
