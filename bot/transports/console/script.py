"""What does a line of a script ask for?

A script is one act a line, written almost as the room shows it:

    alice: my vpn is down                 a message in #support
    bea@staff: …   alice@dm: …            in another room, in a direct message
    alice@support/3: …                    in the thread of message 3
    bea@staff> Claim                      presses the newest button so labelled there
    alice@support/3> Solved               … in that thread
    alice@dm> Open a ticket {Problem: …; Urgent: no}     answers a form
    alice@support +🎫 3                   reacts to message 3; -🎫 takes it back
    alice@support edit 3: …               edits; so does delete 3
    alice@support attaches photo.png: …   a message with files; the text may be missing
    erin joins support                    and leaves
    wait 1h30m                            moves the room's clock
    # …                                   a comment

Messages are named by the number the room shows: `3`, or `3.1` for a reply in its thread.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from bot.errors import DesksideError

DIRECT = "dm"
DEFAULT_ROOM = "support"

_LONGEST_WAIT = timedelta(days=3660)
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_NAME = r"[^\W\d_][\w.-]*"
_NUMBER = r"[1-9][0-9]{0,8}(?:\.[1-9][0-9]{0,8})?"

_HEAD = re.compile(rf"(?P<who>{_NAME})(?:@#?(?P<room>{_NAME})(?:/(?P<thread>[^\s:>]*))?)?")
_WAIT = re.compile(r"wait(?:\s+(?P<duration>.*))?", re.IGNORECASE)
_DURATION = re.compile(r"(?:[0-9]{1,6}[wdhms])+", re.IGNORECASE)
_MOVE = re.compile(rf"(?P<who>{_NAME})\s+(?P<verb>joins|leaves)\s+#?(?P<room>{_NAME})")
_REACT = re.compile(rf"(?P<sign>[+-])(?P<emoji>\S+)\s+(?P<message>{_NUMBER})")
_EDIT = re.compile(rf"edit\s+(?P<message>{_NUMBER})\s*:(?P<text>.*)")
_DELETE = re.compile(rf"delete\s+(?P<message>{_NUMBER})")
_ATTACH = re.compile(r"attaches\s+(?P<files>[^:]*[^:\s])\s*(?::(?P<text>.*))?")
_FORM = re.compile(r"(?P<label>[^{]*[^{\s])\s*\{(?P<answers>.*)\}")
# Variation selectors and skin tones: the same sign, drawn otherwise.
_VARIANTS = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")


class ScriptError(DesksideError):
    """A line of a script cannot be understood or carried out; says which and what to write."""

    def __init__(self, number: int, sentence: str) -> None:
        """Keep the line's number, from 1, and what is wrong with it."""
        super().__init__(f"line {number}: {sentence}")
        self.number = number
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass."""

    duration: timedelta


@dataclass(frozen=True, slots=True)
class Spot:
    """Who acts, and where; the room `dm` is the person's direct one."""

    who: str
    room: str = DEFAULT_ROOM
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Write something, perhaps with files (their names)."""

    spot: Spot
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Press:
    """Press the newest button of that label, or the one under a message."""

    spot: Spot
    label: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Fill in the newest form of that title, or the one under a message.

    `answers` are (field's label, answer).
    """

    spot: Spot
    title: str
    answers: tuple[tuple[str, str], ...]
    message: str | None = None


@dataclass(frozen=True, slots=True)
class React:
    """Put an emoji on a message, or take it back."""

    spot: Spot
    message: str
    emoji: str
    added: bool


@dataclass(frozen=True, slots=True)
class Edit:
    """Write a message anew."""

    spot: Spot
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a message."""

    spot: Spot
    message: str


@dataclass(frozen=True, slots=True)
class Move:
    """Come into a room, or leave it."""

    who: str
    room: str
    joins: bool


Act = Wait | Post | Press | Fill | React | Edit | Delete | Move


@dataclass(frozen=True, slots=True)
class Line:
    """An act and the number of the line that asks for it, from 1."""

    number: int
    act: Act


def parse(text: str) -> tuple[Line, ...]:
    """Parse a script. Raises ScriptError for the first line that is no act."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(
        Line(number, act)
        for number, line in enumerate(lines, start=1)
        if (act := parse_line(line, number)) is not None
    )


def parse_line(line: str, number: int = 1) -> Act | None:
    """Parse one line; None for a blank line or a comment. Raises ScriptError."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    try:
        return _act(line)
    except ValueError as error:
        raise ScriptError(number, str(error)) from error


def _act(line: str) -> Act:
    if found := _WAIT.fullmatch(line):
        return Wait(duration(found["duration"] or ""))
    if found := _MOVE.fullmatch(line):
        return Move(_folded(found["who"]), _folded(found["room"]), found["verb"] == "joins")
    head = _HEAD.match(line)
    if head is None:
        raise ValueError(_unknown(line))
    spot, rest = _spot(head), line[head.end() :]
    if rest.startswith(":"):
        return Post(spot, _text(rest[1:], "what is said"))
    if rest.startswith(">"):
        return _press(spot, rest[1:].strip())
    if rest[:1].isspace():
        return _verb(spot, rest.strip(), line)
    raise ValueError(_unknown(line))


def _spot(head: re.Match[str]) -> Spot:
    thread = head["thread"]
    if thread is not None and not re.fullmatch(r"[1-9][0-9]{0,8}", thread):
        msg = f"a thread is named by the message that began it, as in @support/3, not “/{thread}”"
        raise ValueError(msg)
    room = _folded(head["room"] or DEFAULT_ROOM)
    if thread is not None and room == DIRECT:
        msg = "a direct message has no threads: write @dm without a number"
        raise ValueError(msg)
    return Spot(_folded(head["who"]), room, thread)


def _press(spot: Spot, wanted: str) -> Press | Fill:
    if found := _FORM.fullmatch(wanted):
        return Fill(spot, found["label"].strip("[] "), _answers(found["answers"]))
    label = wanted.strip("[] ")
    if not label:
        msg = f"after > comes the label of a button, as in {spot.who}@{spot.room}> Claim"
        raise ValueError(msg)
    return Press(spot, label)


def _answers(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for part in re.split(r"(?<!\\);", text):
        if not part.strip():
            continue
        label, colon, answer = part.partition(":")
        if not colon or not label.strip():
            msg = f"“{part.strip()}” is no answer: write {{Field: answer; Field: answer}}"
            raise ValueError(msg)
        pairs.append((label.strip(), answer.replace(r"\;", ";").strip()))
    return tuple(pairs)


def _verb(spot: Spot, rest: str, line: str) -> Act:
    if found := _ATTACH.fullmatch(rest):
        files = tuple(name.strip() for name in found["files"].split(",") if name.strip())
        return Post(spot, (found["text"] or "").strip(), files)
    if found := _EDIT.fullmatch(rest):
        return Edit(_room_of(spot), found["message"], _text(found["text"], "the new text"))
    if found := _DELETE.fullmatch(rest):
        return Delete(_room_of(spot), found["message"])
    if found := _REACT.fullmatch(rest):
        emoji = plain_emoji(found["emoji"])
        return React(_room_of(spot), found["message"], emoji, added=found["sign"] == "+")
    raise ValueError(_unknown(line))


def _room_of(spot: Spot) -> Spot:
    if spot.thread is not None:
        msg = f"name the message alone, as in {spot.who}@{spot.room} … {spot.thread}.1"
        raise ValueError(msg)
    return spot


def plain_emoji(text: str) -> str:
    """Return an emoji without variants. Raises ValueError when `text` is none."""
    emoji = _VARIANTS.sub("", text)
    kinds = {unicodedata.category(character) for character in emoji}
    if not kinds & {"So", "Me", "Sm"} and not emoji.startswith(("‼", "⁉")):
        msg = f"“{text}” is no emoji: write one, as in +🎫 3"
        raise ValueError(msg)
    return emoji


def duration(text: str) -> timedelta:
    """Return a duration such as `90s`, `15m`, `1h30m`, `3d`. Raises ValueError."""
    if not _DURATION.fullmatch(text):
        msg = f"how long? “{text}” is no duration: write 90s, 15m, 2h, 1h30m, 3d or 1w"
        raise ValueError(msg)
    parts = re.findall(r"([0-9]+)([a-z])", text.lower())
    total = sum((int(count) * _UNITS[unit] for count, unit in parts), timedelta())
    if total > _LONGEST_WAIT:
        msg = f"“{text}” is too long: at most ten years pass at once"
        raise ValueError(msg)
    return total


def _text(text: str, what: str) -> str:
    if not text.strip():
        msg = f"{what} is missing after the colon"
        raise ValueError(msg)
    return text.strip()


def _folded(name: str) -> str:
    return name.casefold()


def _unknown(line: str) -> str:
    shown = line if len(line) <= 40 else f"{line[:39]}…"
    return (
        f"“{shown}” is no act: write alice: …, alice@support/3: …, bea@staff> Claim, "
        "alice@support +🎫 3, … edit 3: …, … delete 3, … attaches photo.png: …, "
        "erin joins support, wait 2h, or # and a comment"
    )
