"""Parses a command's arguments from words, and looks up what they name when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import EnumType
from typing import TYPE_CHECKING, Any

from bot.errors import UsageError
from bot.parameters import Lookup, Parameter, Phrase, Rest
from bot.words import Word, split

if TYPE_CHECKING:
    from bot.context import Context


class Unresolved:
    """A word that has still to be looked up."""

    __slots__ = ("type", "word")

    def __init__(self, type_: type[Lookup], word: str | None) -> None:
        """Keep what to look up; None is what the conversation is about."""
        self.type = type_
        self.word = word


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
        UsageError: says what is wrong with which word.
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
            raise UsageError(msg)
        for parameter in self._options.values():
            if parameter.required and parameter.name not in self._values:
                raise UsageError(_missing(parameter))
        return self._values

    def _take_options(self) -> None:
        while self._words and (name := self._words[0].option) is not None:
            parameter = self._options.get(name)
            if parameter is None:
                if any(p.type is Rest for p in self._positional):
                    return  # it belongs to the text
                raise UsageError(_unknown_option(self._words[0].text, self._options))
            word = self._words.pop(0)
            if parameter.flag:
                self._values[parameter.name] = True
            elif not self._words or self._words[0].option is not None:
                msg = f"{word.text} needs {_a(parameter)} after it."
                raise UsageError(msg)
            else:
                self._values[parameter.name] = convert(parameter, self._words.pop(0).text)

    def _take_rest(self, parameter: Parameter) -> None:
        if self._words:
            rest = self._text[self._words[0].start :].strip()
            whole_quoted = len(self._words) == 1 and self._words[0].quoted
            self._values[parameter.name] = self._words[0].text if whole_quoted else rest
            self._words.clear()
        elif parameter.required:
            raise UsageError(_missing(parameter))

    def _take_phrase(self, parameter: Parameter) -> None:
        taken: list[str] = []
        while self._words and self._words[0].option not in self._options:
            if self._words[0].option is not None and self._options:
                raise UsageError(_unknown_option(self._words[0].text, self._options))
            taken.append(self._words.pop(0).text)
        if taken:
            self._values[parameter.name] = " ".join(taken)
        elif parameter.required:
            raise UsageError(_missing(parameter))

    def _take_word(self, parameter: Parameter) -> None:
        if parameter.looked_up and self._implied(parameter.type):
            word = self._words.pop(0).text if self._names_another(parameter) else None
            self._values[parameter.name] = Unresolved(
                parameter.type, self._with_more(parameter, word)
            )
        elif self._words:
            word = self._with_more(parameter, self._words.pop(0).text)
            self._values[parameter.name] = convert(parameter, word or "")
        elif parameter.required:
            raise UsageError(_missing(parameter))

    def _names_another(self, parameter: Parameter) -> bool:
        """Tell whether the next word names a value, where the conversation implies one."""
        if not self._words:
            return False
        return (
            self._words[0].text.startswith("#")
            or parameter is self._positional[-1]
            or self._goes_on(parameter)
        )

    def _with_more(self, parameter: Parameter, word: str | None) -> str | None:
        """Take the words that name more of the same, if it takes several."""
        taken = [] if word is None else [word]
        while taken and self._goes_on(parameter):
            taken.append(self._words.pop(0).text)
        return " ".join(taken) or None

    def _goes_on(self, parameter: Parameter) -> bool:
        """Tell whether the next word names one of several; before free text only with `#`."""
        if not (parameter.several and self._words):
            return False
        word = self._words[0].text
        free = any(each.long for each in self._positional)
        return bool(parameter.type.goes_on(word)) and (word.startswith("#") or not free)


def convert(parameter: Parameter, word: str) -> Any:
    """Turn a word into the parameter's value. Raises UsageError when it cannot be one."""
    if parameter.looked_up:
        return Unresolved(parameter.type, word)
    if parameter.choices:
        for choice in parameter.choices:
            if choice.casefold() == word.casefold():
                return (
                    choice if parameter.type.__class__ is not EnumType else parameter.type(choice)
                )
        msg = f"“{word}” is not one of {', '.join(parameter.choices)}."
        raise UsageError(msg)
    if parameter.type is int:
        digits = word.lstrip("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            return int(digits)
        msg = f"“{word}” is not a number."
        raise UsageError(msg)
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
        raise UsageError(msg)
    return found


def _forgiving(text: str) -> tuple[Word, ...]:
    try:
        return split(text)
    except UsageError:
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
