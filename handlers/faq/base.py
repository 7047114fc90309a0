"""The articles the desk answers from, ready to be asked."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from knowledge.articles import Article, Problem, load
from knowledge.search import Hit, KnowledgeIndex

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """An index, and how sure it must be (probabilities) to answer or to suggest.

    `problems` are what is wrong with article files; the others are indexed.
    """

    index: KnowledgeIndex
    sure: float
    unsure: float
    problems: tuple[Problem, ...] = ()

    @classmethod
    def from_folder(cls, folder: Path, sure: float, unsure: float) -> KnowledgeBase:
        """Load and index every article in a folder; bad ones are logged and left out."""
        loaded = load(folder)
        for problem in loaded.problems:
            log.warning("an article has a problem: %s", problem, extra={"event": "bad_article"})
        return cls(KnowledgeIndex.build(loaded.articles), sure, unsure, tuple(loaded.problems))

    async def ask(self, question: str) -> tuple[Hit, ...]:
        """Return what may answer, best first; ranks in a thread of its own."""
        return await asyncio.to_thread(self.index.search, question, 3)

    def article(self, name: str) -> Article | None:
        """Return the article with this id."""
        return next((each for each in self.index.articles if each.id == name), None)
