"""Which steps does a message take, at each of which a crash must lose and repeat nothing?

Each is named in the code where it is taken, and nothing happens there. A test of crashes puts
a function of its own in the place of `watch`, which ends the process at the step it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """A point of the journey; those that end in -ing lie inside a transaction or a request."""

    STORING = "storing"  # events are written, not committed
    STORED = "stored"  # they are committed; the service is not asked for more yet
    HANDLING = "handling"  # a handler has run, nothing of it is committed
    HANDLED = "handled"  # what it did, said and the mark are committed; nothing is sent
    SENDING = "sending"  # a delivery is about to be sent
    SENT = "sent"  # the service has it, which is not recorded
    RECORDED = "recorded"  # it is
    FILLING = "filling"  # a page of a gap is written, not committed
    FILLED = "filled"  # it is committed; the next one is not asked for
    DUE = "due"  # what fell due is done, not committed
    STOPPING = "stopping"  # reading has ended, what is under way has not
    CLOSING = "closing"  # everything has ended but the database is open


def _go_on(step: Step) -> None:
    del step


watch: Callable[[Step], None] = _go_on


def reached(step: Step) -> None:
    """Note that a step is taken; from any thread."""
    watch(step)
