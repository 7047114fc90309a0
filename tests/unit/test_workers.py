import tomllib

import pytest

from tests.readme import ROOT
from tests.workers import EVERYDAY, MOST, workers

TESTS = str(ROOT / "tests")


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (2, 2), (64, MOST)])
def test_whole_folders_are_shared_out_to_the_cores(cores: int, expected: int) -> None:
    assert workers(cores, EVERYDAY, [TESTS]) == expected


@pytest.mark.parametrize("named", [__file__, f"{__file__}::test_what_is_named_is_not"])
def test_what_is_named_is_not(named: str) -> None:
    assert workers(2, EVERYDAY, [TESTS, named]) == 0


@pytest.mark.parametrize("marks", ["long", "bench", "long or bench"])
def test_what_is_long_or_measures_is_not(marks: str) -> None:
    assert workers(2, marks, [TESTS]) == 0


def test_the_everyday_run_is_the_one_configured() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert f"-m={EVERYDAY}" in project["tool"]["pytest"]["addopts"]
