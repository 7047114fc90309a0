"""Which articles answer a question, and is the bot sure enough to say so?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge import ranking
from knowledge.articles import Article
from knowledge.evidence import KINDS, Evidence, Query, ways_of
from knowledge.ranking import Weights
from knowledge.spaces import Floats
from knowledge.text import is_small_talk, words

SURE: Final = 0.8
UNSURE: Final = 0.35


class Tier(Enum):
    """What to do with the hits of a question."""

    SURE = "sure"  # answer with the first
    UNSURE = "unsure"  # offer titles to choose from
    NOTHING = "nothing"  # say so, or stay silent


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that may answer a question.

    Attributes:
        probability: How likely it is the right one (0 to 1).
        score: Rank within one question; says nothing across questions.
        features: The evidence behind the score, by kind, for explaining it.
    """

    article: Article
    probability: float
    score: float
    features: Mapping[str, float]


class KnowledgeIndex:
    """Articles made searchable, in memory. Never changes once built, so threads may share it."""

    def __init__(
        self, articles: Sequence[Article], evidence: Evidence | None, weights: Weights
    ) -> None:
        """Take the parts; `build` makes them."""
        self.articles: Final = tuple(articles)
        self._evidence = evidence
        self._weights = weights
        self._exact = {
            words(way): at for at, article in enumerate(articles) for way in ways_of(article)
        }

    @classmethod
    def build(cls, articles: Iterable[Article], weights: Weights | None = None) -> "KnowledgeIndex":
        """Index `articles`, ranked by `weights` (by default those shipped).

        Takes about a second for a thousand articles: run it in a thread.
        """
        ordered = sorted(articles, key=lambda article: article.id)
        return cls(ordered, Evidence(ordered) if ordered else None, weights or Weights.shipped())

    def search(
        self, question: str, limit: int = 5, *, readable: Callable[[Article], bool] | None = None
    ) -> tuple[Hit, ...]:
        """Return up to `limit` articles that may answer `question`, most likely first.

        Small talk gets none, unless an article has it as a way to ask. Articles that are not
        `readable` are left out before they are weighed, so that they do not show by their effect
        on the others.
        """
        if self._evidence is None or (
            is_small_talk(question) and words(question) not in self._exact
        ):
            return ()
        query = self._evidence.query(question)
        evidence = self._evidence.compare(query)
        related = evidence.any(axis=1)
        if readable is not None:
            related &= np.array([readable(article) for article in self.articles])
        chosen = np.flatnonzero(related)
        if not len(chosen):
            return ()
        return self._hits(query, evidence[chosen], chosen, limit)

    def _hits(
        self, query: Query, evidence: Floats, chosen: NDArray[np.intp], limit: int
    ) -> tuple[Hit, ...]:
        richness = self._evidence.richness if self._evidence else 0.0
        scored = ranking.scores(evidence, richness, self._weights)
        share = ranking.shares(scored)
        best = ranking.probability(ranking.signs(evidence, scored, query, richness), self._weights)
        order = np.argsort(-scored, kind="stable")[:limit]
        left = 1 - float(share[order[0]]) or 1.0
        return tuple(
            Hit(
                article=self.articles[chosen[at]],
                probability=best if rank == 0 else min(best, (1 - best) * float(share[at]) / left),
                score=float(scored[at]),
                features=dict(zip(KINDS, map(float, evidence[at]), strict=True)),
            )
            for rank, at in enumerate(order)
        )


def tier(hits: Sequence[Hit], sure: float = SURE, unsure: float = UNSURE) -> Tier:
    """Return what to do with `hits`: answer, offer a choice, or nothing.

    With the default of 0.8, about nine answers in ten were right on question sets that the weights
    had not seen.
    """
    if not hits or hits[0].probability < unsure:
        return Tier.NOTHING
    return Tier.SURE if hits[0].probability >= sure else Tier.UNSURE
