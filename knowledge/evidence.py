"""What speaks for each article as the answer to a question?

Every kind of evidence is a number around 0 to 1 per article; `knowledge.ranking` weighs them.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from knowledge.articles import Article
from knowledge.spaces import Cosine, Floats, Postings, Rarity
from knowledge.text import FUNCTION_WORD_WEIGHT, Term, is_asian, terms
from knowledge.typos import Speller

KINDS: Final = (
    "characters", "words", "pooled_characters", "pooled_words", "question_covered",
    "way_covered", "overlap", "content_covered", "body", "learned",
)  # fmt: skip
REPAIRED_WEIGHT: Final = 0.8
FOREIGN_WEIGHT: Final = 0.5  # of articles in another language than the question's
LEARNED_WAYS: Final = (
    2_000  # rows up to which kernel ridge regression is worth its memory (rows squared)
)
RIDGE: Final = 0.4


class Query(NamedTuple):
    """A question made comparable."""

    language: str
    stems: Mapping[str, float]
    characters: Mapping[str, float]
    content: Mapping[str, float]  # the stems that say what it is about


class Evidence:
    """The articles' ways to ask and bodies, indexed. Never changes once built."""

    def __init__(self, articles: Sequence[Article]) -> None:
        """Index `articles`."""
        analysed = [
            [terms(way, article.language) for way in ways_of(article)] for article in articles
        ]
        ways = [way for entry in analysed for way in entry]
        bodies = [terms(article.body, article.language) for article in articles]
        self.size = len(articles)
        self.richness = float(np.log2(max(1.0, len(ways) / max(1, self.size))))
        self._spoken = np.array([article.language for article in articles])
        self._starts = np.cumsum([0, *(len(entry) for entry in analysed)])[:-1]
        self._index_words(articles, analysed, bodies)
        self._index_ways(ways)
        self._index_pools(analysed, bodies)
        self._alpha = self._learn(ways, analysed)

    def query(self, text: str) -> Query:
        """Return `text` as a query: in the language it seems to be in, slips repaired."""
        language = self._language_of(text)
        found = [self._repaired(term) for term in terms(text, language)]
        content = [term for term in found if term.weight > FUNCTION_WORD_WEIGHT]
        return Query(language, stem_counts(found), character_counts(found), stem_counts(content))

    def compare(self, query: Query) -> Floats:
        """Return one row per article and one column per kind of evidence."""
        characters = self._characters.scores(query.characters)
        words = self._words.scores(query.stems)
        weighted, content = self._weighted(query.stems), self._weighted(query.content)
        total = sum(weighted.values()) or 1.0
        shared = self._way_stems.dot(weighted)
        columns = [
            self._best(characters),
            self._best(words),
            self._pooled_characters.scores(query.characters),
            self._pooled_words.scores(query.stems),
            self._pool.dot(weighted) / total,
            self._best(shared / self._way_totals),
            self._best(2 * shared / (self._way_totals + total)),
            self._texts.dot(content) / (sum(content.values()) or 1.0),
            self._bodies.dot(weighted) / total,
            self._predict(characters, words),
        ]
        native = np.where(self._spoken == query.language, 1.0, FOREIGN_WEIGHT)
        return (np.stack(columns, axis=1) * native[:, np.newaxis]).astype(np.float32)

    def _weighted(self, stems: Mapping[str, float]) -> dict[str, float]:
        return {stem: weight * self._rarity.of(stem) for stem, weight in stems.items()}

    def _index_words(
        self,
        articles: Sequence[Article],
        analysed: Sequence[Sequence[Sequence[Term]]],
        bodies: Sequence[Sequence[Term]],
    ) -> None:
        counts: Counter[str] = Counter()
        self._stem_of: dict[str, str] = {}
        self._languages: dict[str, set[str]] = {}
        for article, entry, body in zip(articles, analysed, bodies, strict=True):
            said = {term for way in entry for term in way}
            counts.update(term.word for term in said)
            counts.update(dict.fromkeys((term.word for term in body), 0))
            self._languages.setdefault(article.language, set()).update(
                term.word for term in said.union(body)
            )
            for term in (*body, *said):
                self._stem_of[term.word] = term.stem
        # The language most articles are in comes first: it wins when a question could be in more.
        spoken = Counter(article.language for article in articles)
        self._languages = {
            language: self._languages[language] for language, _ in spoken.most_common()
        }
        self._speller = Speller(counts.items())

    def _index_ways(self, ways: Sequence[Sequence[Term]]) -> None:
        stems = [stem_counts(way) for way in ways]
        self._rarity = Rarity(stems)
        self._words = Cosine(stems, self._rarity)
        # Counted twice rather than kept: the runs of all ways at once are most of the memory.
        self._character_rarity = Rarity(character_counts(way) for way in ways)
        self._characters = Cosine(map(character_counts, ways), self._character_rarity)
        totals = [
            sum(weight * self._rarity.of(stem) for stem, weight in row.items()) for row in stems
        ]
        self._way_stems = Postings(dict.fromkeys(row, 1.0) for row in stems)
        self._way_totals = np.array([total or 1.0 for total in totals], dtype=np.float32)

    def _index_pools(
        self, analysed: Sequence[Sequence[Sequence[Term]]], bodies: Sequence[Sequence[Term]]
    ) -> None:
        pools = [[term for way in entry for term in way] for entry in analysed]
        stems = [stem_counts(pool) for pool in pools]
        texts = [
            {*row, *(term.stem for term in body)} for row, body in zip(stems, bodies, strict=True)
        ]
        self._pool = Postings(dict.fromkeys(row, 1.0) for row in stems)
        self._texts = Postings(dict.fromkeys(sorted(row), 1.0) for row in texts)
        self._pooled_words = Cosine(map(_damped, stems), self._rarity)
        self._pooled_characters = Cosine(map(character_counts, pools), self._character_rarity)
        self._bodies = Postings(_saturated([stem_counts(body) for body in bodies]))

    def _learn(
        self, ways: Sequence[Sequence[Term]], analysed: Sequence[Sequence[object]]
    ) -> Floats | None:
        """Fit which article a likeness to all ways to ask speaks for (kernel ridge regression)."""
        if not self.size < len(ways) <= LEARNED_WAYS:
            return None
        kernel = np.stack([self._kernel(way) for way in ways])
        owner = np.repeat(np.arange(self.size), [len(entry) for entry in analysed])
        target = np.zeros((len(ways), self.size), dtype=np.float32)
        target[np.arange(len(ways)), owner] = 1.0
        kernel[np.diag_indices(len(ways))] += RIDGE
        return np.linalg.solve(kernel, target).astype(np.float32)

    def _kernel(self, way: Sequence[Term]) -> Floats:
        return self._mixed(
            self._characters.scores(character_counts(way)), self._words.scores(stem_counts(way))
        )

    @staticmethod
    def _mixed(characters: Floats, words: Floats) -> Floats:
        return 0.65 * characters + 0.35 * words

    def _predict(self, characters: Floats, words: Floats) -> Floats:
        if self._alpha is None:
            return np.zeros(self.size, dtype=np.float32)
        return self._mixed(characters, words) @ self._alpha

    def _best(self, per_way: Floats) -> Floats:
        return np.maximum.reduceat(per_way, self._starts)

    def _repaired(self, term: Term) -> Term:
        if term.weight == FUNCTION_WORD_WEIGHT:
            return term
        stem = self._stem_of.get(term.word)
        if stem is not None:
            return term._replace(stem=stem)
        word = self._speller.repair(term.word) if term.stem not in self._pool else None
        return Term(word, self._stem_of[word], REPAIRED_WEIGHT * term.weight) if word else term

    def _language_of(self, text: str) -> str:
        if len(self._languages) == 1:
            return next(iter(self._languages))
        return max(
            self._languages,
            key=lambda language: sum(
                2.0
                if term.weight == FUNCTION_WORD_WEIGHT
                else float(term.word in self._languages[language])
                for term in terms(text, language)
            ),
        )


def ways_of(article: Article) -> tuple[str, ...]:
    """Return the title and the ways to ask for `article`, without repeats."""
    return tuple(dict.fromkeys((article.title, *article.questions)))


def stem_counts(found: Iterable[Term]) -> dict[str, float]:
    """Return the weight of each stem; saying a word twice adds nothing."""
    return {term.stem: term.weight for term in found}


def character_counts(found: Iterable[Term]) -> dict[str, float]:
    """Return the weight of each run of 3 to 5 characters within words (1 to 2 in Asian scripts)."""
    counts: dict[str, float] = {}
    for term in found:
        if is_asian(term.word):
            grams = [term.word[0], term.word]
        else:
            padded = f" {term.word} "
            grams = [padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)]
        for gram in grams:
            # Interned, because several indexes hold the same runs.
            key = sys.intern(gram)
            counts[key] = counts.get(key, 0.0) + term.weight
    return counts


def _damped(row: Mapping[str, float]) -> dict[str, float]:
    return {
        term: 1 + float(np.log(weight)) if weight > 1 else weight for term, weight in row.items()
    }


def _saturated(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Weigh words of long texts less (BM25's length normalisation, k1 = 1.2, b = 0.75)."""
    mean = sum(map(len, rows)) / max(1, len(rows)) or 1.0
    return [
        {term: 2.2 / (1 + 1.2 * (0.25 + 0.75 * len(row) / mean)) for term in row} for row in rows
    ]
