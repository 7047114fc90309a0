"""Where one slice takes part in another's act: declared here, filled by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.content import Content
from bot.context import Act, Context
from bot.people import Member
from bot.replies import Button, Form, Reply


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
class PagePart:
    """What a slice shows on somebody's page of the bot; `sources` as in a Reply."""

    content: Content
    buttons: tuple[Button, ...] = ()
    form: Form | None = None
    sources: tuple[tuple[int, str], ...] = ()


def _nobody(act: Act, person_id: int) -> Iterable[Reply]:
    del act, person_id
    return ()


@dataclass(frozen=True, slots=True)
class Hooks:
    """The acts others take part in.

    Attributes:
        not_helped: an answer did not help: what is done for whoever asked.
        forget: a room keeps nothing from before a time: each deletes at most so many rows
            about it, given by the database's id, and returns how many.
        home: what stands on somebody's page of the bot, from the top.
        changed: what stands there has changed, for the person with a database id: shows it
            anew if they have ever opened it.
    """

    not_helped: Callable[[Context, Concern], Iterable[Reply]]
    forget: Sequence[Callable[[Act, int, datetime, int], int]] = ()
    home: Sequence[Callable[[Act, Member], PagePart | None]] = ()
    changed: Callable[[Act, int], Iterable[Reply]] = _nobody
