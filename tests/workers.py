"""On how many cores a run of the suite is shared out."""

from collections.abc import Sequence
from pathlib import Path

EVERYDAY = "not long and not bench"  # as `addopts` in pyproject.toml has it
MOST = 4  # each may start a Synapse and a PostgreSQL of its own


def workers(cores: int, marks: str, arguments: Sequence[str]) -> int:
    """Return how many processes run what was asked for; 0 is this one alone.

    Whole folders are shared out. A file or a test that is named is looked at and debugged; what
    is long or measures has the machine to itself.
    """
    if marks != EVERYDAY or not all(Path(argument).is_dir() for argument in arguments):
        return 0
    return min(cores, MOST)
