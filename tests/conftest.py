"""What every floor of the suite may use."""

import os

import pytest

from tests.golden import Album
from tests.workers import workers


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--short",
        action="store_true",
        help="run the tests marked long or bench in a form of seconds, not minutes",
    )
    parser.addoption(
        "--figures",
        metavar="FILE",
        help="write what the tests marked bench measure there, too, as JSON",
    )
    parser.addoption(
        "--renew",
        action="store_true",
        help="keep in tests/golden how posts look now; look at the difference before committing it",
    )


@pytest.fixture(scope="session")
def short(pytestconfig: pytest.Config) -> bool:
    """Whether a long test should only show that it works."""
    return bool(pytestconfig.getoption("--short"))


@pytest.fixture
def slack_album(pytestconfig: pytest.Config) -> Album:
    """The looks of posts on Slack."""
    return Album("slack", renew=bool(pytestconfig.getoption("--renew")))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Say what `-n auto` means."""
    return workers(os.cpu_count() or 1, config.option.markexpr, config.args)
