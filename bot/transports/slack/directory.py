"""Who is behind a user id: of which workspace, called what, in which time zone?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from zoneinfo import available_timezones

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.events import Person, PersonChanged
from bot.transports.bounded import Bounded
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

STRANGER = "?"  # the workspace of somebody who cannot be looked up
_REMEMBERED = 50_000  # people
_AGAIN = 60.0  # seconds until somebody who could not be looked up is looked up again


class Directory:
    """Remembers who is who, and asks Slack about those it has not met.

    Attributes:
        team: the bot's workspace.
        homes: the direct rooms that are known, by user.
        shared: the rooms in which people of other organisations may be.
    """

    def __init__(self, api: Api, clock: Clock, team: str) -> None:
        """Know nobody yet."""
        self._api = api
        self._clock = clock
        self.team = team
        self.homes: dict[str, str] = {}
        self.shared: set[str] = set()
        self._people: Bounded[str, tuple[str, str]] = Bounded(_REMEMBERED)  # team and name
        self._failed: Bounded[str, tuple[float, str]] = Bounded(_REMEMBERED)  # when, and whose

    def person(self, user: str, team: str = "") -> Person:
        """Return a user as a person; `team` is what the event itself says of them."""
        if user in self._people:
            return ids.person(self._people[user][0], user)
        _, whose = self._failed.get(user, (0.0, self.team))
        return ids.person(team or whose, user)

    def name(self, user: str) -> str | None:
        """Return what a user is called, if that is known."""
        return self._people[user][1] if user in self._people else None

    async def meet(
        self, user: str, *, within: float | None = None, perhaps_stranger: bool = False
    ) -> Sequence[PersonChanged]:
        """Look up somebody not met before; returns what was learned.

        Args:
            user: who.
            within: seconds it may take.
            perhaps_stranger: whom nothing is known of is taken for an outsider.

        Raises:
            TransportError: REFUSED when our access is gone.
        """
        failed_at, _ = self._failed.get(user, (None, ""))
        now = self._clock.elapsed()
        if not user or user in self._people or (failed_at is not None and now - failed_at < _AGAIN):
            return ()
        try:
            async with asyncio.timeout(within):
                answer = await self._api.call("users.info", user=user)
        except (TransportError, TimeoutError) as error:
            if isinstance(error, TransportError) and error.failure is SendFailure.REFUSED:
                raise
            log.info("Slack: who %s is cannot be told now: %s", user, error)
            self._failed[user] = (now, STRANGER if perhaps_stranger else self.team)
            return ()
        changed = self.learn(object_of(answer, "user"))
        return () if changed is None else (changed,)

    def forget(self, user: str) -> None:
        """Know nothing of a user any more, since what was learned could not be stored."""
        self._people.pop(user, None)

    def learn(self, user: Object) -> PersonChanged | None:
        """Take in a user object, https://docs.slack.dev/reference/objects/user-object."""
        id_, team = text_of(user, "id"), text_of(user, "team_id")
        if not (id_ and team):
            return None
        profile = object_of(user, "profile")
        name = (
            text_of(profile, "display_name")
            or text_of(profile, "real_name")
            or text_of(user, "real_name")
            or text_of(user, "name")
        )
        zone = text_of(user, "tz")
        self._failed.pop(id_, None)
        self._people[id_] = (team, name or id_)
        return PersonChanged(
            id=f"user:{id_}:{self._clock.now().isoformat()}",
            place=ids.place(self.team, self.team),
            person=ids.person(team, id_),
            at=self._clock.now(),
            name=name or None,
            zone=zone if zone in available_timezones() else None,
        )
