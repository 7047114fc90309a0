"""Which known word was meant by a word nobody knows?"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from knowledge.text import is_asian

SHORTEST: Final = 4  # letters; below, almost any word is one slip from another
TWO_SLIPS: Final = 9  # letters from which two slips are forgiven


class Speller:
    """Repairs words against a vocabulary; the word written most often there wins a tie."""

    def __init__(self, counts: Iterable[tuple[str, int]]) -> None:
        """Take the vocabulary as words with how often each occurs."""
        kept = sorted(
            (-count, word) for word, count in counts if len(word) >= SHORTEST and not is_asian(word)
        )
        self._words = [word for _, word in kept if word.isalpha()]
        self._letters = np.array([_letters(word) for word in self._words], dtype=np.uint64)
        self._lengths = np.array([len(word) for word in self._words], dtype=np.int16)

    def repair(self, word: str) -> str | None:
        """Return the nearest word of the vocabulary within reach, or None.

        Reach is one slip (a letter added, left out, changed, or two swapped), two in long words.
        The first letter must be right, or swapped with the second: slips there are rare, and
        repairs risky.
        """
        if len(word) < SHORTEST or not word.isalpha() or is_asian(word):
            return None
        reach = 2 if len(word) >= TWO_SLIPS else 1
        different = np.bitwise_count(self._letters ^ np.uint64(_letters(word)))
        near = (different <= 2 * reach) & (np.abs(self._lengths - len(word)) <= reach)
        best: str | None = None
        for at in np.flatnonzero(near):
            candidate = self._words[at]
            if candidate[0] not in word[:2] or word[0] not in candidate[:2]:
                continue
            slips = distance(word, candidate)
            if slips <= reach:
                best, reach = candidate, slips - 1
        return best


def distance(one: str, other: str) -> int:
    """Return how many slips turn `one` into `other` (restricted Damerau-Levenshtein distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            slips = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                slips = min(slips, last[j - 2] + 1)
            row.append(slips)
    return row[-1]


def _letters(word: str) -> int:
    return sum({1 << (ord(letter) & 63) for letter in word})
