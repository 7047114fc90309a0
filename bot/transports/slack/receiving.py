"""Takes in what Slack sends, whichever way: it is answered only once it is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt.request import payload_utils as kinds

from bot.clock import Clock
from bot.errors import TransportError
from bot.events import Event, Joined, Place
from bot.transport import Batch, Intake
from bot.transports.slack import modals, payloads
from bot.transports.slack.api import Api
from bot.transports.slack.interactions import GestureReader, Opening, note_place
from bot.transports.slack.order import Turns
from bot.transports.slack.presence import Presence
from bot.transports.slack.reading import EventReader
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

Answer = dict[str, Any]  # what goes back with the acknowledgement
NOTHING: Answer = {}
_FOR_START = 2.0  # seconds of the three within which Slack wants an answer
_FOR_NAMES = 0.8  # the same


class Receiver:
    """Reads payloads, stores their events, and says what to answer.

    Args:
        direct_room: finds, or opens, the direct room with a user.
        missed: called when Slack says that it has left events out, or the bot comes into a room.
    """

    def __init__(
        self,
        api: Api,
        events: EventReader,
        gestures: GestureReader,
        presence: Presence,
        clock: Clock,
        direct_room: Callable[[str], Awaitable[Place]],
        missed: Callable[[], None],
    ) -> None:
        """See the class; nothing is taken before `begin`."""
        self._clock = clock
        self._api = api
        self._events = events
        self._gestures = gestures
        self._presence = presence
        self._direct_room = direct_room
        self._missed = missed
        self.turns = Turns()
        self._ready = asyncio.Event()
        self._intake: Intake | None = None

    async def take(self, body: dict[str, Any]) -> Answer:
        """Store what a payload tells and return the answer to it.

        Raises:
            StorageError: it could not be stored; it must not be acknowledged.
            TransportError: the same, for another reason.
        """
        await self._until_ready()
        body = {**body, **{key: object_of(body, key) for key in ("event", "view") if key in body}}
        happened = payloads.seconds(body, self._clock.now().timestamp())
        async with self.turns.mine(payloads.room(body), happened):
            await self._meet(body)
            events, answer = await self._read(body)
            storing = self._begin_to_store(events)
        await storing
        return answer

    def begin(self, intake: Intake) -> None:
        """Store into `intake` from now on."""
        self._intake = intake
        self._ready.set()

    def end(self) -> None:
        """Store nothing any more."""
        self._ready.clear()

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(_FOR_START):
                await self._ready.wait()
        except TimeoutError as error:
            msg = "nothing is read now"
            raise TransportError(msg) from error

    async def _meet(self, body: Object) -> None:
        """Know who did it, by name and by workspace, and where."""
        shared = body.get("is_ext_shared_channel") is True
        news = await self._events.directory.meet(
            payloads.actor(body), within=_FOR_NAMES, perhaps_stranger=shared
        )
        rooms = await self._presence.meet(body, within=_FOR_NAMES)
        await self._begin_to_store([*news, *rooms])

    def _begin_to_store(self, events: Sequence[Event]) -> asyncio.Future[None]:
        """Put events behind those before them; returns what ends when they are stored."""
        assert self._intake is not None
        if events:
            return asyncio.ensure_future(self._intake.receive(Batch(events)))
        nothing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        nothing.set_result(None)
        return nothing

    async def _read(self, body: dict[str, Any]) -> tuple[Sequence[Event], Answer]:
        if kinds.is_event(body):
            return self._heard(self._events.read(body)), NOTHING
        if kinds.is_slash_command(body):
            return await self._commanded(body), NOTHING
        if kinds.is_block_actions(body):
            return await self._acted(self._gestures.action(body)), NOTHING
        if kinds.is_view_submission(body):
            return self._submitted(body)
        if kinds.is_message_shortcut(body):
            return self._gestures.message_shortcut(body), NOTHING
        if kinds.is_global_shortcut(body):
            where = await self._direct_room(self._gestures.person_of(body).user)
            return await self._acted(self._gestures.shortcut(body, where)), NOTHING
        self._other(body)
        return (), NOTHING

    def _heard(self, events: Sequence[Event]) -> Sequence[Event]:
        self._presence.heard(events)
        if any(isinstance(event, Joined) and event.bot for event in events):
            self._missed()  # who is there, no event tells
        return events

    async def _commanded(self, body: Object) -> Sequence[Event]:
        """Read a slash command; what is said where the bot is not is answered directly."""
        invoked = self._gestures.slash(body)
        if invoked is not None and not self._presence.is_here(invoked.place.room):
            where = await self._direct_room(invoked.person.user)
            invoked = replace(invoked, place=where, direct=True)
        return _one(invoked)

    async def _acted(self, made: Event | Opening | None) -> Sequence[Event]:
        if isinstance(made, Opening):
            return () if await self._open(made) else (made.instead,)
        return _one(made)

    async def _open(self, opening: Opening) -> bool:
        """Open a form at once; whether it could be. Never queued and never tried again."""
        assert self._intake is not None
        form = self._intake.form(opening.line)
        if form is None:
            return False
        try:
            view = modals.modal(
                form, callback_id=form.command, private_metadata=note_place(opening.place)
            )
            await self._api.call("views.open", trigger_id=opening.trigger, view=view)
        except (TransportError, ValueError) as error:
            log.info("Slack: a form was not opened: %s", error, extra={"event": "no_form"})
            return False
        return True

    def _submitted(self, body: Object) -> tuple[Sequence[Event], Answer]:
        assert self._intake is not None
        view = object_of(body, "view")
        answers = modals.answers(view)
        person = self._gestures.person_of(body)
        submitted = self._gestures.submitted(view, person, answers)
        if submitted is None:
            return (), NOTHING
        problems = self._intake.problems(submitted.command, answers)
        if problems:
            # https://docs.slack.dev/surfaces/modals#displaying_errors
            errors = modals.errors(view, problems)
            return (), {"response_action": "errors", "errors": errors}
        return (submitted,), NOTHING

    def _other(self, body: Object) -> None:
        kind = text_of(body, "type")
        if kind == "app_rate_limited":
            # https://docs.slack.dev/reference/events/app_rate_limited
            log.warning("Slack leaves events out: too many.", extra={"event": "slack_rate_limited"})
            self._missed()
            return
        log.info("Slack sent something unknown: %s", kind[:100], extra={"event": "slack_unknown"})


def _one(event: Event | None) -> Sequence[Event]:
    return () if event is None else (event,)
