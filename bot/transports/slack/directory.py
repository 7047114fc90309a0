"""Who is behind a user id: of which workspace, called what, in which time zone?"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from zoneinfo import available_timezones

from bot.clock import Clock
from bot.errors import TransportError
from bot.events import Person, PersonChanged
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.wire import Object, object_of, objects_of, text_of

log = logging.getLogger(__name__)

_REMEMBERED = 50_000  # people
_PAGE = 200  # users a call; https://docs.slack.dev/reference/methods/users.list


class Directory:
    """Remembers who is who, and asks Slack about those it has not seen yet.

    Attributes:
        team: the bot's workspace.
        homes: the direct rooms that are known, by user.
    """

    def __init__(self, api: Api, clock: Clock, team: str) -> None:
        """Know nobody yet."""
        self._api = api
        self._clock = clock
        self.team = team
        self._teams: OrderedDict[str, str] = OrderedDict()
        self._names: dict[str, str] = {}
        self.homes: dict[str, str] = {}
        self._suspects: set[str] = set()
        self._unknown: dict[str, None] = {}  # in the order in which they appeared

    def person(self, user: str, team: str = "") -> Person:
        """Return a user as a person; `team` is what the event itself says of them."""
        if team:
            self._note(user, team)
        elif user not in self._teams:
            self._unknown.setdefault(user)
        if user in self._suspects:
            return ids.person("?", user)
        return ids.person(self._teams.get(user, team or self.team), user)

    def name(self, user: str) -> str:
        """Return what a user is called, or the id."""
        return self._names.get(user, user)

    def is_known(self, user: str) -> bool:
        """Tell whether the user's workspace is known."""
        return user in self._teams

    async def look_up(self, user: str) -> None:
        """Learn whose account a user id is; raises TransportError."""
        self.learn(object_of(await self._api.call("users.info", user=user), "user"))

    def suspect(self, user: str) -> None:
        """Take a user for a stranger until Slack says who they are."""
        self._unknown.setdefault(user)
        self._suspects.add(user)

    async def news(self) -> Sequence[PersonChanged]:
        """Return what is new about people seen since this was last asked."""
        found = []
        while self._unknown:
            user = next(iter(self._unknown))
            try:
                answer = await self._api.call("users.info", user=user)
            except TransportError as error:
                log.info("Slack: who %s is cannot be told now: %s", user, error)
                if error.retry_after is not None:
                    break
                del self._unknown[user]
                continue
            self._unknown.pop(user, None)
            if (changed := self.learn(object_of(answer, "user"))) is not None:
                found.append(changed)
        return found

    async def everybody(self) -> list[PersonChanged]:
        """Read the whole list of users; raises TransportError."""
        found: list[PersonChanged] = []
        cursor: str | None = None
        while cursor != "":
            answer = await self._api.call("users.list", limit=_PAGE, cursor=cursor or None)
            for user in objects_of(answer, "members"):
                if user.get("deleted") is not True and (changed := self.learn(user)) is not None:
                    found.append(changed)
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
        return found

    def learn(self, user: Object) -> PersonChanged | None:
        """Take in a user object, https://docs.slack.dev/reference/objects/user-object."""
        id_, team = text_of(user, "id"), text_of(user, "team_id")
        if not (id_ and team):
            return None
        self._note(id_, team)
        profile = object_of(user, "profile")
        name = (
            text_of(profile, "display_name")
            or text_of(profile, "real_name")
            or text_of(user, "real_name")
            or text_of(user, "name")
        )
        zone = text_of(user, "tz")
        self._names[id_] = name or id_
        return PersonChanged(
            id=f"user:{id_}:{self._clock.now().isoformat()}",
            place=ids.place(self.team, self.team),
            person=ids.person(team, id_),
            at=self._clock.now(),
            name=name or None,
            zone=zone if zone in available_timezones() else None,
        )

    def _note(self, user: str, team: str) -> None:
        self._unknown.pop(user, None)
        self._suspects.discard(user)
        self._teams[user] = team
        self._teams.move_to_end(user)
        while len(self._teams) > _REMEMBERED:
            gone, _ = self._teams.popitem(last=False)
            self._names.pop(gone, None)
