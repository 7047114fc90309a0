"""What the double can be told to do wrong, and for which call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any


class Fault(Enum):
    """Something that happens to a call, a socket or an event."""

    # The Web API.
    LOSE = auto()  # carried out; the connection is dropped before the answer
    HANG = auto()  # no answer until the caller gives up; carried out with carried_out=True
    RESET = auto()  # the connection is reset before anything is carried out
    SERVER_ERROR = auto()  # not carried out; `status` (503) with a page of HTML
    GARBAGE = auto()  # carried out; 200 and something that is not JSON
    LIMIT = auto()  # not carried out; 429 with `retry_after` (1) seconds
    LIMIT_NO_HEADER = auto()  # the same without saying how long
    ERROR = auto()  # ok: false with `error`; carried out with carried_out=True

    # Events; `method` is the event's type, without one any of them.
    HIDE = auto()  # never delivered; only history has it, as on 2025-02-26 (slack-status.com)
    DUPLICATE = auto()  # delivered twice, over two sockets if there are
    REORDER = auto()  # delivered after the next one

    # Sockets; `method` is the kind of envelope: events_api, interactive or slash_commands.
    LOST_ACK = auto()  # the acknowledgement arrives and is not noticed
    SILENT = auto()  # the socket stays open, and nothing comes any more: no frames, no pongs
    DROP = auto()  # the line is cut instead of sending
    GARBAGE_FRAME = auto()  # something that is not JSON comes before the envelope
    STALE_TICKET = auto()  # the next address of apps.connections.open is dead already
    REFUSED = auto()  # apps.connections.open says invalid_auth


@dataclass
class Failure:
    """A fault that waits for its calls; `method` empty stands for every one."""

    fault: Fault
    method: str = ""
    times: int = 1
    details: dict[str, Any] = field(default_factory=dict)


class Failures:
    """The faults that are to come, the oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Failure] = []

    @property
    def left(self) -> int:
        """How many faults have not happened."""
        return sum(failure.times for failure in self._waiting)

    def add(self, failure: Failure) -> None:
        """Let a fault wait for its calls."""
        self._waiting.append(failure)

    def clear(self) -> None:
        """Forget every fault that has not happened."""
        self._waiting.clear()

    def take(self, method: str, *among: Fault) -> Failure | None:
        """Return what happens to this call, and count it; None for nothing.

        `among` narrows it down to some faults, so that a part leaves those of others alone.
        """
        for failure in self._waiting:
            if failure.method in ("", method) and (not among or failure.fault in among):
                failure.times -= 1
                if failure.times <= 0:
                    self._waiting.remove(failure)
                return failure
        return None
