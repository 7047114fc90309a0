"""The Slack transport: payloads in over sockets or requests, one call a delivery out."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.transport import Delivery, Health, Intake, Promise, Sent
from bot.transports.backoff import patiently
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.slack.catching_up import CatchingUp
from bot.transports.slack.directory import Directory
from bot.transports.slack.history import History
from bot.transports.slack.interactions import GestureReader
from bot.transports.slack.markup import Look
from bot.transports.slack.messages import Account, MessageReader
from bot.transports.slack.presence import Presence
from bot.transports.slack.reading import EventReader
from bot.transports.slack.receiving import Receiver
from bot.transports.slack.requests import Requests
from bot.transports.slack.rooms import Rooms
from bot.transports.slack.sending import Sender
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.sockets import Sockets
from bot.transports.slack.tokens import Tokens
from bot.transports.wire import text_of

log = logging.getLogger(__name__)


class SlackTransport:
    """Implements `bot.transport.Transport` for one app in one workspace.

    Args:
        zone: IANA name of the zone of times where Slack cannot show the reader's own.
        named: the ids and names by which the configuration means rooms and user groups.
    """

    name = ids.NAME

    def __init__(
        self, settings: SlackSettings, clock: Clock, *, zone: str, named: Iterable[str] = ()
    ) -> None:
        """Put the parts together; nothing is sent yet."""
        self.workspace = settings.team_id
        self._settings = settings
        self._clock = clock
        self._tokens = Tokens(settings, clock)
        self._api = Api(settings, clock, self._tokens)
        self._me = Account(settings.team_id)
        self._directory = Directory(self._api, clock, settings.team_id)
        messages = MessageReader(self._me, self._directory, clock)
        events = EventReader(self._me, self._directory, clock, messages)
        gestures = GestureReader(self._me, self._directory, clock, messages, settings.aliases)
        self._rooms = Rooms(self._api, self._me, self._directory, events, clock, named)
        self._presence = Presence(self._api, self._me, events, clock)
        look = Look(ZoneInfo(zone), settings.team_id, direct=False)
        rate = settings.posts_per_second
        self._sender = Sender(self._api, self._rooms, messages.threads, look, clock, rate)
        history = History(settings, self._api, messages, clock)
        self._catching_up = CatchingUp(settings, history, self._rooms, clock, self._is_in_contact)
        self._receiver = Receiver(
            self._api,
            events,
            gestures,
            self._presence,
            clock,
            self._rooms.direct_room,
            self._catching_up.look,
        )
        self._catching_up.turns = self._receiver.turns
        self._sockets = Sockets(
            settings, self._api, clock, self._receiver.take, self._catching_up.back
        )
        self._trouble = "not connected yet"

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what the web server must serve for this transport."""
        secret = self._settings.signing_secret
        if self._settings.mode != "http" or secret is None:
            return ()
        requests = Requests(secret.get_secret_value(), self._clock, self._receiver.take)
        return (web.post(self._settings.path, requests.answer),)

    async def run(self, intake: Intake) -> None:
        """Read until cancelled. Raises TransportError(REFUSED) when the access is gone."""
        await self._take_kept_tokens(intake)
        try:
            await patiently("introducing the bot to Slack", self._introduce, self._clock)
            await patiently("looking around on Slack", lambda: self._look(intake), self._clock)
            async with asyncio.TaskGroup() as group:
                await self._read(intake, group)
        except BaseExceptionGroup as errors:
            refused = errors.subgroup(TransportError)
            if refused is None:
                raise
            raise _first(refused) from errors
        finally:
            await self._receiver.end()

    async def _read(self, intake: Intake, group: asyncio.TaskGroup) -> None:
        await self._catching_up.begin(intake)
        self._receiver.begin(intake)
        for work in (self._catching_up.note, self._catching_up.beat, self._catching_up.read):
            group.create_task(work(intake))
        self._trouble = ""
        if self._settings.mode == "socket":
            group.create_task(self._sockets.run())
        else:
            self._catching_up.look()

    async def _introduce(self) -> None:
        """Learn which account the token is that of."""
        answer = await self._api.call("auth.test")
        team = text_of(answer, "team_id")
        if team != self.workspace:
            msg = f"the token is for workspace {team}, not for {self.workspace}"
            raise TransportError(msg, failure=SendFailure.REFUSED)
        self._me.user, self._me.bot = text_of(answer, "user_id"), text_of(answer, "bot_id")

    async def _look(self, intake: Intake) -> None:
        await self._rooms.look_around(intake)
        self._presence.know((*self._rooms.ours, *self._rooms.others))

    async def _is_in_contact(self) -> bool:
        """Tell whether Slack tells us what happens, as far as that can be known."""
        if self._settings.mode == "socket":
            return self._sockets.is_alive()
        try:
            await self._api.call("auth.test")
        except TransportError as error:
            if error.failure is SendFailure.REFUSED:
                raise
            self._trouble = str(error)
            return False
        if self._trouble:
            self._trouble = ""
            self._catching_up.look()
        return True

    async def _take_kept_tokens(self, intake: Intake) -> None:
        """Go on with the tokens a renewal left, unless others are configured since."""
        configured = self._settings.refresh_token
        if configured is None:
            return
        origin = hashlib.sha256(configured.get_secret_value().encode()).hexdigest()

        async def keep(token: str, refresh: str, ends: datetime) -> None:
            value = json.dumps(
                {"of": origin, "token": token, "refresh": refresh, "ends": ends.isoformat()}
            )
            await patiently(
                "keeping Slack's new token",
                lambda: intake.keep(self.name, self.workspace, value),
                self._clock,
            )

        self._tokens.keep = keep
        kept = json.loads(await intake.kept(self.name, self.workspace) or "{}")
        if kept.get("of") == origin:
            ends = datetime.fromisoformat(kept["ends"])
            self._tokens.take(kept["token"], kept["refresh"], ends)

    async def send(self, delivery: Delivery) -> Sent:
        """Carry out a delivery. Raises TransportError."""
        return await self._sender.send(delivery)

    def promise(self, delivery: Delivery) -> Promise:
        """Return what holds when the outcome of `delivery` is unknown."""
        return self._sender.promise(delivery)

    def wait(self, delivery: Delivery) -> float:
        """Return the seconds until the room of a delivery takes it."""
        return self._sender.wait(delivery)

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look a post of unknown outcome up."""
        return await self._sender.find(delivery)

    async def typing(self, place: Place, *, on: bool) -> None:
        """Do nothing: Slack shows no such sign for an app."""

    def health(self) -> Health:
        """Return whether Slack answered lately."""
        if self._settings.mode == "socket":
            contact = self._sockets.last_pong
            trouble = self._trouble or self._sockets.trouble
            if not trouble and not self._sockets.is_alive():
                trouble = "Slack has not answered lately"
        else:
            contact, trouble = self._api.last_contact, self._trouble
        said = "; ".join(filter(None, (trouble or "connected", self._tokens.trouble)))
        # With the old token it works until that ends.
        return Health(not trouble, f"Slack: {said}.", contact)

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._tokens.settle()
        await self._api.close()


def _first(errors: BaseExceptionGroup[TransportError]) -> TransportError:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
