"""Which rooms is the bot in, what are they called, and who is in those it works in?"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.events import Event, Joined, Left, Person, Place
from bot.transport import Batch, Intake
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.slack.directory import Directory
from bot.transports.slack.messages import Account
from bot.transports.slack.reading import EventReader
from bot.transports.wire import Object, object_of, objects_of, text_of, texts_of

log = logging.getLogger(__name__)

# https://docs.slack.dev/reference/methods/users.conversations
_KINDS = "public_channel,private_channel,mpim,im"
_PAGE = 200


class Rooms:
    """Learns of rooms, members and user groups when reading begins; events tell the rest.

    Attributes:
        ours: the rooms of the configuration.
        others: the other rooms the bot is in.

    Args:
        named: the ids and names the configuration gives to rooms and user groups.
    """

    def __init__(
        self,
        api: Api,
        me: Account,
        directory: Directory,
        reader: EventReader,
        clock: Clock,
        named: Iterable[str],
    ) -> None:
        """See the class."""
        self._api = api
        self._me = me
        self._directory = directory
        self._reader = reader
        self._clock = clock
        self._named = frozenset(name.removeprefix("#") for name in named)
        self._direct: dict[str, str] = directory.homes
        self._names: dict[str, str] = {}
        self.ours: list[Place] = []
        self.others: list[Place] = []

    async def look_around(self, intake: Intake) -> None:
        """Store which rooms the bot is in, and who is in ours and in the user groups.

        Raises TransportError.
        """
        channels = await self._pages("users.conversations", "channels", types=_KINDS)
        rooms = [channel for channel in channels if text_of(channel, "id")]
        self.ours = [self._place(room) for room in rooms if self._is_named(room)]
        self.others = [self._place(room) for room in rooms if not self._is_named(room)]
        shared = {text_of(room, "id") for room in rooms if room.get("is_ext_shared") is True}
        self._directory.shared = shared
        now = self._clock.now()
        events: list[Event] = []
        names: dict[str, str] = {}
        for room in rooms:
            id_, name = text_of(room, "id"), text_of(room, "name")
            if self._names.get(id_) == name:
                continue
            names[id_] = name
            events.append(self._reader.room_changed(room, f"room:{id_}:{now.isoformat()}", now))
            if room.get("is_im") is not True:
                # The same at every start, so that the bot introduces itself once.
                events.append(self._joined(f"there:{id_}", id_, self._me_there(), bot=True))
        if events:
            await intake.receive(Batch(events))
        self._names |= names
        for place in self.ours:
            await self._learn_members(place, intake, "conversations.members")
        for name in sorted(self._named):
            if name.startswith("S") and name.isalnum() and name.isupper():
                place = ids.place(self._me.team, name)
                await self._learn_members(place, intake, "usergroups.users.list")

    async def direct_room(self, user: str) -> Place:
        """Return the direct room with a user, opened if there is none. Raises TransportError.

        https://docs.slack.dev/reference/methods/conversations.open: the same one every time.
        """
        if (known := self._direct.get(user)) is None:
            answer = await self._api.call("conversations.open", users=user)
            known = text_of(object_of(answer, "channel"), "id")
            if not known:
                msg = "conversations.open: the answer names no room"
                raise TransportError(msg, failure=SendFailure.UNKNOWN, room_only=True)
            self._direct[user] = known
        return ids.place(self._me.team, known)

    def _is_named(self, room: Object) -> bool:
        return bool({text_of(room, "id"), text_of(room, "name")} & self._named)

    def _place(self, room: Object) -> Place:
        return ids.place(self._me.team, text_of(room, "id"))

    def _me_there(self) -> Person:
        return ids.person(self._me.team, self._me.user)

    def _joined(self, id_: str, room: str, who: Person, *, bot: bool = False) -> Joined:
        place = ids.place(self._me.team, room)
        return Joined(id=id_, place=place, person=who, at=self._clock.now(), bot=bot)

    async def _learn_members(self, place: Place, intake: Intake, method: str) -> None:
        # Asked for first: whoever comes in between is then known twice, and not taken for gone.
        known = {person.user: person for person in await intake.members(place)}
        try:
            users = await self._members(place.room, method)
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            log.warning("Who is in %s cannot be read: %s", place.room, error)
            return
        now = self._clock.now()
        came = [user for user in users if user not in known and user != self._me.user]
        gone = [known[user] for user in known.keys() - set(users)]
        at = f"{place.room}:{now.isoformat()}"
        events: list[Event] = []
        for user in came:
            events += await self._directory.meet(user)
            who = self._directory.person(user)
            events.append(self._joined(f"member:{user}:{at}", place.room, who))
        for person in gone:
            events.append(Left(id=f"gone:{person.user}:{at}", place=place, person=person, at=now))
        if events:
            await intake.receive(Batch(events))

    async def _members(self, id_: str, method: str) -> Sequence[str]:
        if method == "usergroups.users.list":
            return texts_of(await self._api.call(method, usergroup=id_), "users")
        found: list[str] = []
        cursor: str | None = None
        while cursor != "":
            answer = await self._api.call(method, channel=id_, limit=_PAGE, cursor=cursor or None)
            found += texts_of(answer, "members")
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
        return found

    async def _pages(self, method: str, key: str, **arguments: object) -> list[Object]:
        found: list[Object] = []
        cursor: str | None = None
        while cursor != "":
            answer = await self._api.call(method, limit=_PAGE, cursor=cursor or None, **arguments)
            found += objects_of(answer, key)
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
        return found
