"""The sample articles, indexed once for all tests."""

from functools import cache
from importlib.resources import as_file, files

from knowledge.articles import Loaded, load
from knowledge.search import KnowledgeIndex


@cache
def loaded() -> Loaded:
    with as_file(files("knowledge").joinpath("samples")) as folder:
        return load(folder)


@cache
def index() -> KnowledgeIndex:
    return KnowledgeIndex.build(loaded().articles)


def best(question: str) -> str | None:
    hits = index().search(question)
    return hits[0].article.id if hits else None
