"""The Events API over HTTP: signed requests to the app, and those that pretend to be.

https://docs.slack.dev/apis/events-api/using-http-request-urls,
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import itertools
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from tests.slack.delivery import DEADLINE, RETRY_AFTER, Answer, Delivery, Tasks
from tests.slack.envelopes import url_verification
from tests.slack.faults import Fault
from tests.slack.records import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.slack.server import SlackDouble

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MOST_REDIRECTS = 2  # docs.slack.dev/apis/events-api#error-handling
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True)
class Response:
    """What the app's endpoint answered; `problem` is a retry reason when it was no good.

    The reasons: https://docs.slack.dev/apis/events-api#error-handling
    """

    status: int = 0
    body: bytes = b""
    problem: str = ""
    may_retry: bool = True


@dataclass(frozen=True)
class Sent:
    """A request that went to the app, to be sent once more as it was."""

    body: bytes
    headers: Mapping[str, str]


class EventsApi:
    """Hands events, commands and interactions to the URL that `listen` was given.

    Attributes:
        sent: every request, in order.
    """

    def __init__(self, double: SlackDouble) -> None:
        self.sent: list[Sent] = []
        self._double = double
        self._url = ""
        self._session: aiohttp.ClientSession | None = None
        self._tasks = Tasks()

    async def listen(self, url: str) -> bool:
        """Deliver to this URL from now on, if it answers Slack's challenge; say whether it did.

        https://docs.slack.dev/reference/events/url_verification
        """
        self._url = url
        self._session = self._session or aiohttp.ClientSession(headers={"User-Agent": AGENT})
        challenge = secrets.token_urlsafe(32)
        response = await self.post(url_verification(challenge))
        if response.status != 200 or not _repeats(response.body, challenge):
            return False
        self._double.teller.mode = self
        return True

    async def close(self) -> None:
        """Give up what is on its way."""
        await self._tasks.close()
        if self._session is not None:
            await self._session.close()

    # What people do.

    def event(self, delivery: Delivery) -> None:
        """Post an event, and again until it is taken or was tried four times."""
        self._tasks.begin(self._insist(delivery))

    async def _insist(self, delivery: Delivery) -> None:
        retry: dict[str, str] = {}
        for attempt in itertools.count(1):
            delivery.attempts.append(self._double.clock.elapsed())
            response = await self.post(delivery.payload, headers=retry)
            delivery.is_acknowledged = not response.problem
            if not response.problem or attempt > len(RETRY_AFTER) or not response.may_retry:
                break
            retry = {
                "X-Slack-Retry-Num": str(attempt),
                "X-Slack-Retry-Reason": response.problem,
            }
            await self._double.clock.sleep(RETRY_AFTER[attempt - 1])
        delivery.is_over = True
        await self._double.note()

    async def ask(self, kind: str, payload: Json, *, answerable: bool) -> Answer:  # noqa: ARG002
        """Post what somebody did: a command as a form, the rest as JSON within one.

        https://docs.slack.dev/interactivity/handling-user-interaction#payloads
        """
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        response = await self.raw(urlencode(form).encode(), content_type=FORM)
        if response.problem == "http_timeout":
            return Answer(in_time=False, error="operation_timeout")
        if response.problem:
            return Answer(in_time=False, error="dispatch_failed")
        return _answer(response.body)

    async def post(self, payload: Json, headers: Mapping[str, str] | None = None) -> Response:
        """Post a signed JSON payload and return what came back within three seconds."""
        body = json.dumps(payload).encode()
        failures = self._double.failures
        response = await self.raw(body, headers=headers)
        if not response.problem and failures.take("events_api", Fault.LOST_ACK):
            return Response(problem="http_timeout")
        return response

    # Requests as they come, and as Slack would never send them.

    async def raw(
        self,
        body: bytes,
        *,
        content_type: str = JSON,
        age: float = 0,
        secret: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Response:
        """Post any bytes, signed with the app's secret (or another) `age` seconds ago.

        A header given as None is left out; others replace those that would be sent.
        """
        timestamp = str(int(self._double.clock.now().timestamp() - age))
        signature = sign(self._double.signing_secret if secret is None else secret, timestamp, body)
        wanted: dict[str, str | None] = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature,
            **(headers or {}),
        }
        return await self.again(Sent(body, {k: v for k, v in wanted.items() if v is not None}))

    async def again(self, request: Sent) -> Response:
        """Post a request exactly as it was posted before: what an eavesdropper would do."""
        self.sent.append(request)
        work = asyncio.ensure_future(self._exchange(request))
        timer = asyncio.ensure_future(self._double.clock.sleep(DEADLINE))
        try:
            await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else Response(problem="http_timeout")
        finally:
            for task in (work, timer):
                task.cancel()
            await asyncio.gather(work, timer, return_exceptions=True)
            await self._double.note()

    async def _exchange(self, request: Sent) -> Response:
        assert self._session is not None, "listen() first"
        body = io.BytesIO(request.body)
        try:
            async with self._session.post(
                self._url, data=body, headers=request.headers, max_redirects=MOST_REDIRECTS + 1
            ) as answer:
                said = await answer.read()
        except aiohttp.TooManyRedirects:
            return Response(problem="too_many_redirects")
        except aiohttp.ClientSSLError:
            return Response(problem="ssl_error")
        except aiohttp.ClientConnectionError:
            return Response(problem="connection_failed")
        is_good = 200 <= answer.status < 300
        may_retry = answer.headers.get("X-Slack-No-Retry") != "1"
        return Response(answer.status, said, "" if is_good else "http_error", may_retry)

    async def forged(self, payload: Json) -> Response:
        """Post what someone without the secret can."""
        return await self.raw(json.dumps(payload).encode(), secret="guessed")

    async def unsigned(self, payload: Json) -> Response:
        """Post without a signature."""
        return await self.raw(json.dumps(payload).encode(), headers={"X-Slack-Signature": None})

    async def old(self, payload: Json, age: float) -> Response:
        """Post what was signed so many seconds ago; negative: what will be."""
        return await self.raw(json.dumps(payload).encode(), age=age)

    async def malformed(self, body: bytes = b'{"type": "event_callback", ') -> Response:
        """Post what is signed and makes no sense."""
        return await self.raw(body)

    async def not_utf8(self) -> Response:
        """Post bytes that are no text, signed over those very bytes."""
        return await self.raw(b'{"type": "\xff\xfe"}')

    async def huge(self, size: int) -> Response:
        """Post so many bytes."""
        return await self.raw(b'{"type": "' + b"x" * (size - 12) + b'"}')


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request: HMAC-SHA256 over version, time and the raw body.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _repeats(body: bytes, challenge: str) -> bool:
    """Whether an answer holds the challenge, in any of the three documented ways.

    As plain text, as a form, as JSON: https://docs.slack.dev/reference/events/url_verification
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    if text in (challenge, f"challenge={challenge}"):
        return True
    try:
        answer = json.loads(text)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("challenge") == challenge


def _answer(body: bytes) -> Answer:
    text = body.decode("utf-8", "replace")
    try:
        payload = json.loads(text)
    except ValueError:
        return Answer(in_time=True, text=text)
    return Answer(in_time=True, payload=payload if isinstance(payload, dict) else None, text=text)
