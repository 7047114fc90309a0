"""Splits what a person typed into words, forgiving what phones do to quotes and dashes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import UsageError

QUOTES = '"“”„«»‟'  # each opens and closes: languages differ in which does what
_DASHES = re.compile(r"^(?:--|—|–-?)(?=\w)")
_INVISIBLE = (
    "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"  # joiners, marks of direction
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # embeddings and isolates
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands in the text; `quoted` ones are never options."""

    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def option(self) -> str | None:
        """The name of the option it is, without dashes, or None."""
        if self.quoted or not _DASHES.match(self.text):
            return None
        return _DASHES.sub("", self.text).casefold()


def split(text: str) -> tuple[Word, ...]:
    """Split text into words; double quotes of any script's shape keep words together.

    Raises:
        UsageError: a quotation mark is never closed.
    """
    words: list[Word] = []
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in _INVISIBLE:
            at += 1
            continue
        start = at
        if text[at] in QUOTES:
            at += 1
            while at < len(text) and text[at] not in QUOTES:
                at += 1
            if at == len(text):
                begins = text[start + 1 : start + 21]
                msg = f"The quotation mark before “{begins}” is never closed: add one."
                raise UsageError(msg)
            words.append(Word(text[start + 1 : at], start, at + 1, quoted=True))
            at += 1
        else:
            while at < len(text) and not text[at].isspace():
                at += 1
            word = text[start:at].strip(_INVISIBLE)
            if word:
                words.append(Word(word, start, at))
    return tuple(words)
