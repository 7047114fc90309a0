"""Has an event handled inside the transaction: the command or the listeners, and their replies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from bot.arguments import Unresolved, parse, resolve
from bot.asking import Plan
from bot.audit import Noted, Who
from bot.content import Paragraph, Span, Time, paragraph, say, spans
from bot.context import Context, Tools
from bot.errors import Refused, UsageError, UserError
from bot.events import (
    CaughtUp,
    Finished,
    Invoked,
    Joined,
    Left,
    Message,
    PersonChanged,
    Pressed,
    Reacted,
    RoomChanged,
    Submitted,
    Unknown,
)
from bot.forms import fill, needed
from bot.people import Role
from bot.replies import Deed, Reply, Visibility
from bot.router import Command, Commands, Match, Outcome
from bot.steps import Step, reached
from bot.storage.tables import InboxRow, MessageRow, table_of
from bot.storage.unit import Unit

_INBOX = table_of(InboxRow)
_MESSAGE = table_of(MessageRow)

_DELETED_AT = select(_MESSAGE.c.deleted_at).where(
    _MESSAGE.c.room_id == bindparam("in_room"), _MESSAGE.c.ref == bindparam("message")
)
MARK = (
    _INBOX.update()
    .where(_INBOX.c.id == bindparam("inbox_id"))
    .values(state=bindparam("new_state"), handled_at=bindparam("at"), reference=bindparam("ref_"))
)

# What no person did, or nobody expects an answer to: its failure is in the log alone.
NOBODY_ASKED = (CaughtUp, Finished, Joined, Left, PersonChanged, RoomChanged, Unknown)
DONE_BY_HAND = (Message, Pressed, Submitted, Invoked)  # after which a question is not answered
NEVER_MIND = frozenset(("cancel", "never mind", "nevermind", "stop", "abbrechen", "annuler"))


_NAMED = re.compile(r"“(\S[^”]{0,200})”")


class Handling:
    """Does what a plan says; used in the writer's thread, and again if its group fails."""

    def __init__(self, commands: Commands, tools: Tools) -> None:
        """See the class."""
        self._commands = commands
        self._tools = tools

    def handle(self, plan: Plan, unit: Unit) -> str:
        """Handle an event and mark it so; returns the word for the log.

        Raises whatever a handler raises but UserError, which is said to the asker.
        """
        if _is_done(plan, unit):
            return "handled"
        ctx, result = self._context(plan, unit), "handled"
        try:
            for reply in self._run(ctx, plan):
                ctx.do(_mark_late(ctx, reply) if isinstance(reply, Reply) else reply)
        except UserError as error:
            unit.take_back()
            result = "refused"
            _record_refusal(ctx, error)
            ctx.say(_mark_late(ctx, _refusal(plan, ctx, error)))
        else:
            for noted in ctx.noted:
                if noted.changes:
                    _record(ctx, noted, noted.refused)
        self._mark(ctx, plan, "handled", None)
        reached(Step.HANDLING)
        return result

    def give_up(self, plan: Plan, reference: str, unit: Unit) -> None:
        """Mark an event as failed and tell whoever caused it."""
        if _is_done(plan, unit):
            return
        ctx = self._context(plan, unit)
        if not (isinstance(ctx.event, NOBODY_ASKED) or getattr(ctx.event, "automated", False)):
            ctx.say(replace(_apology(reference), visibility=_for_whom(ctx)))
        self._mark(ctx, plan, "failed", reference)

    def _context(self, plan: Plan, unit: Unit) -> Context:
        item, tools = plan.item, self._tools
        person = tools.people.member(unit, item.person_id)
        here = tools.rooms.by_id(unit, item.room_id)
        return Context(unit, tools, item.event, person, here, late=item.late)

    @staticmethod
    def _mark(ctx: Context, plan: Plan, state: str, reference: str | None) -> None:
        ctx.unit.bulk(
            MARK,
            {"inbox_id": plan.item.id, "new_state": state, "at": ctx.now, "ref_": reference},
        )

    def _run(self, ctx: Context, plan: Plan) -> Iterable[Reply | Deed]:
        if plan.item.may_be_deleted() and _is_deleted(ctx):
            return ()
        if plan.failure is not None:
            raise self._commands.hinted(plan.failure, ctx.person.role)
        waits = self._question(ctx)  # whoever does something else will not answer it any more
        if plan.match is not None and (waits is None or _is_meant(plan)):
            return _replies(self._run_command(ctx, plan, plan.match))
        if isinstance(ctx.event, Message | Reacted) and not ctx.can(Role.EMPLOYEE):
            return ()  # outsiders' talk is kept, and not acted on
        if isinstance(ctx.event, Message) and waits is not None:
            return self._take_answer(ctx, ctx.event, plan, waits)
        return self._listen(ctx, plan)

    def _question(self, ctx: Context) -> str | None:
        if not isinstance(ctx.event, DONE_BY_HAND):
            return None
        key = (ctx.here.id, ctx.event.place.thread or "", ctx.person.id)
        return self._tools.questions.take(ctx.unit, key, ctx.now)

    def _take_answer(
        self, ctx: Context, event: Message, plan: Plan, line: str
    ) -> Iterable[Reply | Deed]:
        if event.text.strip().casefold() in NEVER_MIND:
            return (Reply(say("All right, never mind.")),)
        found = self._commands.match(line)
        match = Match(found.command, f"{found.rest} {event.text}".strip())
        return _replies(self._run_command(ctx, plan, match))

    @staticmethod
    def _listen(ctx: Context, plan: Plan) -> Iterable[Reply | Deed]:
        said: list[Reply | Deed] = []
        for listener in plan.listeners:
            prepared = (plan.prepared,) if listener.prepare is not None else ()
            outcome = listener.run(ctx, ctx.event, *prepared)
            if outcome is not None:
                said.extend(_replies(outcome))
                if isinstance(ctx.event, Message):
                    break  # a message gets one answer
        return said

    def _run_command(self, ctx: Context, plan: Plan, match: Match) -> Outcome:
        command = match.command
        noted = Noted(command.name, command.changes)
        ctx.noted.append(noted)
        self._allow(ctx, match, noted)
        if isinstance(ctx.event, Submitted):
            values = _from_form(ctx, match, ctx.event)
        else:
            values = parse(
                command.parameters,
                match.rest,
                implied=lambda kind: kind.implied(ctx) is not None,
            )
        noted.object = _object(command, values)
        values = resolve(ctx, values)
        noted.object = noted.object or _object(command, values)
        if command.prepare is not None:
            values["prepared"] = plan.prepared
        noted.begun = True
        return command.run(ctx, **values)

    def _allow(self, ctx: Context, match: Match, noted: Noted) -> None:
        # Fails closed: whatever goes wrong in here stops the command.
        try:
            self._commands.rules.check(match.command, ctx.person.role)
        except Refused:
            with suppress(UsageError):
                noted.object = _object(match.command, parse(match.command.parameters, match.rest))
            raise


def _is_done(plan: Plan, unit: Unit) -> bool:
    """Tell whether an earlier attempt was committed although nobody heard of it."""
    tried, plan.tried = plan.tried, True
    if not tried:
        return False
    state = select(_INBOX.c.state).where(_INBOX.c.id == plan.item.id)
    return bool(unit.connection.scalar(state) != "new")


def _is_deleted(ctx: Context) -> bool:
    """Tell whether a message was deleted before its turn came: nobody asks for it any more."""
    if not isinstance(ctx.event, Message):
        return False
    key = {"in_room": ctx.here.id, "message": ctx.event.message}
    return ctx.unit.look(_MESSAGE).scalar(_DELETED_AT, key) is not None


def _from_form(ctx: Context, match: Match, event: Submitted) -> dict[str, Any]:
    filled = fill(match, event.answers, implied=lambda kind: kind.implied(ctx) is not None)
    for problem in (*filled.problems.values(), *needed(match.command, filled)):
        raise UsageError(problem)
    return filled.values


def _object(command: Command, values: Mapping[str, Any]) -> str:
    """Return the first thing a command line names by number, for the record: `ticket 42`."""
    for parameter in command.parameters:
        value = values.get(parameter.name)
        word = value.word if isinstance(value, Unresolved) else getattr(value, "id", value)
        number = str(word or "").removeprefix("#")
        if not parameter.option and number.isascii() and number.isdigit() and not parameter.long:
            return f"{parameter.name.removesuffix('s')} {int(number)}"  # or several of them
    return ""


def _record(ctx: Context, noted: Noted, reason: str | None) -> None:
    who = Who(ctx.person.id, ctx.person.role.name.lower(), ctx.here.id)
    ctx.tools.audit.add(ctx.unit, who, ctx.now, noted, reason)


def _record_refusal(ctx: Context, error: UserError) -> None:
    """Record a refusal; what could not be read or looked up, before it began, is none."""
    noted = ctx.noted[-1] if ctx.noted else None
    if noted is not None and (isinstance(error, Refused) or (noted.begun and noted.changes)):
        said = ((ctx.here.id, ctx.event.message),) if isinstance(ctx.event, Message) else ()
        for each in [each for each in ctx.noted if each.refused is not None] or [noted]:
            refused = Noted(each.act, object=each.object, sources=said)
            _record(ctx, refused, each.refused or str(error))


def _is_meant(plan: Plan) -> bool:
    """Tell `help` from `faq pages do not load`, both written where a question is open."""
    return plan.certain or (plan.match is not None and not plan.match.rest)


def _replies(outcome: Outcome) -> Iterable[Reply | Deed]:
    if outcome is None:
        return ()
    return (outcome,) if isinstance(outcome, Reply) else outcome


def _refusal(plan: Plan, ctx: Context, error: UserError) -> Reply:
    blocks = [paragraph(*_as_typed(ctx, str(error)))]
    if isinstance(error, UsageError) and plan.match and not isinstance(ctx.event, Submitted):
        usage = plan.match.command.usage
        blocks.append(paragraph("It goes like this: ", ctx.typed(usage)))
    said = ((ctx.here.id, ctx.event.message),) if isinstance(ctx.event, Message) else ()
    return Reply(tuple(blocks), _for_whom(ctx), sources=said)  # it may quote what was said


def _for_whom(ctx: Context) -> Visibility:
    """What went wrong with a gesture concerns nobody else."""
    return Visibility.ONLY_YOU if isinstance(ctx.event, Invoked) else Visibility.THREAD


def _as_typed(ctx: Context, sentence: str) -> Iterator[str | Span]:
    """Show the commands a sentence names in “quotation marks” as they are typed in this room."""
    commands, at = ctx.use(Commands), 0
    for named in _NAMED.finditer(sentence):
        if commands.knows(named[1].split()[0]):
            yield sentence[at : named.start()]
            yield ctx.typed(named[1])
            at = named.end()
    yield sentence[at:]


def _apology(reference: str) -> Reply:
    return Reply(
        say(
            "Something went wrong on my side, and nothing was changed. Please try again; if it "
            f"happens once more, tell IT the reference {reference}."
        )
    )


def _mark_late(ctx: Context, reply: Reply) -> Reply:
    elsewhere = reply.visibility is Visibility.HOME or reply.to not in (None, ctx.conversation)
    if reply.person not in (None, ctx.person.person):
        return reply  # who is told so has not written anything
    if not ctx.late or reply.edit or elsewhere:
        return reply
    note = Paragraph(spans("(Late: I was away when you wrote this at ", Time(ctx.event.at), ".)"))
    return replace(reply, content=(note, *reply.content))
