"""Logs: one line each, without secrets, whoever writes them."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL, Engine

from bot.logs import set_up
from bot.storage import engine as engines

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
log = logging.getLogger("tests.unit.logs")


@pytest.fixture
def root() -> Iterator[None]:
    """Put the root logger back as it was."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def written(style: str) -> str:
    stream = io.StringIO()
    set_up("info", "json" if style == "json" else "text", stream)
    try:
        raise RuntimeError(f"password: {TOKEN}")  # noqa: TRY301 - it is to be logged
    except RuntimeError:
        log.exception("failed with %s", TOKEN, extra={"event": "failed", "detail": f"x {TOKEN}"})
    log.debug("unseen")
    return stream.getvalue()


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.usefixtures("root")
def test_no_secret_is_logged(style: str) -> None:
    line = written(style)
    assert TOKEN not in line
    assert "failed with [masked: token]" in line
    assert "RuntimeError" in line


@pytest.mark.usefixtures("root")
def test_a_json_line_is_one_object_with_what_was_given() -> None:
    (line,) = written("json").splitlines()
    record = json.loads(line)
    assert (record["level"], record["event"], record["detail"]) == (
        "error",
        "failed",
        "x [masked: token]",
    )
    assert record["time"].endswith("+00:00")


@pytest.mark.usefixtures("root")
def test_a_text_line_begins_with_its_time() -> None:
    assert written("text").splitlines()[0][10:23].startswith("T")


@pytest.mark.parametrize("url", ["sqlite:///desk.db", "postgresql://desk"])
@pytest.mark.parametrize(
    "made", [engines.writer_engine, engines.reader_engine, engines.migration_engine]
)
def test_no_statement_s_values_are_logged(made: Callable[[URL], Engine], url: str) -> None:
    assert made(engines.parse(url)).hide_parameters
