"""Takes in what Slack sends, whichever way: it is answered only once it is stored."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt.request import payload_utils as payloads

from bot.errors import TransportError
from bot.events import Event, Place
from bot.transport import Batch, Intake
from bot.transports.slack import modals
from bot.transports.slack.api import Api
from bot.transports.slack.interactions import GestureReader, Opening, note_place
from bot.transports.slack.order import Turns
from bot.transports.slack.reading import EventReader
from bot.transports.wire import Object, object_of, text_of

log = logging.getLogger(__name__)

Answer = dict[str, Any]  # what goes back with the acknowledgement
NOTHING: Answer = {}
_FOR_NAMES = 0.8  # seconds of the three within which Slack wants an answer


class Receiver:
    """Reads payloads, stores their events, and says what to answer.

    Args:
        direct_room: finds, or opens, the direct room with a user.
        missed: called when Slack says that it has left events out.
    """

    def __init__(
        self,
        api: Api,
        events: EventReader,
        gestures: GestureReader,
        direct_room: Callable[[str], Awaitable[Place]],
        missed: Callable[[], None],
    ) -> None:
        """See the class; `intake` is set when reading begins."""
        self._api = api
        self._events = events
        self._gestures = gestures
        self._direct_room = direct_room
        self._missed = missed
        self._turns = Turns()
        self.intake: Intake | None = None

    async def take(self, body: dict[str, Any]) -> Answer:
        """Store what a payload tells and return the answer to it.

        Raises:
            StorageError: it could not be stored; it must not be acknowledged.
        """
        body = {**body, **{key: object_of(body, key) for key in ("event", "view") if key in body}}
        shared = body.get("is_ext_shared_channel") is True
        # What somebody is called should be known when they are answered for the first time.
        news = await self._events.directory.meet(
            _actor(body), within=_FOR_NAMES, perhaps_stranger=shared
        )
        await self._store(news)
        if payloads.is_event(body):
            await self._store(self._events.read(body))
        elif payloads.is_slash_command(body):
            invoked = self._gestures.slash(body)
            await self._store(() if invoked is None else (invoked,))
        elif payloads.is_block_actions(body):
            await self._acted(self._gestures.action(body))
        elif payloads.is_view_submission(body):
            return await self._submitted(body)
        elif payloads.is_message_shortcut(body):
            await self._store(self._gestures.message_shortcut(body))
        elif payloads.is_global_shortcut(body):
            where = await self._direct_room(self._gestures.person_of(body).user)
            await self._acted(self._gestures.shortcut(body, where))
        else:
            self._other(body)
        return NOTHING

    async def _store(self, events: Sequence[Event]) -> None:
        assert self.intake is not None
        if events:
            await self._turns.mine(events[0].at)
            await self.intake.receive(Batch(events))

    async def _acted(self, made: Event | Opening | None) -> None:
        if isinstance(made, Opening):
            made = None if await self._open(made) else made.instead
        await self._store(() if made is None else (made,))

    async def _open(self, opening: Opening) -> bool:
        """Open a form at once; whether it could be. Never queued and never tried again."""
        assert self.intake is not None
        form = self.intake.form(opening.line)
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

    async def _submitted(self, body: Object) -> Answer:
        assert self.intake is not None
        view = object_of(body, "view")
        answers = modals.answers(view)
        person = self._gestures.person_of(body)
        submitted = self._gestures.submitted(view, person, answers)
        if submitted is None:
            return NOTHING
        problems = self.intake.problems(submitted.command, answers)
        if problems:
            # https://docs.slack.dev/surfaces/modals#displaying_errors
            return {"response_action": "errors", "errors": modals.errors(view, problems)}
        await self._store((submitted,))
        return NOTHING

    def _other(self, body: Object) -> None:
        kind = text_of(body, "type")
        if kind == "app_rate_limited":
            # https://docs.slack.dev/reference/events/app_rate_limited
            log.warning("Slack leaves events out: too many.", extra={"event": "slack_rate_limited"})
            self._missed()
            return
        log.info("Slack sent something unknown: %s", kind[:100], extra={"event": "slack_unknown"})


def _actor(body: Object) -> str:
    """Return the id of whoever did what a payload tells of, "" when it does not say."""
    event = object_of(body, "event")
    return (
        text_of(event, "user")
        or text_of(object_of(event, "message"), "user")
        or text_of(object_of(body, "user"), "id")
        or text_of(body, "user_id")
    )
