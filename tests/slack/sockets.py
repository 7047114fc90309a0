"""Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode.

Deadlines are counted on the double's clock, so that tests move them instead of waiting.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.slack.delivery import DEADLINE, RETRY_AFTER, Answer, Delivery, Tasks
from tests.slack.envelopes import again, disconnect, envelope, hello
from tests.slack.faults import Fault
from tests.slack.records import Json

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

MOST_SOCKETS = 10  # at the same time, the page above
TICKET_LIFE = timedelta(seconds=30)
CLOSED_AFTER = 10.0  # seconds between the warning and the end, the page above
# What a stale ticket is answered: https://github.com/slackapi/python-slack-sdk/issues/1110
STALE_STATUS = 408
# On an envelope, at the moment it is sent.
SENDING = (Fault.SILENT, Fault.DROP, Fault.GARBAGE_FRAME)
GARBAGE = "<html>Bad Gateway</html>"


@dataclass(eq=False)
class Socket:
    """One connection of the app.

    Attributes:
        sent: the envelopes that went to it, also those that a fault swallowed.
        is_silent: nothing comes out of it any more, no pong either, and it stays open.
    """

    number: int
    ws: web.WebSocketResponse
    request: web.Request
    outgoing: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    sent: list[Json] = field(default_factory=list)
    pongs: int = 0
    is_silent: bool = False

    def say(self, frame: Json | str) -> None:
        """Send a frame, in order, without waiting."""
        if not self.is_silent:
            self.outgoing.put_nowait(frame if isinstance(frame, str) else json.dumps(frame))

    def drop(self) -> None:
        """Cut the line: no closing frame, nothing."""
        if self.request.transport is not None:
            self.request.transport.abort()


@dataclass
class Ack:
    """What an app said to an envelope; `problem` is what is wrong with that."""

    frame: Any
    socket: Socket
    at: float
    problem: str = ""


class Sockets:
    """The app's sockets.

    Attributes:
        open: those that are connected, the oldest first.
        acks: everything the app has sent, in order.
    """

    def __init__(self, double: SlackDouble) -> None:
        self.open: list[Socket] = []
        self.acks: list[Ack] = []
        self._double = double
        self._tickets: dict[str, datetime] = {}
        self._numbers = itertools.count(1)
        self._turn = 0
        self._waiting: dict[str, tuple[Json, asyncio.Future[Json | None]]] = {}
        self._tasks = Tasks()

    @property
    def problems(self) -> list[str]:
        """What was wrong with what the app sent."""
        return [ack.problem for ack in self.acks if ack.problem]

    # Connecting.

    def ticket(self) -> str:
        """Return an address that one socket can connect to, once, within half a minute."""
        self._double.teller.mode = self._double.teller.mode or self
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._double.clock.now()
        if self._double.failures.take("apps.connections.open", Fault.STALE_TICKET):
            del self._tickets[ticket]
        app = self._double.workspace.app_id
        return f"{self._double.socket_url}?ticket={ticket}&app_id={app}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket, if its ticket is good."""
        born = self._tickets.pop(request.query.get("ticket", ""), None)
        if born is None or self._double.clock.now() - born > TICKET_LIFE:
            return web.Response(status=STALE_STATUS)
        ws = web.WebSocketResponse(autoping=False, timeout=1)  # a dead client says no goodbye
        await ws.prepare(request)
        socket = Socket(next(self._numbers), ws, request)
        if len(self.open) >= MOST_SOCKETS:
            # https://github.com/slackapi/node-slack-sdk/issues/1654
            await ws.send_json(disconnect("too_many_websockets"))
            await ws.close()
            return ws
        self.open.append(socket)
        socket.say(hello(self._double.workspace, len(self.open)))
        writer = self._tasks.begin(_write(socket))
        try:
            await self._double.note()
            await self._read(socket)
        finally:
            writer.cancel()
            self.open.remove(socket)
            await self._double.note()
        return ws

    async def _read(self, socket: Socket) -> None:
        async for message in socket.ws:
            if message.type is WSMsgType.TEXT:
                self._hear(socket, message.data)
            elif message.type is WSMsgType.PING and not socket.is_silent:
                await socket.ws.pong(message.data)
            elif message.type is WSMsgType.PONG:
                socket.pongs += 1
            await self._double.note()

    async def close(self) -> None:
        """End every socket and everything that waits."""
        for socket in list(self.open):
            await socket.ws.close()
        await self._tasks.close()

    # What the app says.

    def _hear(self, socket: Socket, text: str) -> None:
        ack = Ack(text, socket, self._double.clock.elapsed())
        self.acks.append(ack)
        try:
            ack.frame = json.loads(text)
        except ValueError:
            ack.problem = "not JSON"
            return
        known = isinstance(ack.frame, dict) and isinstance(ack.frame.get("envelope_id"), str)
        waiting = self._waiting.get(ack.frame["envelope_id"]) if known else None
        if waiting is None or waiting[1].done():
            ack.problem = "an envelope nobody waits for" if known else "no envelope_id"
            return
        wrapped, answer = waiting
        payload = ack.frame.get("payload")
        if payload is not None and not wrapped["accepts_response_payload"]:
            ack.problem = "a payload that was not asked for"
        if not self._double.failures.take(wrapped["type"], Fault.LOST_ACK):
            answer.set_result(payload)

    # What Slack says.

    def event(self, delivery: Delivery) -> None:
        """Send an event now, and again until it is acknowledged or was tried four times."""
        wrapped = envelope("events_api", delivery.payload, answerable=False)
        first = self._send(wrapped, None)
        delivery.attempts.append(self._double.clock.elapsed())
        self._tasks.begin(self._insist(delivery, wrapped, first))

    async def _insist(self, delivery: Delivery, wrapped: Json, last: Socket | None) -> None:
        for attempt in itertools.count(1):
            answer = await self._answer(wrapped, is_sent=last is not None)
            delivery.is_acknowledged = answer.in_time
            delivery.taken_at = self._double.clock.elapsed() if answer.in_time else None
            if answer.in_time or attempt > len(RETRY_AFTER):
                break
            await self._double.clock.sleep(RETRY_AFTER[attempt - 1])
            wrapped = again(wrapped, attempt, "timeout")
            delivery.attempts.append(self._double.clock.elapsed())
            last = self._send(wrapped, last)
        delivery.is_over = True
        await self._double.note()

    async def ask(self, kind: str, payload: Json, *, answerable: bool) -> Answer:
        """Send what somebody did to one socket, once, and wait for what the app says."""
        wrapped = envelope(kind, payload, answerable=answerable)
        is_sent = self._send(wrapped, None) is not None
        return await self._answer(wrapped, is_sent=is_sent)

    async def _answer(self, wrapped: Json, *, is_sent: bool) -> Answer:
        _, future = self._waiting[wrapped["envelope_id"]]
        timer = asyncio.ensure_future(self._double.clock.sleep(DEADLINE if is_sent else 0))
        try:
            both: list[asyncio.Future[Any]] = [future, timer]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            del self._waiting[wrapped["envelope_id"]]
        if not future.done():
            return Answer(in_time=False, error="operation_timeout" if is_sent else "no socket")
        return Answer(in_time=True, payload=future.result())

    def _send(self, wrapped: Json, last: Socket | None) -> Socket | None:
        """Give an envelope to one socket, another than the last one if there is one."""
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[wrapped["envelope_id"]] = (wrapped, future)
        others = [socket for socket in self.open if socket is not last] or self.open
        if not others:
            return None
        socket = others[self._turn % len(others)]
        self._turn += 1
        socket.sent.append(wrapped)
        failure = self._double.failures.take(wrapped["type"], *SENDING)
        if failure and failure.fault is Fault.GARBAGE_FRAME:
            socket.say(GARBAGE)
        elif failure and failure.fault is Fault.SILENT:
            socket.is_silent = True
        elif failure:
            socket.drop()
        socket.say(wrapped)
        return socket

    async def ping(self) -> None:
        """Let every socket be pinged, as Slack does all the time."""
        for socket in self.open:
            if not socket.is_silent:
                await socket.ws.ping(b"Ping from applink-1")

    def disconnect(self, reason: str = "refresh_requested", *sockets: Socket) -> None:
        """Announce the end of these sockets (of all), and close them ten seconds later."""
        for socket in sockets or tuple(self.open):
            socket.say(disconnect(reason))
            self._tasks.begin(self._close_later(socket))

    async def _close_later(self, socket: Socket) -> None:
        await self._double.clock.sleep(CLOSED_AFTER)
        if socket in self.open:
            await socket.ws.close()

    def silence(self, *sockets: Socket) -> None:
        """Let nothing come out of these sockets (of all) any more, though they stay open."""
        for socket in sockets or tuple(self.open):
            socket.is_silent = True

    def drop(self, *sockets: Socket) -> None:
        """Cut these sockets (all) without a word."""
        for socket in sockets or tuple(self.open):
            socket.drop()


async def _write(socket: Socket) -> None:
    while (frame := await socket.outgoing.get()) is not None:
        try:
            await socket.ws.send_str(frame)
        except (ConnectionError, RuntimeError):
            return  # it is gone; whoever waits for an answer finds out by itself


def routes(double: SlackDouble) -> list[web.RouteDef]:
    """Return where sockets connect."""
    return [web.get("/link/", double.sockets.connect)]
