"""What a room says of itself: which messages are pinned, and its topic."""

from __future__ import annotations

from typing import Any

from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.refusals import Refusal
from bot.transports.wire import EMPTY, Object, text_of, texts_of

_PINNED = "m.room.pinned_events"
_TOPIC = "m.room.topic"


async def pin(homeserver: Homeserver, room: str, message: str, *, on: bool) -> None:
    """Pin a message, or unpin it. Raises TransportError.

    https://spec.matrix.org/v1.16/client-server-api/#mroompinned_events: they are one state,
    so what somebody else pins between the two requests is lost.
    """
    pinned = texts_of(await _state(homeserver, room, _PINNED), "pinned")
    if on == (message in pinned):
        return
    wanted = [*pinned, message] if on else [each for each in pinned if each != message]
    await _set(homeserver, room, _PINNED, {"pinned": wanted})


async def set_topic(homeserver: Homeserver, room: str, topic: str) -> None:
    """Set a room's topic. Raises TransportError.

    https://spec.matrix.org/v1.16/client-server-api/#mroomtopic
    """
    if text_of(await _state(homeserver, room, _TOPIC), "topic") != topic:
        await _set(homeserver, room, _TOPIC, {"topic": topic})


async def _state(homeserver: Homeserver, room: str, kind: str) -> Object:
    # https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidstateeventtypestatekey
    try:
        return await homeserver.get(path("rooms", room, "state", kind, ""))
    except Refusal as error:
        if error.code != "M_NOT_FOUND":
            raise
        return EMPTY  # nobody has set it yet


async def _set(homeserver: Homeserver, room: str, kind: str, content: dict[str, Any]) -> None:
    await homeserver.put(path("rooms", room, "state", kind, ""), content)
