"""What does the block of settings at the top of an article say, and is it well formed?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

import yaml

KEYS: Final = ("title", "ask", "tags", "language", "audience", "owner", "verified", "review")
_FENCE: Final = "---"
_HEADING: Final = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_LANGUAGE: Final = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


class Trouble(NamedTuple):
    """A fault at a line of the file, as a sentence that says how to correct it."""

    line: int
    what: str


@dataclass
class FrontMatter:
    """The settings of an article and the Markdown below them."""

    body: str = ""
    title: str = ""
    ask: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"
    audience: tuple[str, ...] = ()
    owner: str | None = None
    verified: date | None = None
    review: date | None = None
    troubles: list[Trouble] = field(default_factory=list)
    unusable: bool = False

    def refuse(self, line: int, what: str) -> "FrontMatter":
        """Report a fault that leaves nothing to answer with."""
        self.unusable = True
        self.troubles.append(Trouble(line, what))
        return self


def split(text: str) -> FrontMatter:
    """Read an article's text; `unusable` is set when the `troubles` leave no article."""
    front = FrontMatter()
    if not text.strip():
        return front.refuse(1, "The file is empty; write a title and the answer, or delete it.")
    lines = text.split("\n")
    end = 0
    if lines[0].rstrip() == _FENCE:
        end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), 0)
        if end == 0:
            return front.refuse(1, 'The settings have no end; put a line "---" below them.')
        settings = _settings("\n".join(lines[1:end]), front)
        if settings is None:
            return front
        _Reader(settings, lines, front).read()
    front.body = "\n".join(lines[end + 1 if end else 0 :]).strip()
    return _complete(front, end + 1)


def _complete(front: FrontMatter, line: int) -> FrontMatter:
    heading = _HEADING.search(front.body)
    if not front.title and heading:
        front.title = heading[1]
        if heading.start() == 0:  # else the title would be shown twice
            front.body = front.body[heading.end() :].strip()
    if not front.title:
        return front.refuse(
            1, 'There is no title; add "title:" to the settings or a heading ("# ...") to the text.'
        )
    if not front.body:
        return front.refuse(line, "There is no answer below the title; write one.")
    return front


def _settings(text: str, front: FrontMatter) -> Mapping[object, object] | None:
    try:
        settings = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line = mark.line + 2 if mark else 2
        front.refuse(
            line, f"The settings are not valid YAML ({reason}); put texts with : or # in quotes."
        )
        return None
    except (
        ValueError,
        RecursionError,
    ) as error:  # an impossible date such as 2026-02-30, or brackets without end
        front.refuse(2, f"The settings are not valid YAML ({error}); correct the value.")
        return None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        front.refuse(2, 'The settings must be lines such as "title: Reset your password".')
        return None
    return settings


class _Reader:
    """Takes typed values out of the settings and reports those of another type."""

    def __init__(
        self, settings: Mapping[object, object], lines: list[str], front: FrontMatter
    ) -> None:
        self._settings = settings
        self._lines = lines
        self._front = front

    def read(self) -> None:
        front = self._front
        front.title = self._text("title") or ""
        front.owner = self._text("owner")
        front.ask = self._texts("ask")
        front.tags = self._texts("tags")
        front.audience = self._texts("audience")
        front.verified = self._date("verified")
        front.review = self._date("review")
        language = self._text("language")
        if language and _LANGUAGE.match(language):
            front.language = language
        elif language:
            self._trouble(
                "language", f'"{language}" is not a language; write a code such as en or de.'
            )
        for key in self._settings:
            if key not in KEYS:
                self._trouble(
                    str(key), f'"{key}" is not a known setting; known are {", ".join(KEYS)}.'
                )

    def _text(self, key: str) -> str | None:
        value = self._settings.get(key)
        if value is None or isinstance(value, str):
            return " ".join(value.split()) if value else None
        hint = (
            "; put no in quotes" if value is False else ""
        )  # YAML 1.1 reads the code of Norwegian as false
        self._trouble(key, f'"{key}" must be a text, not {_kind(value)}{hint}.')
        return None

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._settings.get(key)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        texts = [" ".join(item.split()) for item in items if isinstance(item, str)]
        wrong = next((item for item in items if not isinstance(item, str)), None)
        if len(texts) < len(items):
            self._trouble(
                key, f'"{key}" must be a list of texts, but has {_kind(wrong)}; put it in quotes.'
            )
        return tuple(dict.fromkeys(text for text in texts if text))

    def _date(self, key: str) -> date | None:
        value = self._settings.get(key)
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        self._trouble(key, f'"{key}" must be a date such as 2026-01-31, not {_kind(value)}.')
        return None

    def _trouble(self, key: str, what: str) -> None:
        start = re.compile(rf"^['\"]?{re.escape(key)}['\"]?\s*:")
        line = next((at for at, text in enumerate(self._lines, 1) if start.match(text)), 2)
        self._front.troubles.append(Trouble(line, what))


def _kind(value: object) -> str:
    names = {
        bool: "yes or no",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a group",
    }
    return names.get(type(value), "a date" if isinstance(value, date) else "nothing")
