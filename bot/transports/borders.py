"""At which character may a text be cut?"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_SENTENCES = (
    *(". ", "! ", "? "),
    *("。", "\N{FULLWIDTH EXCLAMATION MARK}", "\N{FULLWIDTH QUESTION MARK}"),
    *("\N{ARABIC QUESTION MARK} ", "\N{ARABIC FULL STOP} ", "\N{DEVANAGARI DANDA} "),
)
_MARKS = (("\n\n",), ("\n",), _SENTENCES, (" ",))
_VIRAMA = 9  # the combining class of what joins Indic consonants
_LONGEST_CHARACTER = 64  # code points; what is longer is no character but mischief


def longest(text: str, fits: Callable[[str], bool]) -> int:
    """Return where to cut: the best border in what fits, at least one character.

    `text` need only be one character longer than what could fit, so that its end is no border.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[:middle]):
            low = middle
        else:
            high = middle - 1
    return border(text, low)


def border(text: str, most: int) -> int:
    """Return the last good border up to `most`: paragraph, line, sentence, word, character."""
    if most >= len(text):
        return len(text)
    for marks in _MARKS:
        found = [(at, mark) for mark in marks if (at := text.rfind(mark, most // 2, most)) > 0]
        if found:
            at, mark = max(found)
            return at + len(mark)
    at = most
    while at > 1 and not is_border(text, at) and most - at < _LONGEST_CHARACTER:
        at -= 1
    return max(at if is_border(text, at) else most, 1)


def is_border(text: str, at: int) -> bool:
    """Tell whether text may be cut there without taking a visible character apart.

    The rules that matter of https://www.unicode.org/reports/tr29/ (grapheme clusters).
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return False
    if _extends(after) or _joins(before):
        return False
    if _is_flag(before) and _is_flag(after):
        start = at
        while start > 0 and _is_flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 0
    return True


def _extends(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character)[0] == "M"
        or code in (0x200C, 0x200D)
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # tags of subdivision flags
        or 0x1160 <= code <= 0x11FF  # later parts of Hangul syllables
        or code in (0xFF9E, 0xFF9F, 0x0E33, 0x0EB3)  # spacing marks that are letters by category
    )


def _joins(character: str) -> bool:
    code = ord(character)
    return (
        code == 0x200D
        or unicodedata.combining(character) == _VIRAMA
        or 0x1100 <= code <= 0x115F  # first parts of Hangul syllables
        or 0x0600 <= code <= 0x0605  # Arabic signs around the number that follows
        or code in (0x06DD, 0x070F)
    )


def _is_flag(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF
