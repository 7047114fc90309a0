"""What is installed to run Deskside is what it was tested with."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / ".ci" / "requirements"


def pinned(name: str) -> set[str]:
    """Return the packages of a lock with their versions and where they are needed."""
    lines = (REQUIREMENTS / name).read_text().splitlines()
    return {line.rstrip(" \\") for line in lines if re.match(r"[a-z0-9]", line)}


@pytest.mark.parametrize("name", ["run.txt", "postgres.txt"])
def test_what_runs_is_what_was_tested(name: str) -> None:
    assert pinned(name) - pinned("test.txt") == set()


def test_what_runs_on_postgresql_is_what_runs_and_its_driver() -> None:
    more = {line.split("==")[0] for line in pinned("postgres.txt") - pinned("run.txt")}
    assert pinned("run.txt") - pinned("postgres.txt") == set()
    assert more == {"psycopg", "psycopg-binary"}
