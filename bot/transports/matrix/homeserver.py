"""Asks the homeserver: one HTTP session, one attempt a call, errors that say what is known."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import aiohttp
from nio import AsyncClient, AsyncClientConfig

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.transports.matrix.refusals import Refusal, refusal
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.wire import EMPTY, Object, parse, text_of

log = logging.getLogger(__name__)

_V3 = "/_matrix/client/v3"


def path(*parts: str) -> str:
    """Return the path of an endpoint of the client API; the parts are escaped."""
    return "/".join([_V3, *(quote(part, safe="") for part in parts)])


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be stored."""

    name: str
    media_type: str
    data: bytes


class Homeserver:
    """The bot's session on its homeserver, kept by nio's client.

    nio's own calls retry without limit on 429, ignore the Retry-After header and return
    their errors; its `send` does none of that, so everything goes through it.
    """

    def __init__(self, settings: MatrixSettings, clock: Clock) -> None:
        """Prepare a session; nothing is sent yet."""
        # nio says every event at INFO.
        logging.getLogger("nio").setLevel(logging.WARNING)
        self.settings = settings
        self._clock = clock
        self._client = AsyncClient(
            settings.homeserver,
            settings.user_id,
            device_id=settings.device_id,
            config=AsyncClientConfig(
                max_limit_exceeded=0,
                max_timeouts=0,
                store_sync_tokens=False,
                encryption_enabled=False,
                request_timeout=settings.request_timeout,
            ),
        )
        if settings.access_token is not None:
            self._use(settings.access_token.get_secret_value())
        self._renewing = asyncio.Lock()
        self.last_contact: datetime | None = None
        self.date: str | None = None  # the Date header of the last answer

    async def get(
        self,
        where: str,
        query: Mapping[str, str] | None = None,
        *,
        patience: float | None = None,
    ) -> Object:
        """Read something; `patience` is in seconds. Raises TransportError."""
        if query:
            where = f"{where}?{urlencode(query)}"
        return await self.call("GET", where, None, patience=patience)

    async def put(self, where: str, body: Object, *, patience: float | None = None) -> Object:
        """Store something. Raises TransportError."""
        return await self.call("PUT", where, body, patience=patience)

    async def upload(self, file: Upload) -> str:
        """Store a file and return its `mxc://` address. Raises TransportError.

        https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload
        """
        where = f"/_matrix/media/v3/upload?{urlencode({'filename': file.name})}"
        address = text_of(await self.call("POST", where, file), "content_uri")
        if not address.startswith("mxc://"):
            msg = "the answer to an upload has no content_uri"
            raise TransportError(msg, failure=SendFailure.UNKNOWN)
        return address

    async def post(self, where: str, body: Object = EMPTY) -> Object:
        """Have something done. Raises TransportError."""
        return await self.call("POST", where, body)

    async def call(
        self,
        method: str,
        where: str,
        body: Object | Upload | None,
        *,
        patience: float | None = None,
    ) -> Object:
        """Make a request with our token; a session the server has ended softly is renewed once.

        Raises:
            TransportError: REFUSED when our access is gone for good.
        """
        if not self._client.access_token:
            await self._renew("")
        token = str(self._client.access_token)
        try:
            return await self._call(method, where, body, token, patience)
        except Refusal as error:
            # https://spec.matrix.org/v1.16/client-server-api/#soft-logout
            if not (error.failure is SendFailure.REFUSED and error.soft_logout):
                raise
            if self.settings.password is None:
                raise
        await self._renew(token)
        return await self._call(method, where, body, str(self._client.access_token), patience)

    async def _renew(self, old: str) -> None:
        """Log in anew on the same device, unless another task has."""
        async with self._renewing:
            if self._client.access_token != old:
                return
            if self.settings.password is None:
                msg = "there is no access token and no password for Matrix"
                raise TransportError(msg, failure=SendFailure.REFUSED)
            answer = await self._log_in(self.settings.password.get_secret_value())
            token = text_of(answer, "access_token")
            if not token:
                msg = "the homeserver's answer to the login has no access token"
                raise TransportError(msg)
            self._use(token)
            log.info("Logged in on Matrix.", extra={"event": "matrix_logged_in"})

    async def _log_in(self, password: str) -> Object:
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.settings.user_id},
            "password": password,
            "device_id": self.settings.device_id,
            "initial_device_display_name": "Deskside",
        }
        try:
            return await self._call("POST", path("login"), body, "", None)
        except Refusal as error:
            if error.failure is SendFailure.PERMANENT:
                msg = "the homeserver does not accept the bot's password"
                raise TransportError(msg, failure=SendFailure.REFUSED) from error
            raise

    def _use(self, token: str) -> None:
        self._client.restore_login(self.settings.user_id, self.settings.device_id, token)

    async def _call(
        self,
        method: str,
        where: str,
        body: Object | Upload | None,
        token: str,
        patience: float | None,
    ) -> Object:
        what = f"{method} {where.partition('?')[0]}"
        status, headers, content = await self._exchange(method, where, body, token, patience)
        try:
            answer = parse(content)
        except ValueError as error:
            if status == 200:
                msg = f"{what}: the answer is not JSON"
                raise TransportError(msg, failure=SendFailure.UNKNOWN) from error
            answer = EMPTY
        if status == 200:
            return answer
        raise refusal(what, status, headers.get("Retry-After"), answer, self._clock.now())

    async def _exchange(
        self,
        method: str,
        where: str,
        body: Object | Upload | None,
        token: str,
        patience: float | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        kind, content = _written(body)
        headers = {"Content-Type": kind}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        total = patience or self.settings.request_timeout
        what = f"{method} {where.partition('?')[0]}"
        self._open_session()
        try:
            response = await self._client.send(
                method,
                where,
                content,
                headers,
                timeout=aiohttp.ClientTimeout(total=total),
            )
            async with response:
                answer = await response.read()
        except aiohttp.ClientConnectorError as error:
            msg = f"{what}: the homeserver cannot be reached"
            raise TransportError(msg) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            msg = f"{what}: no answer ({type(error).__name__})"
            raise TransportError(msg, failure=SendFailure.UNKNOWN) from error
        self._note(response.headers.get("Date"))
        return response.status, response.headers, answer

    def _note(self, date: str | None) -> None:
        self.last_contact = self._clock.now()
        self.date = date

    def _open_session(self) -> None:
        """Give nio our session: its own leaves out HTTP proxies and keeps cookies."""
        if self._client.client_session is None:
            self._client.ssl = True
            self._client.client_session = aiohttp.ClientSession(
                proxy=self.settings.proxy, cookie_jar=aiohttp.DummyCookieJar()
            )

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._client.close()


def _written(body: Object | Upload | None) -> tuple[str, bytes | None]:
    """Return the type and the bytes of a request's body."""
    if isinstance(body, Upload):
        return body.media_type, body.data
    text = None if body is None else json.dumps(dict(body), ensure_ascii=False)
    return "application/json", None if text is None else text.encode()
