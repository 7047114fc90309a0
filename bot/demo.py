"""Runs a console room: from a script, or for whoever sits at the terminal."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, TextIO
from zoneinfo import ZoneInfo, available_timezones

from platformdirs import user_data_path

from bot.clock import ManualClock
from bot.errors import DesksideError, StorageError
from bot.storage.lock import is_held
from bot.transports.console import ConsoleTransport
from bot.transports.console.lines import Shown, lines
from bot.transports.console.play import Desk, play
from bot.transports.console.script import Line, ScriptError, parse

MEMBERS: Mapping[str, Sequence[str]] = {
    "support": ("alice", "carol", "bea", "dan"),
    "staff": ("bea", "dan"),
}
FIRST_DAY = "2026-01-05 09:00"
ZONE = "Europe/Berlin"
_FILE = "sqlite:///"

DONE = 0
FAILED = 1
MISUSED = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What the bot is to be started with."""

    transport: ConsoleTransport
    clock: ManualClock
    database_url: str
    zone: str


OpenDesk = Callable[[Scene], AbstractAsyncContextManager[Desk]]


@dataclass(frozen=True, slots=True)
class Options:
    """What `deskside demo` was given.

    Attributes:
        script: a file, or `-` for standard input.
        database: a file or a URL; without it a script has one of its own that is thrown
            away, and the terminal the one in the user's data folder.
        now: local time in `zone` (`2026-01-05 09:00`), or with its own distance from UTC.
    """

    script: str | None = None
    database: str | None = None
    now: str | None = None
    zone: str = ZONE


class Misuse(DesksideError):
    """The demo was called in a way it cannot be; the text says what is expected."""


def _complain(error: DesksideError) -> None:
    text = f"deskside demo: {error}"
    if sys.stderr.isatty():
        columns = shutil.get_terminal_size().columns - 1
        text = textwrap.fill(text, columns, break_long_words=False, break_on_hyphens=False)
    sys.stderr.write(f"{text}\n")


@asynccontextmanager
async def open_desk(scene: Scene) -> AsyncIterator[Desk]:
    """Run Deskside on a scene while the block runs."""
    opened = await asyncio.to_thread(_load)
    async with opened(scene.transport, scene.clock, scene.database_url, scene.zone) as desk:
        yield desk


def _load() -> Callable[
    [ConsoleTransport, ManualClock, str, str], AbstractAsyncContextManager[Desk]
]:
    from bot.demo_desk import opened  # takes longest of all; the welcome is being read meanwhile

    return opened


def run(options: Options, open_desk: OpenDesk) -> int:
    """Run the demo; returns the exit code, having told what went wrong."""
    try:
        if options.script is None and sys.stdin.isatty() and sys.stdout.isatty():
            return asyncio.run(_sit_down(options, open_desk))
        return run_script(options, open_desk, sys.stdin.buffer, sys.stdout)
    except DesksideError as error:
        _complain(error)
        return MISUSED if isinstance(error, Misuse | ScriptError) else FAILED


def run_script(options: Options, open_desk: OpenDesk, stdin: BinaryIO, stdout: TextIO) -> int:
    """Run a script to its end, or to that of its reader.

    Raises:
        Misuse: the script cannot be read, or an option says nothing.
        ScriptError: a line cannot be understood, which is found before anything is
            done, or cannot be carried out.
    """
    script = parse(read_script(options.script, stdin))
    clock = ManualClock(read_time(options.now or FIRST_DAY, options.zone))
    printer = Printer(stdout)
    with tempfile.TemporaryDirectory(prefix="deskside-") as folder:
        url = database_url(options.database or str(Path(folder, "demo.db")))
        _refuse_if_open(url)
        scene = _scene(options, clock, url, printer)
        error = asyncio.run(_play(script, options, scene, open_desk, printer))
    printer.close()
    if error is not None:
        raise error
    if printer.problem:
        msg = f"The output cannot be written ({printer.problem})."
        raise DesksideError(msg)
    return DONE


async def _play(
    script: tuple[Line, ...], options: Options, scene: Scene, open_desk: OpenDesk, printer: Printer
) -> DesksideError | None:
    async with open_desk(scene) as desk:
        # Returned, not raised: a task group around us would wrap it.
        try:
            await _resume(options, scene, desk)
            async with aclosing(play(script, scene.transport.people, desk)) as played:
                async for _ in played:
                    if printer.gone:
                        break
        except DesksideError as error:
            return error
    return None


async def _resume(options: Options, scene: Scene, desk: Desk) -> bool:
    """Wait until the room is open; tell whether its time had to be moved ahead."""
    left_at = await scene.transport.opened()
    # Somebody may have let time pass in a stored room; it must not run backwards.
    behind = timedelta() if left_at is None else left_at - scene.clock.now()
    moved = behind > timedelta() and options.now is None
    if moved:
        await desk.advance(behind)
    await desk.idle()
    return moved


async def _sit_down(options: Options, open_desk: OpenDesk) -> int:
    from bot.transports.console.prompt import Prompt  # loads a terminal library scripts do without

    clock = ManualClock(read_time(options.now, options.zone))
    file = user_data_path("deskside", appauthor=False) / "demo.db"
    url = database_url(options.database or str(file))
    _refuse_if_open(url)
    prompt = Prompt(clock, ZoneInfo(options.zone))
    prompt.welcome(MEMBERS["staff"], _kept(url))
    scene = _scene(options, clock, url, prompt.show)
    async with open_desk(scene) as desk:
        try:
            if await _resume(options, scene, desk):
                prompt.tell_time()
            await prompt.run(scene.transport.people, desk)
        except DesksideError as error:
            _complain(error)
            return FAILED
    return DONE


def _refuse_if_open(url: str) -> None:
    """Say so before anything is loaded, of a SQLite file; a server tells when it is asked."""
    if url.startswith(_FILE) and is_held(Path(url.removeprefix(_FILE))):
        msg = (
            f"Another Deskside has the room in {url.removeprefix(_FILE)} open: "
            "leave it first, or open another room with --database another.db."
        )
        raise StorageError(msg)


def _kept(url: str) -> str:
    if url.startswith(_FILE):
        return url.removeprefix(_FILE)
    from bot.storage.database import describe  # loads what reads databases; welcome them first

    return describe(url)


def _scene(options: Options, clock: ManualClock, url: str, out: Callable[[Shown], None]) -> Scene:
    transport = ConsoleTransport(clock, MEMBERS, out, zone=ZoneInfo(options.zone))
    return Scene(transport, clock, url, options.zone)


class Printer:
    """Writes what is shown to a stream, a line at a time.

    Attributes:
        gone: nobody reads it any more; what else is shown is thrown away.
        problem: why it can be written no further, when that is not the reader's wish.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`, whose encoding may lack characters."""
        self._stream = stream
        self.gone = False
        self.problem = ""

    def __call__(self, shown: Shown) -> None:
        """Write a message and its buttons."""
        if self.gone:
            return
        encoding = self._stream.encoding or "utf-8"
        text = "".join(f"{line}\n" for line in lines(shown))
        try:
            self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except BrokenPipeError:
            self.gone = True
        except OSError as error:
            self.gone, self.problem = True, error.strerror or str(error)

    def close(self) -> None:
        """Keep the interpreter from writing to a closed pipe once more as it exits."""
        if self.gone:
            # https://docs.python.org/3/library/signal.html#note-on-sigpipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def read_script(name: str | None, stdin: BinaryIO) -> str:
    """Return a script's text. Raises Misuse when it cannot be read."""
    source = "standard input" if name in (None, "-") else name
    try:
        data = stdin.read() if name in (None, "-") else Path(name or "").read_bytes()
    except FileNotFoundError:
        problem = "there is no such file"
    except IsADirectoryError:
        problem = "it is a folder; name a script in it"
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            problem = f"line {line} is not UTF-8 text"
    msg = f"{source}: {problem}"
    raise Misuse(msg)


def read_time(text: str | None, zone: str) -> datetime:
    """Return the time meant by `--now` and `--zone`, aware; now, for None. Raises Misuse."""
    if zone not in available_timezones():
        msg = f"--zone: “{zone}” is no time zone; expected an IANA name such as {ZONE}"
        raise Misuse(msg)
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        msg = f"--now: “{text}” is no time; expected one such as {FIRST_DAY}"
        raise Misuse(msg) from error


def database_url(name: str) -> str:
    """Return the URL of a database named by file or URL. Raises Misuse for a folder."""
    if "://" in name:
        return name
    path = Path(name).expanduser().absolute()
    if path.is_dir():
        msg = f"--database: {path} is a folder; name a file in it"
        raise Misuse(msg)
    return f"{_FILE}{path}"
