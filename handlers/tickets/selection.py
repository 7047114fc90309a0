"""Which tickets are meant? Words become numbers or filters; what follows them is text.

    selection = number* | filter*
    number    = 4 | #4 | 9-12 | #4,#7
    filter    = [-]flag | [-]key:value           also not:flag, not:key:value
    flag      = unassigned | mine | urgent | new | open | ...
    key       = tag | queue | from | to | priority | older | newer | updated

Numbers and filters are not mixed: `4 new cable` is ticket 4 and a text. A word in quotation
marks is always text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import chain

from bot.errors import UserError
from bot.times import parse_duration
from bot.words import Word, split
from handlers.tickets.targets import Priority

MOST_NUMBERS = 100
MOST_DIGITS = 9


class Flag(StrEnum):
    """What a ticket can be."""

    UNASSIGNED = "unassigned"
    MINE = "mine"
    URGENT = "urgent"
    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"
    BREACHING = "breaching"
    PRIVATE = "private"


class Key(StrEnum):
    """What of a ticket can be named."""

    TAG = "tag"
    QUEUE = "queue"
    FROM = "from"
    TO = "to"
    PRIORITY = "priority"


class Age(StrEnum):
    """What of a ticket can be measured: since it was opened, or since it last changed."""

    OLDER = "older"
    NEWER = "newer"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Is:
    """The tickets that are something, or are not."""

    flag: Flag
    negated: bool = False

    def __str__(self) -> str:
        """As it is typed."""
        return f"{'-' * self.negated}{self.flag}"


@dataclass(frozen=True, slots=True)
class Named:
    """The tickets with something named: a tag or queue in lower case, a person as typed."""

    key: Key
    value: str
    negated: bool = False

    def __str__(self) -> str:
        """As it is typed."""
        return f"{'-' * self.negated}{self.key}:{self.value}"


@dataclass(frozen=True, slots=True)
class Aged:
    """The tickets opened longer ago (older), less long ago (newer), or changed since (updated)."""

    age: Age
    span: timedelta
    negated: bool = False

    def __str__(self) -> str:
        """As it is typed."""
        return f"{'-' * self.negated}{self.age}:{_written(self.span)}"


Filter = Is | Named | Aged


@dataclass(frozen=True, slots=True)
class Selection:
    """The tickets with these numbers, or those that all filters let through; each only once."""

    numbers: tuple[int, ...] = ()
    filters: tuple[Filter, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether it selects anything."""
        return bool(self.numbers or self.filters)

    def __str__(self) -> str:
        """As it is typed; it is read again as the same."""
        return " ".join(chain(_ranges(self.numbers), map(str, self.filters)))


_NUMBER = re.compile(r"#?(\d+)(?:[-\u2010-\u2014\u2212]#?(\d+))?", re.ASCII)
_NOT = re.compile(r"(?:[-\u2010-\u2014\u2212]{1,2}|not:)(?=\w)", re.IGNORECASE)
_KEYED = re.compile(r"([^\W\d_]{2,}):(?!//)(.*)", re.DOTALL)
_KEYS = (*Key, *Age)
_UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def parse(text: str) -> tuple[Selection, str]:
    """Read the selection a text begins with; returns it and what follows, verbatim.

    Raises:
        UserError: something in it is nearly a filter, or one of nothing; or it is too many.
    """
    words = split(text)
    numbers, count = _numbers(words)
    if numbers:
        return Selection(numbers=numbers), text[_start(words, count, text) :]
    filters: dict[Filter, None] = {}
    for count, word in enumerate(words):
        found = None if word.quoted else _filter(word.text)
        if found is None:
            _refuse_later_filters(words[count:])
            return Selection(filters=tuple(filters)), text[word.start :]
        filters[found] = None
    return Selection(filters=tuple(filters)), ""


def _start(words: tuple[Word, ...], count: int, text: str) -> int:
    return words[count].start if count < len(words) else len(text)


def _numbers(words: Iterable[Word]) -> tuple[tuple[int, ...], int]:
    """Return the numbers that words begin with, and how many words they are."""
    found: dict[int, None] = {}
    count = 0
    for word in words:
        parts = [part for part in word.text.split(",") if part]
        matches = [_NUMBER.fullmatch(part) for part in parts]
        if word.quoted or not (parts or found) or not all(matches):
            break
        for match in filter(None, matches):
            found |= dict.fromkeys(_range(match, len(found)))
        count += 1
    return tuple(found), count


def _range(match: re.Match[str], already: int) -> range:
    first, last = match[1], match[2] or match[1]
    if max(len(first), len(last)) > MOST_DIGITS:
        msg = f"“{match[0][:40]}” is not a ticket number. Write for example #12."
        raise UserError(msg)
    if int(last) < int(first):
        msg = f"“{match[0]}” runs backwards. Write {last}-{first}."
        raise UserError(msg)
    if already + int(last) - int(first) + 1 > MOST_NUMBERS:
        msg = f"Those are more than {MOST_NUMBERS} tickets. Name fewer at once."
        raise UserError(msg)
    return range(int(first), int(last) + 1)


def _filter(text: str) -> Filter | None:
    """Return the filter a word is, None when it is text. Raises UserError when nearly one."""
    word = _NOT.sub("", text, count=1)
    negated = word != text
    keyed = _KEYED.fullmatch(word)
    if keyed is not None and not (keyed[2].isdigit() and keyed[1].lower() not in _KEYS):
        return _keyed(keyed[1].lower(), keyed[2], negated=negated)
    if word.lower() in list(Flag):
        return Is(Flag(word.lower()), negated)
    near = difflib.get_close_matches(word.lower(), list(Flag), n=1, cutoff=0.8)
    if near and len(word) > 4:
        msg = f"“{text}” is not a filter. Did you mean “{near[0]}”? Text stands in quotes."
        raise UserError(msg)
    return None


def _keyed(key: str, value: str, *, negated: bool) -> Filter:
    if key not in _KEYS:
        near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.6)
        named = f"Did you mean “{near[0]}:”?" if near else f"There are {_list(_KEYS)}."
        msg = f"“{key}:” is not a filter. {named} Text stands in quotes."
        raise UserError(msg)
    if not value or set(value) & set('"“”„«»‟'):
        msg = f"“{key}:” needs a word right after it, such as {_EXAMPLES[key]}."
        raise UserError(msg)
    if key in list(Age):
        span = parse_duration(value)
        if span is None:
            msg = f"“{value}” is not a duration. Write for example {_EXAMPLES[key]}."
            raise UserError(msg)
        return Aged(Age(key), span, negated)
    return Named(Key(key), _VALUES.get(key, str)(value), negated)


def _priority(value: str) -> str:
    if value.lower() not in list(Priority):
        near = difflib.get_close_matches(value.lower(), list(Priority), n=1, cutoff=0.6)
        named = f"Did you mean “{near[0]}”?" if near else f"Write {_list(Priority, 'or')}."
        msg = f"“{value}” is not a priority. {named}"
        raise UserError(msg)
    return value.lower()


_VALUES: dict[str, Callable[[str], str]] = {
    Key.TAG: str.casefold,
    Key.QUEUE: str.casefold,
    Key.PRIORITY: _priority,
}
_EXAMPLES: dict[str, str] = {
    Key.TAG: "tag:vpn",
    Key.QUEUE: "queue:network",
    Key.FROM: "from:@alice",
    Key.TO: "to:@bea",
    Key.PRIORITY: "priority:high",
    Age.OLDER: "older:2d",
    Age.NEWER: "newer:1w",
    Age.UPDATED: "updated:3h",
}


def _refuse_later_filters(words: Iterable[Word]) -> None:
    """Refuse a filter behind the text, where it would not be read."""
    first, *others = words
    for word in others:
        keyed = None if word.quoted else _KEYED.fullmatch(_NOT.sub("", word.text, count=1))
        if keyed is not None and keyed[1].lower() in _KEYS:
            msg = f"Write “{word.text}” before “{first.text}”: filters come first."
            raise UserError(msg)


def _list(names: Iterable[str], last: str = "and") -> str:
    *most, end = names
    return f"{', '.join(most)} {last} {end}"


def _written(span: timedelta) -> str:
    left, parts = int(span.total_seconds()), ""
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        parts += f"{count}{unit}" if count else ""
    return parts


def _ranges(numbers: tuple[int, ...]) -> Iterator[str]:
    """Yield numbers as they are typed, three and more that follow each other as a range."""
    at = 0
    while at < len(numbers):
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        if end - at < 2:
            end = at
        yield f"{numbers[at]}-{numbers[end]}" if end > at else str(numbers[at])
        at = end + 1
