"""Takes in what Slack sends, whichever way: it is answered only once it is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from slack_bolt.request import payload_utils as kinds

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError
from bot.events import (
    Event,
    Invoked,
    Joined,
    Message,
    PersonChanged,
    Place,
    Pressed,
    Submitted,
)
from bot.transport import Batch, Intake
from bot.transports.slack import ids, modals, payloads
from bot.transports.slack.api import Api
from bot.transports.slack.interactions import GestureReader, Opening, note_place
from bot.transports.slack.messages import is_direct
from bot.transports.slack.order import Door, Turns
from bot.transports.slack.presence import Presence
from bot.transports.slack.reading import EventReader
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

Answer = dict[str, Any]  # what goes back with the acknowledgement
NOTHING: Answer = {}
_FOR_START = 2.0  # seconds of the three within which Slack wants an answer
_FOR_NAMES = 0.8  # the same
_FOR_FORM = 2.0  # the same; after three the trigger is dead as well


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
        self.turns = Turns(self._store)
        self._storing: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self._intake: Intake | None = None

    async def take(self, body: dict[str, Any]) -> Answer:
        """Store what a payload tells and return the answer to it.

        Raises:
            StorageError: it could not be stored; it must not be acknowledged.
            TransportError: the same, for another reason.
        """
        try:
            return await self._take(body)
        except (StorageError, TransportError):
            raise
        except Exception as error:
            log.exception("a payload could not be taken in", extra={"event": "slack_payload_bug"})
            msg = f"a payload could not be taken in ({type(error).__name__})"
            raise TransportError(msg) from error

    async def _take(self, body: dict[str, Any]) -> Answer:
        await self._until_ready()
        body = {**body, **{key: object_of(body, key) for key in ("event", "view") if key in body}}
        if (answer := await self._at_once(body)) is not None:
            return answer
        happened = payloads.seconds(body, self._clock.now().timestamp())
        news: Sequence[PersonChanged] = ()
        where: Sequence[Event] = ()
        try:
            async with self.turns.mine(payloads.room(body), happened) as door:
                news = await self._meet(body)
                where = await self._presence.meet(body, within=_FOR_NAMES)
                events = await self._read(body)
                stored = door.carry((*news, *where, *events))
            await stored
        except (StorageError, TransportError):
            for changed in news:  # told anew when the payload comes again
                self._events.directory.forget(changed.person.user)
            self._presence.forget(where)
            raise
        self._presence.heard(events)
        if any(isinstance(event, Joined) and event.bot for event in events):
            self._missed()  # who is there, no event tells
        return NOTHING

    def begin(self, intake: Intake) -> None:
        """Store into `intake` from now on."""
        self._intake = intake
        self._ready.set()

    async def end(self) -> None:
        """Store nothing any more."""
        self._ready.clear()
        storing = list(self._storing)
        for task in storing:
            task.cancel()
        await asyncio.gather(*storing, return_exceptions=True)

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(_FOR_START):
                await self._ready.wait()
        except TimeoutError as error:
            msg = "nothing is read now"
            raise TransportError(msg) from error

    async def _at_once(self, body: dict[str, Any]) -> Answer | None:
        """Do what somebody waits for in front of the screen, and nothing is stored of.

        It waits neither for the database nor for what happened before.
        """
        if kinds.is_view_submission(body):
            return self._refused(body)
        made: object = None
        if kinds.is_block_actions(body):
            made = self._gestures.action(body)
        elif kinds.is_global_shortcut(body):
            made = await self._shortcut(body)
        return NOTHING if isinstance(made, Opening) and await self._open(made) else None

    async def _shortcut(self, body: Object) -> Opening:
        where = await self._home(self._gestures.person_of(body).user)
        return self._gestures.shortcut(body, where)

    async def _home(self, user: str) -> Place:
        """Return the direct room with a user; one in no room when it cannot be told now."""
        try:
            async with asyncio.timeout(_FOR_NAMES):
                return await self._direct_room(user)
        except (TransportError, TimeoutError) as error:
            if isinstance(error, TransportError) and error.failure is SendFailure.REFUSED:
                raise
            log.info("Slack: the direct room with %s cannot be told now: %s", user, error)
            return ids.place(self._events.me.team, "")

    async def _meet(self, body: Object) -> Sequence[PersonChanged]:
        """Know who did it: by name when they are answered, by workspace for what they may."""
        directory = self._events.directory
        shared = body.get("is_ext_shared_channel") is True
        return await directory.meet(
            payloads.actor(body),
            within=_FOR_NAMES,
            perhaps_stranger=shared or payloads.room(body) in directory.shared,
        )

    def _store(self, door: Door) -> None:
        """Put what was carried through a door behind what was before, and begin with the next."""
        events, carriers = door.events, door.carriers
        door.events, door.carriers = [], []
        task = asyncio.ensure_future(self._receive(events, carriers))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)

    async def _receive(
        self, events: Sequence[Event], carriers: Sequence[asyncio.Future[None]]
    ) -> None:
        assert self._intake is not None
        failure: Exception = TransportError("nothing is read any more")
        try:
            if events:
                await self._intake.receive(Batch(tuple(events)))
        except (StorageError, TransportError) as error:
            failure = error
        else:
            for carrier in carriers:
                if not carrier.done():
                    carrier.set_result(None)
        finally:
            for carrier in carriers:
                if not carrier.done():
                    carrier.set_exception(failure)

    async def _read(self, body: dict[str, Any]) -> Sequence[Event]:
        if kinds.is_event(body):
            return self._events.read(body)
        if kinds.is_slash_command(body):
            return await self._reachable(_one(self._gestures.slash(body)))
        if kinds.is_block_actions(body):
            return await self._reachable(_one(self._gestures.action(body)))
        if kinds.is_view_submission(body):
            return _one(self._submitted(body))
        if kinds.is_message_shortcut(body):
            return await self._reachable(self._gestures.message_shortcut(body))
        if kinds.is_global_shortcut(body):
            return _one(await self._shortcut(body))
        self._other(body)
        return ()

    async def _reachable(self, events: Sequence[Event]) -> Sequence[Event]:
        """Move a gesture made where the bot is not to the direct room of whoever made it.

        One on a channel's message stays: the message stands there.
        """
        made = events[-1] if events else None
        if not isinstance(made, Invoked | Pressed) or self._presence.is_here(made.place.room):
            return events
        between_others = is_direct(made.place.room)
        if made.about is not None and not between_others:
            return events
        where = await self._home(made.person.user)
        # What somebody else wrote to them there is none of the bot's business.
        return [
            replace(event, place=where, direct=True)
            for event in events
            if isinstance(event, Invoked | Pressed | Message) and event.person == made.person
        ]

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
            async with asyncio.timeout(_FOR_FORM):
                await self._api.call("views.open", trigger_id=opening.trigger, view=view)
        except (TransportError, TimeoutError, ValueError) as error:
            log.info("Slack: a form was not opened: %s", error, extra={"event": "no_form"})
            return False
        return True

    def _refused(self, body: Object) -> Answer | None:
        """Return what is wrong with a filled-in form, or None."""
        submitted = self._submitted(body)
        if submitted is None:
            return NOTHING
        assert self._intake is not None
        problems = self._intake.problems(submitted.command, submitted.answers)
        if not problems:
            return None
        # https://docs.slack.dev/surfaces/modals#displaying_errors
        errors = modals.errors(object_of(body, "view"), problems)
        return {"response_action": "errors", "errors": errors}

    def _submitted(self, body: Object) -> Submitted | None:
        view = object_of(body, "view")
        person = self._gestures.person_of(body)
        return self._gestures.submitted(view, person, modals.answers(view))

    def _other(self, body: Object) -> None:
        kind = text_of(body, "type")
        if kind == "app_rate_limited":
            # https://docs.slack.dev/reference/events/app_rate_limited
            log.warning("Slack leaves events out: too many.", extra={"event": "slack_rate_limited"})
            self._missed()
            return
        # Whatever is no word of Slack's may be anybody's.
        named = kind[:100] if kind.isascii() and kind.isidentifier() else "without a kind"
        log.info("Slack sent something unknown: %s", named, extra={"event": "slack_unknown"})


def _one(made: Event | Opening | None) -> Sequence[Event]:
    if isinstance(made, Opening):  # no form could be opened
        return (made.instead,)
    return () if made is None else (made,)
