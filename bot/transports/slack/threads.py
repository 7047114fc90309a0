"""In which threads has somebody replied? Only there can one person alone be shown something.

https://docs.slack.dev/reference/methods/chat.postEphemeral (thread_ts)
"""

from __future__ import annotations

from bot.events import Place
from bot.transports.bounded import Bounded

_REMEMBERED = 10_000  # threads


class Threads:
    """Remembers threads with replies; those of earlier processes are forgotten."""

    def __init__(self) -> None:
        """Know of none."""
        self._active: Bounded[Place, None] = Bounded(_REMEMBERED)

    def note(self, place: Place) -> None:
        """Note that something stands, or soon will, at a place."""
        if place.thread is not None:
            self._active[place] = None

    def is_active(self, place: Place) -> bool:
        """Tell whether a place is a thread with replies, as far as that is known."""
        return place in self._active
