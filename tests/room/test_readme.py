"""What the README and CONTRIBUTING show is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.arguments import parse
from bot.compose import routers
from bot.config import load
from bot.router import Commands
from tests.readme import ROOT, block


def deskside(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
        check=False,
    )


def test_the_look_at_it_is_what_the_script_prints() -> None:
    played = deskside("demo", "--script", "-", stdin=block("script"))
    assert (played.stdout, played.stderr, played.returncode) == (block("output"), "", 0)


def test_the_matrix_configuration_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "matrix-token").write_text("syt_secret\n")
    file = tmp_path / "deskside.toml"
    file.write_text(block("config"))
    config = load(file)
    assert config.matrix is not None
    assert config.matrix.access_token is not None
    assert config.matrix.access_token.get_secret_value() == "syt_secret"
    assert [room.kind for room in config.rooms] == ["support", "staff"]


def test_the_set_up_is_checked_by_the_command_shown(tmp_path: Path) -> None:
    file = tmp_path / "deskside.toml"
    file.write_text(block("config"))
    command = block("check").splitlines()[0].split()
    assert command[:2] == [".venv/bin/deskside", "check"]
    checked = deskside("check", "--config", str(file))
    assert checked.returncode == 1
    assert "matrix.access_token_file" in checked.stderr


SHOWN = re.findall(r"^\| `!(.*?)`", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("line", SHOWN)
def test_what_people_can_write_is_a_command(line: str) -> None:
    match = Commands(routers()).match(line)
    parse(match.command.parameters, match.rest)


def test_the_handler_in_contributing_declares_a_command() -> None:
    scope: dict[str, object] = {}
    exec(compile(block("handler", "CONTRIBUTING.md"), "CONTRIBUTING.md", "exec"), scope)
    router = scope["router"]
    assert [c.usage for c in router.commands] == ["desk take <#number>"]  # type: ignore[attr-defined]
