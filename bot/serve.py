"""Runs a desk as a service: until a signal stops it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace

from bot.app import running
from bot.clock import SystemClock
from bot.compose import NO_SERVICE, compose, identified, transports_of
from bot.config import Config
from bot.errors import DesksideError
from bot.plan import Plan
from bot.transport import Transport
from bot.web.server import Served, serving


class NoService(DesksideError):
    """The configuration names no chat service to run on."""


async def serve(settings: Config) -> bool:
    """Run the desk until SIGTERM or SIGINT, standing by while another has its database.

    Returns False when SIGINT came before it was up; nothing is left half done then.

    Raises:
        NoService: there is nothing to run on.
    """
    clock = SystemClock()
    settings = await identified(settings, clock)
    transports: list[Transport] = transports_of(settings, clock)
    if not transports:
        raise NoService(NO_SERVICE)
    composed = await asyncio.to_thread(compose, settings, transports, clock)
    up, stop = asyncio.Event(), asyncio.Event()
    signals = _stop_on_signal(stop)
    work = asyncio.ensure_future(_work(settings, replace(composed, wait_for_lock=True), up, stop))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not up.is_set():
        work.cancel()  # it stands by, or has begun nothing yet that must be ended well
    with suppress(asyncio.CancelledError):
        await work
    return up.is_set() or signal.SIGINT not in signals


def _stop_on_signal(stop: asyncio.Event) -> set[signal.Signals]:
    """Set `stop` on a signal; returns the signals that came, which fills while they do."""
    came: set[signal.Signals] = set()
    loop = asyncio.get_running_loop()

    def take(number: signal.Signals) -> None:
        came.add(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, take, number)
    return came


async def _work(settings: Config, plan: Plan, up: asyncio.Event, stop: asyncio.Event) -> None:
    async with running(plan) as desk:
        up.set()
        web = settings.web
        served = [each for each in plan.transports if isinstance(each, Served)]
        routes = [route for each in served for route in each.routes()]
        async with serving(web.host, web.port, desk.health, routes):
            await stop.wait()
