"""What the contract of all transports needs of each service: a person there, and its faults."""

import secrets
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any, Protocol

import pytest

from bot.content import say
from bot.events import Person, Place
from bot.replies import Button, Lane, Post
from bot.transport import Action, Delivery, Transport
from tests.contract.intake import RecordingIntake


class Fault(Enum):
    """What a service can be made to do; `Driver.faults` says which of them exist there."""

    CUT = auto()  # the connection on which the bot reads is lost
    LIMIT = auto()  # the next request to send is told to wait WAIT seconds
    LIMIT_OTHERWISE = auto()  # the same, in another form the service may choose
    LOSE = auto()  # the next request to send is carried out, and its answer lost
    RETELL = auto()  # the last thing the person did is told once more


class Ability(Enum):
    """What people can do on some services only; `Driver.abilities` says what they can there."""

    WRITE_TO_NOBODY = auto()  # write while the bot is away
    RUN_PROGRAMS = auto()  # bring in another bot
    SEE_ALONE_WHAT_CHANGES = auto()  # see what they alone were shown change later


WAIT = 3  # seconds


@dataclass(frozen=True)
class Shown:
    """Something of the bot's that a person sees; `text` as it stands on the screen."""

    id: str
    text: str
    thread: str | None = None


class Driver(Protocol):
    """One person in one room of a service, beside the bot.

    Attributes:
        intake: keeps what the transport reads; it outlives the transport.
        place: the room.
        nowhere: a room the bot may not write in.
        person: who writes.
        acknowledged: the service takes everything the person did for read by the bot.
    """

    intake: RecordingIntake
    place: Place
    nowhere: Place
    person: Person
    faults: Collection[Fault]
    abilities: Collection[Ability]

    @property
    def acknowledged(self) -> bool: ...

    def running(self) -> AbstractAsyncContextManager[Transport]:
        """Run the bot's transport from where it left off; it reads when this begins."""
        ...

    async def write(self, text: str, thread: str | None = None) -> str:
        """Write a message and return its id."""
        ...

    async def write_directly(self, text: str) -> str:
        """Write to the bot alone."""
        ...

    async def share(self, file: str, text: str) -> str:
        """Share a file with a word about it."""
        ...

    async def run_program(self, text: str) -> None:
        """Let another bot write."""
        ...

    async def edit(self, message: str, text: str) -> None:
        """Edit one's message."""
        ...

    async def delete(self, message: str) -> None:
        """Delete one's message."""
        ...

    async def react(self, message: str, emoji: str) -> None:
        """Put an emoji on a message."""
        ...

    async def press(self, message: str, button: Button, *, alone: bool = False) -> None:
        """Press a button under a message of the bot; `alone`: one that nobody else sees."""
        ...

    async def seen(self) -> list[Shown]:
        """Return what the person sees of the bot in the room now, oldest first."""
        ...

    async def seen_alone(self) -> list[Shown]:
        """Return what of the bot this person sees and nobody else does."""
        ...

    def make(self, fault: Fault) -> None:
        """Let the service fail once."""
        ...


def need(driver: Driver, wanted: Fault | Ability) -> None:
    """Skip the test where this cannot happen."""
    if wanted not in (*driver.faults, *driver.abilities):
        pytest.skip(f"this service knows no {wanted.name}")


def delivery(driver: Driver, text: str = "Hello", **more: Any) -> Delivery:
    """Make a delivery to the driver's room."""
    values: dict[str, Any] = {
        "id": secrets.token_hex(16),
        "action": Action.POST,
        "place": driver.place,
        "post": Post(say(text)),
        "lane": Lane.REPLY,
        "created": datetime.now(UTC),
    }
    return Delivery(**values | more)
