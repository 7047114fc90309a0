"""What a command takes: read from its signature, parsed from words, looked up when it runs."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum, EnumType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NewType, Protocol, Self, runtime_checkable

from bot.errors import UserError
from bot.words import Word, split

if TYPE_CHECKING:
    from bot.context import Context

Rest = NewType("Rest", str)
"""Everything that follows, verbatim, line breaks included."""

Phrase = NewType("Phrase", str)
"""Words up to the next option; quotes are not needed."""


@runtime_checkable
class Lookup(Protocol):
    """A type whose values are found in the database by a word: a ticket, a person.

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


class Unresolved:
    """A word that has still to be looked up."""

    __slots__ = ("type", "word")

    def __init__(self, type_: type[Lookup], word: str | None) -> None:
        """Keep what to look up; None is what the conversation is about."""
        self.type = type_
        self.word = word


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


def parse(
    parameters: tuple[Parameter, ...],
    text: str,
    *,
    implied: Callable[[type[Lookup]], bool] = lambda _: False,
) -> dict[str, Any]:
    """Parse the text after a command's name; pure.

    Args:
        parameters: the command's.
        text: what was written after the command.
        implied: whether the conversation is about a value of this type; then, where text
            may follow, only a word with `#` names another one.

    Returns:
        Arguments by name; what must be looked up is `Unresolved`, what was left out is absent.

    Raises:
        UserError: says what is wrong with which word.
    """
    return _Parser(parameters, text, implied).run()


class _Parser:
    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        text: str,
        implied: Callable[[type[Lookup]], bool],
    ) -> None:
        self._text = text
        self._implied = implied
        self._options = {p.dashed.casefold(): p for p in parameters if p.option}
        self._positional = [p for p in parameters if not p.option]
        self._values: dict[str, Any] = {}
        # Free text may hold a lone quotation mark; its words are not ours to judge.
        free = any(p.type is Rest for p in self._positional)
        self._words = list(_forgiving(text) if free else split(text))

    def run(self) -> dict[str, Any]:
        for parameter in self._positional:
            self._take_options()
            if parameter.type is Rest:
                self._take_rest(parameter)
            elif parameter.type is Phrase:
                self._take_phrase(parameter)
            else:
                self._take_word(parameter)
        self._take_options()
        if self._words:
            msg = f"I do not know what to do with “{self._words[0].text}”."
            raise UserError(msg)
        return self._values

    def _take_options(self) -> None:
        while self._words and (name := self._words[0].option) is not None:
            parameter = self._options.get(name)
            if parameter is None:
                if any(p.type is Rest for p in self._positional):
                    return  # it belongs to the text
                raise UserError(_unknown_option(self._words[0].text, self._options))
            word = self._words.pop(0)
            if parameter.flag:
                self._values[parameter.name] = True
            elif not self._words or self._words[0].option is not None:
                msg = f"{word.text} needs {_a(parameter)} after it."
                raise UserError(msg)
            else:
                self._values[parameter.name] = convert(parameter, self._words.pop(0).text)

    def _take_rest(self, parameter: Parameter) -> None:
        if self._words:
            rest = self._text[self._words[0].start :].strip()
            whole_quoted = len(self._words) == 1 and self._words[0].quoted
            self._values[parameter.name] = self._words[0].text if whole_quoted else rest
            self._words.clear()
        elif parameter.required:
            raise UserError(_missing(parameter))

    def _take_phrase(self, parameter: Parameter) -> None:
        taken: list[str] = []
        while self._words and self._words[0].option not in self._options:
            if self._words[0].option is not None and self._options:
                raise UserError(_unknown_option(self._words[0].text, self._options))
            taken.append(self._words.pop(0).text)
        if taken:
            self._values[parameter.name] = " ".join(taken)
        elif parameter.required:
            raise UserError(_missing(parameter))

    def _take_word(self, parameter: Parameter) -> None:
        if parameter.looked_up and self._implied(parameter.type):
            explicit = self._words and (
                self._words[0].text.startswith("#") or parameter is self._positional[-1]
            )
            word = self._words.pop(0).text if explicit else None
            self._values[parameter.name] = Unresolved(parameter.type, word)
        elif self._words:
            self._values[parameter.name] = convert(parameter, self._words.pop(0).text)
        elif parameter.required:
            raise UserError(_missing(parameter))


def convert(parameter: Parameter, word: str) -> Any:
    """Turn a word into the parameter's value. Raises UserError when it cannot be one."""
    if parameter.looked_up:
        return Unresolved(parameter.type, word)
    if parameter.choices:
        for choice in parameter.choices:
            if choice.casefold() == word.casefold():
                return (
                    choice if parameter.type.__class__ is not EnumType else parameter.type(choice)
                )
        msg = f"“{word}” is not one of {', '.join(parameter.choices)}."
        raise UserError(msg)
    if parameter.type is int:
        digits = word.lstrip("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            return int(digits)
        msg = f"“{word}” is not a number."
        raise UserError(msg)
    return word


def resolve(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Look up what is `Unresolved`. Raises UserError when something is not there."""
    return {name: _resolved(ctx, value) for name, value in values.items()}


def _resolved(ctx: Context, value: Any) -> Any:
    if not isinstance(value, Unresolved):
        return value
    if value.word is not None:
        return value.type.look_up(ctx, value.word)
    found = value.type.implied(ctx)
    if found is None:
        msg = f"Say which one: {value.type.expects}."
        raise UserError(msg)
    return found


def _forgiving(text: str) -> tuple[Word, ...]:
    try:
        return split(text)
    except UserError:
        return tuple(Word(m.group(), m.start(), m.end()) for m in re.finditer(r"\S+", text))


def _missing(parameter: Parameter) -> str:
    return f"Something is missing: {parameter.usage.strip('[]')}."


def _a(parameter: Parameter) -> str:
    return " or ".join(parameter.choices) if parameter.choices else f"a value ({parameter.expects})"


def _unknown_option(word: str, options: Mapping[str, Parameter]) -> str:
    if not options:
        return f"There is no option {word} here."
    listed = ", ".join(f"--{name}" for name in options)
    return f"There is no option {word} here; there is {listed}."
