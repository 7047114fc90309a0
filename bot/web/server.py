"""Tells monitoring whether the desk lives and works: `/health/live`, `/health/ready`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.errors import ConfigError
from bot.transport import Health


@runtime_checkable
class Served(Protocol):
    """A transport that takes requests."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what the web server must serve for it."""
        ...


HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
READY = 200
NOT_READY = 503
_FOR_THE_LAST = 3.0  # seconds a request may still take when the server ends; Slack waits no longer


def application(
    health: Callable[[], Mapping[str, Health]], routes: Sequence[web.RouteDef] = ()
) -> web.Application:
    """Make the server's pages.

    Args:
        health: asked at each request; must not wait.
        routes: what others serve here; they look after the size of requests themselves.
    """

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True}, headers=HEADERS)

    async def ready(_request: web.Request) -> web.Response:
        parts = health()
        ok = all(part.ok for part in parts.values())
        body = {
            "ok": ok,
            "parts": {
                name: {
                    "ok": part.ok,
                    "detail": part.detail,
                    "last_contact": part.last_contact.isoformat() if part.last_contact else None,
                }
                for name, part in parts.items()
            },
        }
        return web.json_response(body, status=READY if ok else NOT_READY, headers=HEADERS)

    made = web.Application(client_max_size=1024)
    made.router.add_get("/health/live", live)
    made.router.add_get("/health/ready", ready)
    made.router.add_routes(routes)
    return made


@asynccontextmanager
async def serving(
    host: str,
    port: int,
    health: Callable[[], Mapping[str, Health]],
    routes: Sequence[web.RouteDef] = (),
) -> AsyncIterator[None]:
    """Serve while the block runs; port 0 serves nothing.

    Raises:
        ConfigError: the address cannot be used.
    """
    if port == 0:
        yield
        return
    app = application(health, routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FOR_THE_LAST)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            expected = f"{host}:{port} cannot be listened on ({error.strerror})"
            raise ConfigError("the configuration", "web.port", expected) from error
        yield
    finally:
        await runner.cleanup()
