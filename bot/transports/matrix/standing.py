"""Who is in a room, and what kind of room is it?"""

from __future__ import annotations

from dataclasses import dataclass

from bot.events import Event, Joined, Left, PersonChanged, RoomChanged
from bot.transports.matrix import ids
from bot.transports.matrix.envelope import Envelope, Unreadable
from bot.transports.matrix.rooms import Rooms, aliases_of
from bot.transports.wire import text_of

_LONGEST_NAME = 255

# The state that is read; a filter asks for no other.
TYPES = (
    "m.room.member",
    "m.room.name",
    "m.room.canonical_alias",
    "m.room.encryption",
    "m.room.tombstone",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Turns state events into ours."""

    me: str
    workspace: str
    rooms: Rooms

    def read(self, event: Envelope, *, settled: bool = False, whole: bool = False) -> list[Event]:
        """Return what a state event means, which may be nothing. Raises Unreadable.

        Args:
            event: it.
            settled: it tells how things are, not that they have just changed.
            whole: with all other state of the room, so who has left need not be told.
        """
        if event.type == "m.room.member":
            return self._member(event, settled=settled, whole=whole)
        if event.state_key != "":
            return []
        match event.type:
            case "m.room.name":
                return [self._room(event, name=text_of(event.content, "name")[:_LONGEST_NAME])]
            case "m.room.encryption":
                return [self._room(event, encrypted=True)]
            case "m.room.canonical_alias":
                aliases = self.rooms.aliases(event.room, aliases_of(event.content))
                return [self._room(event, aliases=aliases)]
            case _:
                return []

    def _room(
        self,
        event: Envelope,
        *,
        name: str | None = None,
        encrypted: bool | None = None,
        aliases: tuple[str, ...] = (),
    ) -> RoomChanged:
        return RoomChanged(
            id=event.id,
            place=ids.place(self.workspace, event.room),
            person=ids.person(event.sender),
            at=event.at,
            name=name,
            encrypted=encrypted,
            aliases=aliases,
        )

    def _member(self, event: Envelope, *, settled: bool, whole: bool) -> list[Event]:
        user = event.state_key or ""
        if not ids.is_user(user):
            msg = "a membership of nobody"
            raise Unreadable(msg)
        now, before = text_of(event.content, "membership"), text_of(event.before, "membership")
        self.rooms.note_member(event.room, user, now)
        was_in = before == "join" and not settled
        found: list[Event] = []
        place, person = ids.place(self.workspace, event.room), ids.person(user)
        bot = user == self.me
        if now == "join":
            if not was_in:
                found.append(Joined(id=event.id, place=place, person=person, at=event.at, bot=bot))
            found += self._named(event, user, was_in=was_in)
        elif now in ("leave", "ban") and not whole and before in ("join", ""):
            found.append(Left(id=event.id, place=place, person=person, at=event.at, bot=bot))
        if event.room in self.rooms.peers and now != before:
            found.append(self.direct(event.room, event))
        return found

    def _named(self, event: Envelope, user: str, *, was_in: bool) -> list[Event]:
        name = text_of(event.content, "displayname")[:_LONGEST_NAME]
        earlier = text_of(event.before, "displayname")[:_LONGEST_NAME]
        if user == self.me or (name == earlier if was_in else not name):
            return []
        return [
            PersonChanged(
                id=f"{event.id}/name",
                place=ids.place(self.workspace, event.room),
                person=ids.person(user),
                at=event.at,
                name=name or user,
            )
        ]

    def direct(self, room: str, event: Envelope) -> RoomChanged:
        """Say whether a room is direct, now that its members have changed."""
        return RoomChanged(
            id=f"{event.id}/direct",
            place=ids.place(self.workspace, room),
            person=ids.person(self.rooms.peers[room]),
            at=event.at,
            direct=self.rooms.is_direct(room),
        )
