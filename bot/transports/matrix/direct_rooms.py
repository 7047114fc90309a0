"""In which room can one person alone be told something?"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import defaultdict

from bot.errors import SendFailure, TransportError
from bot.events import Person
from bot.transport import Intake
from bot.transports.matrix import ids
from bot.transports.matrix.directory import room_of
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.membership import Membership
from bot.transports.matrix.refusals import Refusal
from bot.transports.matrix.rooms import Rooms, memberships
from bot.transports.matrix.upgrades import state_event
from bot.transports.wire import WHOLE, Object, object_of, objects_of, text_of

log = logging.getLogger(__name__)

_MOST = 5  # rooms for one person: one is enough, unless the bot or others spoil it


class DirectRooms:
    """Finds or makes the direct room with a person.

    A new room has a fixed alias, so that after a crash it is found instead of made again.
    """

    def __init__(self, homeserver: Homeserver, rooms: Rooms, membership: Membership) -> None:
        """Use a session."""
        self._homeserver = homeserver
        self._rooms = rooms
        self._membership = membership
        self._ready: dict[str, str] = {}  # user id -> room
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.intake: Intake | None = None

    async def room_for(self, person: Person) -> str:
        """Return the room; the person is in it or invited.

        Raises:
            TransportError: PERMANENT when the person cannot be reached.
        """
        user = person.user
        if person.transport != ids.NAME or not ids.is_user(user):
            msg = "a direct message to somebody who is not on Matrix"
            raise TransportError(msg, failure=SendFailure.PERMANENT)
        async with self._turns[user]:
            ready = self._ready.get(user)
            if ready is not None and self._rooms.is_shared(ready):
                return ready
            room = await self._find(person) or await self._make(user)
            await self._membership.mark_direct(room, user)
            self._ready[user] = room
            return room

    def forget(self, room: str) -> None:
        """Check a room anew before it is next used."""
        self._ready = {user: known for user, known in self._ready.items() if known != room}

    async def _find(self, person: Person) -> str | None:
        known = await self.intake.direct_room(person) if self.intake is not None else None
        marked = [room for room, user in self._rooms.peers.items() if user == person.user]
        for room in dict.fromkeys([known, *marked] if known else marked):
            if await self._usable(room, person.user, own=False):
                return room
        return None

    async def _make(self, user: str) -> str:
        for number in range(_MOST):
            alias = alias_of(self._homeserver.settings.user_id, user, number)
            try:
                answer = await self._homeserver.post(path("createRoom"), _room(user, alias))
            except Refusal as error:
                # https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3createroom
                if error.code != "M_ROOM_IN_USE":
                    raise
                server = self._homeserver.settings.server
                room = await room_of(self._homeserver, f"#{alias}:{server}")
                if room is not None and await self._usable(room, user, own=True):
                    return room
                continue
            room = text_of(answer, "room_id")
            me = self._homeserver.settings.user_id
            self._rooms.set_members(room, {me: "join", user: "invite"})
            return room
        msg = f"none of the direct rooms with {user} can be used"
        raise TransportError(msg, failure=SendFailure.PERMANENT)

    async def _usable(self, room: str, user: str, *, own: bool) -> bool:
        """Tell whether only the two of us are in a room; the person is invited back if need be.

        Args:
            room: which one.
            user: the person.
            own: it must have been made by us: anybody can take an alias first.
        """
        try:
            answer = await self._homeserver.get(path("rooms", room, "state"))
        except TransportError as error:
            if error.failure is SendFailure.PERMANENT:
                return False
            raise
        state = objects_of(answer, WHOLE)
        me = self._homeserver.settings.user_id
        if own and text_of(state_event(state, "m.room.create"), "sender") != me:
            return False
        present = memberships(state)
        others = {who for who, what in present.items() if what in ("join", "invite")} - {me, user}
        if present.get(me) != "join" or others:
            return False
        if present.get(user) not in ("join", "invite"):
            await self._invite_back(room, user, state)
            present[user] = "invite"
        self._rooms.set_members(room, present)
        return True

    async def _invite_back(self, room: str, user: str, state: list[Object]) -> None:
        member = next(
            (
                event
                for event in state
                if text_of(event, "type") == "m.room.member" and event.get("state_key") == user
            ),
            {},
        )
        before = object_of(object_of(member, "unsigned"), "prev_content")
        now = text_of(object_of(member, "content"), "membership")
        if now == "leave" and text_of(before, "membership") == "invite":
            msg = f"{user} has declined the bot's direct room"
            raise TransportError(msg, failure=SendFailure.PERMANENT)
        await self._homeserver.post(path("rooms", room, "invite"), {"user_id": user})


def alias_of(me: str, user: str, number: int) -> str:
    """Return the local part of the alias of a direct room; the same for ever."""
    digest = hashlib.sha256(f"{me}\n{user}".encode()).hexdigest()[:32]
    return f"deskside-{digest}" + (f"-{number}" if number else "")


def _room(user: str, alias: str) -> Object:
    return {
        "preset": "private_chat",
        "visibility": "private",
        "is_direct": True,
        "invite": [user],
        "room_alias_name": alias,
        # Nobody else may be brought in: what is said there is for one person.
        "power_level_content_override": {"invite": 100},
    }
