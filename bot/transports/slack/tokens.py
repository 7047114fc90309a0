"""Which token is the bot's now? With rotation on, one refresher, and the new one kept first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.transports.slack.settings import SlackSettings
from bot.transports.wire import Object, integer_of, text_of

log = logging.getLogger(__name__)

# https://docs.slack.dev/authentication/using-token-rotation: a token lives twelve hours.
_BEFORE_ITS_END = timedelta(minutes=30)
_LIFETIME = 12 * 3600  # seconds, when Slack does not say
_AGAIN = 60.0  # seconds until what was not renewed is tried again, while the token is good
_TO_BE_KEPT = 3.0  # seconds a renewal is waited for when the bot stops

Keep = Callable[[str, str, datetime], Awaitable[None]]


class Caller(Protocol):
    """What can make a call."""

    async def call_as(self, token: str, method: str, **arguments: object) -> Object:
        """Call a method of the Web API."""
        ...


class Tokens:
    """The bot's token, renewed before it ends when the app rotates tokens.

    A refresh token can be used once, so the new pair is kept before it is used. Slack
    takes the old token until its end all the same, so nobody waits for a renewal before.

    Attributes:
        rotate: tokens are renewed.
        trouble: why the token could not be renewed lately, or "".
        keep: stores token, refresh token and the token's end; set once it can.
    """

    def __init__(self, settings: SlackSettings, clock: Clock) -> None:
        """Begin with the tokens of the configuration."""
        self._settings = settings
        self._clock = clock
        self._token = settings.bot_token.get_secret_value()
        refresh = settings.refresh_token
        self.rotate = refresh is not None
        self._refresh = refresh.get_secret_value() if refresh is not None else ""
        self._ends: datetime | None = None
        self._renewal: asyncio.Future[None] | None = None
        self._not_before = 0.0  # on the clock's `elapsed`
        self.trouble = ""
        self.keep: Keep | None = None

    def take(self, token: str, refresh: str, ends: datetime) -> None:
        """Go on with a pair that was kept."""
        self._token, self._refresh, self._ends = token, refresh, ends

    async def current(self, caller: Caller) -> str:
        """Return the token, renewed when it has ended. Raises TransportError."""
        now = self._clock.now()
        if self._ends is not None and now >= self._ends:
            return await self.renewed(caller, self._token)
        soon = self._ends is not None and now >= self._ends - _BEFORE_ITS_END
        if soon and self._clock.elapsed() >= self._not_before:
            self._begin(caller)
        return self._token

    async def renewed(self, caller: Caller, old: str) -> str:
        """Renew the token unless somebody else has since `old` was read.

        Raises:
            TransportError: REFUSED when Slack does not accept the refresh token.
        """
        if self._token == old:
            # Whoever asked may be cancelled; Slack's answer must be kept all the same.
            await asyncio.shield(self._begin(caller))
        return self._token

    def _begin(self, caller: Caller) -> asyncio.Future[None]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.ensure_future(self._renew(caller))
            self._renewal.add_done_callback(self._note)
        return self._renewal

    def _note(self, renewal: asyncio.Future[None]) -> None:
        error = None if renewal.cancelled() else renewal.exception()
        self.trouble = f"its token is not renewed: {error}" if error is not None else ""
        if error is not None:
            self._not_before = self._clock.elapsed() + _AGAIN
            log.warning(
                "Slack's token was not renewed: %s",
                error,
                extra={"event": "slack_token_not_renewed"},
            )

    async def settle(self) -> None:
        """Wait for a renewal that is under way; one that cannot be kept is given up."""
        if self._renewal is not None:
            await asyncio.wait((self._renewal,), timeout=_TO_BE_KEPT)
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    async def _renew(self, caller: Caller) -> None:
        token, refresh, seconds = await self._exchanged(caller)
        ends = self._clock.now() + timedelta(seconds=seconds)
        if self.keep is not None:
            await self.keep(token, refresh, ends)
        self.take(token, refresh, ends)
        log.info("Slack's token was renewed.", extra={"event": "slack_token_renewed"})

    async def _exchanged(self, caller: Caller) -> tuple[str, str, int]:
        secret = self._settings.client_secret
        try:
            answer = await caller.call_as(
                "",
                "oauth.v2.access",
                grant_type="refresh_token",
                refresh_token=self._refresh,
                client_id=self._settings.client_id,
                client_secret=secret.get_secret_value() if secret is not None else "",
            )
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            msg = f"Slack does not renew the bot's token ({error}); install the app again"
            raise TransportError(msg, failure=SendFailure.REFUSED) from error
        token, refresh = text_of(answer, "access_token"), text_of(answer, "refresh_token")
        if not (token and refresh):
            msg = "Slack's answer to the renewal has no new tokens; install the app again"
            raise TransportError(msg, failure=SendFailure.REFUSED)
        return token, refresh, integer_of(answer, "expires_in") or _LIFETIME
