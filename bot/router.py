"""Which command does this text mean? Declared once, looked up, never scanned."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.errors import NearMiss, UnknownCommand, UserError
from bot.events import Event
from bot.parameters import Parameter, Rest, parameters_of
from bot.people import Role
from bot.replies import Button, Reply
from bot.words import QUOTES, Word, split

Outcome = Reply | Iterable[Reply] | None
Handler = Callable[..., Outcome]
Prepare = Callable[..., Awaitable[Any]]
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Command:
    """Something people can have done by typing it.

    Attributes:
        path: its words: `("ticket", "claim")`; one word for a router's own command.
        run: the handler: called with the context and the parsed arguments.
        role: the least role that may run it; checked when it runs.
        examples: arguments to show in help; a test parses each.
        prepare: slow reading before the transaction; its result is passed as `prepared`.
    """

    path: tuple[str, ...]
    run: Handler
    role: Role
    summary: str
    parameters: tuple[Parameter, ...]
    examples: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()
    prepare: Prepare | None = None
    hidden: bool = False

    @property
    def name(self) -> str:
        """As typed: `ticket claim`."""
        return " ".join(self.path)

    @property
    def usage(self) -> str:
        """As typed, with what it takes."""
        positional = [p for p in self.parameters if not p.option]
        options = [p.usage for p in self.parameters if p.option]
        # Free text swallows what follows, so options stand before it.
        cut = -1 if positional and positional[-1].type is Rest else len(positional)
        before = [p.usage for p in positional[:cut]]
        after = [p.usage for p in positional[cut:]] if cut == -1 else []
        return " ".join((self.name, *before, *options, *after))

    def line(self, *arguments: object) -> str:
        """Return the command with arguments, as typed in a direct message."""
        return " ".join((self.name, *map(str, arguments)))

    def button(self, label: str, *arguments: object, emoji: str = "") -> Button:
        """Make a button that runs this command; its typed twin is `line(*arguments)`."""
        return Button(label, self.line(*arguments), emoji)


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler of events that are no commands."""

    event: type[Any]
    run: Handler
    prepare: Prepare | None = None


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
    ) -> Callable[[Handler], Command]:
        """Declare a command; its docstring's first sentence is its help.

        Args:
            word: the second word; empty for what the router's name alone does.
            role: the least role that may run it.
            examples: arguments as typed after the command.
            aliases: whole other ways to type it: `"incident open"`.
            prepare: see `Command`.
            hidden: not listed in help.

        Raises:
            TypeError: it has no docstring, or takes what cannot be typed.
        """

        def declare(handler: Handler) -> Command:
            path = (self.name, word) if word else (self.name,)
            given = () if prepare is None else ("prepared",)
            made = Command(
                path,
                handler,
                role,
                _first_sentence(handler),
                parameters_of(handler, given=given),
                tuple(examples),
                tuple(tuple(alias.split()) for alias in aliases),
                prepare,
                hidden,
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


def _first_sentence(handler: Handler) -> str:
    text = inspect.getdoc(handler)
    if not text:
        msg = f"{handler.__qualname__}: a command needs a docstring, it is its help"
        raise TypeError(msg)
    return " ".join(text.split("\n\n")[0].split())


@dataclass(frozen=True, slots=True)
class Match:
    """A command that was typed and what stood after it, verbatim."""

    command: Command
    rest: str


class Commands:
    """All commands of all routers, found by their words.

    Raises:
        ValueError: two commands have the same words; said at start.
    """

    def __init__(self, routers: Sequence[Router]) -> None:
        """Index the routers' commands, aliases included."""
        self.routers = tuple(routers)
        self.all = tuple(c for router in routers for c in router.commands)
        self._by_path: dict[tuple[str, ...], Command] = {}
        for command in self.all:
            for path in (command.path, *command.aliases):
                if path in self._by_path:
                    msg = f"two commands are called {' '.join(path)!r}"
                    raise ValueError(msg)
                self._by_path[path] = command
        self._first = {path[0] for path in self._by_path}
        self._listeners = _by_event(each for router in routers for each in router.listeners)

    def listeners(self, event: Event) -> Sequence[Listener]:
        """Return who listens to events of this type, in the routers' order."""
        return self._listeners.get(type(event), ())

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

    def hinted(self, failure: Exception, role: Role) -> Exception:
        """Return the same failure, naming only commands that somebody of `role` may use."""
        if not isinstance(failure, UnknownCommand):
            return failure
        return self._nearest(failure.first, failure.second, role)

    def _nearest(self, first: str, second: str | None, role: Role = Role.ADMIN) -> UnknownCommand:
        known = self._allowed(role)
        if first not in known:
            near = difflib.get_close_matches(first, sorted(known), n=1, cutoff=0.6)
            hint = f"Did you mean “{near[0]}”? " if near else ""
            msg = f"I do not know the command “{first}”. {hint}“help” lists what I can do."
            meant = near and second in (None, *known[near[0]])
            return (NearMiss if meant else UnknownCommand)(msg, first, second)
        listed = ", ".join(known[first])
        if second is None:
            return NearMiss(f"“{first}” needs one more word: {listed}.", first, second)
        near = difflib.get_close_matches(second, known[first], n=1, cutoff=0.6)
        if near:
            usage = self._by_path[first, near[0]].usage
            msg = f"“{first} {second}” is not a command. Did you mean “{usage}”?"
            return NearMiss(msg, first, second)
        msg = f"“{first} {second}” is not a command; after “{first}” comes {listed}."
        return UnknownCommand(msg, first, second)

    def _allowed(self, role: Role) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, command in sorted(self._by_path.items()):
            if command.role <= role and not command.hidden:
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
