"""What do a command's words and a form's answers say together, and what is wrong with them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.arguments import Unresolved, convert, parse
from bot.errors import UserError
from bot.parameters import Lookup, Parameter
from bot.replies import Field, Form
from bot.router import Command, Commands, Match

Answers = Sequence[tuple[str, str]]

_YES = ("yes", "true", "on", "1", "ja", "oui")


@dataclass(slots=True)
class Filled:
    """What a form's answers mean.

    Attributes:
        values: arguments by name, as `bot.arguments.parse` returns them.
        problems: what is wrong, a sentence by field; by "" what is wrong with the command.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def form_of(commands: Commands, line: str) -> Form | None:
    """Return the form that asks for what `line` does not say, if its command has one; pure."""
    try:
        match = commands.match(line)
        said = _said(match, implied=_nothing)
    except UserError:
        return None  # what is wrong is said when it runs
    form = match.command.form
    if form is None:
        return None
    asked = tuple(each for each in form.fields if each.name not in said)
    kept = f"{match.command.name} {match.rest}".strip()
    return Form(form.title, kept, asked) if asked else None


def problems(commands: Commands, line: str, answers: Answers) -> dict[str, str]:
    """Return what is wrong with answers to the command `line` begins with; pure."""
    try:
        match = commands.match(line)
    except UserError as error:
        return {"": str(error)}
    filled = fill(match, answers)
    for name, sentence in _missing(match.command, filled).items():
        filled.problems.setdefault(name, sentence)
    return filled.problems


def fill(
    match: Match, answers: Answers, *, implied: Callable[[type[Lookup]], bool] | None = None
) -> Filled:
    """Read the answers to a form, and what its command says already; pure.

    Args:
        match: the command, and what was said with it.
        answers: by field; a later one goes before, and all before what was said.
        implied: as `bot.arguments.parse` takes it.
    """
    filled, command = Filled(), match.command
    try:
        filled.values = _said(match, implied or _nothing)
    except UserError as error:
        filled.problems[""] = str(error)
    fields = _fields(command)
    known = {parameter.name: parameter for parameter in command.parameters}
    for name, answer in answers:
        if name not in known or not answer.strip():
            continue
        try:
            filled.values[name] = _read(known[name], fields.get(name), answer)
        except UserError as error:
            filled.problems[name] = str(error)
    return filled


def needed(command: Command, filled: Filled) -> Iterator[str]:
    """Yield a sentence for each argument without which a command cannot run."""
    fields = _fields(command)
    for each in command.parameters:
        if each.required and each.name not in filled.values:
            yield _asking(fields[each.name].label if each.name in fields else each.name)


def _said(match: Match, implied: Callable[[type[Lookup]], bool]) -> dict[str, Any]:
    # What is missing may still be answered.
    optional = tuple(replace(each, required=False) for each in match.command.parameters)
    return parse(optional, match.rest, implied=implied)


def _nothing(_: type[Lookup]) -> bool:
    return False


def _fields(command: Command) -> dict[str, Field]:
    return {each.name: each for each in (command.form.fields if command.form else ())}


def _missing(command: Command, filled: Filled) -> dict[str, str]:
    """Return what a form must ask for; what a conversation may imply it need not."""
    fields = _fields(command)
    wanted = {each.name: each.label for each in fields.values() if not each.optional}
    for each in command.parameters:
        if each.required and not each.looked_up:
            wanted.setdefault(each.name, each.name)
    return {name: _asking(label) for name, label in wanted.items() if name not in filled.values}


def _asking(label: str) -> str:
    return f"Please fill in: {label}."  # in quotation marks it could be taken for a command


def _read(parameter: Parameter, asked: Field | None, answer: str) -> Any:
    word = answer.strip()
    choices = () if asked is None else asked.choices
    if choices and word.casefold() not in (choice.casefold() for choice in choices):
        msg = f"“{word}” is not one of {', '.join(choices)}."
        raise UserError(msg)
    if parameter.flag:
        return word.casefold() in _YES
    if parameter.long:
        return answer
    value = convert(parameter, word)
    check = getattr(value.type, "check", None) if isinstance(value, Unresolved) else None
    if check is not None:
        check(word)
    return value
