"""Which article fits best, and how likely is it the right one?

Evidence is weighed by numbers learned from real questions (`weights.json`, made by
`knowledge.learn`). Raw scores mean something else in every knowledge base; only the probability
carries over, so decide by that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import numpy as np

from knowledge.evidence import KINDS, Query
from knowledge.spaces import Floats

RICH: Final = 3.0  # doublings: eight ways to ask an article count as many
FARTHEST: Final = 5.0  # a lead beyond this says nothing more
SIGNS: Final = ("score", "share", "margin", "length", "richness", *KINDS)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, and what each sign says about the best article.

    Attributes:
        poor: By kind, for articles with one way to ask.
        rich: By kind, for articles with many.
        certainty: By sign, on the log-odds that the best article is right.
        bias: Log-odds without any sign.
    """

    poor: Floats
    rich: Floats
    certainty: Floats
    bias: float

    @classmethod
    def shipped(cls) -> "Weights":
        """Return the weights that come with the program."""
        return cls.parse(files("knowledge").joinpath("weights.json").read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> "Weights":
        """Read weights from the JSON that `dump` writes.

        Raises:
            KeyError: A kind of evidence or a sign has no weight.
        """
        data: Mapping[str, Mapping[str, float]] = json.loads(text)
        poor, rich, certainty = data["poor"], data["rich"], data["certainty"]
        return cls(
            poor=np.array([poor[kind] for kind in KINDS], dtype=np.float32),
            rich=np.array([rich[kind] for kind in KINDS], dtype=np.float32),
            certainty=np.array([certainty[sign] for sign in SIGNS], dtype=np.float32),
            bias=float(certainty["bias"]),
        )

    def dump(self) -> str:
        """Return the weights as JSON, rounded to what matters."""
        named = {
            "poor": dict(zip(KINDS, self.poor, strict=True)),
            "rich": dict(zip(KINDS, self.rich, strict=True)),
            "certainty": dict(zip((*SIGNS, "bias"), (*self.certainty, self.bias), strict=True)),
        }
        rounded = {
            part: {name: round(float(x), 4) for name, x in row.items()}
            for part, row in named.items()
        }
        return json.dumps(rounded, indent=2) + "\n"


def shade(richness: float) -> float:
    """Return where between one way to ask an article (0) and many (1) a knowledge base stands."""
    return min(1.0, richness / RICH)


def scores(evidence: Floats, richness: float, weights: Weights) -> Floats:
    """Return one score per row of `evidence`; comparable within one question only."""
    rich = np.float32(shade(richness))
    return evidence @ ((1 - rich) * weights.poor + rich * weights.rich)


def shares(scored: Floats) -> Floats:
    """Return how belief divides among the articles, were one of them certainly right (softmax)."""
    powers: Floats = np.exp(scored - scored.max())
    return powers / np.float32(powers.sum())


def signs(evidence: Floats, scored: Floats, query: Query, richness: float) -> Floats:
    """Return what there is to tell whether the best article is right, in the order of `SIGNS`."""
    best = int(scored.argmax())
    others = np.delete(scored, best)
    lead = float(scored[best] - others.max()) if len(others) else FARTHEST
    around = (
        float(scored[best]),
        float(shares(scored)[best]),
        min(lead, FARTHEST),
        float(np.log1p(sum(query.stems.values()))),
        shade(richness),
    )
    return np.array((*around, *evidence[best]), dtype=np.float32)


def probability(signs_of_best: Floats, weights: Weights) -> float:
    """Return how likely the best article is right (0 to 1)."""
    odds = float(signs_of_best @ weights.certainty) + weights.bias
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))
