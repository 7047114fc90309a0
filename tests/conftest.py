"""What every floor of the suite may use."""

import pytest


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


@pytest.fixture(scope="session")
def short(pytestconfig: pytest.Config) -> bool:
    """Whether a long test should only show that it works."""
    return bool(pytestconfig.getoption("--short"))
