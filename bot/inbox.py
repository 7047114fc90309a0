"""Takes in what the services tell: screened, stored once, and only then acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select

from bot import forms
from bot.errors import StorageError
from bot.events import Person, Place
from bot.journal import Journal
from bot.replies import Form, Post, post_codec
from bot.router import Commands
from bot.screening import screened
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.tables import (
    CursorRow,
    GapRow,
    InboxRow,
    Membership,
    MessageRow,
    OutboxRow,
    PersonRow,
    Room,
    table_of,
)
from bot.transport import MOST_THREADS, Action, Batch, Gap, Page, StoredGap

log = logging.getLogger(__name__)

_INBOX = table_of(InboxRow)
_GAP = table_of(GapRow)
_CURSOR = table_of(CursorRow)
_OUTBOX = table_of(OutboxRow)
_MESSAGE = table_of(MessageRow)
_ROOM = table_of(Room)
_PERSON = table_of(PersonRow)
_MEMBER = table_of(Membership)


@dataclass(slots=True)
class _Waiting:
    batch: Batch
    done: asyncio.Future[None]


class Inbox:
    """Implements `bot.transport.Intake` on the database, for one transport."""

    def __init__(self, database: Database, commands: Commands, journal: Journal) -> None:
        """Store by `journal` in `database`; forms are those of `commands`."""
        self._database = database
        self._commands = commands
        self._journal = journal
        self._waiting: list[_Waiting] = []
        self._flusher: asyncio.Future[None] | None = None

    async def receive(self, batch: Batch) -> None:
        """Store a batch; batches that arrive during a commit share the next one."""
        clean = replace(batch, events=screened(batch.events))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(clean, done))
        if self._flusher is None or self._flusher.done():
            # On its own, so that a caller who is cancelled does not leave the others waiting.
            self._flusher = asyncio.ensure_future(self._flush())
        await done
        reached(Step.STORED)

    async def _flush(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            await self._store_together(taken)

    async def _store_together(self, taken: list[_Waiting]) -> None:
        try:
            batches = [waiting.batch for waiting in taken]
            await self._database.write(partial(self._journal.store, batches))
        except StorageError as error:
            _fail(taken, error)
        except Exception as error:  # noqa: BLE001 - told to each caller
            if len(taken) == 1:
                _fail(taken, error)
                return
            for waiting in taken:  # one of them cannot be stored: find out which
                await self._store_together([waiting])
        else:
            for waiting in taken:
                if not waiting.done.done():
                    waiting.done.set_result(None)

    async def fill(self, page: Page) -> None:
        """Store a page of older history, newest first, below what the gap has so far."""
        clean = screened(reversed(page.events))
        await self._database.write(partial(self._journal.fill, page, clean))
        reached(Step.FILLED)

    async def cursor(self, transport: str, workspace: str) -> tuple[str, datetime] | None:
        """Return the stored cursor and when it was stored."""

        def look(connection: Connection) -> Any:
            return connection.execute(
                select(_CURSOR).filter_by(transport=transport, workspace=workspace)
            ).first()

        row = await self._database.read(look)
        return None if row is None or row.value is None else (row.value, row.at)

    async def gaps(self, transport: str, workspace: str) -> Sequence[StoredGap]:
        """Return the gaps still to be filled, oldest first."""

        def look(connection: Connection) -> Any:
            return connection.execute(
                select(_GAP, _ROOM.c.ref)
                .join(_ROOM, _ROOM.c.id == _GAP.c.room_id)
                .where(
                    _GAP.c.filled_at.is_(None),
                    _ROOM.c.transport == transport,
                    _ROOM.c.workspace == workspace,
                )
                .order_by(_GAP.c.id)
            ).all()

        return [
            StoredGap(row.id, Gap(Place(transport, workspace, row.ref), row.start, row.stop))
            for row in await self._database.read(look)
        ]

    async def direct_room(self, person: Person) -> str | None:
        """Return the direct room with a person that the bot is still in."""

        def look(connection: Connection) -> str | None:
            return connection.scalar(
                select(_ROOM.c.ref)
                .join(_PERSON, _PERSON.c.id == _ROOM.c.direct_person_id)
                .where(
                    _PERSON.c.transport == person.transport,
                    _PERSON.c.workspace == person.workspace,
                    _PERSON.c.ref == person.user,
                    _ROOM.c.joined,
                )
                .order_by(_ROOM.c.id)
                .limit(1)
            )

        return await self._database.read(look)

    async def sent_message(self, place: Place, message: str) -> Post | None:
        """Return what the bot shows under a message id, after its latest edit."""

        def look(connection: Connection) -> str | None:
            original = (
                select(_OUTBOX.c.id)
                .join(_ROOM, _ROOM.c.id == _OUTBOX.c.room_id)
                .where(
                    _ROOM.c.transport == place.transport,
                    _ROOM.c.workspace == place.workspace,
                    _ROOM.c.ref == place.room,
                    _OUTBOX.c.message == message,
                    _OUTBOX.c.action == Action.POST,
                )
                .scalar_subquery()
            )
            return connection.scalar(
                select(_OUTBOX.c.post)
                .where(
                    func.coalesce(_OUTBOX.c.target_delivery, _OUTBOX.c.id) == original,
                    _OUTBOX.c.action.in_((Action.POST, Action.EDIT)),
                )
                .order_by(_OUTBOX.c.position.desc())
                .limit(1)
            )

        found = await self._database.read(look)
        return None if found is None else post_codec.validate_json(found)

    def form(self, line: str) -> Form | None:
        """Return the form that asks for what a command line does not say."""
        return forms.form_of(self._commands, line)

    def problems(self, command: str, answers: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Return what is wrong with a form's answers, by field."""
        return forms.problems(self._commands, command, answers)

    async def threads(self, place: Place, since: datetime) -> Sequence[str]:
        """Return the roots of a room's threads in which anything was said since, newest first."""

        def look(connection: Connection) -> Sequence[str]:
            return connection.scalars(
                select(_MESSAGE.c.thread)
                .where(
                    _MESSAGE.c.room_id == _room_at(place),
                    _MESSAGE.c.sent_at >= since,
                    _MESSAGE.c.thread.is_not(None),
                )
                .group_by(_MESSAGE.c.thread)
                .order_by(func.max(_MESSAGE.c.sent_at).desc(), func.max(_MESSAGE.c.id).desc())
                .limit(MOST_THREADS)
            ).all()

        return await self._database.read(look)

    async def members(self, place: Place) -> Sequence[Person]:
        """Return who is in a room, as far as that was told."""

        def look(connection: Connection) -> Any:
            return connection.execute(
                select(_PERSON.c.transport, _PERSON.c.workspace, _PERSON.c.ref)
                .join(_MEMBER, _MEMBER.c.person_id == _PERSON.c.id)
                .where(_MEMBER.c.room_id == _room_at(place))
            ).all()

        return [Person(*row) for row in await self._database.read(look)]

    async def keep(self, transport: str, workspace: str, value: str) -> None:
        """Keep something of the transport's own beside its cursor."""
        key = (_own(transport), workspace)
        await self._database.write(partial(self._journal.move_cursor, key, value))

    async def kept(self, transport: str, workspace: str) -> str | None:
        """Return what was kept last."""
        found = await self.cursor(_own(transport), workspace)
        return None if found is None else found[0]


def _own(transport: str) -> str:
    """Return the name under which a transport's own things stand beside its cursor."""
    return f"{transport} (own)"


def _room_at(place: Place) -> Any:
    return (
        select(_ROOM.c.id)
        .where(
            _ROOM.c.transport == place.transport,
            _ROOM.c.workspace == place.workspace,
            _ROOM.c.ref == place.room,
        )
        .scalar_subquery()
    )


def _fail(waiting: Sequence[_Waiting], error: BaseException) -> None:
    for each in waiting:
        if not each.done.done():
            each.done.set_exception(error)
            each.done.exception()  # a caller may be gone; the log says it where it is raised
