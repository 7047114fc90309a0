"""What does the answer to a sync hold: events to store, gaps, invites, replaced rooms?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.errors import SendFailure, TransportError
from bot.events import Event, Left, RoomChanged
from bot.transport import Batch, Gap, Intake
from bot.transports.matrix import ids
from bot.transports.matrix.lookups import Lookups
from bot.transports.matrix.reading import Reader, own_join
from bot.transports.matrix.rooms import Rooms
from bot.transports.wire import (
    Object,
    entries_of,
    object_of,
    objects_of,
    text_of,
)


@dataclass(frozen=True, slots=True)
class Invite:
    """Somebody wants the bot in a room; `direct` is what they say of it."""

    room: str
    inviter: str
    direct: bool


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A room says which other one replaces it; nothing of it is checked."""

    room: str
    sender: str
    replacement: str
    event: str
    at: datetime


@dataclass(slots=True)
class Told:
    """What a sync told: what is stored, and what is to be done after that."""

    token: str
    events: list[Event] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    invites: list[Invite] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    quiet: bool = False  # nothing would be missed if it were never read: at most our own words

    def batch(self, away: datetime | None) -> Batch:
        """Return what is stored, with the token, in one transaction."""
        return Batch(self.events, cursor=self.token, gaps=self.gaps, away=away)


class Batches:
    """Reads whole answers; it may be asked to read the same one again."""

    def __init__(
        self, me: str, workspace: str, reader: Reader, lookups: Lookups, rooms: Rooms
    ) -> None:
        """Read for the account `me`."""
        self._me = me
        self._workspace = workspace
        self._reader = reader
        self._lookups = lookups
        self._rooms = rooms
        self._unsaid: dict[str, str] = {}  # changed direct rooms that no stored batch tells
        self.held: set[str] = set()  # rooms that are not read until they are checked
        self._let_go: set[str] = set()  # of them, those we are not in any more
        self.position = ""  # up to where answers have been read

    async def read(self, answer: Object, since: str | None, intake: Intake, now: datetime) -> Told:
        """Read an answer. Raises TransportError when it is none, or when a look-up fails."""
        told = Told(text_of(answer, "next_batch"))
        if not told.token:
            msg = "the answer to the sync has no next_batch"
            raise TransportError(msg, failure=SendFailure.UNKNOWN)
        self.position = told.token
        self.note_account_data(answer)
        rooms = object_of(answer, "rooms")
        for room, section in entries_of(rooms, "join"):
            if ids.is_room(room) and room not in self.held:
                await self._joined(told, room, section, since, intake)
                told.tombstones += tombstones(room, section, now)
        for room, section in entries_of(rooms, "leave"):
            if room in self.held:
                self._let_go.add(room)
            elif ids.is_room(room) and since is not None:
                await self._left(told, room, section, since, intake, now)
        told.invites = invites(rooms, self._me)
        told.events[:0] = await self._direct_rooms(told.token, now)
        news = told.events or told.gaps or told.tombstones or self.held
        told.quiet = not (news or rooms.get("leave") or rooms.get("invite"))
        return told

    def stored(self) -> None:
        """Note that the last answer's events are stored."""
        self._unsaid.clear()
        self.held -= self._let_go
        self._let_go.clear()

    def note_account_data(self, answer: Object) -> None:
        """Take over which rooms are direct."""
        for event in objects_of(object_of(answer, "account_data"), "events"):
            if text_of(event, "type") == "m.direct":
                self._unsaid |= self._rooms.replace_peers(object_of(event, "content"))

    async def _joined(
        self, told: Told, room: str, section: Object, since: str | None, intake: Intake
    ) -> None:
        state = objects_of(object_of(section, "state"), "events")
        timeline = objects_of(object_of(section, "timeline"), "events")
        await self._lookups.prove_aliases((*state, *timeline))
        entered = own_join(timeline, self._me) is not None
        whole = since is None or entered or own_join(state, self._me) is not None
        told.events += self._reader.state(room, state, whole=whole)
        first = since is None
        posts = {} if first else await self._lookups.prepare(room, timeline, intake)
        told.events += self._reader.timeline(room, timeline, posts, history=first)
        if since is not None and not entered:
            self._note_gap(told, room, section, since)

    def _note_gap(self, told: Told, room: str, section: Object, since: str) -> None:
        timeline = object_of(section, "timeline")
        start = text_of(timeline, "prev_batch")
        if timeline.get("limited") is True and start:
            told.gaps.append(Gap(ids.place(self._workspace, room), start, since))

    async def _left(
        self,
        told: Told,
        room: str,
        section: Object,
        since: str,
        intake: Intake,
        now: datetime,
    ) -> None:
        """Read the end of a room: kicks and bans stand only here."""
        await self._joined(told, room, section, since, intake)
        self._rooms.forget(room)
        both = (
            *objects_of(object_of(section, "state"), "events"),
            *objects_of(object_of(section, "timeline"), "events"),
        )
        if any(
            text_of(event, "type") == "m.room.member" and event.get("state_key") == self._me
            for event in both
        ):
            return
        told.events.append(
            Left(
                id=f"left/{room}/{told.token}",
                place=ids.place(self._workspace, room),
                person=ids.person(self._me),
                at=now,
                bot=True,
            )
        )

    async def _direct_rooms(self, token: str, now: datetime) -> list[Event]:
        found: list[Event] = []
        for room, peer in self._unsaid.items():
            if self._rooms.needs_members(room):
                await self._lookups.learn_members(room)
            found.append(
                RoomChanged(
                    id=f"direct/{room}/{token}",
                    place=ids.place(self._workspace, room),
                    person=ids.person(peer),
                    at=now,
                    direct=self._rooms.is_direct(room),
                )
            )
        return found


def invites(rooms: Object, me: str) -> list[Invite]:
    """Return the invites of an answer.

    https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3sync (Invited Room)
    """
    found = []
    for room, section in entries_of(rooms, "invite"):
        for event in objects_of(object_of(section, "invite_state"), "events"):
            content = object_of(event, "content")
            if (
                ids.is_room(room)
                and text_of(event, "type") == "m.room.member"
                and event.get("state_key") == me
                and text_of(content, "membership") == "invite"
            ):
                direct = content.get("is_direct") is True
                found.append(Invite(room, text_of(event, "sender"), direct))
    return found


def tombstones(room: str, section: Object, now: datetime) -> list[Tombstone]:
    """Return what a room's section says of its end."""
    found = []
    for part in ("state", "timeline"):
        for event in objects_of(object_of(section, part), "events"):
            replacement = text_of(object_of(event, "content"), "replacement_room")
            if (
                text_of(event, "type") == "m.room.tombstone"
                and event.get("state_key") == ""
                and ids.is_room(replacement)
                and replacement != room
            ):
                event_id, sender = text_of(event, "event_id"), text_of(event, "sender")
                found.append(Tombstone(room, sender, replacement, event_id, now))
    return found
