"""What happened in a room, in our values? Pure: all that must be looked up is known before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.events import Event
from bot.transports.matrix.envelope import Envelope, envelope
from bot.transports.matrix.memory import Memory
from bot.transports.matrix.rooms import Rooms, memberships
from bot.transports.matrix.sayings import Posts, Sayings
from bot.transports.matrix.standing import Standing
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

# What reading a malformed event may raise. It is logged and passed over, because an
# event that stopped the loop would come back with every further request.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)


class Reader:
    """Turns the events of a room into ours, passing over what cannot be read."""

    def __init__(
        self, me: str, workspace: str, memory: Memory, rooms: Rooms, now: Callable[[], datetime]
    ) -> None:
        """Read for the account `me`; `now` stands in for impossible times."""
        self._me = me
        self._now = now
        self._rooms = rooms
        self._sayings = Sayings(me, workspace, memory, rooms)
        self._standing = Standing(me, workspace, rooms)

    def called(self, display_name: str) -> None:
        """Learn by which name people see the bot."""
        self._sayings.called(display_name)

    def state(self, room: str, events: Sequence[Object], *, whole: bool) -> list[Event]:
        """Read how a room stands; `whole`: these events are all its state."""
        if whole and room in self._rooms.peers:
            self._rooms.set_members(room, memberships(list(events)))
        return self._each(
            room,
            events,
            lambda event: (
                self._stands(event, settled=True, whole=whole)
                if event.state_key is not None
                else []
            ),
        )

    def timeline(
        self, room: str, events: Sequence[Object], posts: Posts, *, history: bool = False
    ) -> list[Event]:
        """Read what happened, oldest first.

        What was said before the bot joined, or when `history` at all, is no event; who
        is in the room is. In a direct room the invite counts instead: clients send the
        first words right behind it.
        """
        joined = own_join(events, self._me)
        if joined is not None and room in self._rooms.peers:
            joined = own_invite(events[:joined], self._me) or joined
        silent = len(events) if history else (joined or 0)
        before = self._each(room, events[:silent], self._only_state)
        return before + self._each(
            room, events[silent:], lambda event: self._happened(event, posts)
        )

    def _only_state(self, event: Envelope) -> list[Event]:
        return [] if event.state_key is None else self._stands(event)

    def _happened(self, event: Envelope, posts: Posts) -> list[Event]:
        if event.state_key is not None:
            return self._stands(event)
        return self._sayings.read(event, posts)

    def _stands(
        self, event: Envelope, *, settled: bool = False, whole: bool = False
    ) -> list[Event]:
        own = event.type == "m.room.member" and event.state_key == self._me
        if own and (name := text_of(event.content, "displayname")):
            self.called(name)
        return self._standing.read(event, settled=settled, whole=whole)

    def _each(
        self, room: str, events: Sequence[Object], read: Callable[[Envelope], list[Event]]
    ) -> list[Event]:
        found: list[Event] = []
        now = self._now()
        for raw in events:
            try:
                found += read(envelope(room, raw, now))
            except UNREADABLE as error:
                log.warning(
                    "An event of Matrix cannot be read and is passed over: %s",
                    type(error).__name__,
                    extra={
                        "event": "matrix_event_unreadable",
                        "room": room,
                        "event_id": text_of(raw, "event_id")[:255],
                    },
                )
        return found


def own_join(events: Sequence[Object], me: str) -> int | None:
    """Return where in a timeline the bot itself last came into the room, if it did."""
    found = None
    for at, event in enumerate(events):
        if text_of(event, "type") == "m.room.member" and event.get("state_key") == me:
            before = object_of(object_of(event, "unsigned"), "prev_content")
            joined = text_of(object_of(event, "content"), "membership") == "join"
            if joined and text_of(before, "membership") != "join":
                found = at
    return found


def own_invite(events: Sequence[Object], me: str) -> int | None:
    """Return where in a timeline the bot itself was last invited, if it was."""
    for at in reversed(range(len(events))):
        event = events[at]
        if text_of(event, "type") == "m.room.member" and event.get("state_key") == me:
            if text_of(object_of(event, "content"), "membership") == "invite":
                return at
            return None
    return None
