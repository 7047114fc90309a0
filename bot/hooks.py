"""Where one slice takes part in another's act: declared here, filled by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.context import Act, Context
from bot.replies import Reply


@dataclass(frozen=True, slots=True)
class Concern:
    """A question or problem as it was written: whose, where, in which message.

    `room_id` and `person_id` are the database's, `message` is the service's id.
    """

    text: str
    room_id: int
    person_id: int
    thread: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Hooks:
    """The acts others take part in.

    Attributes:
        not_helped: an answer did not help: what is done for whoever asked.
        forget: a room keeps nothing from before a time: each deletes at most so many rows
            about it, given by the database's id, and returns how many.
    """

    not_helped: Callable[[Context, Concern], Iterable[Reply]]
    forget: Sequence[Callable[[Act, int, datetime, int], int]] = ()
