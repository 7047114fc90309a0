"""Collects what is measured and shows it when everything has run."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.bench.figures import Table
from tests.live.conftest import _server, person, synapse

__all__ = ["_server", "person", "synapse"]  # fixtures

TABLES = pytest.StashKey[list[Table]]()

NewTable = Callable[[str, Sequence[str]], Table]


@pytest.fixture
def table(pytestconfig: pytest.Config) -> NewTable:
    """Begins a table that is shown at the end: `table("core", ["events/s", "lost"])`."""
    tables = pytestconfig.stash.setdefault(TABLES, [])

    def begin(title: str, columns: Sequence[str]) -> Table:
        tables.append(Table(title, columns))
        return tables[-1]

    return begin


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tables = config.stash.get(TABLES, [])
    for each in tables:
        terminalreporter.write_line("")
        for line in each.lines():
            terminalreporter.write_line(line)
    if tables and (file := config.getoption("--figures")) is not None:
        found = {each.title: each.rows for each in tables}
        Path(file).write_text(json.dumps(found, indent=2, ensure_ascii=False))
