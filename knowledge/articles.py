"""Which articles does a folder hold, and what is wrong with those that could not be read?"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from knowledge.front_matter import FrontMatter, Trouble, split

LARGEST: Final = 1024 * 1024  # bytes; an article people can read is a hundredth of it
SUFFIX: Final = ".md"


@dataclass(frozen=True, slots=True)
class Article:
    """One answer, and the ways people ask for it.

    Attributes:
        id: Path below the folder without suffix, parts separated by "/".
        body: The answer, as Markdown.
        questions: Ways to ask, beside the title.
        language: ISO 639-1 code of title, ways to ask and body.
        audience: Who may read it; empty means everyone.
        verified: When its owner last confirmed that it is right.
        review: When it is to be confirmed again.
    """

    id: str
    title: str
    questions: tuple[str, ...]
    body: str
    path: Path
    language: str = "en"
    tags: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    owner: str | None = None
    verified: date | None = None
    review: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to correct in an article's file; `what` is a sentence that says how."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        """Return the problem on one line, as compilers write it."""
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The articles that could be read, by id, and the problems met, by path and line."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]


def load(folder: Path) -> Loaded:
    """Read every Markdown file below `folder`, but for names that start with a dot or underscore.

    A file that cannot be used gives a problem and no article; one with a smaller fault gives both.
    """
    if not folder.is_dir():
        return Loaded(
            (), (Problem(folder, 1, "This is not a folder; create it or correct the path."),)
        )
    articles: list[Article] = []
    problems: list[Problem] = []
    for path in _files(folder):
        article, found = _read(path, folder)
        problems += found
        if article is not None:
            articles.append(article)
    kept, repeats = _distinct(articles)
    return Loaded(
        kept, tuple(sorted((*problems, *repeats), key=lambda problem: (problem.path, problem.line)))
    )


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            if name.lower().endswith(SUFFIX) and not name.startswith((".", "_")):
                yield Path(parent, name)


def _read(path: Path, folder: Path) -> tuple[Article | None, list[Problem]]:
    text = _text(path, folder)
    if isinstance(text, Trouble):
        return None, [Problem(path, text.line, text.what)]
    front = split(text)
    problems = [Problem(path, trouble.line, trouble.what) for trouble in front.troubles]
    if front.unusable:
        return None, problems
    return _article(path, folder, front), problems


def _text(path: Path, folder: Path) -> str | Trouble:
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return Trouble(
                1, "The link leads out of the folder; copy the file into the folder instead."
            )
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (
        OSError,
        RuntimeError,
    ) as error:  # RuntimeError: links that lead in a circle, before Python 3.13
        reason = (
            error.strerror
            if isinstance(error, OSError) and error.strerror
            else "links lead in a circle"
        )
        return Trouble(
            1, f"The file cannot be read ({reason}); check the file and its permissions."
        )
    if len(data) > LARGEST:
        return Trouble(
            1, f"The file is larger than {LARGEST // 1024} KiB; split it into several articles."
        )
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Trouble(line, "The text is not UTF-8; save the file with the encoding UTF-8.")


def _article(path: Path, folder: Path, front: FrontMatter) -> Article:
    return Article(
        id=path.relative_to(folder).with_suffix("").as_posix(),
        title=front.title,
        questions=front.ask,
        body=front.body,
        path=path,
        language=front.language,
        tags=front.tags,
        audience=front.audience,
        owner=front.owner,
        verified=front.verified,
        review=front.review,
    )


def _distinct(articles: Iterable[Article]) -> tuple[tuple[Article, ...], list[Problem]]:
    """Keep the first article of each id; report it and titles used twice in one language."""
    by_id: dict[str, Article] = {}
    by_title: dict[tuple[str, str], Article] = {}
    problems: list[Problem] = []
    for article in articles:
        first = by_id.setdefault(article.id.casefold(), article)
        if first is not article:
            what = (
                f'The name differs from "{first.path.name}" in capitals only; rename one of them.'
            )
            problems.append(Problem(article.path, 1, what))
            continue
        named = by_title.setdefault((article.language, article.title.casefold()), article)
        if named is not article:
            what = f'The title "{article.title}" is also that of "{named.id}"; change one of them.'
            problems.append(Problem(article.path, 1, what))
    return tuple(sorted(by_id.values(), key=lambda article: article.id)), problems
