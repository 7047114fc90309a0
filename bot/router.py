"""Which command does this text mean? Declared once, looked up, never scanned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.declared import Command, Handler, Listener, Outcome, Prepare, first_sentence, fitting
from bot.errors import UnknownCommand, UserError
from bot.events import Event
from bot.nearest import nearest
from bot.parameters import parameters_of
from bot.people import Role
from bot.permissions import Rules
from bot.replies import Form
from bot.words import QUOTES, Word, split

E = TypeVar("E")


@dataclass
class Router:
    """The commands and other handlers of one slice.

    Args:
        name: the first word of its commands.
        summary: one line for `help`.
    """

    name: str
    summary: str
    commands: list[Command] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    due_handlers: dict[str, Handler] = field(default_factory=dict)
    standing: list[str] = field(default_factory=list)
    errands: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = field(default_factory=dict)

    def command(
        self,
        word: str = "",
        *,
        role: Role = Role.EMPLOYEE,
        examples: Sequence[str] = (),
        aliases: Sequence[str] = (),
        prepare: Prepare | None = None,
        hidden: bool = False,
        form: Form | None = None,
        shortcut: str = "",
        message_shortcut: str = "",
        changes: bool = True,
        for_talk: bool = False,
    ) -> Callable[[Handler], Command]:
        """Declare a command; its docstring's first sentence is its help.

        Args:
            word: the second word; empty for what the router's name alone does.
            role: the least role that may run it.
            examples: arguments as typed after the command.
            aliases: whole other ways to type it: `"incident open"`.
            prepare: see `Command`.
            hidden: not listed in help.
            form: see `Command`.
            shortcut: see `Command`.
            message_shortcut: see `Command`.
            changes: see `Command`.
            for_talk: see `Command`.

        Raises:
            TypeError: it has no docstring, takes what cannot be typed, or its form asks
                for what it does not take.
        """

        def declare(handler: Handler) -> Command:
            path = (self.name, word) if word else (self.name,)
            given = () if prepare is None else ("prepared",)
            parameters = parameters_of(handler, given=given)
            made = Command(
                path,
                handler,
                role,
                first_sentence(handler),
                parameters,
                tuple(examples),
                tuple(tuple(alias.split()) for alias in aliases),
                prepare,
                hidden,
                fitting(form, parameters, handler),
                shortcut,
                message_shortcut,
                changes,
                for_talk,
            )
            self.commands.append(made)
            return made

        return declare

    def listen(
        self, event: type[E], *, prepare: Prepare | None = None
    ) -> Callable[[Handler], Handler]:
        """Declare what happens on an event: `(ctx, event)`, or `(ctx, event, prepared)`."""

        def declare(handler: Handler) -> Handler:
            self.listeners.append(Listener(event, handler, prepare))
            return handler

        return declare

    def due(self, kind: str, *, standing: bool = False) -> Callable[[Handler], Handler]:
        """Declare what happens when something of this kind falls due: `(act, due)`.

        A `standing` one is planned at every start unless it is planned; it plans itself anew.
        """

        def declare(handler: Handler) -> Handler:
            self.due_handlers[kind] = handler
            if standing:
                self.standing.append(kind)
            return handler

        return declare

    def errand(
        self, kind: str
    ) -> Callable[
        [Callable[..., Awaitable[dict[str, Any]]]], Callable[..., Awaitable[dict[str, Any]]]
    ]:
        """Declare how an errand of this kind is run: `async (services, payload) -> outcome`."""

        def declare(
            run: Callable[..., Awaitable[dict[str, Any]]],
        ) -> Callable[..., Awaitable[dict[str, Any]]]:
            self.errands[kind] = run
            return run

        return declare

    def include(self, *parts: Router) -> None:
        """Take on what the parts of this slice declare."""
        for part in parts:
            self.commands += part.commands
            self.listeners += part.listeners
            self.due_handlers |= part.due_handlers
            self.standing += part.standing
            self.errands |= part.errands


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A gesture that stands for a command: its label, the command, whether it is on a message."""

    label: str
    line: str
    on_message: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A command that was typed and what stood after it, verbatim."""

    command: Command
    rest: str


class Commands:
    """All commands of all routers, found by their words.

    Args:
        rules: who may use which.

    Raises:
        ValueError: two commands have the same words; said at start.
    """

    def __init__(self, routers: Sequence[Router], rules: Rules | None = None) -> None:
        """Index the routers' commands, aliases included."""
        self.routers = tuple(routers)
        self.rules = rules or Rules()
        self.all = tuple(c for router in routers for c in router.commands)
        self._by_path: dict[tuple[str, ...], Command] = {}
        for command in self.all:
            for path in (command.path, *command.aliases):
                if path in self._by_path:
                    msg = f"two commands are called {' '.join(path)!r}"
                    raise ValueError(msg)
                self._by_path[path] = command
        self._for_talk = next((each for each in self.all if each.for_talk), None)
        self._first = {path[0] for path in self._by_path}
        self._listeners = _by_event(each for router in routers for each in router.listeners)

    def listeners(self, event: Event) -> Sequence[Listener]:
        """Return who listens to events of this type, in the routers' order."""
        return self._listeners.get(type(event), ())

    def shortcuts(self) -> Sequence[Shortcut]:
        """Return the gestures that stand for commands, in the routers' order."""
        return [
            Shortcut(label, command.name, on_message)
            for command in self.all
            for label, on_message in (
                (command.shortcut, False),
                (command.message_shortcut, True),
            )
            if label
        ]

    def knows(self, word: str) -> bool:
        """Tell whether some command begins with this word."""
        return word.casefold() in self._first

    def match(self, text: str) -> Match:
        """Find the command that `text` (without prefix) begins with.

        Raises:
            UserError: there is none; it names the nearest. A NearMiss when it is very near.
        """
        words = _first_two(text)
        if not words:
            msg = "Write a command after the prefix; “help” lists them."
            raise UserError(msg)
        first = words[0].text.casefold()
        if len(words) > 1:
            command = self._by_path.get((first, words[1].text.casefold()))
            if command is not None:
                return Match(command, text[words[1].end :].strip())
        if (command := self._by_path.get((first,))) is not None:
            return Match(command, text[words[0].end :].strip())
        raise self._nearest(first, words[1].text.casefold() if len(words) > 1 else None)

    def for_talk(self, text: str) -> Match | None:
        """Return what is done with a gesture's words that are no command, if anything is."""
        return None if self._for_talk is None else Match(self._for_talk, text)

    def hinted(self, failure: Exception, role: Role) -> Exception:
        """Return the same failure, naming only commands that somebody of `role` may use."""
        if not isinstance(failure, UnknownCommand):
            return failure
        return self._nearest(failure.first, failure.second, role)

    def _nearest(self, first: str, second: str | None, role: Role = Role.ADMIN) -> UnknownCommand:
        return nearest(first, second, self._allowed(role), lambda path: self._by_path[path].usage)

    def _allowed(self, role: Role) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, command in sorted(self._by_path.items()):
            if self.rules.least(command) <= role and not command.hidden:
                found.setdefault(path[0], []).extend(path[1:2])
        return found


def _by_event(listeners: Iterable[Listener]) -> Mapping[type[Any], Sequence[Listener]]:
    found: dict[type[Any], list[Listener]] = {}
    for listener in listeners:
        found.setdefault(listener.event, []).append(listener)
    return found


_NO_QUOTES = str.maketrans(QUOTES, " " * len(QUOTES))  # as long as before: offsets stay right


def _first_two(text: str) -> tuple[Word, ...]:
    head = text[:200]
    try:
        return split(head)[:2]
    except UserError:
        return split(head.translate(_NO_QUOTES))[:2]


__all__ = [
    "Command",
    "Commands",
    "Handler",
    "Listener",
    "Match",
    "Outcome",
    "Prepare",
    "Router",
    "Shortcut",
]
