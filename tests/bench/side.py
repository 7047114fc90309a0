"""One side of a measurement: a process of its own, which writes what it measured to a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.leash import last_words, spawn

ROOT = Path(__file__).parents[2]


def run(module: str, task: dict[str, Any], folder: Path, patience: float = 300) -> dict[str, Any]:
    """Run a module's measurement to its end and return it.

    Args:
        module: whose `__main__` calls `report`.
        task: what to measure; JSON.
        folder: where its result and its log go.
        patience: seconds until it counts as hanging.
    """
    result, log = folder / "result.json", folder / "side.log"
    result.unlink(missing_ok=True)
    process = spawn([sys.executable, "-m", module, json.dumps(task), result], log, folder=ROOT)
    try:
        code = process.wait(patience)
    finally:
        process.kill()
        process.wait()
    assert code == 0, last_words(log)
    found: dict[str, Any] = json.loads(result.read_text())
    return found


def task() -> dict[str, Any]:
    """Return, inside the process, what it was asked to measure."""
    asked: dict[str, Any] = json.loads(sys.argv[1])
    return asked


def report(result: dict[str, Any]) -> None:
    """Hand, inside the process, over what was measured."""
    Path(sys.argv[2]).write_text(json.dumps(result))


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
