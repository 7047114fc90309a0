"""Takes Slack's requests, in HTTP mode: are they Slack's, and can they be read?

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.clock import Clock
from bot.errors import StorageError, TransportError
from bot.transports.wire import Object, parse, text_of

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024  # bytes of a request; Slack's own are far smaller

Take = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class _Now(SignatureClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class Requests:
    """The endpoint for events, commands and interactivity alike.

    Args:
        take: stores a payload and returns what to answer.
    """

    def __init__(self, signing_secret: str, clock: Clock, take: Take) -> None:
        """See the class."""
        self._verifier = SignatureVerifier(signing_secret, _Now(clock))
        self._take = take

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request: 401 when it is not Slack's, 400 when it cannot be read, 503 when it
        could not be stored, so that Slack sends it again.
        """
        body = await _body(request)
        if body is None:
            return _refused(413, "too long")
        if not self._is_slack(request, body):
            return _refused(401, "not signed by Slack")
        payload = _payload(body, request.content_type)
        if payload is None:
            return _refused(400, "not readable")
        if text_of(payload, "type") == "url_verification":
            return web.json_response({"challenge": text_of(payload, "challenge")})
        try:
            answer = await self._take(dict(payload))
        except (StorageError, TransportError) as error:
            log.warning("A request of Slack's is not stored: %s", error)
            return _refused(503, "not stored")
        return web.json_response(answer) if answer else web.Response()

    def _is_slack(self, request: web.Request, body: bytes) -> bool:
        """Check the signature; whatever the SDK's verifier cannot stand is refused before it."""
        time = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (time.isascii() and time.isdigit() and len(time) < 12 and signature.isascii()):
            return False
        try:
            body.decode()
        except UnicodeDecodeError:
            return False
        return bool(self._verifier.is_valid(body, time, signature))


async def _body(request: web.Request) -> bytes | None:
    """Read a body, or None when it is too long."""
    if (request.content_length or 0) > LARGEST:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _payload(body: bytes, content_type: str) -> Object | None:
    try:
        if content_type == "application/json":
            return parse(body)
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=100)
        if "payload" in fields:
            return parse(fields["payload"][0].encode())
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()} if "command" in fields else None


def _refused(status: int, why: str) -> web.Response:
    # Never the body: it may be anybody's, or somebody's secret.
    log.warning(
        "A request to Slack's address is refused: %s", why, extra={"event": "slack_refused"}
    )
    return web.json_response({"error": why}, status=status)
