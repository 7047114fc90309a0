"""What is declared once about a command or a listener, and read by whoever needs it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.parameters import Parameter, Rest
from bot.people import Role
from bot.replies import Button, Deed, Form, Reply

Outcome = Reply | Iterable[Reply | Deed] | None
Handler = Callable[..., Outcome]
Prepare = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Command:
    """Something people can have done by typing it.

    Attributes:
        path: its words: `("ticket", "claim")`; one word for a router's own command.
        run: the handler: called with the context and the parsed arguments.
        role: the least role that may run it; checked when it runs.
        examples: arguments to show in help; a test parses each.
        prepare: slow reading before the transaction; its result is passed as `prepared`.
        changes: every act of it is recorded; of one that only shows something, refusals alone.
        form: the fields that ask for its arguments.
        shortcut: the label of the gesture that runs it, on services that have such.
        message_shortcut: the label of the gesture on a message that runs it: the handler
            finds the message in an `Invoked` event.
        for_talk: it is run with the words of a gesture that are no command, nor nearly one.
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
    form: Form | None = None
    shortcut: str = ""
    message_shortcut: str = ""
    changes: bool = True
    for_talk: bool = False

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


def first_sentence(handler: Handler) -> str:
    """Return a command's help. Raises TypeError when it has none."""
    text = inspect.getdoc(handler)
    if not text:
        msg = f"{handler.__qualname__}: a command needs a docstring, it is its help"
        raise TypeError(msg)
    return " ".join(text.split("\n\n")[0].split())


def fitting(form: Form | None, parameters: tuple[Parameter, ...], handler: Handler) -> Form | None:
    """Return a command's form. Raises TypeError when it asks for what the command does not take."""
    taken = {parameter.name for parameter in parameters}
    for asked in () if form is None else form.fields:
        if asked.name not in taken:
            msg = f"{handler.__qualname__}: its form asks for {asked.name}, which it does not take"
            raise TypeError(msg)
    return form
