"""What did somebody write, in plain text, whom does it mention, and is it said to the bot?

https://docs.slack.dev/messaging/formatting-message-text: what is live stands in < and >,
which people's own are escaped. What is not well-formed is text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.transports.slack.emoji import picture
from bot.transports.text import kept

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_LIVE = re.compile(r"<([^<>]+)>|&(amp|lt|gt);")
# Beside a letter or another colon it is more likely part of a word such as std::x::y.
_EMOJI = re.compile(r":([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):")
_LIVE_OR_EMOJI = re.compile(rf"{_LIVE.pattern}|(?<![\w:])((?:{_EMOJI.pattern})+)(?![\w:])")
_ENTITY, _RUN = 2, 3  # their groups
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_SPECIAL = frozenset({"here", "channel", "everyone"})
_USER = re.compile("@([UW][A-Z0-9]+)")
_CHANNEL = re.compile("#([CDG][A-Z0-9]+)")
_ADDRESS = re.compile(r"(https?|mailto|tel):(?://)?(.+)", re.IGNORECASE | re.DOTALL)

Names = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text without a leading mention of the bot; the ids of who else is mentioned, in order."""

    text: str
    addressed: bool
    mentions: tuple[str, ...]


def spoken(text: str, me: str, name_of: Names) -> Spoken:
    """Read the text of a message.

    Args:
        text: as Slack tells it.
        me: the bot's user id.
        name_of: what a user is called; None or empty when that is not known.
    """
    mentions: dict[str, None] = {}
    leading = re.match(rf"\s*<@{re.escape(me)}(?:\|[^<>]*)?>[\s:,]*", text) if me else None
    if leading is not None:
        mentions[me] = None
        text = text[leading.end() :]
    parts = _CODE.split(text)
    read = "".join(_part(part, at % 2 == 1, mentions, name_of) for at, part in enumerate(parts))
    others = tuple(user for user in mentions if user != me)
    return Spoken(kept(read), me in mentions, others)


def _part(text: str, code: bool, mentions: dict[str, None], name_of: Names) -> str:
    def read(found: re.Match[str]) -> str:
        if found.lastindex == _ENTITY:
            return _ENTITIES[found[_ENTITY]]
        if found.lastindex == _RUN:
            return _EMOJI.sub(lambda each: picture(each[1]) or each[0], found[_RUN])
        if (user := _USER.fullmatch(found[1].partition("|")[0])) is not None:
            mentions.setdefault(user[1])
        told = _told(found[1], name_of)
        return f"<{_plain(found[1])}>" if told is None else told

    return (_LIVE if code else _LIVE_OR_EMOJI).sub(read, text)


def _told(reference: str, name_of: Names) -> str | None:
    """Return what a reference says, or None when it is none."""
    target, bar, label = reference.partition("|")
    label = _plain(label)
    if (user := _USER.fullmatch(target)) is not None:
        return f"@{name_of(user[1]) or label.removeprefix('@') or user[1]}"
    if (channel := _CHANNEL.fullmatch(target)) is not None:
        return f"#{label.removeprefix('#') or channel[1]}"
    if target.startswith("!"):
        return _special(target[1:], label)
    if (address := _ADDRESS.fullmatch(target)) is not None:
        return _link(_plain(target), _plain(address[2]), address[1].lower(), label if bar else "")
    return None


def _special(command: str, label: str) -> str | None:
    if command in _SPECIAL:
        return f"@{command}"
    kind, _, rest = command.partition("^")
    if kind == "subteam" and rest:
        return f"@{label.removeprefix('@') or rest}"
    return label or None  # a date's is its fallback


def _link(url: str, rest: str, scheme: str, label: str) -> str:
    shown = rest if scheme in ("mailto", "tel") else url
    same = {url, rest, rest.rstrip("/"), shown}
    if not label or label in same:
        return label or shown
    return f"{label} ({shown})"


def _plain(text: str) -> str:
    return _LIVE.sub(lambda found: _ENTITIES[found[2]] if found[2] else found[0], text)
