"""What happened in a chat, in values no chat service would recognise as its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter


@dataclass(frozen=True, slots=True)
class Place:
    """Where something happens: ids of a transport, workspace, room and, in it, a thread.

    `thread` is the id of the message that began the thread. `room` is empty for what
    happens in no room of the bot's: on its own page, or where it is not; that is answered
    in the person's direct conversation.
    """

    transport: str
    workspace: str
    room: str
    thread: str | None = None

    def in_thread(self, message: str | None) -> Place:
        """Return the thread begun by `message` in the same room."""
        return replace(self, thread=message)

    @property
    def main(self) -> Place:
        """The room itself, outside its threads."""
        return self if self.thread is None else replace(self, thread=None)


@dataclass(frozen=True, slots=True)
class Person:
    """Who: an account on a service, by id and never by display name."""

    transport: str
    workspace: str
    user: str


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file somebody shared: what it is called and where it lies; its content is not fetched."""

    name: str
    url: str = ""
    size: int | None = None  # bytes
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What every event has: the service's id of it, where, who, and when (aware UTC)."""

    id: str
    place: Place
    person: Person
    at: datetime

    @property
    def about(self) -> str | None:
        """The id of the message it is about, if it is about one."""
        return None

    @property
    def revision(self) -> str:
        """What tells it from another event of its kind about the same message."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Happening):
    """Somebody wrote something.

    Attributes:
        message: the service's id of the message, by which it is edited, answered and deleted.
        text: plain text, without quotes of what it replies to and without a leading
            mention of the bot.
        addressed: it mentions the bot.
        direct: only the writer and the bot can read it.
        mentions: who else is mentioned.
        automated: another program wrote it; it is stored and never answered.
        shown: it was told because of a gesture on it, and may be old: it is stored, if it
            was not yet, and nothing in it is acted on.
    """

    message: str
    text: str
    addressed: bool = False
    direct: bool = False
    mentions: tuple[Person, ...] = ()
    files: tuple[SharedFile, ...] = ()
    automated: bool = False
    shown: bool = False
    kind: Literal["message"] = "message"

    @property
    def about(self) -> str | None:
        """The message itself."""
        return self.message

    @property
    def revision(self) -> str:
        """What was shown may still be told as something new, which can be acted on."""
        return "shown" if self.shown else ""

    @property
    def conversation(self) -> Place:
        """The thread in which it is answered: its own, or the one it begins."""
        if self.direct or self.place.thread is not None:
            return self.place
        return self.place.in_thread(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited(Happening):
    """A message has a new text; `number`, the service's, tells the revisions apart."""

    message: str
    text: str
    number: str
    automated: bool = False
    kind: Literal["edited"] = "edited"

    @property
    def about(self) -> str | None:
        """The edited message."""
        return self.message

    @property
    def revision(self) -> str:
        """The service's id of the revision."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(Happening):
    """A message is gone; `person` deleted it, who need not be its writer."""

    message: str
    kind: Literal["deleted"] = "deleted"

    @property
    def about(self) -> str | None:
        """The deleted message."""
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(Happening):
    """An emoji was put on a message, or taken off; `emoji` is the character, without variants."""

    message: str
    emoji: str
    added: bool = True
    kind: Literal["reacted"] = "reacted"

    @property
    def about(self) -> str | None:
        """The message that carries it."""
        return self.message

    @property
    def revision(self) -> str:
        """Each reaction stands for itself."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Happening):
    """A button was pressed: the command line it stands for, and the message it stands under.

    `message` is empty for a button of the bot's own page; `alone` when nobody else sees it.
    """

    message: str
    line: str
    direct: bool = False
    alone: bool = False
    kind: Literal["pressed"] = "pressed"

    @property
    def about(self) -> str | None:
        """The message with the button."""
        return self.message or None

    @property
    def revision(self) -> str:
        """Each press stands for itself; doing the same twice is for the command to notice."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Happening):
    """A form was filled in: the command that asked, and the answer to each of its fields."""

    command: str
    answers: tuple[tuple[str, str], ...]
    direct: bool = False
    kind: Literal["submitted"] = "submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked(Happening):
    """A command given by the service's own gesture (a slash command, a shortcut).

    Nobody else has seen it. `message` is the one on which the gesture was made.
    """

    text: str
    message: str | None = None
    direct: bool = False
    kind: Literal["invoked"] = "invoked"

    @property
    def about(self) -> str | None:
        """The message on which it was made."""
        return self.message

    @property
    def revision(self) -> str:
        """Each gesture stands for itself."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Happening):
    """Somebody opened the bot's own page; `place` is their direct room, or has none."""

    direct: bool = True
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined(Happening):
    """Somebody is in the room now; `bot` when it is the bot itself."""

    bot: bool = False
    kind: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Happening):
    """Somebody is not in the room any more, by whatever way."""

    bot: bool = False
    kind: Literal["left"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Happening):
    """A room has another name, is direct or encrypted, or was replaced by another (its id).

    `aliases` are other ids by which the configuration may name it. For a direct room
    `person` is the other one in it.
    """

    name: str | None = None
    direct: bool | None = None
    encrypted: bool | None = None
    replaced_by: str | None = None
    aliases: tuple[str, ...] = ()
    kind: Literal["room_changed"] = "room_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Happening):
    """A person's display name or time zone (IANA) is known anew."""

    name: str | None = None
    zone: str | None = None
    kind: Literal["person_changed"] = "person_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Happening):
    """An errand has ended; `error` is a sentence for people when it failed."""

    errand: str
    outcome: dict[str, Any]
    error: str | None = None
    kind: Literal["finished"] = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp(Happening):
    """What a room said while the bot was away is all stored: from, to, how many messages."""

    since: datetime
    until: datetime
    count: int
    kind: Literal["caught_up"] = "caught_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened(Happening):
    """Something somebody wrote held secrets, which were masked before it was stored.

    `number` tells the revisions of an edited message apart.
    """

    message: str | None
    masked: tuple[str, ...]
    direct: bool = False
    number: str = ""
    kind: Literal["screened"] = "screened"

    @property
    def about(self) -> str | None:
        """The message that held them."""
        return self.message

    @property
    def revision(self) -> str:
        """That of what held them: each is warned of, and each once."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Happening):
    """Something a service told that nobody here knows what to do with; `name` is the service's."""

    name: str
    kind: Literal["unknown"] = "unknown"


Event = (
    Message
    | Edited
    | Deleted
    | Reacted
    | Pressed
    | Submitted
    | Invoked
    | Opened
    | Joined
    | Left
    | RoomChanged
    | PersonChanged
    | Finished
    | CaughtUp
    | Screened
    | Unknown
)

# An error about what is stored must not carry what people wrote into the log.
HIDE_INPUT = ConfigDict(hide_input_in_errors=True)

_codec: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="kind")], config=HIDE_INPUT
)


def dump(event: Event) -> str:
    """Write an event as JSON."""
    return _codec.dump_json(event).decode()


def load(text: str) -> Event:
    """Read an event from the JSON that `dump` wrote."""
    return _codec.validate_json(text)
