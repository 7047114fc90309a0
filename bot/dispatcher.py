"""Has each stored event handled: once, in order in its room, rooms apart from each other.

Parsing is pure and happens in the event loop; a command's `prepare` may read and
think as long as it likes there; what it decides runs in the writer's transaction,
together with its replies and the mark that the event is handled.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, bindparam, select

from bot import events
from bot.arguments import convert, parse, resolve
from bot.clock import monotonic
from bot.content import Paragraph, Time, paragraph, say, spans
from bot.context import Act, Context, Tools
from bot.errors import StorageError, UserError
from bot.events import Event, Invoked, Message, Pressed, Submitted
from bot.inbox import Stored
from bot.people import Role
from bot.replies import Reply, Visibility
from bot.rooms import COMMAND_PREFIX
from bot.router import Command, Commands, Listener, Match, Outcome
from bot.steps import Step, reached
from bot.storage.database import Database
from bot.storage.tables import GapRow, InboxRow, QuestionRow
from bot.storage.writer import Unit, is_database_down

log = logging.getLogger(__name__)

_INBOX = InboxRow.__table__  # type: ignore[attr-defined]  # SQLModel declares no __table__
_GAP = GapRow.__table__  # type: ignore[attr-defined]
_QUESTION = QuestionRow.__table__  # type: ignore[attr-defined]

MARK_HANDLED = (
    _INBOX.update()
    .where(_INBOX.c.id == bindparam("inbox_id"))
    .values(state=bindparam("new_state"), handled_at=bindparam("at"), reference=bindparam("ref_"))
)

RETRY_SECONDS = 2.0  # while the database cannot be written
QUESTION_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a `prepare` may use: the event, reading, services; it changes nothing."""

    event: Event
    database: Database
    services: dict[type[Any], Any]


@dataclass(slots=True)
class _Room:
    waiting: deque[Stored] = field(default_factory=deque)
    held: bool = False
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message or gesture asks for, as far as its text alone can tell.

    Attributes:
        text: the command line without prefix; None when it is plain talk.
        certain: it was meant as a command, so not understanding it is said.
    """

    text: str | None
    certain: bool


def asked(event: Event) -> Asked:
    """Read what an event asks for; pure."""
    match event:
        case Message(automated=True):
            return Asked(None, certain=False)
        case Message(text=text, direct=direct, addressed=addressed):
            stripped = text.strip()
            bare = stripped.removeprefix(COMMAND_PREFIX)
            if bare != stripped and bare[:1].isalpha():
                return Asked(bare, certain=True)
            if (direct or addressed) and stripped:
                return Asked(stripped, certain=False)
            return Asked(None, certain=False)
        case Pressed(line=line):
            return Asked(line, certain=True)
        case Invoked(text=text):
            return Asked(text.strip().removeprefix(COMMAND_PREFIX) or "help", certain=True)
        case Submitted(command=command):
            return Asked(command, certain=True)
        case _:
            return Asked(None, certain=False)


class Dispatcher:
    """Handles events; one worker per room that has any.

    Args:
        busy: told when a room's work begins and ends, for a typing sign.
        group: the owner of its tasks.
    """

    def __init__(
        self,
        database: Database,
        commands: Commands,
        tools: Tools,
        group: asyncio.TaskGroup,
        busy: Callable[[Event, bool], None] = lambda _event, _on: None,
    ) -> None:
        """See the class."""
        self._database = database
        self._commands = commands
        self._tools = tools
        self._group = group
        self._busy = busy
        self._rooms: dict[int, _Room] = {}
        self._active = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def recover(self) -> None:
        """Take up what was stored and not handled when the process last ended."""
        rows, held = await self._database.read(_unhandled)
        for room_id in held:
            self._room(room_id).held = True
        self.offer(
            [
                Stored(
                    row.id,
                    events.load(row.payload),
                    row.room_id,
                    row.person_id,
                    row.position,
                    row.late,
                )
                for row in rows
            ]
        )

    def hold(self, room_id: int) -> None:
        """Let a room wait: part of its history is still to come."""
        self._room(room_id).held = True

    def offer(self, stored: Sequence[Stored]) -> None:
        """Take committed events on."""
        for item in stored:
            room = self._room(item.room_id)
            if room.waiting and room.waiting[-1].position > item.position:
                room.waiting = deque(
                    sorted((*room.waiting, item), key=lambda waiting: waiting.position)
                )
            else:
                room.waiting.append(item)
            self._active += 1
        for room_id in dict.fromkeys(item.room_id for item in stored):
            self._start(room_id)
        self._settle()

    def release(self, room_id: int) -> None:
        """Let a room go on: its history is complete."""
        self._room(room_id).held = False
        self._start(room_id)

    async def idle(self) -> None:
        """Wait until everything offered is handled."""
        await self._quiet.wait()

    @property
    def waiting(self) -> int:
        """How many events are offered and not handled."""
        return self._active

    def _settle(self) -> None:
        if self._active:
            self._quiet.clear()
        else:
            self._quiet.set()

    def _room(self, room_id: int) -> _Room:
        return self._rooms.setdefault(room_id, _Room())

    def _start(self, room_id: int) -> None:
        room = self._room(room_id)
        if room.task is None and room.waiting and not room.held:
            room.task = self._group.create_task(self._work(room_id), name=f"room {room_id}")

    async def _work(self, room_id: int) -> None:
        room = self._room(room_id)
        try:
            while room.waiting and not room.held:
                plan = self._plan(room.waiting.popleft())
                if plan.prepare is not None:
                    await self._prepare(plan)
                await self._decide(plan)
        finally:
            room.task = None
        self._start(room_id)

    async def _prepare(self, plan: _Plan) -> None:
        assert plan.prepare is not None
        self._busy(plan.item.event, True)
        try:
            plan.prepared = await plan.prepare()
        except Exception as error:  # noqa: BLE001 - told to the author, like a failing handler
            plan.failure = error
        finally:
            self._busy(plan.item.event, False)

    async def _decide(self, plan: _Plan) -> None:
        begun = monotonic()
        result = None
        while result is None:
            try:
                result = await self._database.write(partial(self._handle, plan))
            except StorageError as error:
                log.warning(
                    "an event waits for the database: %s",
                    error,
                    extra={"event": "waits_for_database", "inbox_id": plan.item.id},
                )
                await self._tools.clock.sleep(RETRY_SECONDS)
        reached(Step.HANDLED)
        self._active -= 1
        self._settle()
        log.info(
            "%s",
            result,
            extra={
                "event": result,
                "inbox_id": plan.item.id,
                "kind": plan.item.event.kind,
                "milliseconds": round((monotonic() - begun) * 1000, 1),
            },
        )

    def _plan(self, item: Stored) -> _Plan:
        event = item.event
        plan = _Plan(item)
        request = asked(event)
        if request.text is not None:
            try:
                plan.match = self._commands.match(request.text)
            except UserError as error:
                if request.certain:
                    plan.refusal = error
            if plan.match is not None and not request.certain and _is_talk(plan.match):
                plan.match = None
        if plan.match is None and plan.refusal is None:
            plan.listeners = self._commands.listeners(event)
        if plan.match is not None and plan.match.command.prepare is not None:
            plan.prepare = partial(self._prepare_match, plan.match, event)
        listening = next((each for each in plan.listeners if each.prepare is not None), None)
        if listening is not None:
            plan.prepare = partial(self._prepare_listener, listening, event)
        return plan

    async def _prepare_match(self, match: Match, event: Event) -> Any:
        assert match.command.prepare is not None
        return await match.command.prepare(self._preparation(event), match.rest)

    async def _prepare_listener(self, listener: Listener, event: Event) -> Any:
        assert listener.prepare is not None
        return await listener.prepare(self._preparation(event), event)

    def _preparation(self, event: Event) -> Preparation:
        return Preparation(event, self._database, self._tools.services)

    def _handle(self, plan: _Plan, unit: Unit) -> str:
        """Decide in the transaction; returns the word for the log."""
        item = plan.item
        tools = self._tools
        person = tools.people.member(unit, item.person_id)
        here = Act(unit, tools).room_by_id(item.room_id)
        ctx = Context(unit, tools, item.event, person, here, late=item.late)
        result, state, reference = "handled", "handled", None
        try:
            for reply in self._run(ctx, plan):
                ctx.say(_mark_late(ctx, reply))
        except UserError as error:
            unit.take_back()
            result = "refused"
            ctx.say(_mark_late(ctx, _refusal(plan, ctx, error)))
        except Exception as error:
            if is_database_down(error):
                raise
            unit.take_back()
            result = state = "failed"
            reference = secrets.token_hex(4).upper()
            log.exception(
                "a handler failed",
                extra={"event": "handler_failed", "reference": reference, "inbox_id": item.id},
            )
            if not getattr(item.event, "automated", False):
                ctx.say(_apology(reference))
        unit.bulk(
            MARK_HANDLED,
            {"inbox_id": item.id, "new_state": state, "at": ctx.now, "ref_": reference},
        )
        reached(Step.HANDLING)
        return result

    def _run(self, ctx: Context, plan: _Plan) -> Iterable[Reply]:
        if (failure := plan.failure or plan.refusal) is not None:
            raise failure
        if plan.match is not None:
            return _replies(self._run_command(ctx, plan, plan.match))
        if isinstance(ctx.event, Message) and (line := _open_question(ctx)) is not None:
            plan.match = self._commands.match(line)
            rest = f"{plan.match.rest} {ctx.event.text}".strip()
            plan.match = Match(plan.match.command, rest)
            return _replies(self._run_command(ctx, plan, plan.match))
        said: list[Reply] = []
        for listener in plan.listeners:
            prepared = (plan.prepared,) if listener.prepare is not None else ()
            outcome = listener.run(ctx, ctx.event, *prepared)
            if outcome is not None:
                said.extend(_replies(outcome))
                if isinstance(ctx.event, Message):
                    break  # a message gets one answer
        return said

    def _run_command(self, ctx: Context, plan: _Plan, match: Match) -> Outcome:
        command = match.command
        _allow(ctx, command)
        if isinstance(ctx.event, Submitted):
            values = _from_form(command, ctx.event)
        else:
            values = parse(
                command.parameters,
                match.rest,
                implied=lambda kind: kind.implied(ctx) is not None,
            )
        values = resolve(ctx, values)
        if command.prepare is not None:
            values["prepared"] = plan.prepared
        return command.run(ctx, **values)


@dataclass(slots=True)
class _Plan:
    item: Stored
    match: Match | None = None
    refusal: UserError | None = None
    listeners: Sequence[Listener] = ()
    prepare: Callable[[], Any] | None = None
    prepared: Any = None
    failure: Exception | None = None


def _is_talk(match: Match) -> bool:
    """Tell `help me, my laptop smokes` from `help ticket claim`."""
    return match.command.path == ("help",) and len(match.rest.split()) > 3


def _allow(ctx: Context, command: Command) -> None:
    # Fails closed: whatever goes wrong in here stops the command.
    if ctx.person.role < command.role:
        who = command.role.plural
        msg = f"Only {who} can do that ({command.name}); you are {_a(ctx.person.role)}."
        raise UserError(msg)


def _a(role: Role) -> str:
    word = role.name.lower()
    return f"an {word}" if word[0] in "aeo" else f"a {word}"


def _from_form(command: Command, event: Submitted) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in command.parameters}
    values: dict[str, Any] = {}
    for name, answer in event.answers:
        if name in known and answer.strip():
            parameter = known[name]
            if parameter.flag:
                values[name] = answer.strip().casefold() in ("yes", "true", "on", "1", "ja", "oui")
            else:
                values[name] = answer if parameter.long else convert(parameter, answer.strip())
    for parameter in command.parameters:
        if parameter.required and parameter.name not in values:
            msg = f"Please fill in “{parameter.name}”."
            raise UserError(msg)
    return values


def _open_question(ctx: Context) -> str | None:
    """Take the question this person owes an answer to in this conversation, if there is one."""
    here = (
        (_QUESTION.c.room_id == ctx.here.id)
        & (_QUESTION.c.thread == (ctx.event.place.thread or ""))
        & (_QUESTION.c.person_id == ctx.person.id)
    )
    row = ctx.unit.connection.execute(select(_QUESTION).where(here)).first()
    if row is None:
        return None
    ctx.unit.connection.execute(_QUESTION.delete().where(here))
    minutes = (ctx.now - row.asked_at).total_seconds() / 60
    return None if minutes > QUESTION_MINUTES else str(row.line)


def _replies(outcome: Outcome) -> Iterable[Reply]:
    if outcome is None:
        return ()
    return (outcome,) if isinstance(outcome, Reply) else outcome


def _refusal(plan: _Plan, ctx: Context, error: UserError) -> Reply:
    blocks = [paragraph(str(error))]
    if plan.match is not None and ctx.person.role >= plan.match.command.role:
        usage = plan.match.command.usage
        blocks.append(paragraph("It goes like this: ", ctx.typed(usage)))
    return Reply(tuple(blocks), Visibility.THREAD)


def _apology(reference: str) -> Reply:
    return Reply(
        say(
            "Something went wrong on my side, and nothing was changed. Please try again; if it "
            f"happens once more, tell IT the reference {reference}."
        )
    )


def _mark_late(ctx: Context, reply: Reply) -> Reply:
    if not ctx.late or reply.edit or reply.to is not None:
        return reply
    note = Paragraph(spans("(Late: I was away when you wrote this at ", Time(ctx.event.at), ".)"))
    return replace(reply, content=(note, *reply.content))


def _unhandled(connection: Connection) -> tuple[Sequence[Any], Sequence[int]]:
    rows = connection.execute(
        select(_INBOX).where(_INBOX.c.state == "new").order_by(_INBOX.c.position, _INBOX.c.id)
    ).all()
    held = connection.execute(select(_GAP.c.room_id).where(_GAP.c.filled_at.is_(None))).scalars()
    return rows, list(held)
