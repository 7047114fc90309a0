"""The emoji this workspace has, and what its composer makes of typed ones.

Slack stores and tells an emoji by its name (https://docs.slack.dev/messaging/formatting-message-text
"Emoji"); a name it does not have is `invalid_name` to reactions.add.
"""

from __future__ import annotations

import re

# The ones a support room meets; the whole table has some 1,900 names.
CHARACTERS = {
    "👍": "+1",
    "👎": "-1",
    "👀": "eyes",
    "✅": "white_check_mark",
    "☑️": "ballot_box_with_check",
    "✔️": "heavy_check_mark",
    "❌": "x",
    "❗": "exclamation",
    "❓": "question",
    "⚠️": "warning",
    "🎫": "ticket",
    "🚨": "rotating_light",
    "🔒": "lock",
    "🔓": "unlock",
    "📖": "book",
    "📌": "pushpin",
    "📎": "paperclip",
    "📤": "outbox_tray",
    "📥": "inbox_tray",
    "📣": "mega",
    "📢": "loudspeaker",
    "📝": "memo",
    "📊": "bar_chart",
    "📈": "chart_with_upwards_trend",
    "⏳": "hourglass_flowing_sand",
    "⌛": "hourglass",
    "⏰": "alarm_clock",
    "🔔": "bell",
    "🔧": "wrench",
    "🛠️": "hammer_and_wrench",
    "🔥": "fire",
    "💡": "bulb",
    "🖨️": "printer",
    "💻": "computer",
    "📱": "iphone",
    "🙂": "slightly_smiling_face",
    "😀": "grinning",
    "🎉": "tada",
    "🙏": "pray",
    "👋": "wave",
    "👏": "clap",
    "❤️": "heart",
    "🔴": "red_circle",
    "🟠": "large_orange_circle",
    "🟡": "large_yellow_circle",
    "🟢": "large_green_circle",
    "🔵": "large_blue_circle",
    "⬆️": "arrow_up",
    "⬇️": "arrow_down",
    "🔁": "repeat",
    "🔄": "arrows_counterclockwise",
    "1️⃣": "one",
    "2️⃣": "two",
    "3️⃣": "three",
}
# Names that mean the same; Slack tells the first (https://api.slack.com/methods/emoji.list).
ALIASES = {
    "thumbsup": "+1",
    "thumbsdown": "-1",
    "open_book": "book",
    "telephone": "phone",
    "heavy_exclamation_mark": "exclamation",
    "envelope": "email",
}
NAMES = frozenset(CHARACTERS.values()) | frozenset(ALIASES.values())
_TONE = re.compile(r"(.+?)(::skin-tone-[2-6])?")


def known(name: str, custom: set[str] | None = None) -> str | None:
    """Return the name under which Slack keeps a reaction, None where it has no such emoji."""
    found = _TONE.fullmatch(name)
    if found is None:
        return None
    plain = ALIASES.get(found[1], found[1])
    if plain not in NAMES and plain not in (custom or set()):
        return None
    return plain + (found[2] or "")


def named(text: str) -> str:
    """Put the names of emoji where their characters are, as the composer does."""
    for character, name in CHARACTERS.items():
        text = text.replace(character, f":{name}:")
        if character.endswith("\N{VARIATION SELECTOR-16}"):
            text = text.replace(character[:-1], f":{name}:")
    return text
