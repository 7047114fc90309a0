"""Masks secrets in what people write, before it is stored or logged.

Every pattern is linear: none nests a repetition in another, so no text can make
matching slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.events import (
    Edited,
    Event,
    Finished,
    Invoked,
    Message,
    PersonChanged,
    Reacted,
    RoomChanged,
    Screened,
    Submitted,
)

LONGEST_EMOJI = 64  # characters; a family has about ten


@dataclass(frozen=True, slots=True)
class ScreenedText:
    """A text without its secrets, and the names of what was masked, each once."""

    text: str
    masked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]
    group: int = 0
    accept: Callable[[str], bool] = lambda _: True


def _is_card(digits: str) -> bool:
    """Check the Luhn digit (ISO/IEC 7812-1, annex B)."""
    numbers = [int(c) for c in digits if c.isascii() and c.isdigit()]
    if not 13 <= len(numbers) <= 19 or len(set(numbers)) == 1:
        return False
    total = 0
    for index, number in enumerate(reversed(numbers)):
        doubled = number * 2 if index % 2 else number
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


_SECRET_WORDS = (
    r"pass(?:word|wort|phrase|code)?|pwd|passwd|kennwort|mot de passe|contraseña|senha|secret|"
    r"api[_ -]?key|access[_ -]?token|client[_ -]?secret|auth[_ -]?token|密码|パスワード|비밀번호"
)

_VALUE = r"([\"'“„][^\"'”\n]{1,200}[\"'”]|[^\s]{4,200})"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_IS = r"(?:is|ist|es|est|é)"

_RULES = (
    _Rule(
        "private key",
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
    ),
    _Rule(
        "token",  # a JSON web token: RFC 7519, three base64url parts, the first begins {"
        re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"),
    ),
    _Rule(
        "token",
        re.compile(
            r"\b(?:xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|gh[oprsu]_\w{20,}|github_pat_\w{20,}"
            r"|glpat-[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}"
            r"|sk-[\w-]{20,}|[rs]k_(?:live|test)_\w{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_\w{30,}"
            r"|pypi-[\w-]{30,}|hf_\w{30,}|dop_v1_\w{40,}|shp(?:at|ss|ca|pa)_\w{30,}|syt_\w{10,}"
            r"|m(?:at|ct)_\w{20,}|AGE-SECRET-KEY-1\w{50,})"
        ),
    ),
    _Rule(
        "password",
        re.compile(
            rf"\b(?:{_SECRET_WORDS})\b(?:[ \t]{{1,3}}{_IS})?[ \t]{{0,3}}[:=：][ \t]{{0,3}}"  # noqa: RUF001
            rf"{_VALUE}",
            re.IGNORECASE,
        ),
        1,
        lambda value: _is_no_talk(value),
    ),
    _Rule(
        "password",
        re.compile(
            rf"\b(?:{_SECRET_WORDS})\b[ \t]{{1,3}}{_IS}[ \t]{{1,3}}{_VALUE}",
            re.IGNORECASE,
        ),
        1,
        lambda value: _is_no_word(value),
    ),
    _Rule(
        "password", re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@]{1,80}:([^\s/@]{1,120})@"), 1
    ),
    _Rule(
        "card number",
        re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])"),
        0,
        _is_card,
    ),
)

# What follows `password:` where somebody asks about one instead of telling it.
_TALK = re.compile(
    "expired|wrong|incorrect|invalid|correct|locked|gone|lost|broken|forgotten|reset|blocked|"
    "rejected|refused|needed|required|missing|unknown|cannot|can't|doesn't|does|what|when|where|"
    "how|please|abgelaufen|falsch|gesperrt|vergessen|expiré|perdu|incorrecta|caducado|errada|expirada",
    re.IGNORECASE,
)


def _bare(value: str) -> str:
    return value.strip("\"'“”„.,!?;")


def _is_no_talk(value: str) -> bool:
    bare = _bare(value)
    return bool(bare) and _TALK.fullmatch(bare) is None and not bare.startswith("[masked")


def _is_no_word(value: str) -> bool:
    """Tell `my password is Tr0ub4dor` and `is "sunshine"` from `my password is expired`."""
    if value[:1] in "\"'“„" or value.startswith("[masked"):
        return not value.startswith("[masked")
    bare = _bare(value)
    return not bare.replace("-", "").replace("’", "").replace("'", "").isalpha() or (
        not bare.isupper() and any(c.isupper() for c in bare[1:])
    )


def storable(text: str) -> str:
    """Return text with � for what no database takes: NUL, and half a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def screen(text: str) -> ScreenedText:
    """Return `text` with every recognised secret replaced by `[masked: its name]`."""
    found: list[str] = []
    text = storable(text)
    for rule in _RULES:
        text = rule.pattern.sub(lambda m, rule=rule: _mask(m, rule, found), text)  # type: ignore[misc]
    return ScreenedText(text, tuple(dict.fromkeys(found)))


def _mask(match: re.Match[str], rule: _Rule, found: list[str]) -> str:
    whole, value = match.group(0), match.group(rule.group)
    if not rule.accept(value):
        return whole
    found.append(rule.name)
    start, end = match.span(rule.group)
    offset = match.start()
    return f"{whole[: start - offset]}[masked: {rule.name}]{whole[end - offset :]}"


def screened(happened: Iterable[Event]) -> list[Event]:
    """Return the events with secrets masked, each masked one followed by a `Screened`."""
    found: list[Event] = []
    for event in happened:
        clean, masked = screen_event(event)
        found.append(clean)
        if masked and not getattr(event, "automated", False):  # programs are not answered
            found.append(
                Screened(
                    id=f"screened:{event.id}",
                    place=event.place,
                    person=event.person,
                    at=event.at,
                    message=event.about,
                    masked=masked,
                    direct=bool(getattr(event, "direct", False)),
                    number=event.revision,
                )
            )
    return found


def screen_event(event: Event) -> tuple[Event, tuple[str, ...]]:
    """Return the event with secrets masked in what people wrote, and the secrets' names."""
    match event:
        case Message():
            result = screen(event.text)
            names = [screen(file.name) for file in event.files]
            urls = [screen(file.url) for file in event.files]
            files = tuple(
                replace(file, name=name.text, url=url.text)
                for file, name, url in zip(event.files, names, urls, strict=True)
            )
            if result.text != event.text or files != event.files:
                event = replace(event, text=result.text, files=files)
            return event, _once(result, *names, *urls)
        case Edited() | Invoked():
            result = screen(event.text)
            return (
                event if result.text == event.text else replace(event, text=result.text)
            ), result.masked
        case Submitted():
            texts = [screen(answer) for _, answer in event.answers]
            answers = tuple(
                (name, text.text) for (name, _), text in zip(event.answers, texts, strict=True)
            )
            return replace(event, answers=answers), _once(*texts)
        case _:
            return _screen_unsaid(event), ()


def _screen_unsaid(event: Event) -> Event:
    """Mask secrets where nobody is warned of them, since nobody said anything."""
    match event:
        case PersonChanged(name=str(name)) | RoomChanged(name=str(name)):
            return replace(event, name=screen(name).text)
        case Reacted():  # some services take any text for an emoji
            return replace(event, emoji=screen(event.emoji).text[:LONGEST_EMOJI])
        case Finished():
            error = None if event.error is None else screen(event.error).text
            return replace(event, outcome=_screen_value(event.outcome), error=error)
        case _:
            return event


def _screen_value(value: Any) -> Any:
    match value:
        case str():
            return screen(value).text
        case dict():
            return {key: _screen_value(each) for key, each in value.items()}
        case list() | tuple():
            return [_screen_value(each) for each in value]
        case _:
            return value


def _once(*texts: ScreenedText) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in text.masked))
