"""How fast is the core alone? A service that answers at once, SQLite that syncs every commit.

The sides of a comparison are measured in turn, in one process. Aims: 3,000 events stored a second,
1,000 simple commands a second all the way, at a million stored messages within 1.2 times the empty
database; no delay by a slow command in another room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.bench import side
from tests.bench.conftest import NewTable
from tests.bench.figures import Table, percentile, times
from tests.bench.past import fill

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

COLUMNS = (
    *("messages/s", "CPU µs each", "stored p50 ms", "stored p99 ms"),
    *("answered p50 ms", "answered p99 ms", "lost", "twice", "compared"),
)
Sides = Mapping[str, dict[str, Any]]
Runs = list[dict[str, Any]]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    fast: int  # messages of a run that is as fast as it can be
    single: int  # ... that commits each message
    slow: int  # ... at a steady rate
    past: int  # messages


@pytest.fixture
def size(short: bool) -> Size:
    return Size(1, 400, 50, 30, 20_000) if short else Size(3, 3_000, 500, 300, 1_000_000)


def measure(sides: Sides, rounds: int, folder: Path, past: Path | None = None) -> dict[str, Runs]:
    """Run every side in turn, again and again, each on a new database if it has no past."""
    tasks = [
        task | {"database": str(past if "database" in task else folder / f"{number}-{at}.db")}
        for number in range(rounds)
        for at, task in enumerate(sides.values())
    ]
    runs = side.run("tests.bench.core", tasks, folder)
    found = {name: runs[at :: len(sides)] for at, name in enumerate(sides)}
    for name, ran in found.items():
        for run in ran:
            assert (run["lost"], run["twice"]) == (0, 0), name
    return found


def show(table: Table, found: Mapping[str, Runs], against: Mapping[str, str]) -> None:
    """Add a row for each side; `against` names the side that it is compared with."""
    for name, runs in found.items():
        figures: dict[str, Any] = {
            "CPU µs each": median(1e6 * run["cpu_seconds"] / run["count"] for run in runs),
            "lost": sum(run["lost"] for run in runs),
            "twice": sum(run["twice"] for run in runs),
        }
        if runs[0]["measure"] == "pace":
            for what in ("stored", "answered"):
                values = [1000 * value for run in runs for value in run[what]]
                figures[f"{what} p50 ms"] = median(values)
                figures[f"{what} p99 ms"] = percentile(values, 99)
        else:
            figures["messages/s"] = median(run["count"] / run["seconds"] for run in runs)
        if (other := against.get(name)) is not None:
            figures["compared"] = f"{_compared(runs, found[other])} {other}"
        table.add(name, **figures)


def _compared(ours: Runs, theirs: Runs) -> str:
    if ours[0]["measure"] == "pace":
        here, there = ([v for run in runs for v in run["answered"]] for runs in (ours, theirs))
        return f"p50 {times(here, there)} p99 {percentile(here, 99) / percentile(there, 99):.2f}×"
    return times([run["seconds"] for run in ours], [run["seconds"] for run in theirs])


def test_storing_alone(table: NewTable, size: Size, tmp_path: Path) -> None:
    sides = {
        "batches of 50": {"measure": "intake", "count": size.fast},
        "singly, 50 at once": {
            "measure": "intake",
            "count": size.fast,
            "batch": 1,
            "in_flight": 50,
        },
        "a commit each": {"measure": "intake", "count": size.single, "batch": 1, "group_limit": 1},
    }
    show(table("core, stored", COLUMNS), measure(sides, size.rounds, tmp_path), {})


def test_the_whole_way(table: NewTable, size: Size, tmp_path: Path) -> None:
    fast = {"measure": "journey", "count": size.fast}
    sides = {
        "batches of 50": fast,
        "singly, 50 at once": fast | {"batch": 1, "in_flight": 50},
        "no group commit": fast | {"count": size.single, "group_limit": 1},
        "all of Deskside": fast | {"product": True},
        "not recorded": fast | {"text": "!ping unrecorded"},
    }
    found = measure(sides, size.rounds, tmp_path)
    show(table("core, answered", COLUMNS), found, {"batches of 50": "not recorded"})


def test_single_messages(table: NewTable, size: Size, tmp_path: Path) -> None:
    steady = {"measure": "pace", "count": size.slow}
    sides = {
        "50/s": steady,
        "50/s, no group commit": steady | {"group_limit": 1},
        "50/s, another room waits 2 s": steady | {"slowly": True},
    }
    found = measure(sides, size.rounds, tmp_path)
    against = {name: "50/s" for name in sides if name != "50/s"}
    show(table("core, single messages", COLUMNS), found, against)


def test_a_long_past(table: NewTable, size: Size, tmp_path: Path) -> None:
    past = tmp_path / "past.db"
    fill(past, size.past)
    kinds = {
        "stored": {"measure": "intake", "count": size.fast},
        "answered": {"measure": "journey", "count": size.fast},
        "50/s": {"measure": "pace", "count": size.slow},
    }
    sides: dict[str, dict[str, Any]] = {}
    against: dict[str, str] = {}
    for kind, task in kinds.items():
        sides[f"{kind}, empty"] = task
        sides[f"{kind}, {size.past:,}"] = task | {"database": "past"}
        against[f"{kind}, {size.past:,}"] = f"{kind}, empty"
    found = measure(sides, size.rounds, tmp_path, past)
    show(table("core, messages stored before", COLUMNS), found, against)
    past.unlink()  # a gigabyte
