"""Ctrl-C while it starts: it ends without a word, and the next start finds nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.readme import ROOT

# Stops at a moment until its standard input ends. Moments are those Python tells of:
# https://docs.python.org/3/library/audit_events.html
STARTED = """
import os, sys
happening, what = sys.argv[1:3]
del sys.argv[1:3]
def watch(event, details):
    global happening
    if event == happening and what in str(details[0]):
        happening = None
        os.write(1, b"now")
        os.read(0, 1)
sys.addaudithook(watch)
from bot.__main__ import main
main()
"""
CONFIG = """
[database]
url = "sqlite:///room.db"
[matrix]
homeserver = "http://127.0.0.1:9"
user_id = "@desk:example.org"
access_token = "none"
"""
DEMO = ("demo", "--script", "script", "--database", "room.db")
RUN = ("run", "--config", "deskside.toml")
MOMENTS = [
    (DEMO, "import", "typer"),
    (DEMO, "import", "sqlalchemy"),
    (DEMO, "open", "vpn-does-not-connect.md"),
    (DEMO, "import", "alembic"),
    (RUN, "import", "bot.serve"),
    (RUN, "import", "alembic"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where there is a script and a configuration."""
    (tmp_path / "script").write_text("alice: hello\n")
    (tmp_path / "deskside.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command; it is ended with the test."""
    processes = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTED, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("command", "happening", "what"), MOMENTS)
def test_control_c_ends_a_start_without_a_word(
    command: tuple[str, ...],
    happening: str,
    what: str,
    started: Callable[..., subprocess.Popen[str]],
) -> None:
    process = started(happening, what, *command)
    assert process.stdout is not None
    assert process.stdout.read(3) == "now"
    process.send_signal(signal.SIGINT)
    shown, told = process.communicate(timeout=60)
    assert (shown, told, process.returncode) == ("", "", 130)
    again = started("", "", *DEMO)
    shown, told = again.communicate(timeout=60)
    assert (told, again.returncode) == ("", 0)
