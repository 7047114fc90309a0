import io
import os
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.demo import (
    Misuse,
    Options,
    Scene,
    database_url,
    read_script,
    read_time,
    run,
    run_script,
)
from bot.errors import DesksideError, StorageError
from bot.storage.lock import lock_of
from bot.transports.console.book import Book, RoomBook
from bot.transports.console.play import Desk
from bot.transports.console.script import ScriptError
from tests.unit.console.echo import open_echo

SCRIPT = """\
# A day in the room.
alice: my vpn is down

alice@support/1> Solved
bea@staff: hello
wait 1h30m
alice@dm: psst
"""
SHOWN = """\
[support 1] alice: my vpn is down
[support 1.1] Deskside: You said my vpn is down
    [Solved] !faq solved 1
[support 1.2] Deskside: Pressed: faq solved 1
[staff 1] bea: hello
[staff 1.1] Deskside: You said hello
    [Solved] !faq solved 1
[staff 1.2] Deskside: It is 09:30
[dm alice 1] alice: psst
[dm alice 2] Deskside: You said psst
    [Solved] faq solved 1
"""


def played(script: str | bytes, options: Options | None = None) -> str:
    shown = io.StringIO()
    data = script.encode() if isinstance(script, str) else script
    assert run_script(options or Options(), open_echo, io.BytesIO(data), shown) == 0
    return shown.getvalue()


def test_a_script_shows_what_everyone_sees() -> None:
    assert played(SCRIPT) == SHOWN


def test_a_script_may_come_from_windows() -> None:
    assert played(b"\xef\xbb\xbf" + SCRIPT.replace("\n", "\r\n").encode()) == SHOWN


def test_a_script_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "day.txt"
    file.write_text(SCRIPT)
    assert played("", Options(script=str(file))) == SHOWN


def test_a_script_can_do_all_that_people_do() -> None:
    shown = played("""\
erin joins support
erin: helo
erin@support edit 1: hello
alice +🎫 1
alice -🎫 1
erin@support delete 1
erin leaves support
""")
    assert [
        line for line in shown.splitlines() if "Deskside" not in line and "Solved" not in line
    ] == [
        "[support] erin joined",
        "[support 1] erin: helo",
        "[support 1 edited] erin: hello",
        "[support 1 reaction] alice 🎫",
        "[support 1 reaction removed] alice 🎫",
        "[support 1 deleted]",
        "[support] erin left",
    ]


LEFT = Book(people=["alice"], rooms={"support": RoomBook(["alice"], last=4)}).dump()


@pytest.mark.parametrize(
    ("now", "hour"),
    [(None, "09:00"), ("2026-01-05 09:00", "01:00")],  # UTC; it was left at 8
)
def test_a_stored_room_goes_on_when_it_was_left(now: str | None, hour: str) -> None:
    shown = io.StringIO()
    script = io.BytesIO(b"alice: hi\nwait 1h")
    options = Options(zone="Asia/Tokyo", now=now)
    assert run_script(options, partial(open_echo, stored=LEFT), script, shown) == 0
    assert "[support 5] alice: hi" in shown.getvalue()
    assert f"It is {hour}" in shown.getvalue()


def test_an_empty_script_shows_nothing() -> None:
    assert played("") == ""


def test_the_first_moment_can_be_chosen() -> None:
    options = Options(now="2026-07-01 12:00", zone="America/New_York")
    assert "It is 17:00" in played("alice: hi\nwait 1h", options)


def test_nothing_is_done_when_a_line_cannot_be_understood() -> None:
    shown = io.StringIO()
    with pytest.raises(ScriptError, match=r"line 2: “hello” is no act"):
        run_script(Options(), open_echo, io.BytesIO(b"alice: hi\nhello"), shown)
    assert shown.getvalue() == ""


def test_a_line_that_cannot_be_done_ends_the_script() -> None:
    shown = io.StringIO()
    with pytest.raises(ScriptError, match=r"line 2: There is no button \[Claim\]"):
        run_script(Options(), open_echo, io.BytesIO(b"alice: hi\nbea> Claim\nbea: ho"), shown)
    assert shown.getvalue().count("\n") == 3


def test_a_reader_that_goes_away_ends_the_script() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

        def fileno(self) -> int:
            return spare

    spare = os.open(os.devnull, os.O_WRONLY)
    assert run_script(Options(), open_echo, io.BytesIO(b"alice: hi\nbea> Claim"), Closed()) == 0
    os.close(spare)


def test_a_full_disk_is_told() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device", text)

        def fileno(self) -> int:
            return spare

    spare = os.open(os.devnull, os.O_WRONLY)
    with pytest.raises(DesksideError, match=r"cannot be written \(No space left"):
        run_script(Options(), open_echo, io.BytesIO(b"alice: hi"), Full())
    os.close(spare)


def test_an_output_without_emoji_still_shows_the_rest() -> None:
    raw = io.BytesIO()
    shown = io.TextIOWrapper(raw, encoding="ascii")
    run_script(Options(), open_echo, io.BytesIO("alice: 🎫 hi".encode()), shown)
    assert raw.getvalue().startswith(b"[support 1] alice: \\U0001f3ab hi\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing.txt", "nothing.txt: there is no such file"),
        (".", "it is a folder"),
        ("latin.txt", "line 2 is not UTF-8"),
        ("x" * 300, "cannot be read"),
    ],
)
def test_an_unreadable_script_is_told_in_a_sentence(
    name: str, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "latin.txt").write_bytes(b"alice: hi\nalice: gr\xfc\xdfe\n")
    with pytest.raises(Misuse, match=expected):
        read_script(str(tmp_path / name), io.BytesIO())


def test_standard_input_that_is_no_text_is_told() -> None:
    with pytest.raises(Misuse, match="standard input: line 1 is not UTF-8"):
        read_script("-", io.BytesIO("alice: hi".encode("utf-16")))


def test_a_time_is_local_unless_it_says_otherwise() -> None:
    eight = datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert read_time("2026-01-05 09:00", "Europe/Berlin") == eight
    assert read_time("2026-01-05T08:00Z", "Europe/Berlin") == eight


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("soon", "Europe/Berlin", "“soon” is no time; expected one such as 2026"),
        ("0001-01-01 00:00", "Asia/Tokyo", "is no time"),
        ("2026-01-05", "Berlin", "“Berlin” is no time zone"),
    ],
)
def test_a_wrong_time_is_told_in_a_sentence(now: str, zone: str, expected: str) -> None:
    with pytest.raises(Misuse, match=expected):
        read_time(now, zone)


def test_a_database_is_a_file_or_an_address(tmp_path: Path) -> None:
    assert database_url(str(tmp_path / "x.db")) == f"sqlite:///{tmp_path}/x.db"
    assert database_url("postgresql://host/desk") == "postgresql://host/desk"
    with pytest.raises(Misuse, match="is a folder"):
        database_url(str(tmp_path))


FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


class Terminal(io.StringIO):
    buffer = io.BytesIO()

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        (b"alice: hi", 0, ""),
        (b"hello", 2, "deskside demo: line 1: “hello” is no act"),
        (b"\xff", 2, "deskside demo: standard input: line 1 is not UTF-8"),
    ],
)
def test_the_exit_code_says_what_came_of_it(
    script: bytes,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(script)))
    assert run(Options(), open_echo) == code
    assert capsys.readouterr().err.startswith(told)


def open_nothing(_: Scene) -> AbstractAsyncContextManager[Desk]:
    raise StorageError("The database is damaged.")


def test_what_keeps_the_desk_from_opening_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Options(script=os.devnull), open_nothing) == 1
    assert capsys.readouterr().err == "deskside demo: The database is damaged.\n"


def test_a_complaint_is_folded_between_its_words_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    run(Options(script=os.devnull), open_nothing)
    assert terminal.getvalue() == "deskside demo: The\ndatabase is damaged.\n"


@pytest.mark.parametrize("script", [None, os.devnull])
def test_a_room_that_is_open_already_is_told_of_before_anything_is_done(
    script: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}", Terminal())
    file = tmp_path / "demo.db"
    with lock_of(file):
        assert run(Options(script, str(file)), open_nothing) == 1
    told = capsys.readouterr().err
    assert f"Another Deskside has the room in {file} open" in told
    assert "--database another.db" in told


@pytest.mark.parametrize("stored", [None, LEFT, "something else"])
def test_somebody_at_a_terminal_is_given_a_prompt(
    stored: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}", Terminal())
    options = Options(database=str(tmp_path / "demo.db"))
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("hello\r\x04")
        code = run(options, partial(open_echo, stored=stored, stored_at=FUTURE))
    assert code == (1 if stored == "something else" else 0)
    assert ("name another with --database" in capsys.readouterr().err) == bool(code)
