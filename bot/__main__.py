"""The command `deskside`: try it, run it, check it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.app import Deskside, Plan, running
from bot.check import check as run_checks
from bot.clock import SystemClock
from bot.compose import compose, transports_of
from bot.config import Config, DatabaseSettings, DeskSettings, RoomSettings, load
from bot.demo import Options, Scene
from bot.demo import run as run_demo
from bot.errors import ConfigError, StorageError
from bot.logs import set_up
from bot.transport import Transport
from bot.web.server import serving

command = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The chat bot of a persistent IT support room.",
)

ConfigFile = Annotated[
    Path, typer.Option("--config", "-c", metavar="FILE", help="The configuration, a TOML file.")
]


def _version(*, shown: bool) -> None:
    if shown:
        typer.echo(f"deskside {__version__}")
        raise typer.Exit


@command.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit.",
            is_eager=True,
            callback=lambda value: _version(shown=value),
        ),
    ] = False,
) -> None:
    del version


@command.command()
def demo(
    script: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Play this script instead; - is standard input."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep the room here: a SQLite file, or a URL."),
    ] = None,
    now: Annotated[
        str | None, typer.Option(help="When a script begins: “2026-01-05 09:00”.")
    ] = None,
    zone: Annotated[str, typer.Option(help="The room's time zone.")] = "Europe/Berlin",
) -> None:
    """Try it: a support room on this terminal, with sample people and articles."""
    set_up("error", "text")
    raise typer.Exit(run_demo(Options(script, database, now, zone), _open_demo))


@asynccontextmanager
async def _open_demo(scene: Scene) -> AsyncIterator[Deskside]:
    config = Config(
        desk=DeskSettings(zone=scene.zone),
        database=DatabaseSettings(url=scene.database_url),
        rooms=(
            RoomSettings(transport="console", id="support", kind="support"),
            RoomSettings(transport="console", id="staff", kind="staff"),
        ),
    )
    plan = await asyncio.to_thread(compose, config, [scene.transport], scene.clock)
    async with running(plan) as desk:
        yield desk


@command.command()
def run(config: ConfigFile) -> None:
    """Run the desk until it is stopped by SIGTERM or Ctrl-C."""
    settings = _load(config)
    set_up(settings.log.level, settings.log.format)
    try:
        asyncio.run(_serve(settings))
    except* (StorageError, ConfigError) as group:
        raise _stop("\n".join(str(error) for error in _leaves(group))) from None


async def _serve(settings: Config) -> None:
    clock = SystemClock()
    transports: list[Transport] = transports_of(settings, clock)
    if not transports:
        raise _stop("No chat service is configured: add a [matrix] section.")
    composed = await asyncio.to_thread(compose, settings, transports, clock)
    stop, up = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = asyncio.ensure_future(_work(settings, replace(composed, wait_for_lock=True), up, stop))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not up.is_set():
        work.cancel()  # it stands by, or has begun nothing yet that must be ended well
    with suppress(asyncio.CancelledError):
        await work


async def _work(settings: Config, plan: Plan, up: asyncio.Event, stop: asyncio.Event) -> None:
    async with running(plan) as desk:
        up.set()
        async with serving(settings.web.host, settings.web.port, desk.health):
            await stop.wait()


@command.command()
def check(config: ConfigFile) -> None:
    """Say what is wrong with a configuration and what to do; exit code 1 when something is."""
    settings = _load(config)
    set_up("error", "text")
    found = asyncio.run(run_checks(settings))
    for sentence in found:
        typer.echo(sentence)
    if found:
        raise typer.Exit(1)
    typer.echo("Everything is in order.")


def _load(file: Path) -> Config:
    try:
        return load(file)
    except* ConfigError as group:
        lines = "\n".join(str(error) for error in group.exceptions)
        raise _stop(lines) from None


def _leaves(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    found: list[Exception] = []
    for error in group.exceptions:
        found.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return found


def _stop(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(1)


def main() -> None:
    """Run the command line."""
    command()


if __name__ == "__main__":
    main()
