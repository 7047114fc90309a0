"""Carries out deliveries: which calls does one become, and which of them were made already?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from bot.clock import Clock
from bot.content import paragraph
from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.plain import to_plain
from bot.replies import Attachment
from bot.transport import Action, Delivery, Promise, Sent
from bot.transports.slack import emoji
from bot.transports.slack.api import Api
from bot.transports.slack.finding import Parts, metadata
from bot.transports.slack.homes import home
from bot.transports.slack.limits import shortened
from bot.transports.slack.markup import Look
from bot.transports.slack.pace import Pace
from bot.transports.slack.posts import Saying, edit, render
from bot.transports.slack.refusals import Refusal
from bot.transports.slack.rooms import Rooms
from bot.transports.slack.threads import Threads
from bot.transports.slack.uploads import Uploads
from bot.transports.wire import Object, text_of

log = logging.getLogger(__name__)

_BURST = 3  # posts a room takes at once; https://docs.slack.dev/apis/web-api/rate-limits
_TOPIC = 250  # characters

# What was asked for is so already: https://docs.slack.dev/reference/methods
_ALREADY = {
    "reactions.add": "already_reacted",
    "pins.add": "already_pinned",
    "pins.remove": "no_pin",
    "chat.delete": "message_not_found",
}
# The asker alone cannot be shown anything there.
_NOT_THERE = frozenset(
    {"user_not_in_channel", "channel_not_found", "not_in_channel", "is_archived"}
)


class Sender:
    """Sends; each part of a post carries the delivery's id, by which it can be found again.

    https://docs.slack.dev/messaging/message-metadata: there is no key that would make
    Slack post something once.
    """

    def __init__(
        self, api: Api, rooms: Rooms, threads: Threads, look: Look, clock: Clock, rate: float
    ) -> None:
        """Send by `api`; `rate` is in posts a second and room."""
        self._threads = threads
        self._api = api
        self._rooms = rooms
        self._look = look
        self._clock = clock
        self._uploads = Uploads(api)
        self._pace = Pace(clock, rate, _BURST)
        self._done = Parts(api)

    @staticmethod
    def promise(delivery: Delivery) -> Promise:
        """Return what holds when the outcome of a delivery is unknown."""
        return Promise.PROVABLE if delivery.action is Action.POST else Promise.IDEMPOTENT

    def wait(self, delivery: Delivery) -> float:
        """Return the seconds until the room of a delivery takes it."""
        return self._pace.wait(delivery.place.room) if delivery.action is Action.POST else 0.0

    async def send(self, delivery: Delivery) -> Sent:
        """Carry a delivery out. Raises TransportError."""
        match delivery.action:
            case Action.POST:
                return await self._post(delivery)
            case Action.EDIT:
                return await self._edit(delivery)
            case Action.HOME:
                return await self._home(delivery)
            case Action.TOPIC:
                return await self._set_topic(delivery)
            case _:
                return await self._mark(delivery)

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look for a post of unknown outcome; what is found of it is not posted again.

        Raises:
            TransportError: PERMANENT for a broadcast where it cannot be known, so that a
                person decides.
        """
        place, named = await self._where(delivery)
        found = await self._done.look_for(delivery, place)
        if found is None or _attached(delivery):
            return None
        missing = set(range(len(self._parts(delivery)))) - found.keys()
        return None if missing else _sent(found, named)

    async def _post(self, delivery: Delivery) -> Sent:
        if delivery.private and delivery.place.room and not self._done.is_begun(delivery):
            shown = await self._show_alone(delivery)
            if shown is not None:
                return shown
        place, named = await self._where(delivery)
        found = self._done.of(delivery)
        for number, saying in enumerate(self._parts(delivery)):
            if number not in found:
                if number:
                    await self._clock.sleep(self._pace.wait(place.room))
                found[number] = await self._say(delivery, place, saying, number)
        await self._attach(delivery, place, found[0])
        self._done.forget(delivery)
        return _sent(found, named)

    async def _say(self, delivery: Delivery, place: Place, saying: Saying, part: int) -> str:
        self._pace.take(place.room)
        self._threads.note(place)
        answer = await self._api.call(
            "chat.postMessage",
            channel=place.room,
            thread_ts=place.thread,
            metadata=metadata(delivery, part),
            **_said(saying),
        )
        return _stamp_in("chat.postMessage", answer)

    async def _show_alone(self, delivery: Delivery) -> Sent | None:
        """Show something to one person in a room, or None where that goes by direct message.

        https://docs.slack.dev/reference/methods/chat.postEphemeral: nobody can tell whether it
        was seen, so one of unknown outcome is said again, directly.
        """
        assert delivery.person is not None
        first, place = "", delivery.place
        # What is shown in a thread without replies nobody sees.
        thread = place.thread if self._threads.is_active(place) else None
        for saying in self._parts(delivery):
            try:
                answer = await self._api.call(
                    "chat.postEphemeral",
                    channel=delivery.place.room,
                    user=delivery.person.user,
                    thread_ts=thread,
                    **_said(saying),
                )
            except Refusal as error:
                if error.code in _NOT_THERE:
                    return None
                raise
            first = first or text_of(answer, "message_ts")
        if _attached(delivery):
            return None
        return Sent(first or delivery.id)

    async def _attach(self, delivery: Delivery, place: Place, message: str) -> None:
        if _attached(delivery):
            there = place if place.thread is not None else place.in_thread(message)
            await self._uploads.upload(delivery, there)

    async def _edit(self, delivery: Delivery) -> Sent:
        target = _target(delivery)
        if delivery.private:
            return Sent(target)  # what one person alone was shown cannot be changed
        assert delivery.post is not None
        saying = edit(delivery.post, self._look_at(delivery), late=delivery.late)
        await self._api.call("chat.update", channel=delivery.place.room, ts=target, **_said(saying))
        return Sent(target)

    async def _home(self, delivery: Delivery) -> Sent:
        assert delivery.post is not None
        assert delivery.person is not None
        view = home(delivery.post, replace(self._look, direct=True))
        await self._api.call("views.publish", user_id=delivery.person.user, view=view)
        return Sent("")

    async def _mark(self, delivery: Delivery) -> Sent:
        """Do what may be done twice: delete, react, pin."""
        target, room = _target(delivery), delivery.place.room
        match delivery.action:
            case Action.DELETE:
                method, arguments = "chat.delete", {"ts": target}
            case Action.REACT:
                name = emoji.to_name(delivery.emoji) or ""
                method, arguments = "reactions.add", {"timestamp": target, "name": name}
            case Action.PIN:
                method, arguments = "pins.add", {"timestamp": target}
            case _:
                method, arguments = "pins.remove", {"timestamp": target}
        try:
            await self._api.call(method, channel=room, **arguments)
        except Refusal as error:
            if error.code != _ALREADY[method]:
                raise
        return Sent(target)

    async def _where(self, delivery: Delivery) -> tuple[Place, str | None]:
        """Return where a post goes, and the room's id when the delivery does not name it."""
        place = delivery.place
        if delivery.person is None or (place.room and not delivery.private):
            return place, None
        direct = await self._rooms.direct_room(delivery.person.user)
        return direct, direct.room

    def _parts(self, delivery: Delivery) -> list[Saying]:
        assert delivery.post is not None
        post = delivery.post
        if self._done.is_hidden(delivery):
            # Whether it stands there already cannot be seen.
            post = replace(post, content=(paragraph("(repeated)"), *post.content))
        return render(post, self._look_at(delivery), late=delivery.late)

    def _look_at(self, delivery: Delivery) -> Look:
        direct = delivery.place.room.startswith("D") or not delivery.place.room
        return replace(self._look, direct=direct)

    async def _set_topic(self, delivery: Delivery) -> Sent:
        assert delivery.post is not None
        # https://docs.slack.dev/reference/methods/conversations.setTopic: plain text
        topic = " ".join(to_plain(delivery.post.content, self._look.zone).split())
        room = delivery.place.room
        await self._api.call("conversations.setTopic", channel=room, topic=shortened(topic, _TOPIC))
        return Sent("")


def _attached(delivery: Delivery) -> tuple[Attachment, ...]:
    return () if delivery.post is None else delivery.post.attachments


def _said(saying: Saying) -> dict[str, object]:
    """Return the arguments that show something and nothing else: no previews of what is linked."""
    return {
        "text": saying.text,
        "blocks": saying.blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _sent(found: Mapping[int, str], named: str | None) -> Sent:
    rest = tuple(found[number] for number in sorted(found) if number)
    return Sent(found[0], room=named, rest=rest)


def _target(delivery: Delivery) -> str:
    if delivery.target is None:
        msg = f"{delivery.action} without a message to do it to"
        raise TransportError(msg, failure=SendFailure.PERMANENT)
    return delivery.target


def _stamp_in(method: str, answer: Object) -> str:
    ts = text_of(answer, "ts")
    if not ts:
        msg = f"{method}: the answer has no ts"
        raise TransportError(msg, failure=SendFailure.UNKNOWN, room_only=True)
    return ts
