"""How much does Slack take, and how is counted?

Slack says "characters" and not which. What is counted here are UTF-16 code units, as in
JavaScript: no usual way of counting characters finds more.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.transports.borders import longest

# https://docs.slack.dev/reference/block-kit/blocks
BLOCKS = 50  # of a message
VIEW_BLOCKS = 100  # of a modal or a home page
# https://docs.slack.dev/reference/block-kit/composition-objects/text-object
TEXT = 3000
# https://docs.slack.dev/reference/block-kit/blocks/header-block
HEADER = 150
# https://docs.slack.dev/reference/block-kit/blocks/actions-block
ELEMENTS = 25
# https://docs.slack.dev/reference/block-kit/block-elements/button-element
LABEL = 75
VALUE = 2000
# https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element
OVERFLOW = 5
# https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
OPTIONS = 100
# https://docs.slack.dev/reference/block-kit/composition-objects/option-object
OPTION_LABEL = 75
OPTION_VALUE = 150
# https://docs.slack.dev/reference/block-kit/block-elements/radio-button-group-element
RADIO_BUTTONS = 10
# https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
INPUT = 3000
# https://docs.slack.dev/reference/block-kit/blocks/input-block
INPUT_LABEL = 2000
# https://docs.slack.dev/reference/block-kit/blocks/input-block (block_id)
ID = 255
# https://docs.slack.dev/reference/views/modal-views
TITLE = 24
METADATA = 3000
# https://docs.slack.dev/reference/methods/chat.update: msg_too_long; what is posted may be
# longer, but what was posted must also be possible to edit.
FALLBACK = 4000
# All blocks of a message together. Slack does not publish it: "12,000 text characters with a
# buffer for block containers", https://github.com/slackapi/bolt-js/issues/2509, where 13,297
# were found to be too many, and 125 fewer with a divider; 11,341 in many small elements were
# too many in https://github.com/slackapi/bolt-js/issues/2867.
TOGETHER = 12_000
_BLOCK = 125
_ELEMENT = 16  # a guess: what is certain is that they are not free


def length(text: str) -> int:
    """Count UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def weight(block: Mapping[str, object]) -> int:
    """Return what a block takes of `TOGETHER`."""
    return _BLOCK + weight_of(block)


def weight_of(value: object) -> int:
    """Return what a part of a block takes."""
    match value:
        case str():
            return length(value)
        case dict():
            return _ELEMENT + sum(weight_of(each) for key, each in value.items() if key != "type")
        case list():
            return sum(weight_of(each) for each in value)
        case _:
            return 0


def shortened(text: str, most: int) -> str:
    """Return text of at most `most` code units on one line, with … where it was cut."""
    line = " ".join(text.split())
    if length(line) <= most:
        return line
    cut = longest(line[:most], lambda head: length(head) < most)
    return f"{line[:cut].rstrip()}…"


def chunks(text: str, most: int) -> list[str]:
    """Cut text into pieces of at most `most` code units; joined they are the text."""
    found = []
    start = 0
    while start < len(text):
        head = text[start : start + most]
        if start + len(head) < len(text) or length(head) > most:
            head = head[: longest(f"{head}\n", lambda part: length(part) <= most)]
        found.append(head)
        start += len(head)
    return found
