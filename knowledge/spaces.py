"""How alike are a question and each row of text, measured in one kind of term?"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]


class Postings:
    """Rows of weighted terms, kept by term: a question touches only rows it shares terms with."""

    def __init__(self, rows: Iterable[Mapping[str, float]]) -> None:
        """Index `rows`; they are not kept."""
        self._numbers: dict[str, int] = {}
        self.size = 0
        # Flat arrays, because a list of pairs takes ten times their memory.
        terms, owners, weights = array("i"), array("i"), array("f")
        for row in rows:
            terms.extend(self._numbers.setdefault(term, len(self._numbers)) for term in row)
            owners.extend(repeat(self.size, len(row)))
            weights.extend(row.values())
            self.size += 1
        by_term = np.argsort(np.array(terms, dtype=np.int32), kind="stable")
        lengths = np.bincount(np.array(terms, dtype=np.int32), minlength=len(self._numbers))
        self._starts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
        self._rows = np.array(owners, dtype=np.int32)[by_term]
        self._weights = np.array(weights, dtype=np.float32)[by_term]

    def __contains__(self, term: str) -> bool:
        """Tell whether any row has `term`."""
        return term in self._numbers

    def dot(self, question: Mapping[str, float]) -> Floats:
        """Return, for each row, the sum over shared terms of both weights multiplied."""
        total = np.zeros(self.size, dtype=np.float32)
        for term, weight in question.items():
            at = self._numbers.get(term)
            if at is not None:
                part = slice(self._starts[at], self._starts[at + 1])
                total[self._rows[part]] += np.float32(weight) * self._weights[part]
        return total


class Rarity:
    """How rare a term is among rows; a term in none counts as rare as one in a single row."""

    def __init__(self, rows: Iterable[Iterable[str]]) -> None:
        """Count in how many of `rows` each term occurs."""
        counts: Counter[str] = Counter()
        size = 0
        for row in rows:
            counts.update(set(row))
            size += 1
        self._unseen = math.log(1 + size) + 1
        self._values = {
            term: math.log((1 + size) / (1 + count)) + 1 for term, count in counts.items()
        }

    def of(self, term: str) -> float:
        """Return the inverse document frequency of `term`, at least 1."""
        return self._values.get(term, self._unseen)


class Cosine:
    """Cosine of TF-IDF vectors between a question and each row."""

    def __init__(self, rows: Iterable[Mapping[str, float]], rarity: Rarity) -> None:
        """Index the term counts `rows`, weighted by `rarity`."""
        self._rarity = rarity
        self._postings = Postings(self._vector(row) for row in rows)

    def scores(self, question: Mapping[str, float]) -> Floats:
        """Return the cosine (0 to 1) of the term counts of a question with each row.

        Terms no row has still lengthen the question's vector: what is unknown makes it less alike.
        """
        return self._postings.dot(self._vector(question))

    def _vector(self, counts: Mapping[str, float]) -> dict[str, float]:
        weighted = {term: count * self._rarity.of(term) for term, count in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in weighted.values())) or 1.0
        return {term: weight / length for term, weight in weighted.items()}
