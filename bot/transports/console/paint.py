"""How does the room look in colour?

Colour only repeats what the words say, so nothing is lost without it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from prompt_toolkit.utils import get_cwidth

from bot.replies import Field
from bot.transports.console.book import BOT, direct_with
from bot.transports.console.lines import Shown, choice_line
from bot.transports.console.script import DIRECT, Spot
from bot.transports.console.typed import USAGE

Fragments = list[tuple[str, str]]

_INDENT = "    "
_GAP = 5  # columns before and after what is typed, in a table
_NARROW = 22  # columns; folding what is narrower makes it no better
_HINTS = ("/help", "Ctrl-D leaves", "Tab completes")  # the more useful first
_MARK = re.compile(r"(?P<indent> *)(?:• |[0-9]+[.] |> )?")
_SIGN = " \N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} "

STYLE: dict[str, str] = {
    "room.support": "ansicyan",
    "room.staff": "ansimagenta",
    "room.direct": "ansigreen",
    "speaker": "bold",
    "bot": "bold ansiblue",
    "number": "bold ansiyellow",
    "command": "ansibrightblack",
    "hint": "ansibrightblack",
    "problem": "ansired",
    "sign": "bold",
    "bottom-toolbar": "noreverse ansibrightblack",
}

_TRY: tuple[tuple[str, str], ...] = (
    ("my vpn is down", "ask; Deskside answers in a thread"),
    ("1", "press the button numbered 1 shown last"),
    ("/thread 1", "answer in the thread of message 1; /main leads back"),
    ("/as bea   /in staff", "be somebody else, somewhere else (Tab completes)"),
    ("wait 2h", "let time pass, and see what falls due"),
    ("/help", "all there is; Ctrl-D leaves"),
)
_SCRIPT: tuple[tuple[str, str], ...] = (
    ("bea@staff: …", "say it as bea, in #staff; alice@dm: … in a direct message"),
    ("alice@support/3: …", "in the thread of message 3"),
    ("bea@staff> Claim", "press the newest button so labelled there"),
    ("alice@dm> Title {Field: …; Field: …}", "fill in a form"),
    ("+🎫 3", "react to message 3; -🎫 3 takes it back"),
    ("alice@support edit 3: …", "edit; alice@support delete 3 deletes"),
    ("alice attaches photo.png: …", "send a file"),
    ("erin joins support", "let somebody in; erin leaves support"),
)


def message(shown: Shown, columns: int = 0) -> Fragments:
    """Paint a message, its buttons numbered from 1; lines are folded to `columns`, if given."""
    first, *rest = shown.body
    fragments = [(_room(shown.room), shown.head)]
    if shown.author:
        style = "class:bot" if shown.author == BOT else "class:speaker"
        fragments.append((style, f" {shown.author}{'' if shown.told else ':'}"))
    before = sum(len(text) for _, text in fragments) + 1
    opening = _folded(f"{'.' * before}{first}", columns)[before:]
    text = "\n".join([opening, *(_folded(line, columns) for line in rest)])
    fragments.append(("", f" {text}".rstrip()))
    for number, choice in enumerate(shown.choices, start=1):
        label, _, typed = choice_line(choice).partition("] ")
        fragments += [
            ("", "\n    "),
            ("class:number", f"{number} "),
            ("", f"{label}] "),
            ("class:command", typed),
        ]
    return fragments


def prompt(here: Spot) -> Fragments:
    """Paint the prompt: who one is, the room, and the thread, as in `alice #support/3`."""
    room = DIRECT if here.room == DIRECT else f"#{here.room}"
    where = room if here.thread is None else f"{room}/{here.thread}"
    style = "class:room.direct" if here.room == DIRECT else _room(here.room)
    return [("class:speaker", here.who), ("", " "), (style, where), ("class:sign", _SIGN)]


def welcome(who: str, staff: Sequence[str], kept: str, columns: int = 0) -> Fragments:
    """Paint the first lines: who one is, what to try."""
    cast = f"You are {who}, an employee; {' and '.join(staff)} are IT staff."
    opening = _wrapped("Deskside: an IT support room on your screen.", columns)
    return [
        ("class:bot", "Deskside"),
        ("", f"{opening.removeprefix('Deskside')}\n{_wrapped(cast, columns)}\n"),
        *_table(_TRY, columns),
        ("class:hint", _wrapped(f"The room is kept in {kept}", columns)),
    ]


def help_page(columns: int = 0) -> Fragments:
    """Paint everything that can be typed."""
    own = tuple((f"/{word} {example}".rstrip(), told) for word, (example, told) in USAGE.items())
    rest = "Anything else is said where you are; acts of anybody, anywhere:"
    return [
        *_table(own, columns),
        ("", f"{_wrapped(rest, columns)}\n"),
        *_table(_SCRIPT, columns)[:-1],
    ]


def question(field: Field) -> str:
    """Return what asks for a field: `Urgent (yes or no, optional): `."""
    notes = [" or ".join(field.choices), "optional" if field.optional else ""]
    told = ", ".join(note for note in notes if note)
    return f"{field.label} ({told}): " if told else f"{field.label}: "


def toolbar(time: str, columns: int) -> str:
    """Return the line below the prompt: the time, and as many hints as there is room for."""
    line = f" {time}"
    for told in _HINTS:
        if get_cwidth(line) + len(told) + 3 < columns:
            line = f"{line}   {told}"
    return line


def problem(sentence: str, columns: int = 0) -> Fragments:
    """Paint what went wrong."""
    return [("class:problem", _wrapped(sentence, columns))]


def hint(sentence: str, columns: int = 0) -> Fragments:
    """Paint what is good to know."""
    return [("class:hint", _wrapped(sentence, columns))]


def plain(fragments: Fragments) -> str:
    """Return the words alone."""
    return "".join(text for _, text in fragments)


def _wrapped(text: str, columns: int, indent: int = 0) -> str:
    """Fold what begins after `indent` columns, and goes on below its beginning."""
    if columns - indent <= _NARROW:
        return text
    found = textwrap.wrap(
        text, columns - indent - 1, break_long_words=False, break_on_hyphens=False
    )
    return f"\n{' ' * indent}".join(found)


def _folded(line: str, columns: int) -> str:
    mark = _MARK.match(line)
    # Code, folded by the terminal alone, can still be copied whole.
    if columns <= _NARROW or mark is None or len(mark["indent"]) > len(_INDENT):
        return line
    return "\n".join(
        textwrap.wrap(
            line.lstrip(),
            columns - 1,
            initial_indent=mark["indent"],
            subsequent_indent=" " * max(len(_INDENT), mark.end()),
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def _room(room: str) -> str:
    if direct_with(room) is not None:
        return "class:room.direct"
    return f"class:room.{room}"


def _table(rows: Sequence[tuple[str, str]], columns: int) -> Fragments:
    """Paint what is typed beside what it does, or above it where that is too narrow."""
    width = max(get_cwidth(typed) for typed, _ in rows)
    beside = not columns or columns > width + _GAP + _NARROW
    at = width + _GAP if beside else 2 * len(_INDENT)
    fragments: Fragments = []
    for typed, told in rows:
        gap = " " * (at - get_cwidth(typed) - 2) if beside else f"\n{' ' * at}"
        fragments += [
            ("class:number", f"  {typed}"),
            ("", f"{gap}{_wrapped(told, columns, at)}"),
            ("", "\n"),
        ]
    return fragments
