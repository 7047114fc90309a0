"""Matrix events, and a reader for them."""

from datetime import UTC, datetime
from typing import Any

from bot.events import Event
from bot.replies import Post
from bot.transports.matrix.memory import Memory
from bot.transports.matrix.reading import Reader
from bot.transports.matrix.rooms import Rooms

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
THEN = datetime(2026, 1, 1, tzinfo=UTC)
ME, ALICE, BOB = "@desk:example.org", "@alice:example.org", "@bob:example.org"
ROOM = "!room:example.org"


def event(kind: str, content: Any, name: str = "$1", sender: str = ALICE, **more: Any) -> Any:
    return {
        "type": kind,
        "event_id": name,
        "sender": sender,
        "origin_server_ts": int(THEN.timestamp() * 1000),
        "content": content,
        **more,
    }


def said(body: str, name: str = "$1", sender: str = ALICE, /, **content: Any) -> Any:
    return event("m.room.message", {"msgtype": "m.text", "body": body, **content}, name, sender)


def edited(body: str, target: str, name: str = "$edit", sender: str = ALICE) -> Any:
    return said(
        f"* {body}",
        name,
        sender,
        **{
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target},
        },
    )


def reacted(emoji: str, target: str, name: str = "$reaction", sender: str = ALICE) -> Any:
    related = {"rel_type": "m.annotation", "event_id": target, "key": emoji}
    return event("m.reaction", {"m.relates_to": related}, name, sender)


def became(
    membership: str, before: Any = None, user: str = BOB, name: str = "$member", **content: Any
) -> Any:
    earlier = {"membership": before} if isinstance(before, str) else before
    unsigned = {"prev_content": earlier} if earlier else {}
    values = {"membership": membership, **content}
    return event("m.room.member", values, name, user, state_key=user, unsigned=unsigned)


class Desk:
    """A reader with its memory and rooms."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.rooms = Rooms(ME)
        self.reader = Reader(ME, "example.org", self.memory, self.rooms, lambda: NOW)
        self.reader.called("Help Desk")

    def read(self, *events: Any, posts: dict[str, Post] | None = None) -> list[Event]:
        return self.reader.timeline(ROOM, events, posts or {})

    def one(self, *events: Any, posts: dict[str, Post] | None = None) -> Event:
        found = self.read(*events, posts=posts)
        assert found
        return found[-1]
