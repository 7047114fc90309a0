"""To which room does an alias lead?"""

from __future__ import annotations

import logging

from bot.errors import SendFailure, TransportError
from bot.transports.matrix import ids
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.wire import text_of

log = logging.getLogger(__name__)


async def room_of(homeserver: Homeserver, alias: str) -> str | None:
    """Return the room an alias leads to, if it leads to any.

    https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3directoryroomroomalias

    Raises:
        TransportError: our own server could not be asked; another one's silence stops nothing.
    """
    try:
        answer = await homeserver.get(path("directory", "room", alias))
    except TransportError as error:
        if error.failure is SendFailure.PERMANENT:
            return None
        ours = ids.server_of(alias) == homeserver.settings.server
        if ours or error.failure is SendFailure.REFUSED:
            raise
        log.warning(
            "The Matrix alias %s cannot be looked up: %s",
            alias,
            error,
            extra={"event": "matrix_alias_unknown"},
        )
        return None
    room = text_of(answer, "room_id")
    return room if ids.is_room(room) else None
