"""The Matrix transport: reads one endless sync, sends one request a delivery.

Rooms with end-to-end encryption are not supported: what is said in them cannot be read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import SendFailure, StorageError, TransportError
from bot.events import Place, RoomChanged
from bot.transport import Batch, Delivery, Health, Intake, Promise, Sent, StoredGap
from bot.transports.backoff import Backoff, patiently
from bot.transports.matrix import ids
from bot.transports.matrix.backfill import Backfill
from bot.transports.matrix.batches import Batches, Invite, Told, Tombstone, invites, tombstones
from bot.transports.matrix.direct_rooms import DirectRooms
from bot.transports.matrix.filters import outlook_filter, sync_filter
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.lookups import Lookups
from bot.transports.matrix.membership import Membership
from bot.transports.matrix.memory import Memory
from bot.transports.matrix.reading import Reader
from bot.transports.matrix.rooms import Rooms
from bot.transports.matrix.sending import Sender
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.upgrades import Upgrades
from bot.transports.wire import Object, entries_of, object_of, text_of, texts_of

log = logging.getLogger(__name__)

_MARK_AFTER = timedelta(seconds=10)  # of nothing but our own words, each of which ends a sync
_FIRST = 15  # how many times the usual patience a sync without a token is given


class MatrixTransport:
    """Implements `bot.transport.Transport` for one account on one homeserver."""

    name = ids.NAME

    def __init__(
        self, settings: MatrixSettings, clock: Clock, *, named: Sequence[str] = ()
    ) -> None:
        """Put the parts together; nothing is sent yet. `named` are rooms of the configuration."""
        self.workspace = settings.server
        self._settings = settings
        self._clock = clock
        me = settings.user_id
        self._homeserver = Homeserver(settings, clock)
        self._rooms = Rooms(me, named)
        memory = Memory()
        self._reader = Reader(me, self.workspace, memory, self._rooms, clock.now)
        lookups = Lookups(self._homeserver, memory, self._rooms, me, self.workspace)
        self._lookups = lookups
        self._batches = Batches(me, self.workspace, self._reader, lookups, self._rooms)
        self._membership = Membership(self._homeserver, self._rooms, clock)
        self._upgrades = Upgrades(
            self._homeserver, self._membership, self._batches, self._reader, lookups
        )
        self._backfill = Backfill(self._homeserver, self._reader, lookups, clock)
        self._direct_rooms = DirectRooms(self._homeserver, self._rooms, self._membership)
        self._sender = Sender(self._homeserver, self._direct_rooms, self._rooms, memory)
        self._in_contact: datetime | None = None
        self._marked: datetime | None = None  # when a token was last stored
        self._trouble = "not connected yet"

    async def run(self, intake: Intake) -> None:
        """Read until cancelled. Raises TransportError(REFUSED) when the access is gone."""
        self._direct_rooms.intake = intake
        self._backfill.begin()
        try:
            async with asyncio.TaskGroup() as group:
                await self._read(intake, group)
        except BaseExceptionGroup as errors:
            refused = errors.subgroup(TransportError)
            if refused is None:
                raise
            raise _first(refused) from errors

    async def _read(self, intake: Intake, group: asyncio.TaskGroup) -> None:
        stored = await intake.cursor(self.name, self.workspace)
        since, self._in_contact = stored or (None, None)
        await patiently("logging in", self._introduce, self._clock)
        if since is not None:
            await patiently("looking around", lambda: self._look_around(intake, group), self._clock)
            await patiently("finding rooms", lambda: self._tell_aliases(intake), self._clock)
            await self._fill_gaps(intake, group)
        pause = Backoff()
        while True:
            try:
                told = await self._read_once(since, intake)
            except (TransportError, StorageError) as error:
                asked = self._note_trouble(error)
                await self._clock.sleep(pause.next(asked))
                continue
            pause.reset()
            since = told.token
            for invite in told.invites:
                group.create_task(self._answer(invite, intake, group))
            for tombstone in told.tombstones:
                group.create_task(self._follow(tombstone, intake, group))
            if told.gaps:
                await self._fill_gaps(intake, group)

    async def _read_once(self, since: str | None, intake: Intake) -> Told:
        """Sync once and store what it tells."""
        started = self._clock.now()
        answer = await self._sync(since)
        told = await self._batches.read(answer, since, intake, self._clock.now())
        away = self._in_contact
        if away is not None and started - away <= timedelta(seconds=self._settings.away_after):
            away = None
        if self._marked is None or not told.quiet or started - self._marked > _MARK_AFTER:
            await intake.receive(told.batch(away))
            self._marked = started
        self._batches.stored()
        self._in_contact = self._clock.now()
        if self._trouble:
            log.info("Reading from Matrix.", extra={"event": "matrix_reading"})
        self._trouble = ""
        return told

    async def _sync(self, since: str | None) -> Object:
        query = {"filter": sync_filter(first=since is None)}
        if since is None:
            patience = self._settings.request_timeout * _FIRST
        else:
            query["since"] = since
            # At the start and after trouble without waiting for news: whether we are back in
            # contact should be known at once, also where nobody says anything.
            wait = 0.0 if self._trouble else self._settings.sync_timeout
            query["timeout"] = str(int(wait * 1000))
            patience = wait + self._settings.request_timeout
        return await self._homeserver.get(path("sync"), query, patience=patience)

    async def _introduce(self) -> None:
        """Check whose token it is, and learn by which name people see the bot."""
        answer = await self._homeserver.get(path("account", "whoami"))
        account = text_of(answer, "user_id")
        if account != self._settings.user_id:
            msg = f"the access token is that of {account}, not of {self._settings.user_id}"
            raise TransportError(msg, failure=SendFailure.REFUSED)
        where = path("profile", account, "displayname")
        try:
            profile = await self._homeserver.get(where)
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            return  # it has no name
        self._reader.called(text_of(profile, "displayname"))

    async def _look_around(self, intake: Intake, group: asyncio.TaskGroup) -> None:
        """Find what a sync from the stored token does not tell again.

        Those are the direct rooms, and invites and replaced rooms that an earlier process
        had stored as read but not acted upon.
        """
        query = {"filter": outlook_filter()}
        patience = self._settings.request_timeout * _FIRST
        answer = await self._homeserver.get(path("sync"), query, patience=patience)
        self._batches.note_account_data(answer)
        self._batches.stored()
        rooms = object_of(answer, "rooms")
        for invite in invites(rooms, self._settings.user_id):
            group.create_task(self._answer(invite, intake, group))
        if self._settings.follow_upgrades:
            for room, section in entries_of(rooms, "join"):
                for tombstone in tombstones(room, section, self._clock.now()):
                    group.create_task(self._follow(tombstone, intake, group))

    async def _tell_aliases(self, intake: Intake) -> None:
        """Tell to which rooms the aliases lead that may be configured since the last start."""
        found = await self._lookups.named_rooms()
        if not found:
            return
        joined = texts_of(await self._homeserver.get(path("joined_rooms")), "joined_rooms")
        now = self._clock.now()
        told = [
            RoomChanged(
                id=f"aliases/{room}/{now.isoformat()}",
                place=ids.place(self.workspace, room),
                person=ids.person(self._settings.user_id),
                at=now,
                aliases=aliases,
            )
            for room, aliases in found.items()
            if room in joined
        ]
        if told:
            await intake.receive(Batch(told))

    async def _answer(self, invite: Invite, intake: Intake, group: asyncio.TaskGroup) -> None:
        await self._membership.answer(invite)
        # Nobody comes along into the replacement of a private room: its invite comes later.
        if (tombstone := self._upgrades.shut(invite.room)) is not None:
            await self._follow(tombstone, intake, group)

    async def _follow(self, tombstone: Tombstone, intake: Intake, group: asyncio.TaskGroup) -> None:
        await patiently(
            f"following {tombstone.room} to {tombstone.replacement}",
            lambda: self._upgrades.follow(tombstone, intake),
            self._clock,
        )
        await self._fill_gaps(intake, group)

    async def _fill_gaps(self, intake: Intake, group: asyncio.TaskGroup) -> None:
        async def ask() -> Sequence[StoredGap]:
            return await intake.gaps(self.name, self.workspace)

        for gap in self._backfill.take(await patiently("finding gaps", ask, self._clock)):
            group.create_task(self._backfill.fill(gap, intake))

    def _note_trouble(self, error: TransportError | StorageError) -> timedelta | None:
        """Log why a sync failed; return how long the server asked us to wait."""
        if isinstance(error, TransportError) and error.failure is SendFailure.REFUSED:
            self._trouble = str(error)
            raise error
        if not self._trouble:
            log.warning(
                "Reading from Matrix fails and is tried again: %s",
                error,
                extra={"event": "matrix_sync_failed"},
            )
        self._trouble = str(error)
        return error.retry_after if isinstance(error, TransportError) else None

    async def send(self, delivery: Delivery) -> Sent:
        """Carry out a delivery. Raises TransportError."""
        return await self._sender.send(delivery)

    def promise(self, delivery: Delivery) -> Promise:  # noqa: ARG002 - the same for all
        """Return IDEMPOTENT: the transaction id makes every repetition harmless."""
        return Promise.IDEMPOTENT

    def wait(self, delivery: Delivery) -> float:  # noqa: ARG002 - see promise
        """Return 0: the server limits the account, not the room."""
        return 0.0

    async def find(self, delivery: Delivery) -> Sent | None:  # noqa: ARG002 - see promise
        """Return None: nothing is ever looked up."""
        return None

    async def typing(self, place: Place, *, on: bool) -> None:
        """Show that an answer is being worked on."""
        await self._sender.typing(place, on=on)

    def health(self) -> Health:
        """Return whether the homeserver was heard lately."""
        quiet = timedelta(seconds=self._settings.sync_timeout + self._settings.away_after)
        contact = self._homeserver.last_contact
        if self._trouble:
            return Health(False, f"Matrix: {self._trouble}.", contact)
        if self._in_contact is None or self._clock.now() - self._in_contact > quiet:
            return Health(False, "Matrix: the homeserver has not been heard lately.", contact)
        return Health(True, "Matrix: connected.", contact)

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._homeserver.close()


def _first(errors: BaseExceptionGroup[TransportError]) -> TransportError:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
