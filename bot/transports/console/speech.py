"""Whom does a text speak to?"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

_LEADING = re.compile(r"\s*(?:@deskside\b[\s:,]*|deskside\s*[:,]\s*)", re.IGNORECASE)
# Not part of an address such as bea@example.org.
_MENTION = re.compile(r"(?<![\w@.])@([^\W\d_][\w.-]*)")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Speech:
    """A text without the leading mention of the bot; whom it mentions, by name."""

    text: str
    addressed: bool
    mentions: tuple[str, ...]


def read(text: str, people: Collection[str]) -> Speech:
    """Find out whom a text addresses; only `people` are mentioned."""
    text = storable(text)
    names = [_known(found[1].casefold(), people) for found in _MENTION.finditer(text)]
    stripped = _LEADING.sub("", text, count=1) if _LEADING.match(text) else text
    mentions = dict.fromkeys(name for name in names if name in people)
    return Speech(stripped, stripped != text or "deskside" in names, tuple(mentions))


def storable(text: str) -> str:
    """Return text without what no database takes: NUL and halves of characters."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _known(name: str, people: Collection[str]) -> str:
    return name if name in people else name.rstrip(".-")  # the end of the sentence
