"""`deskside run`: it stands by while another process has the database, and stops when told to."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from bot import serve as command
from bot.app import Plan
from bot.config import Config, DatabaseSettings
from tests.desk import composed
from tests.service import FakeService

Serve = Callable[[], asyncio.Task[bool]]


@pytest.fixture
def service() -> FakeService:
    """The chat service it is to run on."""
    return FakeService()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The database it is to use."""
    return tmp_path / "desk.db"


@pytest.fixture
def serve(service: FakeService, file: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Run the command in this process."""
    url = f"sqlite:///{file}"

    def compose(*_: object) -> Plan:
        return replace(composed(), database_url=url, transports=[service])

    monkeypatch.setattr(command, "compose", compose)
    monkeypatch.setattr(command, "transports_of", lambda *_: [service])
    monkeypatch.setattr("bot.storage.tenure.STANDBY_SECONDS", 0.01)
    settings = Config(database=DatabaseSettings(url=url))
    return lambda: asyncio.ensure_future(command.serve(settings))


async def stand_by(caplog: pytest.LogCaptureFixture) -> None:
    """Wait until it says that it stands by."""
    async with asyncio.timeout(20):
        while "standing by" not in caplog.text:
            await asyncio.to_thread(lambda: None)


async def test_a_second_one_stands_by_and_takes_over(
    serve: Serve, service: FakeService, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with FileLock(f"{file}.lock"):
        second = serve()
        await stand_by(caplog)
    async with asyncio.timeout(20):
        await service.runs()
        os.kill(os.getpid(), signal.SIGTERM)
        await second
    assert service.closings == 1


async def test_who_stands_by_stops_at_once(
    serve: Serve, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with FileLock(f"{file}.lock"):
        second = serve()
        await stand_by(caplog)
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(5):
            await second
