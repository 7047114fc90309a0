"""A Slack on loopback that is as strict as the real one and fails when it is told to."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from aiohttp import web

from bot.clock import Clock
from tests.slack import response_urls, sockets, web_api
from tests.slack.delivery import Teller
from tests.slack.events_api import EventsApi
from tests.slack.faults import Failure, Failures, Fault
from tests.slack.interactions import Gestures
from tests.slack.limits import Limits
from tests.slack.people import PersonThere
from tests.slack.workspace import Workspace

# Everything the app's manifest asks for: https://docs.slack.dev/reference/scopes
BOT_SCOPES = [
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "chat:write.customize",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
]
APP_SCOPES = ["connections:write"]
TOKEN_LIFE = timedelta(hours=12)  # docs.slack.dev/authentication/using-token-rotation

Part = Callable[["SlackDouble"], list[web.RouteDef]]
PARTS: tuple[Part, ...] = (web_api.routes, sockets.routes, response_urls.routes)


@dataclass(frozen=True)
class Asked:
    """A call of the Web API as it arrived; `at` is the double's time in seconds."""

    method: str
    args: Mapping[str, Any]
    headers: Mapping[str, str]
    at: float


class SlackDouble:
    """A context manager; `api_url` is what slack_sdk calls `base_url`.

    Attributes:
        asked: every call of the Web API, in order, also those that failed.
        refusals: the calls that were refused: method, error, and the scope that was needed.
        failures: the faults that are to come.
        closing: is awaited before the server stops (open sockets close themselves here).
        teller: hands what happens to the app, over `sockets` or `http`.
        gestures: what people do with buttons, commands and forms.
        manifest: what the app was made from (`tests.slack.manifest.install`); without one it
            is told of everything.
        is_limited: calls are counted and refused as too many; off for measurements.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        limited: bool = True,
        rotating: bool = False,
        scopes: list[str] | None = None,
    ) -> None:
        self.clock = clock
        self.workspace = Workspace(clock)
        self.is_limited = limited
        self.limits = Limits(clock)
        self.failures = Failures()
        self.asked: list[Asked] = []
        self.refusals: list[tuple[str, str, str]] = []
        self.closing: list[Callable[[], Awaitable[None]]] = []
        self.teller = Teller(self)
        self.sockets = sockets.Sockets(self)
        self.http = EventsApi(self)
        self.gestures = Gestures(self)
        self.closing += [self.sockets.close, self.http.close]
        self.manifest: Mapping[str, Any] | None = None
        self.uploads: dict[str, str] = {}  # where contents are awaited, and of which file
        self.signing_secret = secrets.token_hex(16)
        self.client_id, self.client_secret = "1111.2222", secrets.token_hex(16)
        life = TOKEN_LIFE if rotating else None
        token = self.workspace.add_token("bot", scopes or BOT_SCOPES, life)
        self.bot_token = token.value
        self.app_token = self.workspace.add_token("app", APP_SCOPES).value
        self.refresh_token = ""
        if rotating:
            self.refresh_token = f"xoxe-1-{secrets.token_hex(12)}"
            self.workspace.refresh_tokens[self.refresh_token] = token.value
        self.base_url = ""
        self.over = asyncio.Event()  # what hangs ends when the server does
        self._tls = tls
        self._news = asyncio.Condition()

    @property
    def api_url(self) -> str:
        """Where the methods are, with a slash at the end."""
        return f"{self.base_url}/api/"

    @property
    def socket_url(self) -> str:
        """Where sockets connect, without their ticket."""
        return f"{self.base_url}/link/".replace("http", "ws", 1)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for part in PARTS:
            app.add_routes(part(self))
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        scheme = "https" if self._tls else "http"
        self.base_url = f"{scheme}://127.0.0.1:{self._runner.addresses[0][1]}"
        self.workspace.address = self.base_url
        return self

    async def __aexit__(self, *_: object) -> None:
        self.over.set()
        for close in self.closing:
            await close()
        await self._runner.cleanup()

    def person(self, name: str) -> PersonThere:
        """Return someone of the workspace, who joins it if they are not there yet."""
        return PersonThere(self.workspace, self.workspace.user_named(name).id)

    def fail(self, fault: Fault, method: str = "", *, times: int = 1, **details: Any) -> None:
        """Let the next calls of a method (of any, without one) fail; see `Fault` for details."""
        self.failures.add(Failure(fault, method, times, details))

    def calls(self, method: str) -> list[Asked]:
        """Return the calls of a method so far."""
        return [asked for asked in self.asked if asked.method == method]

    async def note_call(
        self, method: str, args: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        """Remember a call that arrived."""
        self.asked.append(Asked(method, dict(args), dict(headers), self.clock.elapsed()))
        await self.note()

    async def note(self) -> None:
        """Let those in `until` look again."""
        async with self._news:
            self._news.notify_all()

    async def until(self, is_true: Callable[[], object], within: float = 10) -> None:
        """Wait until something holds that depends on what was asked or answered."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(is_true)
