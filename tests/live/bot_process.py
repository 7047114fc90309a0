"""The bot as people run it: a process of its own, with a configuration file."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from tests.leash import last_words, spawn
from tests.live.synapse import Account, Synapse

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds
BOT = ("-m", "bot")
LOOK_AGAIN = 0.02  # seconds between looks at what the process has written

Line = Mapping[str, Any]
Keys = Mapping[str, object]
Sections = Mapping[str, Keys]


class DeskProcess:
    """Starts, stops and kills the bot; its database and log stay. Leaves no process behind."""

    reading = ""  # what the log calls it that the bot reads from its service

    def __init__(self, folder: Path, sections: Sections, rooms: Sequence[Keys]) -> None:
        """Write the configuration, and its database and log beside it.

        Args:
            folder: Where the configuration, the database and the log go.
            sections: The configuration's, but for those of the database and the log.
            rooms: The keys of each room it works in.
        """
        self.log = folder / "bot.log"
        self._config = folder / "deskside.toml"
        self._database = folder / "desk.db"
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0  # where in the log this process begins
        self.log.touch()
        ours = {"database": {"url": f"sqlite:///{self._database}"}, "log": {"format": "json"}}
        self._config.write_text(_toml({**ours, **sections}, rooms))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    # Its life.

    async def start(self, *, program: Sequence[str] = BOT, may_die: bool = False) -> None:
        """Start it and wait until it reads from its service.

        Args:
            program: What Python runs, and what that wants before the bot's own arguments.
            may_die: It may also end before it does.
        """
        self.launch(program=program)
        await self.logged(self.reading, may_die=may_die)

    def launch(self, *, program: Sequence[str] = BOT) -> None:
        """Start it and wait for nothing.

        Args:
            program: What Python runs, and what that wants before the bot's own arguments.
        """
        assert not self.is_running
        self._since = self.log.stat().st_size
        command: list[str | Path] = [sys.executable, *program, "run", "--config", self._config]
        self._process = spawn(command, self.log, folder=ROOT)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of its process."""
        assert self._process is not None
        return self._process.pid

    async def stop(self, within: float = PATIENCE) -> int:
        """Ask it to stop, as an init system does, and return its exit code."""
        self.terminate()
        return await self.ended(within)

    def terminate(self) -> None:
        """Ask it to stop and wait for nothing."""
        self._signal(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill it where it stands."""
        self._signal(signal.SIGKILL)
        await self.ended()

    async def ended(self, within: float = PATIENCE) -> int:
        """Wait for its end and return its exit code; that of a kill is negative."""
        process = self._process
        assert process is not None
        await self.until(lambda: process.poll() is not None, within, "for its end")
        return int(process.returncode)

    async def end(self) -> None:
        """Stop it if it runs; kill it if it does not stop."""
        if not self.is_running:
            return
        try:
            await self.stop()
        except TimeoutError:
            await self.kill()
            raise

    # What it says.

    def lines(self) -> list[dict[str, Any]]:
        """Return what this process has logged so far."""
        with self.log.open("rb") as file:
            file.seek(self._since)
            written = file.read().decode()
        whole, _, _ = written.rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    async def logged(
        self,
        event: str,
        wanted: Callable[[Line], bool] = lambda _: True,
        *,
        times: int = 1,
        within: float = PATIENCE,
        may_die: bool = False,
    ) -> None:
        """Wait until this process has logged something.

        Args:
            event: What the log calls it.
            wanted: Says whether this line is the one.
            times: How often.
            within: How long to wait, in seconds.
            may_die: Its end will do, too.
        """

        def heard() -> bool:
            found = [x for x in self.lines() if x.get("event") == event and wanted(x)]
            return len(found) >= times

        def is_over() -> bool:
            return heard() or not self.is_running

        await self.until(is_over, within, f"for “{event}”")
        assert may_die or heard(), (
            f"the bot ended before it logged {event}:\n{last_words(self.log)}"
        )

    # What it has stored.

    def rows(self, query: str, *values: object) -> list[Any]:
        """Ask its database, whether it runs or not."""
        return ask(self._database, query, *values)

    async def stored(
        self, query: str, *values: object, wanted: object, within: float = PATIENCE
    ) -> None:
        """Wait until the first value that a query returns is the wanted one."""
        await self.until(
            lambda: [*self.rows(query, *values), [None]][0][0] == wanted,
            within,
            f"for {wanted} from {query}",
        )

    def unfinished(self) -> int:
        """Count what the dead process has left to do; the database is not touched."""
        copy = self._database.with_name("copy.db")
        for end in ("", "-wal"):  # the index of the log is made anew
            source = Path(f"{self._database}{end}")
            Path(f"{copy}{end}").unlink(missing_ok=True)
            if source.exists():
                shutil.copy(source, f"{copy}{end}")
        try:
            [[events, deliveries]] = ask(
                copy,
                """
                SELECT (SELECT count(*) FROM inbox WHERE state = 'new'),
                    (SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'unknown'))
                """,
            )
        except sqlite3.OperationalError:  # it died before there were tables
            return 0
        return int(events + deliveries)

    # What it costs.

    def cpu_seconds(self) -> float:
        """Return how long it has computed since it was started. Linux only."""
        assert self._process is not None
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime; the name
        # before them may hold anything, so what counts begins behind its bracket.
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def until(self, is_true: Callable[[], bool], within: float, what: str) -> None:
        """Wait until something holds; `what` says in the error what was waited for."""
        try:
            async with asyncio.timeout(within):
                while not is_true():  # noqa: ASYNC110 - another process tells no event
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError:
            raise TimeoutError(
                f"waited {within} s {what}; the bot said:\n{last_words(self.log)}"
            ) from None


class BotProcess(DeskProcess):
    """The bot on a homeserver."""

    reading = "matrix_reading"

    def __init__(
        self,
        folder: Path,
        synapse: Synapse,
        account: Account,
        rooms: Mapping[str, str],
        *,
        matrix: Keys | None = None,
    ) -> None:
        """Write the configuration.

        Args:
            folder: Where the configuration, the database and the log go.
            synapse: Its homeserver.
            account: Its account there.
            rooms: The kind of each room it works in, by the room's id.
            matrix: More keys of the Matrix section.
        """
        self.user_id = account.user_id
        (folder / "token").write_text(account.access_token)
        access = {
            "homeserver": synapse.base_url,
            "user_id": account.user_id,
            "device_id": account.device_id,
            "access_token_file": "token",
            "invite_from": [f":{synapse.server_name}"],
        }
        configured = [{"id": room, "kind": kind} for room, kind in rooms.items()]
        super().__init__(folder, {"matrix": {**access, **(matrix or {})}}, configured)


def ask(database: Path, query: str, *values: object) -> list[Any]:
    """Read from a SQLite file without changing it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(query, values).fetchall()


def _toml(sections: Sections, rooms: Sequence[Keys]) -> str:
    """Write TOML; JSON's strings, numbers, booleans and lists are TOML's."""
    tables = [("[{}]", name, values) for name, values in sections.items()]
    tables += [("[[{}]]", "rooms", room) for room in rooms]
    return "".join(
        head.format(name)
        + "\n"
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for head, name, values in tables
    )
