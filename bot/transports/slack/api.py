"""Calls Slack's Web API: one HTTP session, one attempt a call, errors that say what is known."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.transports.slack.refusals import Refusal, wait_asked_for
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.tokens import Tokens
from bot.transports.wire import EMPTY, Object, clean, texts_of

# The SDK writes what is said and answered into its log at DEBUG, whatever the root's level.
_QUIET = logging.getLogger("deskside.slack_sdk")
_QUIET.setLevel(logging.WARNING)

# The last two when an answer is neither an object nor JSON at all, which the SDK takes for one.
_UNREADABLE = (
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    ValueError,
    AttributeError,
    TypeError,
)


class Api:
    """The bot's calls; reads and writes alike are made once, and the caller decides on more.

    The SDK's own retries would repeat a post whose answer was lost, and without a session
    of ours it opens a connection for each call.

    Attributes:
        last_contact: when Slack last answered anything.
        date: the Date header of that answer.
        scopes: what the token of the last call may do, which Slack's SDKs read as well:
            https://docs.slack.dev/tools/node-slack-sdk/reference/web-api/interfaces/WebAPICallResult
    """

    def __init__(self, settings: SlackSettings, clock: Clock, tokens: Tokens) -> None:
        """Prepare; nothing is sent yet, and the session begins with the first call."""
        self._settings = settings
        self._clock = clock
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._paused: dict[str, float] = {}  # methods Slack limits, until when (`elapsed`)
        self.last_contact: datetime | None = None
        self.date: str | None = None
        self.scopes: str | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, for sockets and uploads; made when it is first asked for."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._settings.request_timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            self._client = None
        return self._session

    @property
    def proxy(self) -> str | None:
        """The HTTP proxy of the configuration."""
        return self._settings.proxy

    async def call(self, method: str, **arguments: object) -> Object:
        """Call a method with the bot's token; what is neither text nor number goes as JSON.

        Raises:
            TransportError: a Refusal when Slack answered; REFUSED when our access is gone.
        """
        token = await self._tokens.current(self)
        try:
            return await self.call_as(token, method, **arguments)
        except Refusal as error:
            if error.failure is not SendFailure.REFUSED or not self._tokens.rotate:
                raise
        return await self.call_as(await self._tokens.renewed(self, token), method, **arguments)

    async def call_as(self, token: str, method: str, **arguments: object) -> Object:
        """Call a method with another token, or none."""
        self._not_while_paused(method)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        data = {name: _written(value) for name, value in arguments.items() if value is not None}
        try:
            response = await self._web().api_call(method, data=data, headers=headers)
        except SlackApiError as error:
            raise self._refusal(method, error) from error
        except aiohttp.ClientConnectorError as error:
            msg = f"{method}: Slack cannot be reached"
            raise TransportError(msg, room_only=True) from error
        except _UNREADABLE as error:
            msg = f"{method}: no answer that can be read ({type(error).__name__})"
            failure = SendFailure.UNKNOWN
            raise TransportError(msg, failure=failure, room_only=True) from error
        self._heard(response.headers)
        answer: object = response.data
        return answer if isinstance(answer, dict) else EMPTY

    def _web(self) -> AsyncWebClient:
        session = self.session
        if self._client is None:
            self._client = AsyncWebClient(
                base_url=self._settings.api_url,
                session=session,
                retry_handlers=[],
                logger=_QUIET,
            )
            self._client.proxy = self._settings.proxy  # ours alone, not the environment's
        return self._client

    def _not_while_paused(self, method: str) -> None:
        wait = self._paused.get(method, 0.0) - self._clock.elapsed()
        if wait > 0:
            raise Refusal(method, "ratelimited", retry_after=timedelta(seconds=wait))

    def _refusal(self, method: str, error: SlackApiError) -> Refusal:
        status, headers, body = _parts(error.response)
        self._heard(headers)
        said = body.get("error")
        code = clean(said)[:100] if isinstance(said, str) else ""
        wait = None
        if status == 429 or code in ("ratelimited", "rate_limited"):
            wait = wait_asked_for(headers.get("Retry-After"))
            self._paused[method] = self._clock.elapsed() + wait.total_seconds()
        return Refusal(method, code, status=status, details=_details(body), retry_after=wait)

    def _heard(self, headers: Mapping[str, str]) -> None:
        self.last_contact = self._clock.now()
        self.date = headers.get("Date")
        self.scopes = headers.get("X-OAuth-Scopes")

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()


def _written(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def _parts(response: object) -> tuple[int, Mapping[str, str], Object]:
    """Take an error's answer apart: the SDK hands on its own response, or aiohttp's."""
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    body = getattr(response, "data", EMPTY)
    return int(status), getattr(response, "headers", {}), body if isinstance(body, dict) else EMPTY


def _details(body: Object) -> str:
    """Return what Slack adds to an error, which never quotes what was said."""
    metadata = body.get("response_metadata")
    said = texts_of(metadata, "messages")[:3] if isinstance(metadata, dict) else []
    needed = body.get("needed")
    if isinstance(needed, str):
        said.append(f"needs the scope {clean(needed)}")
    return "; ".join(said)[:300]
