"""What the core asks of a chat service, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.events import Event, Person, Place
from bot.replies import Form, Lane, Post

MOST_THREADS = 200


class Action(StrEnum):
    """What is done by a delivery."""

    POST = "post"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    HOME = "home"  # shows `person` the bot's own page: `post`
    PIN = "pin"
    UNPIN = "unpin"
    TOPIC = "topic"  # the room's, from the plain text of `post`


class Promise(StrEnum):
    """What happens to a delivery whose outcome is unknown."""

    IDEMPOTENT = "idempotent"  # sent again under the same id; the service shows it once
    PROVABLE = "provable"  # looked up first, sent again only when it is not there
    AT_MOST_ONCE = "at_most_once"  # not sent again


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to do on a service.

    Attributes:
        id: ours, unique for ever, letters and digits; the same in every attempt.
        place: where. A direct conversation is named by `person`, with an empty room
            until the transport has told which room it is. That of HOME has none.
        person: for a direct, only-you or HOME delivery, to whom.
        private: visible to `person` alone although it stands in `place` (only-you).
        target: for EDIT, DELETE, REACT, PIN and UNPIN the service's id of the message.
        emoji: for REACT.
    """

    id: str
    action: Action
    place: Place
    post: Post | None
    lane: Lane
    created: datetime
    person: Person | None = None
    private: bool = False
    target: str | None = None
    emoji: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery the service has accepted.

    Attributes:
        message: the service's id of the (first) message it became.
        room: the room it went to, when the delivery did not name it.
        rest: ids of further messages where it had to be split.
    """

    message: str
    room: str | None = None
    rest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Part of a room's history that the service left out.

    Attributes:
        place: the room.
        start: the service's token just before what we have of it after the gap.
        stop: the token of what we had before; history is read back to it.
    """

    place: Place
    start: str
    stop: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a service told at once; stored in one transaction or not at all.

    Attributes:
        events: in the order in which they happened in each room.
        cursor: where reading goes on after this batch, if the service has such a mark.
        gaps: what is missing directly before this batch's events of a room.
        away: since when nothing was read, when this batch ends a time away.
    """

    events: Sequence[Event]
    cursor: str | None = None
    gaps: Sequence[Gap] = ()
    away: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredGap:
    """A gap that waits to be filled; `id` is the storage's."""

    id: int
    gap: Gap


@dataclass(frozen=True, slots=True)
class Page:
    """Older history of a gap, newest first; `next` is the token that reads on, None at its end."""

    gap: StoredGap
    events: Sequence[Event]
    next: str | None


class Intake(Protocol):
    """Where a transport puts what it has read; when a call returns, it is stored."""

    async def receive(self, batch: Batch) -> None:
        """Store a batch; returns after the commit. Raises StorageError when it could not be."""
        ...

    async def fill(self, page: Page) -> None:
        """Store a page of a gap; the room goes on when the last one is stored."""
        ...

    async def cursor(self, transport: str, workspace: str) -> tuple[str, datetime] | None:
        """Return the last stored cursor and when it was stored, or None at the first start."""
        ...

    async def gaps(self, transport: str, workspace: str) -> Sequence[StoredGap]:
        """Return the gaps still to be filled."""
        ...

    async def direct_room(self, person: Person) -> str | None:
        """Return the direct room with a person, if one is known."""
        ...

    async def sent_message(self, place: Place, message: str) -> Post | None:
        """Return what we posted under that message id, to tell which button a gesture means."""
        ...

    def form(self, line: str) -> Form | None:
        """Return the form of the command that `line` (without prefix) begins with; at once.

        Its `command` keeps what the line says already, and its fields are those it does
        not answer; None when the command has no form or nothing is left to ask.
        """
        ...

    def problems(self, command: str, answers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Return what is wrong with a form's answers by field, a sentence each; at once.

        Only what needs no look-up. Empty when nothing is; with no answers it tells
        whether a command as typed must still be asked for.
        """
        ...

    async def threads(self, place: Place, since: datetime) -> Sequence[str]:
        """Return the first messages of a room's threads in which anything was said since.

        Those with the newest message first, at most `MOST_THREADS`.
        """
        ...

    async def members(self, place: Place) -> Sequence[Person]:
        """Return who is in a room, as far as that was told."""
        ...

    async def keep(self, transport: str, workspace: str, value: str) -> None:
        """Keep something of the transport's own; returns after the commit."""
        ...

    async def kept(self, transport: str, workspace: str) -> str | None:
        """Return what was kept last."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a transport works: a word for machines and a sentence for people."""

    ok: bool
    detail: str
    last_contact: datetime | None = None


class Transport(Protocol):
    """A chat service.

    `run` reads until it is cancelled and comes back from every failure by itself;
    it raises TransportError(REFUSED) only when our access is gone for good.
    """

    name: str
    workspace: str

    async def run(self, intake: Intake) -> None:
        """Read events into `intake` until cancelled."""
        ...

    async def send(self, delivery: Delivery) -> Sent:
        """Carry out a delivery. Raises TransportError, which says what is known."""
        ...

    def promise(self, delivery: Delivery) -> Promise:
        """Return what holds when the outcome of `delivery` is unknown."""
        ...

    def wait(self, delivery: Delivery) -> float:
        """Return the seconds until the room of a delivery takes it; 0 when it may be sent."""
        ...

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look a delivery of unknown outcome up; only asked of PROVABLE ones."""
        ...

    async def typing(self, place: Place, *, on: bool) -> None:
        """Show that an answer is being worked on; best effort, raises nothing."""
        ...

    def health(self) -> Health:
        """Return how it is, without asking the service."""
        ...

    async def close(self) -> None:
        """Let go of connections; called once, after `run` and every `send` have ended."""
        ...
