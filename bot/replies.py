"""What a handler wants said: to whom, where, with which buttons, instead of what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

from pydantic import ConfigDict, TypeAdapter

from bot.content import Content, Span, say
from bot.events import HIDE_INPUT, Person, Place

LARGEST_ATTACHMENT = 5 * 1024 * 1024  # bytes


class Visibility(StrEnum):
    """Who sees a reply."""

    THREAD = "thread"  # the asker's thread (in a direct room: the room)
    ROOM = "room"  # the room itself
    ONLY_YOU = "only_you"  # the asker alone, as near to the place as the service can
    DIRECT = "direct"  # the person's direct conversation with the bot
    HOME = "home"  # the person's page of the bot, where the service has one


class Lane(IntEnum):
    """Which deliveries go first where the service limits us; lowest number first."""

    INTERACTIVE = 0
    REPLY = 1
    CARD = 2
    BROADCAST = 3


@dataclass(frozen=True, slots=True)
class Button:
    """A command behind a label.

    Attributes:
        line: the command as typed in a direct message, without prefix: `ticket claim 42`.
        emoji: the reaction that may stand for it on services without buttons.
    """

    label: str
    line: str
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A command that waits for its last argument: what the person writes next.

    `line` is the command with what is known already, as typed in a direct message.
    """

    line: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; `name` is the command's argument, `label` what people read."""

    name: str
    label: str
    multiline: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A command asked for by fields; `title` names it and the button that opens it."""

    title: str
    command: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that is sent with what is said; `media_type` as in `text/markdown`.

    Raises:
        ValueError: it is larger than `LARGEST_ATTACHMENT`.
    """

    name: str
    media_type: str
    data: bytes

    def __post_init__(self) -> None:
        """See the class."""
        if len(self.data) > LARGEST_ATTACHMENT:
            size, most = len(self.data) / 2**20, LARGEST_ATTACHMENT // 2**20
            msg = f"{self.name} has {size:.1f} MB; an attachment has {most} MB at most"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Reply:
    """Something to say.

    Attributes:
        content: what is said.
        visibility: who sees it, relative to the event it answers; ignored when `to` is given.
        to: another place than the event's.
        person: for ONLY_YOU, DIRECT and HOME, who, when it is not the asker.
        key: a lasting name for this post; a later Reply with the same `key` and `edit=True`
            replaces what it shows, wherever it stands.
        sources: messages whose text is quoted in it, as (database id of the room, message
            id); deleting one erases it here.
        expires: when it is not worth saying any more, if it is unsent then.
    """

    content: Content
    visibility: Visibility = Visibility.THREAD
    buttons: tuple[Button, ...] = ()
    to: Place | None = None
    person: Person | None = None
    key: str | None = None
    edit: bool = False
    lane: Lane | None = None
    ask: Question | None = None
    form: Form | None = None
    sources: tuple[tuple[int, str], ...] = ()
    expires: datetime | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def post(self) -> Post:
        """The part of it that travels to a transport."""
        return Post(self.content, self.buttons, self.form, self.attachments)


def reply(*parts: str | Span, visibility: Visibility = Visibility.THREAD) -> Reply:
    """Make a reply of one paragraph."""
    return Reply(say(*parts), visibility)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji the bot puts on somebody's message."""

    place: Place
    message: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Pin:
    """Have a post of ours stand out in its room, wherever the Reply of that `key` stands."""

    key: str


@dataclass(frozen=True, slots=True)
class Unpin:
    """Take a `Pin` back; no harm is done when there is none."""

    key: str


@dataclass(frozen=True, slots=True)
class Topic:
    """What a room says of itself: its topic; of several that wait the newest is set."""

    place: Place
    text: str


Deed = Pin | Unpin | Topic  # what a handler has done beside saying something


@dataclass(frozen=True, slots=True)
class Post:
    """What a transport is asked to show: the part of a Reply that travels to it."""

    content: Content
    buttons: tuple[Button, ...] = ()
    form: Form | None = None
    attachments: tuple[Attachment, ...] = ()


# A type of its own, since pydantic takes no configuration beside a dataclass.
_StoredPost = NewType("_StoredPost", Post)

# Bytes are base64 in JSON, which has none.
_CONFIG = ConfigDict(**HIDE_INPUT, ser_json_bytes="base64", val_json_bytes="base64")

post_codec: TypeAdapter[Post] = TypeAdapter(_StoredPost, config=_CONFIG)
