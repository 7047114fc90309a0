"""What is measured in a process of its own, and what a process costs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.leash import last_words, spawn

ROOT = Path(__file__).parents[2]

Task = dict[str, Any]
Result = dict[str, Any]


def run(module: str, tasks: Sequence[Task], folder: Path, patience: float = 1500) -> list[Result]:
    """Have a module measure one thing after the other and return what it found.

    Args:
        module: whose `__main__` calls `report`.
        tasks: what to measure; JSON.
        folder: where the results and the log go.
        patience: seconds until it counts as hanging.
    """
    results, log = folder / "results.json", folder / "side.log"
    process = spawn([sys.executable, "-m", module, json.dumps(tasks), results], log, folder=ROOT)
    try:
        code = process.wait(patience)
    finally:
        process.kill()
        process.wait()
    assert code == 0, last_words(log)
    found: list[Result] = json.loads(results.read_text())
    return found


def tasks() -> list[Task]:
    """Return, inside the process, what it was asked to measure."""
    asked: list[Task] = json.loads(sys.argv[1])
    return asked


def report(results: Sequence[Result]) -> None:
    """Hand, inside the process, over what was measured."""
    Path(sys.argv[2]).write_text(json.dumps(results))


def cpu_seconds(pid: int) -> float:
    """Return how long a process has computed, all its threads together. Linux only."""
    # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime; the name
    # before them may hold anything, so what counts begins behind its bracket.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return how much memory a process occupies. Linux only."""
    [line] = [
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    ]
    return int(line.split()[1]) / 1024
