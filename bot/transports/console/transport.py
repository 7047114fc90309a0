"""The console as a chat service: what the bot sees of the room, and says in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError
from bot.events import Place
from bot.plain import to_plain
from bot.replies import Post
from bot.transport import Action, Delivery, Health, Intake, Promise, Sent
from bot.transports.console.book import BOT, Entry, RoomBook
from bot.transports.console.lines import Shown
from bot.transports.console.room import TRANSPORT, WORKSPACE, Room
from bot.transports.console.visitors import Visitors


class ConsoleTransport:
    """Rooms on one screen, with sample people whose acts are given by `people`.

    Deliveries are idempotent: the book remembers what each became, and is stored with it.

    Args:
        clock: dates what happens.
        members: who is in which room of a fresh database; what is stored counts otherwise.
        out: shows something; must not raise.
        zone: in which times are shown.
        prefix: what stands before a command typed in a room.

    Attributes:
        people: what the people in the room do.
    """

    name = TRANSPORT
    workspace = WORKSPACE

    def __init__(
        self,
        clock: Clock,
        members: Mapping[str, Sequence[str]],
        out: Callable[[Shown], None],
        *,
        zone: tzinfo = UTC,
        prefix: str = "!",
    ) -> None:
        """See the class."""
        self._room = Room(clock, members, out, zone=zone, prefix=prefix)
        self.people = Visitors(self._room)

    async def run(self, intake: Intake) -> None:
        """Open the room; people's acts come in by `people`.

        Raises:
            TransportError: REFUSED: what the database holds cannot be taken up.
        """
        try:
            await self._room.open(intake)
        except StorageError as error:
            raise TransportError(str(error), failure=SendFailure.REFUSED) from error
        await asyncio.Event().wait()  # until cancelled

    async def opened(self) -> datetime | None:
        """Wait until the room is open; return when it was left, None when it is new.

        Raises:
            StorageError: what the database holds cannot be taken up.
        """
        await self._room.opened()
        return self._room.left_at

    async def send(self, delivery: Delivery) -> Sent:
        """Show a delivery; one that was shown before is only acknowledged."""
        await self._room.opened()
        room = delivery.place.room
        if delivery.action is Action.HOME:
            raise _refused("there is no page of the bot in a console")
        if not room:
            if delivery.person is None:
                raise _refused("a delivery names neither room nor person")
            room = self._room.direct(delivery.person.user)
        if room not in self._room.book.rooms:
            raise _refused(f"there is no room {room}")
        known = self._room.book.deliveries.get(delivery.id)
        number = self._carry_out(delivery, room) if known is None else known[1]
        self._room.book.delivered(delivery.id, room, number)
        try:
            await self._room.store()
        except StorageError as error:
            raise TransportError(str(error), failure=SendFailure.UNKNOWN) from error
        return Sent(number, room=room)

    def _carry_out(self, delivery: Delivery, room: str) -> str:
        book = self._room.book.room(room)
        if delivery.action is Action.POST:
            return self._post(delivery, room, book)
        if delivery.action is Action.TOPIC:
            return self._set_topic(delivery, room, book)
        number = delivery.target or ""
        if not book.has(number):
            raise _refused(f"there is no message {number} in {room}")
        entry = book.entry(number)
        if delivery.action is Action.DELETE:
            if not entry.deleted:
                entry.deleted = True
                self._room.out(Shown(room, number, "", only=entry.only, deed="deleted"))
        elif entry.deleted:
            raise _refused(f"message {number} in {room} is deleted")
        elif delivery.action is Action.EDIT:
            self._room.show_post(room, number, delivery.post or Post(()), deed="edited")
        elif delivery.action in (Action.PIN, Action.UNPIN):
            self._pin(room, number, entry, pinned=delivery.action is Action.PIN)
        elif (BOT, delivery.emoji) not in entry.reactions:
            entry.reactions.append((BOT, delivery.emoji))
            shown = Shown(room, number, BOT, delivery.emoji, entry.only, "reaction", told=True)
            self._room.out(shown)
        return number

    def _pin(self, room: str, number: str, entry: Entry, *, pinned: bool) -> None:
        if entry.pinned is not pinned:
            entry.pinned = pinned
            deed = "pinned" if pinned else "unpinned"
            self._room.out(Shown(room, number, "", only=entry.only, deed=deed))

    def _set_topic(self, delivery: Delivery, room: str, book: RoomBook) -> str:
        post = delivery.post or Post(())
        topic = to_plain(post.content, self._room.zone)
        if book.topic != topic:
            book.topic = topic
            self._room.out(Shown(room, "", "", topic, deed="topic"))
        return "topic"

    def _post(self, delivery: Delivery, room: str, book: RoomBook) -> str:
        thread = delivery.place.thread
        if thread is not None and not book.has(thread):
            raise _refused(f"there is no message {thread} in {room}")
        private = delivery.private and delivery.person is not None
        only = delivery.person.user if private and delivery.person is not None else None
        number = book.add(Entry(BOT, only), thread)
        self._room.show_post(room, number, delivery.post or Post(()))
        return number

    def promise(self, delivery: Delivery) -> Promise:  # noqa: ARG002 - the same for all
        """Return IDEMPOTENT."""
        return Promise.IDEMPOTENT

    def wait(self, delivery: Delivery) -> float:  # noqa: ARG002 - the same for all
        """Return 0: nobody limits us here."""
        return 0.0

    async def find(self, delivery: Delivery) -> Sent | None:
        """Look up what a delivery became."""
        known = self._room.book.deliveries.get(delivery.id)
        return None if known is None else Sent(known[1], room=known[0])

    async def typing(self, place: Place, *, on: bool) -> None:
        """Show nothing: answers are here at once."""

    def health(self) -> Health:
        """Return that the room is open; nothing in it can fail."""
        return Health(ok=True, detail="The console room is open.")

    async def close(self) -> None:
        """Let go of nothing: there are no connections."""


def _refused(what: str) -> TransportError:
    return TransportError(what, failure=SendFailure.PERMANENT)
