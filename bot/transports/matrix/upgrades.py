"""Is a room really replaced by another, by somebody who may do that?"""

from __future__ import annotations

import asyncio
import logging

from bot.errors import SendFailure, TransportError
from bot.events import Event, RoomChanged
from bot.transport import Batch, Gap, Intake
from bot.transports.matrix import ids
from bot.transports.matrix.batches import Batches, Tombstone
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.lookups import Lookups
from bot.transports.matrix.membership import Membership
from bot.transports.matrix.reading import Reader
from bot.transports.matrix.rooms import memberships
from bot.transports.wire import (
    WHOLE,
    Object,
    integer_of,
    object_of,
    objects_of,
    text_of,
    texts_of,
)

log = logging.getLogger(__name__)

_NOT_LET_IN = "the other room cannot be joined"
_INFINITE = 2**53  # above every level canonical JSON can hold


def state_event(state: list[Object], kind: str) -> Object:
    """Return the event of a type with an empty state key, or an empty object."""
    return next(
        (e for e in state if text_of(e, "type") == kind and e.get("state_key") == ""),
        {},
    )


def power(state: list[Object], user: str) -> int:
    """Return a user's power level.

    https://spec.matrix.org/v1.16/rooms/v12/#event-format: since version 12 the room's
    creators stand above every level and are not in m.room.power_levels.
    """
    create = state_event(state, "m.room.create")
    content = object_of(create, "content")
    version = text_of(content, "room_version")
    if not version.isdigit() or int(version) >= 12:
        creators = {text_of(create, "sender"), *texts_of(content, "additional_creators")}
        if user in creators:
            return _INFINITE
    levels = state_event(state, "m.room.power_levels")
    if not levels:
        return 100 if user == text_of(create, "sender") else 0
    content = object_of(levels, "content")
    own = integer_of(object_of(content, "users"), user)
    return own if own is not None else integer_of(content, "users_default") or 0


def needed(state: list[Object], kind: str) -> int:
    """Return the power level that sending a state event takes."""
    levels = state_event(state, "m.room.power_levels")
    content = object_of(levels, "content")
    listed = integer_of(object_of(content, "events"), kind)
    if listed is not None:
        return listed
    default = integer_of(content, "state_default")
    if default is not None:
        return default
    return 50 if levels else 0


class Upgrades:
    """Follows tombstones when the configuration allows it and both rooms agree."""

    def __init__(
        self,
        homeserver: Homeserver,
        membership: Membership,
        batches: Batches,
        reader: Reader,
        lookups: Lookups,
    ) -> None:
        """Use a session."""
        self._homeserver = homeserver
        self._membership = membership
        self._batches = batches
        self._reader = reader
        self._lookups = lookups
        self._workspace = homeserver.settings.server
        self._seen: dict[str, str] = {}  # room -> the replacement it was last said to have
        self._shut: dict[str, Tombstone] = {}  # by room: its replacement lets us in by invite only
        self._turn = asyncio.Lock()

    async def follow(self, tombstone: Tombstone, intake: Intake) -> None:
        """Join the replacement and tell of it, or leave everything as it is.

        May be repeated. Raises TransportError when the homeserver could not be asked.
        """
        async with self._turn:  # two rooms may name the same other one
            if self._seen.get(tombstone.room) == tombstone.replacement:
                return
            objection = await self._objection(tombstone) or await self._move(tombstone, intake)
            if objection == _NOT_LET_IN:
                self._shut[tombstone.room] = tombstone
            else:
                self._seen[tombstone.room] = tombstone.replacement
        if objection is not None:
            log.warning(
                "Matrix room %s says it is replaced by %s; not followed: %s.",
                tombstone.room,
                tombstone.replacement,
                objection,
                extra={"event": "matrix_upgrade_refused"},
            )

    def shut(self, replacement: str) -> Tombstone | None:
        """Return what could not be followed into a room, to try again: it lets us in now."""
        found = [each for each in self._shut.values() if each.replacement == replacement]
        return self._shut.pop(found[0].room) if found else None

    async def _move(self, tombstone: Tombstone, intake: Intake) -> str | None:
        replacement = tombstone.replacement
        state = await self._state(replacement)
        # Whoever may replace one room must not make us hold back or leave another.
        me = self._homeserver.settings.user_id
        new = replacement in self._batches.held or memberships(state).get(me) != "join"
        if new:
            self._batches.held.add(replacement)
            if not await self._membership.join(replacement, [ids.server_of(tombstone.sender)]):
                self._batches.held.discard(replacement)
                return _NOT_LET_IN
            state = await self._state(replacement)
        create = object_of(state_event(state, "m.room.create"), "content")
        if text_of(object_of(create, "predecessor"), "room_id") != tombstone.room:
            if new:  # held until a sync tells that we have left, so that nothing of it is stored
                await self._membership.leave(replacement)
            return "the other room does not name this one as its predecessor"
        await self._tell(tombstone, state if new else None, intake)
        return None

    async def _objection(self, tombstone: Tombstone) -> str | None:
        if not self._homeserver.settings.follow_upgrades:
            return "follow_upgrades is off"
        state = await self._state(tombstone.room)
        if power(state, tombstone.sender) < needed(state, "m.room.tombstone"):
            return "its sender has not the power to replace the room"
        return None

    async def _state(self, room: str) -> list[Object]:
        """Read a room's state; none when we may not."""
        try:
            answer = await self._homeserver.get(path("rooms", room, "state"))
        except TransportError as error:
            if error.failure is SendFailure.PERMANENT:
                return []
            raise
        return objects_of(answer, WHOLE)

    async def _tell(self, tombstone: Tombstone, state: list[Object] | None, intake: Intake) -> None:
        """Store the change, and the state of a room that is new to us.

        What was said there while it was held is read as a gap.
        """
        changed: Event = RoomChanged(
            id=f"{tombstone.event}/replaced",
            place=ids.place(self._workspace, tombstone.room),
            person=ids.person(tombstone.sender),
            at=tombstone.at,
            replaced_by=tombstone.replacement,
        )
        if state is None:
            await intake.receive(Batch([changed]))
            return
        await self._lookups.prove_aliases(state)
        told = self._reader.state(tombstone.replacement, state, whole=True)
        # From here the room is read as any other. Both at once: nothing falls in between.
        self._batches.held.discard(tombstone.replacement)
        start = self._batches.position
        place = ids.place(self._workspace, tombstone.replacement)
        gaps = [Gap(place, start, None)] if start else []
        await intake.receive(Batch([changed, *told], gaps=gaps))
