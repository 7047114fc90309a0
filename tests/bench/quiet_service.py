"""A chat service that answers at once and keeps nothing but what must be counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import perf_counter

from bot.events import Place
from bot.transport import Delivery, Health, Intake, Promise, Sent


class QuietService:
    """Implements `bot.transport.Transport`.

    Attributes:
        answered: how often each thread was answered.
        at: when each thread was last answered.
    """

    name = "fake"
    workspace = "home"

    def __init__(self) -> None:
        self.answered: Counter[str] = Counter()
        self.at: dict[str, float] = {}
        self.runs = asyncio.Event()
        self._intake: Intake | None = None

    @property
    def intake(self) -> Intake:
        assert self._intake is not None
        return self._intake

    async def run(self, intake: Intake) -> None:
        self._intake = intake
        self.runs.set()
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> Sent:
        thread = delivery.place.thread or ""
        self.answered[thread] += 1
        self.at[thread] = perf_counter()
        return Sent(f"${delivery.id}")

    def promise(self, delivery: Delivery) -> Promise:  # noqa: ARG002 - the same for all
        return Promise.IDEMPOTENT

    def wait(self, delivery: Delivery) -> float:  # noqa: ARG002 - see promise
        return 0.0

    async def find(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 - see promise
        return None

    async def typing(self, place: Place, *, on: bool) -> None:
        pass

    def health(self) -> Health:
        return Health(ok=True, detail="It is only a fake.")

    async def close(self) -> None:
        pass
