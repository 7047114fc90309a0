"""The command `deskside`, from its first moment: nothing is imported before Ctrl-C can end it."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130  # as shells say it


def main() -> None:
    """Run the command line; Ctrl-C ends it without a word."""
    try:
        from bot.command import command  # nothing may be imported outside of this `try`

        command()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is ending already


if __name__ == "__main__":
    main()
