"""Sends what the outbox holds, on one service: in order in a room, people before broadcasts.

One delivery is under way per room. A refusal that will pass is tried again, later
and later; what the service may or may not have taken is settled by the delivery's
promise; a permanent refusal is a dead letter and lets the next one go.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock, sleep_unless
from bot.dead_letters import DeadLetters
from bot.errors import SendFailure, StorageError, TransportError
from bot.outcomes import Outcomes
from bot.replies import Post
from bot.rooms import Rooms
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.unit import Unit
from bot.transport import Promise, Sent, Transport
from bot.waiting import Conversation, Waiting, rank

log = logging.getLogger(__name__)

AT_ONCE = 16  # sends under way on one service
FIRST_RETRY = 0.5  # seconds; doubled each time, with full jitter
LONGEST_RETRY = 300.0  # seconds
GIVE_UP_AFTER = timedelta(days=3)
A_MOMENT = 1e-6  # seconds; what is due then is due now
LATE_AFTER = timedelta(minutes=10)  # what was to be said earlier is marked
REMEMBERED = 10_000  # message ids of recent deliveries, for the edits that follow them


class Sender:
    """The only one who sends on a transport.

    Args:
        owner: names this process, as in `bot.outbox`.
        buried: called in the transaction that gives a delivery up.
        refused: called when the service refuses our access for good.
    """

    def __init__(
        self,
        transport: Transport,
        database: Database,
        clock: Clock,
        zone: ZoneInfo,
        owner: str,
        rooms: Rooms,
        buried: Callable[[Unit, Waiting], None],
        refused: Callable[[TransportError], None],
    ) -> None:
        """See the class."""
        self._transport = transport
        self._clock = clock
        self._refused = refused
        self._conversations: dict[str, Conversation] = {}
        self._sent: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._paused_until = 0.0  # on the clock that never goes back
        self._stopped = False
        self._wake = asyncio.Event()
        self._outcomes = Outcomes(database, clock, zone, owner, rooms, self._wake.set, buried)
        self._quiet = asyncio.Event()
        self._under_way = 0
        self._at_once = AT_ONCE
        self._in_hand: dict[str, Post | None] = {}  # ids, and what each shall say instead
        self._withdrawn: set[str] = set()  # of them, what is not to be sent any more
        self._quiet.set()

    @property
    def waiting(self) -> int:
        """How many deliveries are not sent yet."""
        return sum(len(each.waiting) for each in self._conversations.values()) + self._under_way

    @property
    def dead(self) -> DeadLetters:
        """What was given up lately."""
        return self._outcomes.dead

    def oldest(self) -> datetime | None:
        """Return when the longest waiting delivery was written."""
        times = [w.delivery.created for c in self._conversations.values() for w in c.waiting]
        return min(times, default=None)

    def offer(self, waiting: Waiting) -> None:
        """Take a committed delivery on."""
        if waiting.instead:
            if waiting.delivery.id in self._in_hand:
                self._in_hand[waiting.delivery.id] = waiting.delivery.post
            return
        if waiting.withdrawn:
            self._withdrawn.update({waiting.delivery.id} & self._in_hand.keys())
            return
        if waiting.delivery.id in self._in_hand or waiting.delivery.id in self._sent:
            return
        conversation = self._conversations.setdefault(waiting.conversation, Conversation())
        queue = conversation.waiting
        self._in_hand[waiting.delivery.id] = None
        queue.append(waiting)
        if len(queue) > 1 and rank(queue[-2]) > rank(waiting):
            queue.sort(key=rank)
        self._quiet.clear()
        self._wake.set()

    @property
    def is_idle(self) -> bool:
        """Nothing can be sent now: all is sent, or what is left waits for a time."""
        return not (self._under_way or self._outcomes.pending or self._next() is not None)

    async def idle(self) -> None:
        """Wait until `is_idle`."""
        while not self.is_idle:
            self._quiet.clear()
            self._wake.set()  # a clock that was moved may have left a sleeper behind
            await self._quiet.wait()

    async def settle(self, seconds: float) -> None:
        """Wait until every outcome is recorded, but no longer than that."""
        await self._outcomes.settle(seconds)

    def next_retry(self) -> datetime | None:
        """Return when the next delayed delivery may be tried again, by the clock as it is now."""
        wait = self._wait()
        return None if wait is None else self._clock.now() + timedelta(seconds=wait)

    def _wait(self) -> float | None:
        """Return the seconds until something can be sent; None when nothing waits."""
        now = self._clock.elapsed()
        free = [c.not_before for c in self._conversations.values() if c.is_free]
        if not free or self._stopped:
            return None
        return max(0.0, min(free) - now, self._paused_until - now)

    async def recover(self) -> None:
        """Take up what is unsent, or may have been sent, and not in our hands."""
        transport = self._transport
        for waiting in await self._outcomes.unsent(transport.name, transport.workspace):
            self.offer(waiting)

    async def run(self) -> None:
        """Send until cancelled; what is under way then is taken up by the next process."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                self._launch(group)
                await self._wait_for_work()

    def _launch(self, group: asyncio.TaskGroup) -> None:
        while self._under_way < self._at_once and (key := self._next()) is not None:
            conversation = self._conversations[key]
            wait = self._transport.wait(conversation.waiting[0].delivery)
            if wait > 0:
                conversation.not_before = self._clock.elapsed() + wait
                continue
            waiting = conversation.waiting.pop(0)
            conversation.busy = True
            conversation.not_before = 0.0
            self._under_way += 1
            group.create_task(self._carry_out(key, waiting), name=f"send {waiting.delivery.id}")
        if self.is_idle:
            self._quiet.set()

    def _next(self) -> str | None:
        now = self._clock.elapsed() + A_MOMENT
        if self._stopped or self._paused_until > now:
            return None
        ready = [
            (rank(each.waiting[0]), key)
            for key, each in self._conversations.items()
            if each.is_free and each.not_before <= now
        ]
        return min(ready)[1] if ready else None

    async def _wait_for_work(self) -> None:
        delay = self._wait()
        if delay is None or self._under_way >= self._at_once:
            await self._wake.wait()
            return
        await sleep_unless(self._wake, delay, self._clock)

    async def _carry_out(self, key: str, waiting: Waiting) -> None:
        conversation = self._conversations[key]
        try:
            again = await self._attempt(waiting, conversation)
        finally:
            conversation.busy = False
            self._under_way -= 1
            self._wake.set()
        if again is not None:
            conversation.waiting.insert(0, again)
            return
        self._in_hand.pop(waiting.delivery.id, None)
        self._withdrawn.discard(waiting.delivery.id)
        if not conversation.waiting:
            self._conversations.pop(key, None)

    async def _attempt(self, waiting: Waiting, conversation: Conversation) -> Waiting | None:
        """Send once; returns what is to be tried again, or None."""
        if (stale := self._stale(waiting, conversation)) is not None:
            await self._outcomes.mark(waiting, stale, None)
            return None
        ready = await self._with_target(self._reworded(waiting))
        if ready is None:
            await self._outcomes.mark(waiting, "cancelled", "what it edits was never sent")
            return None
        if self._clock.now() - ready.delivery.created > LATE_AFTER:
            ready = replace(ready, delivery=replace(ready.delivery, late=True))
        reached(Step.SENDING)
        try:
            sent = await self._send_or_find(ready)
        except TransportError as error:
            return await self._failed(ready, conversation, error)
        except StorageError as error:  # a transport looks rooms up before it sends
            return await self._failed(ready, conversation, TransportError(str(error)))
        except Exception as error:
            log.exception("a transport failed in a way of its own", extra={"event": "send_bug"})
            await self._outcomes.bury(ready, error)
            return None
        reached(Step.SENT)
        self._succeeded(ready, sent)
        return None

    async def _send_or_find(self, waiting: Waiting) -> Sent:
        promise = self._transport.promise(waiting.delivery)
        if waiting.maybe_sent and promise is Promise.PROVABLE:
            found = await self._transport.find(waiting.delivery)
            if found is not None:
                return found
        if waiting.maybe_sent and promise is Promise.AT_MOST_ONCE:
            msg = "it may have been sent before, and cannot be sent twice"
            raise TransportError(msg, failure=SendFailure.PERMANENT)
        return await self._transport.send(waiting.delivery)

    def _stale(self, waiting: Waiting, conversation: Conversation) -> str | None:
        if waiting.expires_at is not None and waiting.expires_at <= self._clock.now():
            return "cancelled"
        if waiting.delivery.id in self._withdrawn and not waiting.maybe_sent:
            return "cancelled"  # else it may stand there, and what edits it must find it
        return "merged" if conversation.has_newer(waiting) else None

    async def _with_target(self, waiting: Waiting) -> Waiting | None:
        if waiting.target_delivery is None:
            return waiting
        place = waiting.delivery.place
        target, room = self._sent.get(waiting.target_delivery, (None, ""))
        if target is None:
            target, room = await self._outcomes.message_of(waiting.target_delivery)
            if target is None:
                return None
        if room != place.room:  # it went to a direct room
            place = replace(place, room=room, thread=None)
        return replace(waiting, delivery=replace(waiting.delivery, target=target, place=place))

    def _succeeded(self, waiting: Waiting, sent: Sent) -> None:
        self._at_once = min(AT_ONCE, self._at_once + 1)
        self._sent[waiting.delivery.id] = (sent.message, sent.room or waiting.delivery.place.room)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self._outcomes.sent(self._reworded(waiting), sent)

    def _reworded(self, waiting: Waiting) -> Waiting:
        post = self._in_hand.get(waiting.delivery.id) or waiting.delivery.post
        return replace(waiting, delivery=replace(waiting.delivery, post=post))

    async def _failed(
        self, waiting: Waiting, conversation: Conversation, error: TransportError
    ) -> Waiting | None:
        tried = replace(waiting, attempts=waiting.attempts + 1)
        self._outcomes.failed(tried, error)
        if error.failure is SendFailure.REFUSED:
            self._stopped = True
            self._refused(error)
            return tried
        promise = self._transport.promise(waiting.delivery)
        lost = error.failure is SendFailure.UNKNOWN and promise is Promise.AT_MOST_ONCE
        too_old = self._clock.now() - waiting.delivery.created > GIVE_UP_AFTER
        if error.failure is SendFailure.PERMANENT or lost or too_old:
            await self._outcomes.bury(tried, error)
            return None
        unknown = error.failure is SendFailure.UNKNOWN
        now = self._clock.elapsed()
        if error.retry_after is not None and error.room_only:
            conversation.not_before = now + error.retry_after.total_seconds()
        elif error.retry_after is not None:
            self._paused_until = now + error.retry_after.total_seconds()
            self._at_once = 1  # more would only be refused together
        else:
            longest = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(tried.attempts, 16))
            conversation.not_before = now + random.uniform(0.1, longest)
        await self._outcomes.mark(tried, "unknown" if unknown else "queued", str(error))
        return replace(tried, maybe_sent=tried.maybe_sent or unknown)
