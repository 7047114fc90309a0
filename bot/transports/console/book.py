"""What does the room remember: who is in it, how messages are numbered, which it has shown?

All of it but the texts, which belong to the database; what of it must outlive the process
is stored as JSON in the transport's cursor, together with the events it numbered.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from bot.errors import StorageError

BOT = "Deskside"
DIRECT_PREFIX = "dm-"

# A gesture at an older message still works; only who wrote it is not known any more.
_REMEMBERED_MESSAGES = 200  # per room
_REMEMBERED_DELIVERIES = 200


@dataclass(slots=True)
class Entry:
    """A message: its author, whom alone it is for, what was done to it."""

    author: str
    only: str | None = None
    deleted: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)  # (who, emoji)
    pinned: bool = False


@dataclass(slots=True)
class RoomBook:
    """A room: its members, how far it has counted, and its newest messages, oldest first."""

    members: list[str] = field(default_factory=list)
    last: int = 0
    replies: dict[str, int] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    topic: str = ""

    def add(self, entry: Entry, thread: str | None = None) -> str:
        """Number a message: `4`, or `3.1` in the thread of message 3."""
        if thread is None:
            self.last += 1
            number = str(self.last)
        else:
            root = root_of(thread)
            self.replies[root] = self.replies.get(root, 0) + 1
            number = f"{root}.{self.replies[root]}"
        self.entries[number] = entry
        if len(self.entries) > _REMEMBERED_MESSAGES:
            del self.entries[next(iter(self.entries))]
        return number

    def has(self, number: str) -> bool:
        """Tell whether a message of that number was ever shown, deleted ones included."""
        root, dot, reply = number.partition(".")
        if not number.replace(".", "", 1).isdecimal():
            return False
        if dot:
            return 1 <= int(reply or 0) <= self.replies.get(root, 0)
        return 1 <= int(root) <= self.last

    def entry(self, number: str) -> Entry:
        """Return a message that `has` told of; a long forgotten one has no author."""
        return self.entries.get(number) or Entry("")


@dataclass(slots=True)
class Book:
    """Everything the console remembers.

    Attributes:
        people: whoever was ever here, in the order they came.
        rooms: by id; direct ones are `dm-alice`.
        events: how many events it has numbered.
        deliveries: the newest deliveries, each with the room and message it became.
    """

    people: list[str] = field(default_factory=list)
    rooms: dict[str, RoomBook] = field(default_factory=dict)
    events: int = 0
    deliveries: dict[str, tuple[str, str]] = field(default_factory=dict)

    def room(self, name: str) -> RoomBook:
        """Return a room, opened if it is new."""
        return self.rooms.setdefault(name, RoomBook())

    def next_event(self) -> str:
        """Return an id no event of this book has had."""
        self.events += 1
        return f"event-{self.events}"

    def delivered(self, delivery: str, room: str, number: str) -> None:
        """Remember what a delivery became."""
        self.deliveries[delivery] = (room, number)
        if len(self.deliveries) > _REMEMBERED_DELIVERIES:
            del self.deliveries[next(iter(self.deliveries))]

    def dump(self) -> str:
        """Write it as JSON."""
        return _codec.dump_json(self, exclude_defaults=True).decode()

    @staticmethod
    def load(text: str) -> Book:
        """Read what `dump` wrote. Raises StorageError when it is something else."""
        try:
            return _codec.validate_json(text)
        except ValidationError as error:
            msg = (
                "This database does not hold a console room this Deskside can read: "
                "name another with --database."
            )
            raise StorageError(msg) from error


_codec = TypeAdapter(Book)


def root_of(number: str) -> str:
    """Return the message that began the thread in which `number` stands: itself, if none."""
    return number.partition(".")[0]


def thread_of(number: str) -> str | None:
    """Return the thread in which a message stands, None in the room itself."""
    root, dot, _ = number.partition(".")
    return root if dot else None


def direct_room(person: str) -> str:
    """Return the id of a person's direct room."""
    return f"{DIRECT_PREFIX}{person}"


def direct_with(room: str) -> str | None:
    """Return whose direct room this is, None when it is another."""
    return room.removeprefix(DIRECT_PREFIX) if room.startswith(DIRECT_PREFIX) else None
