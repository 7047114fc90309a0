"""Which weights rank real questions best? Run by hand: `python -m knowledge.learn DIRECTORY`.

DIRECTORY holds a folder per question set, each with `kb.jsonl` (id, question, variants, answer)
and `queries.jsonl` (text, rel: ids of the right articles, none when it has no answer); a name such
as `fr_travel` tells the language. The weights are printed to standard output; figures on sets that
were left out of the learning go to standard error.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge import ranking
from knowledge.articles import Article
from knowledge.evidence import KINDS, Evidence, Query
from knowledge.ranking import SIGNS, Weights
from knowledge.spaces import Floats

PULL: Final = 1e-3  # towards zero, and of the weights for many ways towards those for one
STEPS: Final = 1_500
THIN: Final = 25  # articles in the small version of a set
RIVALS: Final = 60  # articles per question worth learning from
QUESTIONS: Final = 600  # per set, evenly spaced
FREE: Final = ("length", "richness")  # signs that may speak against an article

Loss = Callable[[Floats], tuple[float, Floats]]


@dataclass
class QuestionSet:
    """A knowledge base with questions, their evidence computed."""

    name: str
    ids: frozenset[str]
    richness: float
    queries: list[Query]
    evidence: Floats  # question, article, kind
    right: NDArray[np.bool_]  # question, article


def read(folder: Path, language: str, *, thin: bool = False) -> QuestionSet:
    """Read a question set and compare each question with each article.

    A `thin` set keeps a few of the articles, and of the questions they no longer answer about as
    many as they do. It teaches that in a small knowledge base a lone match is no proof.
    """
    entries = _lines(folder / "kb.jsonl")
    asked = _lines(folder / "queries.jsonl")
    if thin:
        entries = entries[:: max(1, len(entries) // THIN)][:THIN]
    ids = [entry["id"] for entry in entries]
    right = np.array([[name in question["rel"] for name in ids] for question in asked])
    if thin:
        kept = _balanced(right)
        asked, right = [asked[at] for at in kept], right[kept]
    evidence = Evidence(
        [
            Article(
                entry["id"],
                entry["question"],
                tuple(entry["variants"]),
                entry["answer"] or "",
                folder,
                language,
            )
            for entry in entries
        ]
    )
    queries = [evidence.query(question["text"]) for question in asked]
    return QuestionSet(
        name=folder.name + (" (thin)" if thin else ""),
        ids=frozenset(ids),
        richness=evidence.richness,
        queries=queries,
        evidence=np.stack([evidence.compare(query) for query in queries]),
        right=right,
    )


def _balanced(right: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return which questions to keep: all that are answered, and about as many others."""
    answered = np.flatnonzero(right.any(axis=1))
    other = np.setdiff1d(np.arange(len(right)), answered)
    return np.sort(np.concatenate([answered, other[:: len(other) // max(1, len(answered)) + 1]]))


def _lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def learn(sets: Sequence[QuestionSet]) -> Weights:
    """Fit first the ranking, then the certainty of its best article."""
    count = len(KINDS)
    both = descend(
        _ranking_loss(sets),
        np.full(2 * count, 2.0, dtype=np.float32),
        np.ones(2 * count, dtype=bool),
    )
    weights = Weights(both[:count], both[count:], np.zeros(len(SIGNS), dtype=np.float32), 0.0)
    seen = [examine(each, weights) for each in sets]
    everything = np.concatenate([signs for signs, _ in seen])
    middle, spread = everything.mean(axis=0), everything.std(axis=0) + 1e-6
    bounded = np.array([*(sign not in FREE for sign in SIGNS), False])
    fitted = descend(
        _certainty_loss(seen, middle, spread), np.zeros(len(SIGNS) + 1, dtype=np.float32), bounded
    )
    certainty = fitted[:-1] / spread
    return Weights(weights.poor, weights.rich, certainty, float(fitted[-1] - certainty @ middle))


def examine(each: QuestionSet, weights: Weights) -> tuple[Floats, Floats]:
    """Return the signs around the best article of each question, and whether it is right (0, 1)."""
    signs, right = [], []
    for query, evidence, truth in zip(each.queries, each.evidence, each.right, strict=True):
        scored = ranking.scores(evidence, each.richness, weights)
        signs.append(ranking.signs(evidence, scored, query, each.richness))
        right.append(truth[scored.argmax()])
    return np.stack(signs), np.array(right, dtype=np.float32)


def descend(loss: Loss, start: Floats, bounded: NDArray[np.bool_]) -> Floats:
    """Minimise a convex `loss` (Adam); `bounded` weights stay at or above zero."""
    at, speed, power = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, STEPS + 1):
        _, slope = loss(at)
        speed = 0.9 * speed + 0.1 * slope
        power = 0.999 * power + 0.001 * slope * slope
        rate = 0.1 * (1 - step / (STEPS + 1))
        at = at - rate * (speed / (1 - 0.9**step)) / (np.sqrt(power / (1 - 0.999**step)) + 1e-8)
        at = np.where(bounded, np.maximum(at, 0), at).astype(np.float32)
    return at


def _ranking_loss(sets: Sequence[QuestionSet]) -> Loss:
    samples = [(*_sample(each), ranking.shade(each.richness)) for each in sets]

    def loss(both: Floats) -> tuple[float, Floats]:
        poor, rich = np.split(both, 2)
        total, slope_poor, slope_rich = 0.0, PULL * (2 * poor - rich), PULL * (rich - poor)
        for evidence, right, shade in samples:
            scored = evidence @ ((1 - shade) * poor + shade * rich).astype(np.float32)
            powers = np.exp(scored - scored.max(axis=1, keepdims=True))
            belief = powers / powers.sum(axis=1, keepdims=True)
            hit = np.where(right, belief, 0)
            mass = hit.sum(axis=1, keepdims=True) + 1e-9
            total -= float(np.log(mass).mean()) / len(samples)
            slope = (
                np.einsum("qa,qak->k", belief - hit / mass, evidence) / len(evidence) / len(samples)
            )
            slope_poor, slope_rich = slope_poor + (1 - shade) * slope, slope_rich + shade * slope
        return total, np.concatenate([slope_poor, slope_rich])

    return loss


def _sample(each: QuestionSet) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the evidence of answerable questions, cut to the articles that come close."""
    answerable = np.flatnonzero(each.right.any(axis=1))
    chosen = answerable[:: len(answerable) // QUESTIONS + 1]
    evidence, right = each.evidence[chosen], each.right[chosen]
    closest = np.argsort(-(evidence.sum(axis=2) + 100 * right), axis=1)[:, :RIVALS]
    return np.take_along_axis(evidence, closest[:, :, None], axis=1), np.take_along_axis(
        right, closest, axis=1
    )


def _certainty_loss(seen: Sequence[tuple[Floats, Floats]], middle: Floats, spread: Floats) -> Loss:
    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, PULL * weights
        for signs, right in seen:
            odds = ((signs - middle) / spread) @ weights[:-1] + weights[-1]
            belief = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
            chance = np.where(right > 0, belief, 1 - belief)
            total -= float(np.log(chance + 1e-9).mean()) / len(seen)
            wrong = (belief - right) / len(right) / len(seen)
            slope = slope + np.append(wrong @ ((signs - middle) / spread), wrong.sum())
        return total, slope

    return loss


def related(one: QuestionSet, other: QuestionSet) -> bool:
    """Tell whether two sets share too many articles for one to judge what the other taught."""
    return len(one.ids & other.ids) * 2 >= min(len(one.ids), len(other.ids))


def report(each: QuestionSet, weights: Weights) -> str:
    """Return how often the best article is right, and how well certainty tells, as one line."""
    signs, right = examine(each, weights)
    belief = np.array([ranking.probability(row, weights) for row in signs])
    answerable = each.right.any(axis=1)
    parts = [f"{each.name:20} right {right[answerable].mean():.3f}"]
    for threshold in (0.35, 0.8, 0.9):
        over = belief >= threshold
        rate = right[over].mean() if over.any() else 1.0
        parts.append(f"at {threshold}: {over.mean():.2f} answered, {rate:.3f} right")
    return "; ".join(parts) + "\n"


def main(directory: Path) -> None:
    """Print weights learned on every set, after the figures for each set learned without it."""
    languages = {"fr": "fr", "ko": "ko", "pt": "pt", "zh": "zh", "de": "de", "es": "es", "ja": "ja"}
    folders = sorted(path for path in directory.iterdir() if (path / "kb.jsonl").exists())
    sets = [
        read(folder, languages.get(folder.name.partition("_")[0], "en"), thin=thin)
        for folder in folders
        for thin in (False, True)
    ]
    learned: dict[tuple[str, ...], Weights] = {}
    for each in sets:
        others = [other for other in sets if not related(each, other)]
        fold = tuple(other.name for other in others)
        if fold not in learned:
            learned[fold] = learn(others)
        sys.stderr.write(report(each, learned[fold]))
    sys.stdout.write(learn(sets).dump())


if __name__ == "__main__":  # pragma: no cover - run by hand
    main(Path(sys.argv[1]))
