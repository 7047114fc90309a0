"""The command line: try it, run it, check it.

Each command imports what it needs when it runs, so that `--help` and `--version` answer at
once and the demo does not wait for services it does without.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__

if TYPE_CHECKING:
    from bot.config import Config

command = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text, which a narrow or dumb terminal can show, and at once
    help="The chat bot of a persistent IT support room.",
)
slack = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Set up the app on Slack.")
command.add_typer(slack, name="slack")

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
        str | None, typer.Option(metavar="TIME", help="When a script begins: “2026-01-05 09:00”.")
    ] = None,
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="The room's time zone, an IANA name.")
    ] = "Europe/Berlin",
) -> None:
    """Try it: a support room on this terminal, with sample people and articles."""
    from bot.demo import Options, open_desk, run
    from bot.logs import set_up

    set_up("error", "text")
    raise typer.Exit(run(Options(script, database, now, zone), open_desk))


@command.command()
def run(config: ConfigFile) -> None:
    """Run the desk until it is stopped by SIGTERM or Ctrl-C."""
    import asyncio

    from bot.errors import ConfigError, StorageError
    from bot.logs import set_up
    from bot.serve import NoService, serve

    settings = _load(config)
    set_up(settings.log.level, settings.log.format)
    try:
        came_up = asyncio.run(serve(settings))
    except* (StorageError, ConfigError, NoService) as group:
        raise _stop("\n".join(str(error) for error in _leaves(group))) from None
    if not came_up:
        raise KeyboardInterrupt


@command.command()
def check(config: ConfigFile) -> None:
    """Say what is wrong with a configuration and what to do; exit code 1 when something is."""
    import asyncio

    from bot.check import check as run_checks
    from bot.logs import set_up

    settings = _load(config)
    set_up("error", "text")
    report = asyncio.run(run_checks(settings))
    for sentence in (*report.wrong, *report.notes):
        typer.echo(sentence)
    if report.wrong:
        raise typer.Exit(1)
    typer.echo("Everything is in order.")


@slack.command()
def manifest(
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", metavar="FILE", help="The configuration; no token needed."),
    ] = None,
    url: Annotated[
        str,
        typer.Option(metavar="URL", help="Where Slack reaches the web server, in http mode."),
    ] = "",
) -> None:
    """Print the manifest from which Slack makes the app."""
    import json

    from bot.compose import slack_manifest
    from bot.errors import ConfigError

    settings = None if config is None else _load(config, secrets=False)
    try:
        made = slack_manifest(settings, url)
    except ConfigError as error:
        raise _stop(str(error)) from None
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _load(file: Path, *, secrets: bool = True) -> Config:
    from bot.config import load
    from bot.errors import ConfigError

    try:
        return load(file, secrets=secrets)
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
