"""What can a command take? Read from its signature, once, at import."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NewType, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from bot.context import Context

Rest = NewType("Rest", str)
"""Everything that follows, verbatim, line breaks included."""

Phrase = NewType("Phrase", str)
"""Words up to the next option; quotes are not needed."""


@runtime_checkable
class Lookup(Protocol):
    """A type whose values are found in the database by a word: a ticket, a person.

    It may have a `check` as well, which takes a word and raises UserError when it can be
    none without a look-up: forms tell it at once; and a `goes_on`, which tells whether a word
    names one more: then `look_up` is given all such words, with spaces between them.

    Attributes:
        expects: what to write, for usage and errors: `#number`.
    """

    expects: ClassVar[str]

    @classmethod
    def look_up(cls, ctx: Context, word: str) -> Self:
        """Return the value `word` names. Raises UserError when there is none."""
        ...

    @classmethod
    def implied(cls, ctx: Context) -> Self | None:
        """Return the value this conversation is about, if it is about one."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a command takes."""

    name: str
    type: Any
    required: bool
    option: bool

    @property
    def flag(self) -> bool:
        """It is an option without a value."""
        return self.option and self.type is bool

    @property
    def long(self) -> bool:
        """It takes several words."""
        return self.type is Rest or self.type is Phrase

    @property
    def looked_up(self) -> bool:
        """Its value is found in the database."""
        return inspect.isclass(self.type) and hasattr(self.type, "look_up")

    @property
    def several(self) -> bool:
        """Several words in a row name it."""
        return self.looked_up and hasattr(self.type, "goes_on")

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it may be, when they are few."""
        if typing.get_origin(self.type) is Literal:
            return tuple(str(choice) for choice in typing.get_args(self.type))
        if inspect.isclass(self.type) and issubclass(self.type, Enum):
            return tuple(str(choice.value) for choice in self.type)
        return ()

    @property
    def expects(self) -> str:
        """What to write for it, for usage lines."""
        if self.choices:
            return "|".join(self.choices)
        if self.looked_up:
            return str(self.type.expects)
        return "number" if self.type is int else self.name.replace("_", " ").strip()

    @property
    def usage(self) -> str:
        """Its part of the usage line."""
        shown = f"<{self.expects}>" if not self.choices else self.expects
        if self.flag:
            shown = f"--{self.dashed}"
        elif self.option:
            shown = f"--{self.dashed} {shown}"
        return shown if self.required else f"[{shown}]"

    @property
    def dashed(self) -> str:
        """Its name as an option."""
        return self.name.rstrip("_").replace("_", "-")


def parameters_of(
    function: Callable[..., Any], *, given: Collection[str] = ()
) -> tuple[Parameter, ...]:
    """Read a handler's parameters after its context, without those that are `given` to it.

    Raises:
        TypeError: something in it cannot be typed in a chat; said at import.
    """
    hints = typing.get_type_hints(function)
    found = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            msg = f"{function.__qualname__}: *{parameter.name} cannot be typed in a chat"
            raise TypeError(msg)
        if parameter.name in given:
            continue
        option = parameter.kind is parameter.KEYWORD_ONLY
        kind = _without_none(hints.get(parameter.name))
        made = Parameter(parameter.name, kind, parameter.default is parameter.empty, option)
        if not _typeable(made):
            msg = f"{function.__qualname__}: {parameter.name}: {kind!r} cannot be typed in a chat"
            raise TypeError(msg)
        found.append(made)
    for earlier in [p for p in found if not p.option][:-1]:
        if earlier.type is Rest:
            msg = f"{function.__qualname__}: {earlier.name} takes the rest and must come last"
            raise TypeError(msg)
    return tuple(found)


def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0]
    return hint


def _typeable(parameter: Parameter) -> bool:
    if parameter.type in (str, int, Rest, Phrase) or parameter.choices or parameter.looked_up:
        return True
    return parameter.type is bool and parameter.option
