"""Keeps sockets to Slack open, so that one is always there while another is replaced.

https://docs.slack.dev/apis/events-api/using-socket-mode. The SDK's own client closes the
old socket before it opens the new one, asks for one address and tries it for ever, and
does not say when it has gone deaf; so each socket here is opened once and then replaced.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError
from bot.transports.backoff import Backoff
from bot.transports.slack.api import Api
from bot.transports.slack.settings import SlackSettings
from bot.transports.wire import EMPTY, Object, parse, text_of

log = logging.getLogger(__name__)

_HELLO_WITHIN = 10.0  # seconds
_DRAIN = 30.0  # seconds an old socket is still listened to; Slack closes it after ten
_LARGEST = 4 * 1024 * 1024  # bytes of a frame
_ALIVE = 3.0  # intervals without a pong after which a socket counts as deaf
_SHORT = 5.0  # seconds of a socket's life after which the next one is no sign of health
# https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect
_REPLACED = ("warning", "refresh_requested")

Take = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
Back = Callable[[datetime | None], None]


class Sockets:
    """Several connections, each of which gets part of what Slack sends.

    Args:
        take: stores a payload and returns what to answer with the acknowledgement.
        back: called when the first socket is up, with the time since when none was;
            None when none ever was.

    Attributes:
        trouble: why no socket is up, for people; "" when one is.
        last_pong: when Slack last answered on any socket.
    """

    def __init__(
        self, settings: SlackSettings, api: Api, clock: Clock, take: Take, back: Back
    ) -> None:
        """See the class."""
        self._settings = settings
        self._api = api
        self._clock = clock
        self._take = take
        self._back = back
        self._open: set[ClientWebSocketResponse] = set()
        self._down_since: datetime | None = None
        self.trouble = "not connected yet"
        self.last_pong: datetime | None = None

    async def run(self) -> None:
        """Keep the sockets open until cancelled. Raises TransportError(REFUSED)."""
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._settings.connections):
                    group.create_task(self._keep(group), name=f"slack socket {number}")
        finally:
            for socket in tuple(self._open):  # whose task was cancelled before it began
                await self._closed(socket)

    def is_alive(self) -> bool:
        """Tell whether Slack answered lately on some socket."""
        if self.last_pong is None or not self._open:
            return False
        allowed = timedelta(seconds=self._settings.ping_interval * _ALIVE)
        return self._clock.now() - self.last_pong <= allowed

    async def _keep(self, group: asyncio.TaskGroup) -> None:
        pause = Backoff()
        while True:
            try:
                socket = await self._connect()
            except TransportError as error:
                self._note(error)
                await self._clock.sleep(pause.next(error.retry_after))
                continue
            began = self._clock.elapsed()
            replaced = await self._read_until_replaced(socket, group)
            if lasted := self._clock.elapsed() - began > _SHORT:
                pause.reset()
            if not (replaced and lasted):
                await self._clock.sleep(pause.next())

    async def _read_until_replaced(
        self, socket: ClientWebSocketResponse, group: asyncio.TaskGroup
    ) -> bool:
        """Take in what comes until the socket ends, or is to be replaced; whether it is.

        One that is replaced is read on beside the next, until Slack closes it.
        """
        replaced = False
        self._opened(socket)
        try:
            replaced = await self._read(socket, group)
        finally:
            if not replaced:
                await self._closed(socket)
        if replaced:
            group.create_task(self._drain(socket, group))
        return replaced

    def _note(self, error: TransportError) -> None:
        if error.failure is SendFailure.REFUSED:
            raise error
        if not self._open:
            self.trouble = str(error)
        log.warning(
            "A socket to Slack cannot be opened and is tried again: %s",
            error,
            extra={"event": "slack_socket_failed"},
        )

    async def _connect(self) -> ClientWebSocketResponse:
        """Open one socket at an address of its own and hear its hello. Raises TransportError."""
        token = self._settings.app_token
        assert token is not None
        answer = await self._api.call_as(token.get_secret_value(), "apps.connections.open")
        try:
            socket = await self._api.session.ws_connect(
                text_of(answer, "url"),
                heartbeat=self._settings.ping_interval,
                autoping=False,
                max_msg_size=_LARGEST,
                proxy=self._settings.proxy,
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            msg = f"the socket Slack named cannot be opened ({type(error).__name__})"
            raise TransportError(msg) from error
        greeted = False
        try:
            await self._greeted(socket)
            greeted = True
        finally:
            if not greeted:  # what nobody reads would get events all the same
                await socket.close()
        return socket

    async def _greeted(self, socket: ClientWebSocketResponse) -> None:
        try:
            frame = await socket.receive(timeout=_HELLO_WITHIN)
        except TimeoutError as error:
            msg = "Slack says nothing on the socket it named"
            raise TransportError(msg) from error
        hello = _object(frame)
        if text_of(hello, "type") == "hello":
            return
        reason = text_of(hello, "reason") or frame.type.name
        msg = f"Slack closed a new socket: {reason[:100]}"
        refused = reason == "link_disabled"
        raise TransportError(msg, failure=SendFailure.REFUSED if refused else SendFailure.RETRY)

    async def _read(self, socket: ClientWebSocketResponse, group: asyncio.TaskGroup) -> bool:
        """Take in what comes until the socket ends; whether a new one is due at once."""
        while True:
            frame = await socket.receive()
            if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
                return False
            if frame.type is WSMsgType.ERROR:
                log.info("Slack: a socket is lost: %s", type(frame.data).__name__)
                return False
            said = await self._heard(socket, frame, group)
            if text_of(said, "type") == "disconnect":
                return _is_refresh(text_of(said, "reason"))

    async def _heard(
        self, socket: ClientWebSocketResponse, frame: aiohttp.WSMessage, group: asyncio.TaskGroup
    ) -> Object:
        self.last_pong = self._clock.now()
        if frame.type is WSMsgType.PING:
            with suppress(ConnectionError):
                await socket.pong(frame.data)
        said = _object(frame)
        if text_of(said, "envelope_id"):
            group.create_task(self._answer(socket, said))
        return said

    async def _drain(self, socket: ClientWebSocketResponse, group: asyncio.TaskGroup) -> None:
        """Listen on to a socket that is being replaced, until Slack closes it."""
        try:
            async with asyncio.timeout(_DRAIN):
                while True:
                    frame = await socket.receive()
                    if frame.type not in (WSMsgType.TEXT, WSMsgType.PING, WSMsgType.PONG):
                        break
                    await self._heard(socket, frame, group)
        except TimeoutError:
            pass
        finally:
            await self._closed(socket)

    async def _answer(self, socket: ClientWebSocketResponse, envelope: Object) -> None:
        """Acknowledge an envelope once it is stored; what is not comes again."""
        payload = envelope.get("payload")
        try:
            answer = await self._take(payload if isinstance(payload, dict) else {})
        except StorageError as error:
            log.warning("Slack is not acknowledged: %s", error, extra={"event": "not_stored"})
            return
        except TransportError as error:
            if error.failure is SendFailure.REFUSED:
                raise
            log.info("Slack is not acknowledged: %s", error, extra={"event": "not_taken"})
            return
        acknowledgement: dict[str, Any] = {"envelope_id": text_of(envelope, "envelope_id")}
        if answer:
            acknowledgement["payload"] = answer
        with suppress(ConnectionError, aiohttp.ClientError):  # lost with its socket: it comes again
            await socket.send_str(json.dumps(acknowledgement, ensure_ascii=False))

    def _opened(self, socket: ClientWebSocketResponse) -> None:
        self.last_pong = self._clock.now()
        self._open.add(socket)
        if len(self._open) == 1:
            self.trouble = ""
            log.info("Reading from Slack.", extra={"event": "slack_reading"})
            self._back(self._down_since)

    async def _closed(self, socket: ClientWebSocketResponse) -> None:
        self._open.discard(socket)
        if not self._open:
            self._down_since = self.last_pong
            self.trouble = "the connection is lost"
        await socket.close()


def _is_refresh(reason: str) -> bool:
    """Tell whether the socket is replaced, as Slack does every few hours.

    Raises:
        TransportError: REFUSED when Socket Mode is switched off.
    """
    if reason == "link_disabled":
        msg = "Socket Mode is switched off in the app's settings"
        raise TransportError(msg, failure=SendFailure.REFUSED)
    return reason in _REPLACED


def _object(frame: aiohttp.WSMessage) -> Object:
    if frame.type is not WSMsgType.TEXT:
        return EMPTY
    try:
        return parse(frame.data.encode(errors="replace"))
    except ValueError:
        log.info("Slack sent a frame that is no JSON.", extra={"event": "slack_garbage"})
        return EMPTY
