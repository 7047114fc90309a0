"""The least an app with a request URL can be: it checks signatures and answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.signature import Clock, SignatureVerifier

from tests.slack.server import SlackDouble


@dataclass(frozen=True)
class Received:
    """A request as it arrived; `is_genuine` is what slack_sdk thinks of its signature."""

    body: bytes
    headers: Mapping[str, str]
    is_genuine: bool

    @property
    def json(self) -> Any:
        """Return the body, or what is JSON within a form."""
        return json.loads(self.form["payload"] if self.is_form else self.body)

    @property
    def form(self) -> dict[str, str]:
        """Return the fields of a form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}

    @property
    def is_form(self) -> bool:
        """Whether it is a form."""
        return self.headers["Content-Type"] == "application/x-www-form-urlencoded"


class DoubleClock(Clock):
    """The double's time, as slack_sdk reads it."""

    def __init__(self, slack: SlackDouble) -> None:
        self._slack = slack

    def now(self) -> float:
        """Return seconds since 1970."""
        return self._slack.clock.now().timestamp()


class Endpoint:
    """A context manager; `url` is what Slack is told.

    Attributes:
        received: every request, in order.
        answers: what to answer next, once each; without, 200 and the challenge if there is one.
    """

    HANG = web.Response(status=599)  # answers nothing at all

    def __init__(self, slack: SlackDouble) -> None:
        self.received: list[Received] = []
        self.answers: deque[web.Response] = deque()
        self.url = ""
        self._slack = slack
        self._verifier = SignatureVerifier(slack.signing_secret, DoubleClock(slack))

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1024**2)
        app.router.add_post("/slack/events", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = dict(request.headers)
        try:
            is_genuine = self._verifier.is_valid_request(body, headers)
        except UnicodeDecodeError:
            is_genuine = False
        self.received.append(Received(body, headers, is_genuine))
        answer = self.answers.popleft() if self.answers else self._usual(body)
        if answer is self.HANG:
            await asyncio.Event().wait()
        return answer

    def _usual(self, body: bytes) -> web.Response:
        try:
            asked = json.loads(body)
        except ValueError:
            return web.Response()
        return web.Response(text=asked.get("challenge", ""))
