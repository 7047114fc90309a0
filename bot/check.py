"""What is wrong with a set-up, and what to do about each thing: `deskside check`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.compose import NO_SERVICE, sample_articles, wrong_rules
from bot.config import Config
from bot.errors import StorageError
from bot.storage.engine import parse
from bot.transports.report import Report
from knowledge.articles import load

LEAST_FREE_BYTES = 500 * 1024 * 1024


async def check(config: Config) -> Report:
    """Look at the whole set-up."""
    report = Report([*_rooms(config), *_commands(config), *_database(config), *_articles(config)])
    if config.matrix is None and config.slack is None:
        report.wrong.append(NO_SERVICE)
    if config.matrix is not None:
        from bot.transports.matrix.check import check as check_matrix

        found = await check_matrix(config.matrix)
        report.wrong += [f"matrix: {sentence}" for sentence in found]
    if config.slack is not None:
        from bot.transports.slack.check import check as check_slack

        rooms = [room.id for room in config.rooms if room.transport == "slack"]
        people = config.people
        named = (*people.employees, *people.agents, *people.leads, *people.admins)
        seen = await check_slack(config.slack, rooms, named)
        report.wrong += [f"slack: {sentence}" for sentence in seen.wrong]
        report.notes += [f"slack: {sentence}" for sentence in seen.notes]
    return report


def _rooms(config: Config) -> Iterator[str]:
    kinds = {room.kind for room in config.rooms}
    if "support" not in kinds:
        yield 'rooms: there is no support room; add [[rooms]] with kind = "support".'
    if "staff" not in kinds:
        yield (
            "rooms: there is no staff room, so tickets are shown to nobody; add [[rooms]] "
            'with kind = "staff".'
        )
    services = {"matrix": config.matrix, "slack": config.slack}
    for room in config.rooms:
        if (
            room.transport in services
            and services[room.transport] is None
            and any(services.values())
        ):
            other = next(name for name in services if name != room.transport)
            yield (
                f"rooms: {room.id} is meant on {room.transport}, for which there is no section; "
                f'set its transport = "{other}", or take it out.'
            )
    ids = [(room.transport, room.id) for room in config.rooms]
    for double in sorted(
        {f"{transport} {id_}" for transport, id_ in ids if ids.count((transport, id_)) > 1}
    ):
        yield f"rooms: {double} is listed twice; keep one."


def _commands(config: Config) -> Iterator[str]:
    yield from (f"{error}." for error in wrong_rules(config))


def _database(config: Config) -> Iterator[str]:
    from bot.storage.migrate import state_of  # imports Alembic, which `run` can mostly do without

    url = config.database.url
    try:
        if (problem := state_of(url)) is not None:
            yield f"database: {problem}"
        parsed = parse(url)
    except StorageError as error:
        yield f"database: {error}"
        return
    if parsed.get_backend_name() == "sqlite" and make_url(url).database:
        folder = Path(str(parsed.database)).resolve().parent
        if not folder.is_dir():
            yield f"database: the folder {folder} is not there; make it."
        elif (free := shutil.disk_usage(folder).free) < LEAST_FREE_BYTES:
            yield f"database: only {free // 2**20} MB are free in {folder}; make room."


def _articles(config: Config) -> Iterator[str]:
    folder = Path(config.knowledge.folder) if config.knowledge.folder else sample_articles()
    if not folder.is_dir():
        yield f"knowledge.folder: {folder} is not a folder; make it, or correct the key."
        return
    loaded = load(folder)
    yield from (f"knowledge: {problem}" for problem in loaded.problems)
    if not loaded.articles:
        yield f"knowledge.folder: there is no article in {folder}; add a Markdown file."
