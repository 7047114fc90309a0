"""What must be known before a room's events can be read: what they hang on, our own posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.errors import SendFailure, TransportError
from bot.replies import Post
from bot.transport import Intake
from bot.transports.matrix import ids
from bot.transports.matrix.directory import room_of
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.memory import Memory, Relation, relation
from bot.transports.matrix.rooms import Rooms, aliases_of, memberships
from bot.transports.wire import Object, object_of, objects_of, text_of

# Requests for one room's events at once; people cannot make the bot ask for more.
_BUDGET = 20


class Lookups:
    """Asks the homeserver and the intake for what the memory lacks."""

    def __init__(
        self, homeserver: Homeserver, memory: Memory, rooms: Rooms, me: str, workspace: str
    ) -> None:
        """Look things up for the account `me`."""
        self._homeserver = homeserver
        self._memory = memory
        self._rooms = rooms
        self._me = me
        self._workspace = workspace

    async def prepare(self, room: str, events: Sequence[Object], intake: Intake) -> dict[str, Post]:
        """Learn what reading `events`, oldest first, needs; return the posts reacted to.

        Raises:
            TransportError: the homeserver could not be asked; nothing is lost by trying again.
        """
        if self._rooms.needs_members(room):
            await self.learn_members(room)
        listed = {text_of(event, "event_id") for event in events}
        budget = _BUDGET
        posts: dict[str, Post] = {}
        for event in events:
            related = relation(object_of(event, "content"))
            if text_of(event, "sender") == self._me:
                continue
            for target in related.targets:
                if target not in listed and budget > 0:
                    budget -= await self._learn(room, target, budget)
            if related.annotates is not None and related.annotates not in posts:
                post = await self._post(room, related.annotates, intake)
                if post is not None:
                    posts[related.annotates] = post
        return posts

    async def _post(self, room: str, message: str, intake: Intake) -> Post | None:
        known = self._memory.get(room, message)
        if known is not None and known.sender not in ("", self._me):
            return None
        return await intake.sent_message(ids.place(self._workspace, room), message)

    async def learn_members(self, room: str) -> None:
        """Ask who is in a direct room."""
        try:
            answer = await self._homeserver.get(path("rooms", room, "members"))
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            return  # we are not in it, so nothing is direct there
        self._rooms.set_members(room, memberships(objects_of(answer, "chunk")))

    async def prove_aliases(self, events: Iterable[Object]) -> None:
        """Learn where those aliases lead that rooms claim to have, if they mean something to us.

        https://spec.matrix.org/v1.16/client-server-api/#room-aliases: what a room says of its
        aliases should be checked before it is used.

        Raises:
            TransportError: the homeserver could not be asked.
        """
        for event in events:
            if text_of(event, "type") == "m.room.canonical_alias":
                for alias in self._rooms.named & {*aliases_of(object_of(event, "content"))}:
                    self._rooms.note_alias(alias, await room_of(self._homeserver, alias))

    async def named_rooms(self) -> dict[str, tuple[str, ...]]:
        """Return the aliases that mean something to us by the rooms they lead to.

        Raises:
            TransportError: the homeserver could not be asked.
        """
        for alias in self._rooms.named:
            self._rooms.note_alias(alias, await room_of(self._homeserver, alias))
        return self._rooms.by_alias()

    async def _learn(self, room: str, message: str, budget: int) -> int:
        """Follow the replies from a message up to one that is known; return the requests made."""
        chain: list[tuple[str, str, Relation]] = []
        current: str | None = message
        asked = 0
        while current is not None and asked < budget and self._memory.get(room, current) is None:
            asked += 1
            event = await self._ask(room, current)
            related = relation(object_of(event, "content"))
            chain.append((current, text_of(event, "sender"), related))
            current = related.reply if related.thread is None else None
        for known, sender, related in reversed(chain):
            thread = self._memory.thread_of(room, related, direct=self._rooms.is_direct(room))
            self._memory.note(room, known, sender, thread)
        return asked

    async def _ask(self, room: str, message: str) -> Object:
        try:
            return await self._homeserver.get(path("rooms", room, "event", message))
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            return {}  # it is not there, or not for us to see
