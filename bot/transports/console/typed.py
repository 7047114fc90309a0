"""What does somebody at the prompt mean by a line?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from bot.errors import UserError
from bot.transports.console.script import (
    DIRECT,
    Act,
    Post,
    ScriptError,
    Spot,
    Wait,
    duration,
    parse_line,
)


class Word(StrEnum):
    """The console's own commands."""

    AS = "as"
    IN = "in"
    THREAD = "thread"
    MAIN = "main"
    PEOPLE = "people"
    WAIT = "wait"
    HELP = "help"
    QUIT = "quit"


USAGE: dict[Word, tuple[str, str]] = {
    Word.AS: ("bea", "be somebody else"),
    Word.IN: ("staff", "go to another room; /in dm is the direct one"),
    Word.THREAD: ("3", "write in the thread of message 3"),
    Word.MAIN: ("", "leave the thread"),
    Word.PEOPLE: ("", "who is where"),
    Word.WAIT: ("2h", "let time pass (90s, 15m, 1h30m, 3d)"),
    Word.HELP: ("", "this list"),
    Word.QUIT: ("", "end the demo"),
}


_MOVE = re.compile(r"\S+\s+(?:joins|leaves)\s+#?(?P<room>\S+)")
_ACT = re.compile(
    r"(?P<who>[^\W\d_][\w.-]*)(?:@#?(?P<room>[\w.-]+)(?:/\S*?)?)?"
    r"(?:[:>]|\s+(?:[+-]\S|(?:edit|delete|attaches)\s))"
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the console itself; `argument` is a name, a number, or empty."""

    word: Word
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A button, by the number beside it."""

    number: int
    text: str


def read(
    line: str, here: Spot, people: Collection[str], rooms: Collection[str]
) -> Act | Command | Number | None:
    """Find out what is meant: an act, a command, a button's number, or nothing.

    What begins like a script's line with a known person or room is one; everything
    else is said where one is.

    Raises:
        UserError: it is meant as a command or an act and is none.
    """
    line = line.strip()
    if not line:
        return None
    if line.startswith("/"):
        return _command(line[1:])
    if re.fullmatch(r"[1-9][0-9]?", line):
        return Number(int(line), line)
    if _is_scripted(line, people, (*rooms, DIRECT)):
        return _scripted(line)
    if re.fullmatch(r"wait\s+\S+", line) and (wait := _wait(line)) is not None:
        return wait
    if re.match(r"[+-]\S+\s+[0-9.]+$", line):
        try:
            return parse_line(f"{here.who}@{here.room} {line}")
        except ScriptError:
            pass  # a sum, not a reaction
    return Post(here, line)


def _is_scripted(line: str, people: Collection[str], rooms: Collection[str]) -> bool:
    if found := _MOVE.fullmatch(line):
        return found["room"].casefold() in rooms
    if found := _ACT.match(line):
        return found["who"].casefold() in people or (found["room"] or "").casefold() in rooms
    return False


def _scripted(line: str) -> Act | None:
    try:
        return parse_line(line)
    except ScriptError as error:
        raise UserError(error.sentence) from error


def _wait(line: str) -> Act | None:
    try:
        return parse_line(line)
    except ScriptError:
        return None


def _command(text: str) -> Command | Wait:
    name, _, argument = text.strip().partition(" ")
    argument = argument.strip().lstrip("#@").casefold()
    try:
        word = Word(name.casefold())
    except ValueError:
        near = get_close_matches(name.casefold(), list(Word), 1)
        hint = f"Did you mean /{near[0]}?" if near else "/help lists what there is."
        msg = f"There is no /{name}. {hint}"
        raise UserError(msg) from None
    example, _ = USAGE[word]
    if example and not argument:
        msg = f"Say which, as in /{word} {example}."
        raise UserError(msg)
    if word is Word.WAIT:
        try:
            return Wait(duration(argument))
        except ValueError as error:
            msg = f"“{argument}” is no duration: write 90s, 15m, 2h, 1h30m, 3d or 1w."
            raise UserError(msg) from error
    return Command(word, argument)


def complete(text: str, people: Sequence[str], rooms: Sequence[str]) -> tuple[int, list[str]]:
    """Return how many characters before the cursor are replaced, and by what."""
    rooms = (*rooms, DIRECT)
    if found := re.fullmatch(r"/(\S*)", text):
        typed, known = found[1], [f"{word}" for word in Word]
    elif found := re.fullmatch(r"/as\s+(\S*)", text):
        typed, known = found[1], list(people)
    elif found := re.fullmatch(r"/in\s+#?(\S*)", text) or re.fullmatch(r"\w\S*?@(\S*)", text):
        typed, known = found[1], list(rooms)
    elif found := re.search(r"(?:^|\s)@(\w*)$", text):
        typed, known = found[1], ["deskside", *people]
    elif found := re.fullmatch(r"(\w+)", text):
        typed, known = found[1], list(people)
    else:
        return 0, []
    return len(typed), [name for name in known if name.startswith(typed.casefold())]
