"""How an app comes to know: what is common to sockets and to HTTP.

An event is tried up to four times; what somebody waits for in front of the screen once.
https://docs.slack.dev/apis/events-api#error-handling
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tests.slack.envelopes import event_callback
from tests.slack.events import complete
from tests.slack.faults import Fault
from tests.slack.manifest import is_told
from tests.slack.records import Channel, Json

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

DEADLINE = 3.0  # seconds, for events and interactions alike: the page above
# Seconds after the last one failed: at once, after a minute, after five: the page above, too.
RETRY_AFTER = (0.0, 60.0, 300.0)


@dataclass(frozen=True)
class Answer:
    """What an app said to something: `in_time` is false when nothing came for three seconds.

    `payload` is the object it sent along, `text` what was no object (HTTP only), `error` what
    Slack would show the person instead.
    """

    in_time: bool
    payload: Json | None = None
    text: str = ""
    error: str = ""


@dataclass
class Delivery:
    """An event on its way; `attempts` are the moments it was tried, in the double's seconds.

    `taken_at` is the moment its acknowledgement came.
    """

    payload: Json
    attempts: list[float] = field(default_factory=list)
    is_acknowledged: bool = False
    is_over: bool = False  # acknowledged, or given up
    taken_at: float | None = None


class Mode(Protocol):
    """Sockets or HTTP."""

    def event(self, delivery: Delivery) -> None:
        """Begin to deliver an event, without waiting."""

    async def ask(self, kind: str, payload: Json, *, answerable: bool) -> Answer:
        """Deliver what somebody did and return the app's answer; `kind` is a socket's word."""


class Tasks:
    """Tasks that end with the double, and whose mistakes come to light then."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._mistakes: list[BaseException] = []

    def begin(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run something beside everything else."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        mistake = None if task.cancelled() else task.exception()
        if mistake is not None:
            self._mistakes.append(mistake)

    async def close(self) -> None:
        """Cancel what still runs.

        Raises:
            BaseExceptionGroup: a task had failed.
        """
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._mistakes:
            raise BaseExceptionGroup("the double failed", self._mistakes)


class Teller:
    """Hears of every event of the workspace and hands it to the mode that is on.

    Attributes:
        mode: how the app listens; without one nobody is told, as if the app were switched off.
        deliveries: every event that was to be delivered, in order.
        hidden: the events that Slack kept to itself.
    """

    def __init__(self, double: SlackDouble) -> None:
        self._double = double
        self.mode: Mode | None = None
        self.deliveries: list[Delivery] = []
        self.hidden: list[Json] = []
        self._held: list[Delivery] = []
        double.workspace.observers.append(self.tell)

    def tell(self, event: Json) -> None:
        """Tell the app of something, unless a fault has it otherwise."""
        workspace = self._double.workspace
        if not is_told(self._double.manifest, event):
            return
        told = complete(workspace, event)
        payload = event_callback(workspace, told, self._place(event))
        self.send(payload, str(event.get("type", "")))

    def send(self, payload: Json, kind: str = "") -> Delivery:
        """Deliver an outer payload, such as `app_rate_limited`, which holds no event."""
        delivery = Delivery(payload)
        faults = self._double.failures
        if faults.take(kind, Fault.HIDE):
            self.hidden.append(payload)
            return delivery
        self.deliveries.append(delivery)
        if faults.take(kind, Fault.REORDER):
            self._held.append(delivery)
            return delivery
        self._begin(delivery)
        if faults.take(kind, Fault.DUPLICATE):
            # https://docs.slack.dev/apis/events-api says a repeated event keeps its event_id.
            self._begin(Delivery(payload))
        while self._held:
            self._begin(self._held.pop(0))
        return delivery

    def _begin(self, delivery: Delivery) -> None:
        if self.mode is not None:
            self.mode.event(delivery)

    def _place(self, event: Json) -> Channel | None:
        where = event.get("channel") or event.get("channel_id")
        item = event.get("item")
        if where is None and isinstance(item, dict):
            where = item.get("channel")
        if isinstance(where, dict):
            where = where.get("id")
        return self._double.workspace.channels.get(where) if isinstance(where, str) else None
