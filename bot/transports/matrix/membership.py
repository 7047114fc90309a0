"""In which rooms is the bot? Answers invites and follows upgraded rooms, under rate limits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.transports.backoff import patiently
from bot.transports.matrix import ids
from bot.transports.matrix.batches import Invite
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.rooms import Rooms
from bot.transports.wire import EMPTY, Object, texts_of

log = logging.getLogger(__name__)

_ATTEMPTS = 50  # with waits of up to a minute, or what the server asks for


def welcome(invite: Invite, allowed: Sequence[str]) -> bool:
    """Tell whether an invite is from whom the configuration allows, or to a room it names."""
    server = f":{ids.server_of(invite.inviter)}"
    return ids.is_user(invite.inviter) and (
        invite.inviter in allowed or server in allowed or invite.room in allowed
    )


class Membership:
    """Joins and leaves rooms, one request at a time."""

    def __init__(self, homeserver: Homeserver, rooms: Rooms, clock: Clock) -> None:
        """Use a session."""
        self._homeserver = homeserver
        self._rooms = rooms
        self._clock = clock
        self._turn = asyncio.Lock()
        self._marking = asyncio.Lock()
        self._declining = asyncio.Lock()  # however many there are, they are not all tried again

    async def answer(self, invite: Invite) -> None:
        """Join the room of an invite, or decline it. Raises TransportError(REFUSED) only."""
        if not welcome(invite, self._homeserver.settings.invite_from):
            log.warning(
                "An invite to Matrix room %s by %s is declined: neither is in invite_from.",
                invite.room,
                invite.inviter,
                extra={"event": "matrix_invite_declined"},
            )
            async with self._declining:
                await self.leave(invite.room)
            return
        if invite.direct:
            # Before the join, so that a crash in between does not lose what the room is.
            await self._insist(
                "mark as direct", lambda: self.mark_direct(invite.room, invite.inviter)
            )
        await self.join(invite.room, [ids.server_of(invite.inviter)])

    async def mark_direct(self, room: str, user: str) -> None:
        """Keep in the account data that a room is direct. Raises TransportError."""
        me = self._homeserver.settings.user_id
        where = path("user", me, "account_data", "m.direct")
        async with self._marking:  # the content is written as a whole
            if self._rooms.peers.get(room) == user:
                return
            # What the server has counts: a message may be sent before the first sync is read.
            content = await self._stored(where)
            marked = texts_of(content, user)
            if room not in marked:
                await self._homeserver.put(where, {**content, user: [*marked, room]})
            self._rooms.add_peer(room, user)

    async def _stored(self, where: str) -> Object:
        try:
            return await self._homeserver.get(where)
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            return EMPTY  # there is none yet

    async def join(self, room: str, through: Sequence[str]) -> bool:
        """Join a room; the servers are needed where its id names none.

        Returns False when the server does not let us. Raises TransportError(REFUSED).
        """
        servers = list(dict.fromkeys([*through, self._homeserver.settings.server]))
        # `via` since v1.12, `server_name` before:
        # https://spec.matrix.org/v1.12/client-server-api/#post_matrixclientv3joinroomidoralias
        query = "&".join(
            f"{name}={path_part}"
            for name in ("via", "server_name")
            for path_part in map(_escaped, servers)
        )
        where = f"{path('join', room)}?{query}"
        return await self._insist(f"join {room}", lambda: self._homeserver.post(where))

    async def leave(self, room: str) -> bool:
        """Leave a room, or decline its invite. Raises TransportError(REFUSED)."""
        where = path("rooms", room, "leave")
        return await self._insist(f"leave {room}", lambda: self._homeserver.post(where))

    async def _insist(self, what: str, do: Callable[[], Awaitable[object]]) -> bool:
        """Try until it is done or can never be; return whether it was."""

        async def in_turn() -> None:
            async with self._turn:
                await do()

        try:
            await patiently(what, in_turn, self._clock, attempts=_ATTEMPTS)
        except TransportError as error:
            if error.failure is SendFailure.REFUSED:
                raise
            log.warning("Matrix: gave up to %s: %s", what, error, extra={"event": "matrix_gave_up"})
            return False
        return True


def _escaped(server: str) -> str:
    return path(server).rpartition("/")[2]
