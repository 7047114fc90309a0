"""Which thread does a message belong to, and who wrote it? A bounded memory of both."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from bot.transports.matrix import ids
from bot.transports.wire import Object, object_of, text_of

_MOST = 20_000  # messages; 5 MB


@dataclass(frozen=True, slots=True)
class Relation:
    """How a message hangs on others; every value is an event id, or None.

    Attributes:
        thread: the root of its thread.
        reply: what it replies to.
        replaces: the message whose text it replaces.
        annotates: the message it is a reaction to.
        key: of the reaction.
    """

    thread: str | None = None
    reply: str | None = None
    replaces: str | None = None
    annotates: str | None = None
    key: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """What must be known to place it."""
        if self.thread is not None:
            return ()
        return tuple(filter(None, (self.reply, self.replaces, self.annotates)))


def relation(content: Object) -> Relation:
    """Read a content's relation.

    https://spec.matrix.org/v1.16/client-server-api/#forming-relationships-between-events
    """
    related = object_of(content, "m.relates_to")
    if not related:
        return Relation()
    target = _event(text_of(related, "event_id"))
    reply = _event(text_of(object_of(related, "m.in_reply_to"), "event_id"))
    match text_of(related, "rel_type"):
        case "m.thread":
            return Relation(thread=target, reply=reply)
        case "m.replace":
            return Relation(replaces=target)
        case "m.annotation":
            return Relation(annotates=target, key=text_of(related, "key")[:100])
        case _:
            return Relation(reply=reply)


def _event(value: str) -> str | None:
    return value if ids.is_event(value) else None


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a message: its thread's root, and its writer ("" if unknown)."""

    root: str | None
    sender: str


@lru_cache(maxsize=1_000)
def _known(root: str | None, sender: str) -> Known:
    """Return one value for all that somebody says in one thread."""
    return Known(root, sender)


class Memory:
    """Remembers the newest messages of all rooms."""

    def __init__(self, most: int = _MOST) -> None:
        """Keep at most this many messages."""
        self._most = most
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()

    def get(self, room: str, message: str) -> Known | None:
        """Return what is known of a message."""
        return self._known.get((room, message))

    def root(self, room: str, message: str) -> str:
        """Return the root of the thread a message belongs to, which may be itself."""
        known = self.get(room, message)
        return known.root if known and known.root else message

    def note(self, room: str, message: str, sender: str, root: str | None) -> None:
        """Remember a message."""
        key = (intern(room), message)
        self._known[key] = _known(root, sender)
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def thread_of(self, room: str, related: Relation, *, direct: bool) -> str | None:
        """Return the root of the thread in which a message with this relation stands.

        Where there is no m.thread, the chain of replies is the thread; in a direct room,
        which is one conversation, a reply is no thread.
        """
        if related.thread is not None:
            return related.thread
        if related.reply is not None and not direct:
            return self.root(room, related.reply)
        return None
