"""What does an event ask for: its text read, its command found, what to prepare first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.errors import NearMiss, UnknownCommand, UserError
from bot.events import Event, Invoked, Message, Pressed, Submitted
from bot.journal import Stored
from bot.rooms import COMMAND_PREFIX
from bot.router import Commands, Listener, Match
from bot.storage.database import Database


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a `prepare` may use: the event, reading, services; it changes nothing."""

    event: Event
    database: Database
    services: dict[type[Any], Any]


@dataclass(slots=True)
class Plan:
    """What is to be done for a stored event.

    Attributes:
        match: the command it asks for, if it asks for one.
        certain: it was meant as a command.
        listeners: who hears of it otherwise.
        prepare: slow reading to be done before the transaction.
        prepared: what that found.
        failure: why it cannot be done: the text is no command, or preparing failed.
        tried: a transaction was begun for it before, which may have been committed.
    """

    item: Stored
    match: Match | None = None
    certain: bool = False
    listeners: Sequence[Listener] = ()
    prepare: Callable[[Preparation], Awaitable[Any]] | None = None
    prepared: Any = None
    failure: Exception | None = None
    tried: bool = False


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


def plan_for(item: Stored, commands: Commands) -> Plan:
    """Plan what an event asks for; pure."""
    event, request = item.event, asked(item.event)
    plan = Plan(item, certain=request.certain)
    if getattr(event, "automated", False) or getattr(event, "shown", False):
        return plan  # other programs are stored and never answered
    if request.text is not None:
        try:
            plan.match = commands.match(request.text)
        except UserError as error:
            plan.match = _as_talk(event, request.text, error, commands)
            meant = request.certain or isinstance(error, NearMiss)
            plan.failure = error if meant and plan.match is None else None
        if plan.match is not None and not request.certain and _is_talk(plan.match, commands):
            plan.match = None
    if plan.match is not None:
        if (prepare := plan.match.command.prepare) is not None:
            rest = plan.match.rest
            plan.prepare = lambda preparation: prepare(preparation, rest)
    elif plan.failure is None:
        plan.listeners = commands.listeners(event)
        for listener in plan.listeners:
            if listener.prepare is not None:
                plan.prepare = partial(_for_event, listener.prepare, event)
    return plan


async def _for_event(
    prepare: Callable[..., Awaitable[Any]], event: Event, preparation: Preparation
) -> Any:
    return await prepare(preparation, event)


def _as_talk(event: Event, text: str, error: UserError, commands: Commands) -> Match | None:
    """Take what a gesture says and no command is nor nearly is for plain talk."""
    by_word = isinstance(event, Invoked) and event.message is None
    if not by_word or isinstance(error, NearMiss) or not isinstance(error, UnknownCommand):
        return None
    return None if commands.knows(error.first) else commands.for_talk(text)


def _is_talk(match: Match, commands: Commands) -> bool:
    """Tell `help me, my laptop smokes` from `help ticket claim`."""
    words = match.rest.split()
    return match.command.path == ("help",) and len(words) > 1 and not commands.knows(words[0])
