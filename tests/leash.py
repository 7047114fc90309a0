"""Servers that live no longer than the test run."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from pwd import struct_passwd

# Becomes the command in its arguments, as that user, after asking the kernel for a signal when
# the test run dies: even a kill -9 must leave no server behind. Linux only; elsewhere such a
# server has to be stopped by hand. Changing the user forgets the request, so it comes after.
# https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
LEASH = """
import os, sys
parent, number, uid, gid, *command = sys.argv[1:]
if sys.platform == "linux":
    import ctypes  # as ourselves: that user may not be able to read it
    libc = ctypes.CDLL(None)
if os.getuid() != int(uid):
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    libc.prctl(1, int(number))
    if os.getppid() != int(parent):
        sys.exit("The test run is gone.")
os.execv(command[0], command)
"""


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    signal_at_our_death: signal.Signals = signal.SIGKILL,
    user: struct_passwd | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server; whoever starts it stops it and waits for its end.

    To be called from the main thread: the death of the thread that calls is what counts as ours.

    Args:
        command: The path of the program, and its arguments.
        log: The file to which its output is added.
        signal_at_our_death: What tells it that we are gone.
        user: Whom it runs as, if we are root; otherwise as we do.
        folder: Where it runs; without one, where we do.
    """
    uid, gid = (user.pw_uid, user.pw_gid) if user else (os.getuid(), os.getgid())
    ours = [os.getpid(), int(signal_at_our_death), uid, gid]
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-ISc", LEASH, *map(str, ours), *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
        )


def last_words(log: Path) -> str:
    """What a server said at the end."""
    return "\n".join(log.read_text().splitlines()[-40:])
