"""What is loaded before it is needed: nothing that somebody who waits could notice."""

from __future__ import annotations

import subprocess
import sys

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


def loaded(*arguments: str, script: str = "") -> set[str]:
    """Return what the command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *arguments],
        input=script,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_what_needs_no_desk_loads_none(asked: str) -> None:
    assert loaded(asked) & (SERVICES | HEAVY | {"alembic"}) == set()


def test_the_demo_loads_no_service() -> None:
    found = loaded("demo", script="alice: my vpn is down\n")
    assert "numpy" in found  # it did answer
    assert found & (SERVICES | {"prompt_toolkit", "dateparser"}) == set()
