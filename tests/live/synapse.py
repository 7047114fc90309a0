"""A real Matrix server for the tests: Synapse, in a process of its own, for this machine only."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from tests.leash import last_words, spawn
from tests.workers import MOST

START_TIMEOUT = 60  # seconds; it needs two to three when the machine is idle
STOP_TIMEOUT = 10  # seconds, then it is killed

AMPLE = {"per_second": 10_000, "burst_count": 10_000}
# https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html#ratelimiting
NO_LIMITS: Mapping[str, object] = {
    "rc_message": AMPLE,
    "rc_registration": AMPLE,
    "rc_login": {"address": AMPLE, "account": AMPLE, "failed_attempts": AMPLE},
    "rc_admin_redaction": AMPLE,
    "rc_joins": {"local": AMPLE, "remote": AMPLE},
    "rc_joins_per_room": AMPLE,
    "rc_invites": {"per_room": AMPLE, "per_user": AMPLE, "per_issuer": AMPLE},
    "rc_media_create": AMPLE,
    "rc_room_creation": AMPLE,
}


@dataclass(frozen=True)
class Account:
    """Someone who has registered, and their first device."""

    user_id: str
    access_token: str
    device_id: str
    password: str


class Synapse:
    """Runs a server whose data lie in a folder; may be stopped and started again.

    It belongs to no event loop, so one server can serve a whole session of tests.
    """

    server_name = "desk.test"

    def __init__(
        self,
        folder: Path,
        *,
        own_limits: bool = False,
        limits: Mapping[str, object] | None = None,
    ) -> None:
        """Prepare a server in an empty folder.

        Args:
            folder: Where its data and its log go.
            own_limits: Keep Synapse's own rate limits (0.2 messages a second, bursts of 10).
            limits: Of other rates, as its configuration names them.
        """
        self._folder = folder
        self._config = folder / "synapse.yaml"
        self._secret = secrets.token_hex()
        self._process: subprocess.Popen[bytes] | None = None
        self._admin: Account | None = None
        self._port = _free_port()
        self.base_url = f"http://127.0.0.1:{self._port}"
        folder.mkdir(exist_ok=True)
        self._write_files({} if own_limits else {**NO_LIMITS, **(limits or {})})

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self._folder / "synapse.log"

    async def start(self) -> None:
        """Start the server and wait until it answers."""
        assert not self.is_running
        synapse: list[str | Path] = [
            sys.executable,
            "-m",
            "synapse.app.homeserver",
            "-c",
            self._config,
        ]
        self._process = spawn(synapse, self.log)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                while not await self._answers():
                    if not self.is_running:
                        raise RuntimeError(f"Synapse did not start:\n{last_words(self.log)}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.stop()
            raise TimeoutError(f"Synapse does not answer:\n{last_words(self.log)}") from None

    async def stop(self) -> None:
        """Stop the server; its data stay. Does nothing when it is not running."""
        if self._process is None:
            return
        self._process.terminate()
        self.thaw()
        try:
            await asyncio.to_thread(self._process.wait, STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    async def restart(self) -> None:
        """Stop the server and start it again, at the same address and with the same data."""
        await self.stop()
        await self.start()

    def freeze(self) -> None:
        """Let the server hang: it accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server go on where it hung."""
        self._signal(signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the server hang for as long as this lasts."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    async def register(self, name: str, *, admin: bool = False) -> Account:
        """Register someone under a name that nobody has yet.

        https://element-hq.github.io/synapse/latest/admin_api/register_api.html
        """
        path, password = "/_synapse/admin/v1/register", secrets.token_hex()
        nonce = (await self._request("GET", path))["nonce"]
        words = [nonce, name, password, "admin" if admin else "notadmin"]
        mac = hmac.new(self._secret.encode(), "\0".join(words).encode(), hashlib.sha1)
        answer = await self._request(
            "POST",
            path,
            nonce=nonce,
            username=name,
            password=password,
            admin=admin,
            mac=mac.hexdigest(),
        )
        return Account(
            user_id=answer["user_id"],
            access_token=answer["access_token"],
            device_id=answer["device_id"],
            password=password,
        )

    async def exempt(self, user_id: str) -> None:
        """Free someone from all rate limits."""
        await self.limit(user_id, per_second=0, burst=0)

    async def limit(self, user_id: str, *, per_second: int, burst: int) -> None:
        """Give someone rate limits of their own.

        https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#override-ratelimiting-for-users
        """
        if self._admin is None:
            self._admin = await self.register("admin", admin=True)
        await self._request(
            "POST",
            f"/_synapse/admin/v1/users/{quote(user_id)}/override_ratelimit",
            messages_per_second=per_second,
            burst_count=burst,
        )

    async def _request(self, method: str, path: str, **body: object) -> dict[str, Any]:
        headers = {}
        if self._admin is not None:
            headers["Authorization"] = f"Bearer {self._admin.access_token}"
        async with (
            aiohttp.ClientSession(self.base_url, headers=headers) as session,
            session.request(method, path, json=body or None) as response,
        ):
            answer: dict[str, Any] = await response.json()
            assert response.ok, answer
            return answer

    async def _answers(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession(self.base_url) as session,
                session.get("/health") as response,
            ):
                return response.ok
        except aiohttp.ClientConnectionError:
            return False

    def _signal(self, signal_number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(signal_number)

    def _write_files(self, limits: Mapping[str, object]) -> None:
        folder = self._folder
        (folder / "log").write_text(
            json.dumps(
                {
                    "version": 1,
                    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
                    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
                    "root": {"level": "WARNING", "handlers": ["stderr"]},
                }
            )
        )
        # https://spec.matrix.org/v1.17/appendices/#unpadded-base64
        key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (folder / "signing.key").write_text(f"ed25519 a_test {key}\n")
        config = {
            "server_name": self.server_name,
            "public_baseurl": self.base_url,
            "listeners": [
                {
                    "type": "http",
                    "port": self._port,
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(folder / "synapse.db")}},
            "media_store_path": str(folder / "media"),
            "log_config": str(folder / "log"),
            "pid_file": str(folder / "pid"),
            "signing_key_path": str(folder / "signing.key"),
            "registration_shared_secret": self._secret,
            "macaroon_secret_key": secrets.token_hex(),
            "form_secret": secrets.token_hex(),
            "bcrypt_rounds": 4,
            "report_stats": False,
            "presence": {"enabled": False},
            # Nobody else: no federation, and no servers whose keys could be asked for.
            "federation_domain_whitelist": [],
            "trusted_key_servers": [],
            **limits,
        }
        self._config.write_text(json.dumps(config))  # which is YAML, too


def _free_port() -> int:
    """Find a port that nothing listens on.

    It is none of those that the system gives to outgoing connections: while the server is
    stopped, somebody who tries to reach it could otherwise be given its port and keep it.
    Nor could another worker of this run find it before the server listens.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = random.randrange(20_000 + worker % MOST, 32_000, MOST)
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
