"""What holds everywhere in the code, and the exceptions to it, each by name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import DateTime
from sqlmodel import SQLModel

import bot.compose  # noqa: F401 - so that every table is declared

HERE = Path(__file__).parents[2]
LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 40  # lines

# The values that travel, and the tables, are best read together.
LONG_MODULES = {"bot/events.py", "bot/storage/tables.py"}
LONG_FUNCTIONS: set[str] = set()

# Each carries what it caught to whoever must hear of it, or keeps a loop alive and logs it.
BROAD_EXCEPTS = {
    "bot/dispatcher.py:_decide": 1,
    "bot/dispatcher.py:_give_up": 1,
    "bot/dispatcher.py:_prepare": 1,
    "bot/errands.py:_carry_out": 1,
    "bot/inbox.py:_store_together": 1,
    "bot/sender.py:_attempt": 1,
    "bot/storage/database.py:open": 1,
    "bot/storage/engine.py:parse": 1,
    "bot/storage/tenure.py:_on_connect": 1,
    "bot/storage/writer.py:_answer": 1,
    "bot/storage/writer.py:_commit": 1,
    "bot/storage/writer.py:_run_job": 1,
    "bot/supervisor.py:run": 1,
    "bot/ticker.py:_do": 1,
    "bot/transports/slack/receiving.py:take": 1,
}

SERVICES = re.compile(r"\b(?:slack|matrix|synapse)\b", re.IGNORECASE)
NAME_A_SERVICE = {
    "bot/check.py",
    "bot/command.py",
    "bot/compose.py",
    "bot/config.py",
    "bot/serve.py",
}


def sources(*folders: str) -> Iterator[tuple[str, ast.Module, str]]:
    """Yield path, tree and text of every Python file below the folders."""
    for folder in folders:
        for file in sorted((HERE / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            yield file.relative_to(HERE).as_posix(), ast.parse(text), text


def product() -> Iterator[tuple[str, ast.Module, str]]:
    """Yield the sources of what is shipped, without migrations, which are never changed."""
    for path, tree, text in sources("bot", "handlers", "knowledge"):
        if "/migrations/" not in path:
            yield path, tree, text


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function, inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return its lines without the docstring."""
    documented = ast.get_docstring(function, clean=False) or ""
    lines = documented.count("\n") + 1 if documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - lines


def test_no_module_is_too_long_to_read() -> None:
    long = {path for path, _, text in product() if len(text.splitlines()) > LONGEST_MODULE}
    assert long <= LONG_MODULES


def test_no_function_is_too_long_to_read() -> None:
    long = {
        f"{path}:{node.name}"
        for path, tree, _ in product()
        for node in functions(tree)
        if length(node) > LONGEST_FUNCTION
    }
    assert long == LONG_FUNCTIONS


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether it catches every error."""
    names = [node.id for node in ast.walk(handler.type or handler) if isinstance(node, ast.Name)]
    return handler.type is None or bool({"Exception", "BaseException"} & set(names))


def test_every_error_is_caught_only_where_it_is_known_to_be() -> None:
    found: dict[str, int] = {}
    for path, tree, _ in product():
        for function in functions(tree):
            broad = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.ExceptHandler) and is_broad(node)
            ]
            if broad:
                found[f"{path}:{function.name}"] = len(broad)
    assert found == BROAD_EXCEPTS


@pytest.mark.parametrize("table", SQLModel.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_time_is_stored_as_utc(table: object) -> None:
    for column in table.columns:  # type: ignore[attr-defined]
        kind = column.type
        if isinstance(getattr(kind, "impl_instance", kind), DateTime):
            assert type(kind).__name__ == "UTCDateTime", column


def test_services_are_named_in_their_transports_only() -> None:
    named = {
        path
        for path, tree, text in product()
        if not path.startswith(("bot/transports/", "knowledge/"))
        and SERVICES.search(_code(tree, text))
    }
    assert named <= NAME_A_SERVICE


def _code(tree: ast.Module, text: str) -> str:
    """Return the source without docstrings, which may give examples."""
    lines = text.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(line.partition("#")[0] for line in lines)


def test_no_test_sleeps() -> None:
    calls = re.compile(
        r"\b(?:asyncio|time)\.sleep\((?!0\))|\bfrom (?:asyncio|time) import .*\bsleep\b"
    )
    found = {
        path
        for path, _, text in sources("tests/unit", "tests/room")
        if calls.search(text) and not path.endswith("test_architecture.py")
    }
    assert found == set()


def test_tables_and_migrations_name_every_constraint() -> None:
    for table in SQLModel.metadata.sorted_tables:
        for constraint in table.constraints:
            assert constraint.name is not None, table.name
