"""Is the bot in a channel somebody acts in, and what is it called?

Events come only from where the bot is, but slash commands and shortcuts come from everywhere:
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from bot.clock import Clock
from bot.errors import TransportError
from bot.events import Event, Joined, Left, Place
from bot.transports.bounded import Bounded
from bot.transports.slack import ids, payloads
from bot.transports.slack.api import Api
from bot.transports.slack.messages import Account, is_direct
from bot.transports.slack.reading import EventReader
from bot.transports.slack.refusals import Refusal
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

_CHANNELS = ("C", "G")  # with which the ids of conversations begin, but for direct ones
_REMEMBERED = 20_000  # channels
_AGAIN = 60.0  # seconds until one that could not be looked up is looked up again
_UNSEEN = "channel_not_found"  # https://docs.slack.dev/reference/methods/conversations.info


class Presence:
    """Remembers where the bot is, and asks Slack about channels it has not met."""

    def __init__(self, api: Api, me: Account, reader: EventReader, clock: Clock) -> None:
        """Know of no channel yet."""
        self._api = api
        self._me = me
        self._reader = reader
        self._clock = clock
        self._here: Bounded[str, bool] = Bounded(_REMEMBERED)
        self._failed: Bounded[str, float] = Bounded(_REMEMBERED)

    def know(self, places: Iterable[Place]) -> None:
        """Take in rooms the bot is in, whose names are stored."""
        for place in places:
            self._here[place.room] = True

    def heard(self, events: Iterable[Event]) -> None:
        """Take in that the bot has come into a room, or gone."""
        for event in events:
            if isinstance(event, Joined | Left) and event.bot:
                self._here[event.place.room] = isinstance(event, Joined)

    def forget(self, events: Iterable[Event]) -> None:
        """Know nothing of the rooms that `meet` met, since what it learned could not be stored."""
        for event in events:
            self._here.pop(event.place.room, None)

    def is_here(self, channel: str) -> bool:
        """Tell whether the bot can speak in a channel, as far as that is known.

        The direct rooms that are not the bot's own are those of two other people.
        """
        if is_direct(channel):
            return channel in self._reader.directory.homes.values()
        return self._here.get(channel, True)

    async def meet(self, body: Object, *, within: float) -> Sequence[Event]:
        """Look up the channel of a payload when it is a new one; returns what was learned.

        Args:
            body: of anything Slack sends.
            within: seconds it may take.
        """
        channel = payloads.room(body)
        told = text_of(body, "type") == "event_callback"  # so the bot is there
        if not channel.startswith(_CHANNELS):
            return ()
        failed = self._failed.get(channel)
        tried = failed is not None and self._clock.elapsed() - failed < _AGAIN
        if channel in self._here or tried:
            return ()
        try:
            async with asyncio.timeout(within):
                answer = await self._api.call("conversations.info", channel=channel)
        except Refusal as error:
            if error.code == _UNSEEN and not told:
                return self._absent(channel)
            return self._unknown(channel, error)
        except (TransportError, TimeoutError) as error:
            return self._unknown(channel, error)
        return self._learn(channel, object_of(answer, "channel"), told=told)

    def _learn(self, channel: str, room: Object, *, told: bool) -> Sequence[Event]:
        now = self._clock.now()
        changed = self._reader.room_changed(room, f"room:{channel}:{now.isoformat()}", now)
        member = any(room.get(name) is True for name in ("is_member", "is_mpim"))
        if not (member or told):
            return (changed, *self._absent(channel))
        self._here[channel] = True
        return (changed,)

    def _absent(self, channel: str) -> Sequence[Event]:
        self._here[channel] = False
        now, me = self._clock.now(), ids.person(self._me.team, self._me.user)
        place = ids.place(self._me.team, channel)
        id_ = f"absent:{channel}:{now.isoformat()}"
        return (Left(id=id_, place=place, person=me, at=now, bot=True),)

    def _unknown(self, channel: str, error: Exception) -> Sequence[Event]:
        log.info("Slack: what %s is cannot be told now: %s", channel, error)
        self._failed[channel] = self._clock.elapsed()
        return ()
