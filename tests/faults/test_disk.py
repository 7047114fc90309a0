"""A disk that fills up while people write costs nobody anything but time."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.readme import ROOT

SIZE = "4m"
# In a mount namespace of its own, where it may mount without being root:
# https://man7.org/linux/man-pages/man7/user_namespaces.7.html
UNSHARE = ("unshare", "--map-root-user", "--mount", "sh", "-ec")
MOUNT = f'mount -t tmpfs -o size={SIZE} small "$1"; shift; exec "$@"'

OnASmallDisk = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def on_a_small_disk(tmp_path: Path) -> OnASmallDisk:
    """Runs a program with `tmp_path` a file system of four megabytes that it alone sees."""

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*UNSHARE, MOUNT, "sh", tmp_path, *command],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            cwd=ROOT,
        )

    if shutil.which("unshare") is None:
        pytest.skip("no small file system: there is no unshare here")
    if (tried := run("true")).returncode:
        pytest.skip(f"no small file system: {tried.stderr.strip()}")
    return run


def test_a_full_disk_loses_and_repeats_nothing_and_needs_no_restart(
    on_a_small_disk: OnASmallDisk, tmp_path: Path
) -> None:
    done = on_a_small_disk(sys.executable, "-m", "tests.faults.small_disk", str(tmp_path))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    full = seen["full"]
    assert full["stored"] > 1
    # What is small may find room again when SQLite has emptied its log; it is stored then.
    refusals = [full["page"], *([] if full["acknowledged"][-1] else [full["page_later"]])]
    for status, detail in refusals:
        assert status == 503
        assert detail.startswith("The disk with the database is full: free some space")
    assert seen["told"][: len(full["told"])] == full["told"]
    assert seen["page"] == [200, "0 writes waiting"]
    assert seen["answered"] == seen["said"]
    assert seen["lamps"] == [f"lamp {number} is dark" for number in range(len(seen["said"]))]
    assert (seen["cards"], seen["undone"]) == (len(seen["said"]), 0)
