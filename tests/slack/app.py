"""The least an app can be: sockets that show every frame and acknowledge when they are told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Self

import aiohttp

from bot.clock import ManualClock
from tests.slack.delivery import Answer
from tests.slack.server import SlackDouble

Json = dict[str, Any]
WITHIN = 10.0  # seconds of real time, for what takes milliseconds


class Line:
    """One socket of the app."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def frame(self) -> Json:
        """Return the next frame."""
        return await self.ws.receive_json(timeout=WITHIN)  # type: ignore[no-any-return]

    async def message(self) -> aiohttp.WSMessage:
        """Return the next frame whatever it is: text, ping, pong, the end."""
        return await self.ws.receive(timeout=WITHIN)

    async def acknowledge(self, frame: Json, payload: Json | None = None) -> None:
        """Acknowledge an envelope."""
        said: Json = {"envelope_id": frame["envelope_id"]}
        await self.ws.send_json(said if payload is None else {**said, "payload": payload})

    async def hear(
        self, doing: Coroutine[Any, Any, Answer | None], payload: Json | None = None
    ) -> tuple[Json, Answer]:
        """Hear what somebody does, acknowledge it, and return what each side was told.

        Events that come before are acknowledged, too.
        """
        task = asyncio.ensure_future(doing)
        while (frame := await self.frame())["type"] == "events_api":
            await self.acknowledge(frame)
        await self.acknowledge(frame, payload)
        answer = await task
        assert answer is not None
        return frame, answer

    async def say(self, frame: object) -> None:
        """Send anything."""
        await self.ws.send_str(frame if isinstance(frame, str) else json.dumps(frame))


class SocketApp:
    """A context manager that opens lines to the double."""

    def __init__(self, slack: SlackDouble) -> None:
        self.slack = slack
        self.lines: list[Line] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def open(self, token: str = "") -> Json:
        """Call apps.connections.open and return its answer."""
        headers = {"Authorization": f"Bearer {token or self.slack.app_token}"}
        url = f"{self.slack.api_url}apps.connections.open"
        async with self._session.post(url, headers=headers) as answer:
            return await answer.json()  # type: ignore[no-any-return]

    async def call(self, method: str, **arguments: Any) -> Json:
        """Call a method of the Web API as the bot."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token}"}
        url = f"{self.slack.api_url}{method}"
        async with self._session.post(url, headers=headers, json=arguments) as answer:
            return await answer.json()  # type: ignore[no-any-return]

    async def post(self, url: str, said: Json) -> tuple[int, Json]:
        """Post to a response_url."""
        async with self._session.post(url, json=said) as answer:
            return answer.status, await answer.json()

    async def dial(self, url: str) -> Line:
        """Connect to an address and return the line, its greeting not yet read."""
        self.lines.append(Line(await self._session.ws_connect(url, autoping=False)))
        return self.lines[-1]

    async def line(self) -> Line:
        """Return a line that was greeted."""
        line = await self.dial((await self.open())["url"])
        assert (await line.frame())["type"] == "hello"
        return line


async def someone_sleeps(clock: ManualClock, seconds: float) -> None:
    """Wait until somebody sleeps on this clock, and is to wake first, in so many seconds."""
    due = clock.now() + timedelta(seconds=seconds)
    async with asyncio.timeout(WITHIN):
        while clock.next_wake() != due:  # noqa: ASYNC110 - the clock tells nobody who sleeps
            await asyncio.sleep(0)


async def pass_time(clock: ManualClock, seconds: float) -> None:
    """Wait until somebody sleeps for so many seconds, and let them pass."""
    await someone_sleeps(clock, seconds)
    clock.advance(timedelta(seconds=seconds))


def text_of(frame: Json) -> str:
    """Return what was written, of the event in an envelope."""
    return str(frame["payload"]["event"]["text"])
