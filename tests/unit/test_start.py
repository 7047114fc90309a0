"""What is loaded before it is needed: nothing that somebody who waits could notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SERVICES = {"nio", "slack_sdk", "slack_bolt", "aiohttp", "psycopg"}
HEAVY = {"sqlalchemy", "sqlmodel", "pydantic", "numpy", "prompt_toolkit", "asyncio", "rich"}
LOOK = """
import sys
from bot.__main__ import main
sys.argv = ["deskside", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write(" ".join({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(*arguments: str, script: str = "", ends_with: int = 0) -> set[str]:
    """Return what the command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments],
        input=script,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == ends_with, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_what_needs_no_desk_loads_none(asked: str) -> None:
    assert loaded(asked) & (SERVICES | HEAVY | {"alembic"}) == set()


def test_printing_the_app_for_slack_loads_no_client_of_it() -> None:
    found = loaded("slack", "manifest")
    assert "pydantic" in found
    assert found & SERVICES == set()


@pytest.mark.parametrize(
    ("config", "other"),
    [
        (
            '[matrix]\nhomeserver = "http://127.0.0.1:9"\nuser_id = "@a:b"\naccess_token = "x"\n',
            {"slack_sdk", "slack_bolt"},
        ),
        (
            '[slack]\nbot_token = "x"\napp_token = "x"\nteam_id = "T1"\n'
            'api_url = "http://127.0.0.1:9"\n',
            {"nio"},
        ),
    ],
    ids=["matrix", "slack"],
)
def test_a_desk_loads_only_the_service_it_runs_on(
    tmp_path: Path, config: str, other: set[str]
) -> None:
    file = tmp_path / "desk.toml"
    # The database is none, so that it ends once everything is put together.
    file.write_text(f'{config}[database]\nurl = "mysql://none"\n')
    found = loaded("run", "--config", str(file), ends_with=1)
    assert "aiohttp" in found
    assert "apscheduler" in found
    assert found & other == set()


def test_the_demo_loads_no_service() -> None:
    found = loaded("demo", script="alice: my vpn is down\n")
    assert "numpy" in found  # it did answer
    assert found & (SERVICES | {"prompt_toolkit", "dateparser"}) == set()
