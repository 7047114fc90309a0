"""Which rooms are direct, with really nobody else in them, and which have the aliases we know?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bot.transports.matrix import ids
from bot.transports.wire import Object, text_of, texts_of


class Rooms:
    """What the bot must know of its rooms while it runs.

    A room is marked direct in the account data `m.direct`; it counts as direct only while
    nobody but the bot and that person is in it or invited to it, because what is said
    there is for one person. Two members alone make no room direct.

    Which aliases it has a room says of itself, which proves nothing: only the directory does.

    Attributes:
        named: the aliases that mean something to us; no other is looked at.
    """

    def __init__(self, me: str, named: Iterable[str] = ()) -> None:
        """Begin with no rooms; `me` is the bot's user id."""
        self._me = me
        self.named = frozenset(name for name in named if name.startswith("#"))
        self._led_to: dict[str, str | None] = {}  # by alias, as the directory tells
        self.peers: dict[str, str] = {}  # room id -> the other person's user id
        self._announced: dict[str, str] = {}  # the same, as the server last told
        self._present: dict[str, set[str]] = {}  # of direct rooms: joined or invited

    def replace_peers(self, content: Object) -> dict[str, str]:
        """Take over the content of `m.direct`; return the rooms that it changes, as they were.

        https://spec.matrix.org/v1.16/client-server-api/#mdirect
        """
        before = self._announced
        self.peers = self._announced = peers_of(content)
        rooms = before.keys() | self.peers.keys()
        return {
            room: before.get(room) or self.peers[room]
            for room in rooms
            if before.get(room) != self.peers.get(room)
        }

    def add_peer(self, room: str, peer: str) -> None:
        """Take a room for direct although the server has not told so yet."""
        self.peers = {**self.peers, room: peer}

    def needs_members(self, room: str) -> bool:
        """Tell whether the members of a room must be asked for before it is read."""
        return room in self.peers and room not in self._present

    def set_members(self, room: str, present: Mapping[str, str]) -> None:
        """Take over who has which membership in a room."""
        self._present[room] = {
            user for user, membership in present.items() if membership in ("join", "invite")
        }

    def note_member(self, room: str, user: str, membership: str) -> None:
        """Take over one change of membership."""
        present = self._present.get(room)
        if present is None:
            return
        if membership in ("join", "invite"):
            present.add(user)
        else:
            present.discard(user)

    def forget(self, room: str) -> None:
        """Ask for the members anew when the room is next read."""
        self._present.pop(room, None)

    def is_direct(self, room: str) -> bool:
        """Tell whether what is said in the room is between the bot and one person."""
        peer = self.peers.get(room)
        present = self._present.get(room)
        return peer is not None and present is not None and present <= {self._me, peer}

    def is_shared(self, room: str) -> bool:
        """Tell whether the other one is in the direct room, or invited to it."""
        return self.is_direct(room) and self.peers[room] in self._present[room]

    def note_alias(self, alias: str, room: str | None) -> None:
        """Take over to which room an alias leads."""
        self._led_to[alias] = room

    def aliases(self, room: str, claimed: Collection[str]) -> tuple[str, ...]:
        """Return those of the aliases claimed for a room that lead to it."""
        return tuple(alias for alias in claimed if self._led_to.get(alias) == room)

    def by_alias(self) -> dict[str, tuple[str, ...]]:
        """Return the rooms to which aliases lead, with those."""
        rooms = dict.fromkeys(room for room in self._led_to.values() if room is not None)
        return {room: self.aliases(room, sorted(self._led_to)) for room in rooms}


def aliases_of(content: Object) -> tuple[str, ...]:
    """Return the aliases a room claims in the content of m.room.canonical_alias."""
    claimed = (text_of(content, "alias"), *texts_of(content, "alt_aliases"))
    return tuple(dict.fromkeys(alias for alias in claimed if alias.startswith("#")))


def peers_of(content: Object) -> dict[str, str]:
    """Return whose direct room each room in `m.direct` is."""
    return {
        room: user
        for user, listed in content.items()
        if ids.is_user(user) and isinstance(listed, list)
        for room in listed
        if isinstance(room, str) and ids.is_room(room)
    }


def memberships(state: list[Object]) -> dict[str, str]:
    """Return who has which membership, from member events in their order."""
    found: dict[str, str] = {}
    for event in state:
        if text_of(event, "type") == "m.room.member":
            content = event.get("content")
            membership = text_of(content, "membership") if isinstance(content, dict) else ""
            found[text_of(event, "state_key")] = membership
    return found
