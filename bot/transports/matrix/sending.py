"""Carries out deliveries: which requests does one become?"""

from __future__ import annotations

import logging
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.plain import to_plain
from bot.replies import Post
from bot.transport import Action, Delivery, Sent
from bot.transports.matrix import posts, states
from bot.transports.matrix.direct_rooms import DirectRooms
from bot.transports.matrix.homeserver import Homeserver, Upload, path
from bot.transports.matrix.memory import Memory
from bot.transports.matrix.posts import Look
from bot.transports.matrix.refusals import Refusal
from bot.transports.matrix.rooms import Rooms
from bot.transports.wire import text_of

log = logging.getLogger(__name__)

_TYPING = 30_000  # milliseconds
_TYPING_PATIENCE = 5.0  # seconds


class Sender:
    """Sends; every request of a delivery has the same transaction id in every attempt.

    https://spec.matrix.org/v1.16/client-server-api/#transaction-identifiers: the server
    carries a repeated one out once, as long as the device is the same.
    """

    def __init__(
        self, homeserver: Homeserver, direct_rooms: DirectRooms, rooms: Rooms, memory: Memory
    ) -> None:
        """Use a session."""
        self._homeserver = homeserver
        self._direct_rooms = direct_rooms
        self._rooms = rooms
        self._memory = memory
        self._zone = ZoneInfo(homeserver.settings.zone)

    async def send(self, delivery: Delivery) -> Sent:
        """Carry a delivery out. Raises TransportError."""
        room, named = delivery.place.room, None
        if delivery.action is Action.HOME:
            msg = "there is no page of the bot on Matrix"
            raise TransportError(msg, failure=SendFailure.PERMANENT)
        # A change goes where its message is, whatever room has become the direct one since.
        private = delivery.private and delivery.action is Action.POST
        if delivery.person is not None and (private or not room):
            room = named = await self._direct_rooms.room_for(delivery.person)
        try:
            match delivery.action:
                case Action.POST:
                    return await self._post(delivery, room, named)
                case Action.EDIT:
                    return await self._edit(delivery, room, named)
                case Action.DELETE:
                    return await self._delete(delivery, room, named)
                case Action.REACT:
                    return await self._react(delivery, room, named)
                case Action.PIN | Action.UNPIN:
                    return await self._pin(delivery, room, named)
                case _:
                    return await self._topic(delivery, room)
        except Refusal as error:
            if named is not None and error.failure is SendFailure.PERMANENT:
                self._direct_rooms.forget(named)
            raise

    async def _post(self, delivery: Delivery, room: str, named: str | None) -> Sent:
        post = delivery.post
        assert post is not None
        thread = delivery.place.thread if named is None else None
        look = Look(self._zone, direct=named is not None or self._rooms.is_direct(room))
        sent: list[str] = []
        files = await self._uploaded(post)
        contents = posts.contents(post, look, late=delivery.late, thread=thread)
        for number, content in enumerate((*contents, *posts.in_thread(files, thread))):
            transaction = delivery.id if number == 0 else f"{delivery.id}.{number}"
            message = await self._put(room, "m.room.message", transaction, content)
            self._memory.note(room, message, self._homeserver.settings.user_id, thread)
            sent.append(message)
        if self._homeserver.settings.exempt_from_limits:
            await self._offer(delivery, room, sent[0])
        return Sent(sent[0], room=named, rest=tuple(sent[1:]))

    async def _uploaded(self, post: Post) -> list[dict[str, Any]]:
        """Store what is attached, once in each attempt; what is said twice is only the message."""
        files = [Upload(each.name, each.media_type, each.data) for each in post.attachments]
        return [posts.file(file, await self._homeserver.upload(file)) for file in files]

    async def _pin(self, delivery: Delivery, room: str, named: str | None) -> Sent:
        target = _target(delivery)
        on = delivery.action is Action.PIN
        await states.pin(self._homeserver, room, target, on=on)
        return Sent(target, room=named)

    async def _topic(self, delivery: Delivery, room: str) -> Sent:
        assert delivery.post is not None
        topic = to_plain(delivery.post.content, self._zone)
        await states.set_topic(self._homeserver, room, topic)
        return Sent(room)

    async def _offer(self, delivery: Delivery, room: str, message: str) -> None:
        """Put the buttons' emoji under a post; they are typed out as well, so none must arrive."""
        assert delivery.post is not None
        for number, emoji in enumerate(posts.reactions(delivery.post)):
            try:
                await self._put(
                    room, "m.reaction", f"{delivery.id}.r{number}", _annotation(message, emoji)
                )
            except TransportError as error:
                log.info("Matrix: a button's reaction was not put: %s", error)
                return

    async def _edit(self, delivery: Delivery, room: str, named: str | None) -> Sent:
        assert delivery.post is not None
        target = _target(delivery)
        look = Look(self._zone, direct=named is not None or self._rooms.is_direct(room))
        content = posts.edit(delivery.post, look, late=delivery.late, target=target)
        return Sent(await self._put(room, "m.room.message", delivery.id, content), room=named)

    async def _delete(self, delivery: Delivery, room: str, named: str | None) -> Sent:
        where = path("rooms", room, "redact", _target(delivery), delivery.id)
        return Sent(_event_id(await self._homeserver.put(where, {})), room=named)

    async def _react(self, delivery: Delivery, room: str, named: str | None) -> Sent:
        target = _target(delivery)
        content = _annotation(target, delivery.emoji)
        try:
            message = await self._put(room, "m.reaction", delivery.id, content)
        except Refusal as error:
            # https://spec.matrix.org/v1.16/client-server-api/#avoiding-duplicate-annotations
            if error.code != "M_DUPLICATE_ANNOTATION":
                raise
            message = target
        return Sent(message, room=named)

    async def _put(self, room: str, kind: str, transaction: str, content: dict[str, Any]) -> str:
        where = path("rooms", room, "send", kind, transaction)
        return _event_id(await self._homeserver.put(where, content))

    async def typing(self, place: Place, *, on: bool) -> None:
        """Show or hide that the bot is writing; a failure is of no consequence."""
        if not place.room:
            return
        where = path("rooms", place.room, "typing", self._homeserver.settings.user_id)
        body = {"typing": True, "timeout": _TYPING} if on else {"typing": False}
        try:
            await self._homeserver.put(where, body, patience=_TYPING_PATIENCE)
        except TransportError as error:
            log.debug("Matrix: no typing indicator: %s", error)


def _annotation(message: str, emoji: str) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": message, "key": emoji}}


def _target(delivery: Delivery) -> str:
    if delivery.target is None:
        msg = f"{delivery.action} without a message to do it to"
        raise TransportError(msg, failure=SendFailure.PERMANENT)
    return delivery.target


def _event_id(answer: Any) -> str:
    event = text_of(answer, "event_id")
    if not event:
        msg = "the answer has no event_id"
        raise TransportError(msg, failure=SendFailure.UNKNOWN)
    return event
