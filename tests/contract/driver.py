"""What the contract of all transports needs of each service: a person there, and its faults."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from bot.events import Person, Place
from bot.transport import Transport
from tests.contract.intake import RecordingIntake


class Fault(Enum):
    """What a service can be made to do; `Driver.faults` says which of them exist there."""

    CUT = auto()  # the connection on which the bot reads is lost
    LIMIT = auto()  # the next request to send is told to wait WAIT seconds
    LIMIT_OTHERWISE = auto()  # the same, in another form the service may choose
    LOSE = auto()  # the next request to send is carried out, and its answer lost
    REFUSE = auto()  # the next request to send is refused for good


WAIT = 3  # seconds


@dataclass(frozen=True)
class Shown:
    """Something of the bot's that a person sees."""

    id: str
    text: str
    thread: str | None = None


class Driver(Protocol):
    """One person in one room of a service, beside the bot.

    Attributes:
        intake: keeps what the transport reads; it outlives the transport.
        place: the room.
        person: who writes.
        faults: what the service can be made to do.
    """

    intake: RecordingIntake
    place: Place
    person: Person
    faults: Collection[Fault]

    def running(self) -> AbstractAsyncContextManager[Transport]:
        """Run the bot's transport from where it left off; it reads when this begins."""
        ...

    async def write(self, text: str, thread: str | None = None) -> str:
        """Write a message and return its id."""
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

    async def seen(self) -> list[Shown]:
        """Return what the person sees of the bot in the room now, oldest first."""
        ...

    async def seen_alone(self) -> list[Shown]:
        """Return what of the bot this person sees and nobody else does."""
        ...

    def make(self, fault: Fault) -> None:
        """Let the service fail once."""
        ...
