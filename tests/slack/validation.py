"""Would Slack take this text, these blocks, this view?

What Slack says no to by itself is here; what depends on the workspace is elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from tests.slack.composition import ADDRESS, ID, SLACK_FILE, plain, text
from tests.slack.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION
from tests.slack.rich_text import RICH_TEXT
from tests.slack.schema import (
    Check,
    Complaints,
    Json,
    Shape,
    at_least_one,
    boolean,
    complain,
    exactly_one,
    items,
    length,
    string,
    typed,
)

Surface = Literal["messages", "modal", "home"]

# Slack cuts after this many (https://docs.slack.dev/changelog/2018-truncating-really-long-messages)
# and has the error msg_too_long, whose number it does not tell; what would lose its end is refused.
LONGEST_TEXT = 40_000
# https://docs.slack.dev/reference/methods/chat.update asks to stay below.
LONGEST_EDIT = 4_000
# https://docs.slack.dev/reference/block-kit/blocks
MOST_BLOCKS: Mapping[Surface, int] = {"messages": 50, "modal": 100, "home": 100}
# https://docs.slack.dev/reference/block-kit/blocks/markdown-block: of all in a message together.
LONGEST_MARKDOWN = 12_000
# Slack does not publish this one. https://github.com/slackapi/bolt-js/issues/2509 found 13,297
# characters in markdown blocks alone, 13,172 with a divider beside them; the difference is taken
# here for what every block that is not markdown costs.
LONGEST_BLOCKS = 13_297
COST_OF_A_BLOCK = 125

NAMED: dict[str, Check] = {"block_id": ID}

# Each page: https://docs.slack.dev/reference/block-kit/blocks/NAME-block
BLOCKS: dict[str, Check] = {
    "section": Shape(
        optional={
            **NAMED,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": typed(IN_SECTION),
            "expand": boolean,
        },
        rule=at_least_one("text", "fields"),
    ),
    "header": Shape({"text": plain(150)}, NAMED),
    "divider": Shape(optional=NAMED),
    "context": Shape(
        {
            "elements": items(
                typed({"image": IMAGE, "plain_text": text(3000), "mrkdwn": text(3000)}), 10
            )
        },
        NAMED,
    ),
    "actions": Shape({"elements": items(typed(IN_ACTIONS), 25)}, NAMED),
    "image": Shape(
        {"alt_text": string(2000)},
        {**NAMED, "image_url": ADDRESS, "slack_file": SLACK_FILE, "title": plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "input": Shape(
        {"label": plain(2000), "element": typed(IN_INPUT)},
        {**NAMED, "hint": plain(2000), "dispatch_action": boolean, "optional": boolean},
    ),
    "rich_text": RICH_TEXT,
}
# Its page names messages alone.
MARKDOWN: dict[str, Check] = {"markdown": Shape({"text": string(LONGEST_MARKDOWN)}, NAMED)}
BLOCK: Mapping[Surface, Check] = {
    "messages": typed(BLOCKS | MARKDOWN),
    "modal": typed(BLOCKS),
    "home": typed(BLOCKS),
}

# https://docs.slack.dev/reference/views/home-tab-views
SHARED: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
# https://docs.slack.dev/reference/views/modal-views; an empty title is refused by slack_sdk's View,
# too. The blocks are looked at apart.
VIEWS: Mapping[Surface, Check] = {
    "modal": Shape(
        {"title": plain(24), "blocks": items(lambda *_: iter(()))},
        {
            **SHARED,
            "close": plain(24),
            "submit": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": Shape({"blocks": items(lambda *_: iter(()))}, SHARED),
}


def check_text(value: str, *, edit: bool = False) -> str | None:
    """Return the error code for the text of a message without blocks, None when it is good."""
    if not value.strip():
        return "no_text"
    return "msg_too_long" if length(value) > (LONGEST_EDIT if edit else LONGEST_TEXT) else None


def check_size(blocks: Sequence[Json]) -> str | None:
    """Return the error code for blocks that are too long together, None when they are good."""
    others = sum(block.get("type") != "markdown" for block in blocks)
    total = sum(length(words) for words in _texts(list(blocks))) + others * COST_OF_A_BLOCK
    return "msg_blocks_too_long" if total > LONGEST_BLOCKS else None


def check_blocks(
    blocks: object, surface: Surface = "messages", pointer: str = "/blocks"
) -> list[str]:
    """Return what Slack says of these blocks in `response_metadata.messages`; nothing is good."""
    return list(_blocks(blocks, surface, pointer))


def check_view(view: object, pointer: str = "/view") -> list[str]:
    """Return what Slack says of a modal or a home page; nothing is good."""
    kind = view.get("type") if isinstance(view, Mapping) else None
    if not isinstance(view, Mapping) or kind not in ("modal", "home"):
        return [complain(f"unsupported type: {kind}", f"{pointer}/type")]
    surface: Surface = "modal" if kind == "modal" else "home"
    found = list(VIEWS[surface](view, pointer))
    if isinstance(view.get("blocks"), list):
        found += check_blocks(view["blocks"], surface, f"{pointer}/blocks")
    return found + list(_view_as_a_whole(view, pointer))


def _view_as_a_whole(view: Json, pointer: str) -> Complaints:
    blocks = view.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(block, Mapping) and block.get("type") == "input" for block in blocks
    )
    if view.get("type") == "modal" and has_input and "submit" not in view:
        yield complain("missing required field: submit", pointer)


def _blocks(blocks: object, surface: Surface, pointer: str) -> Complaints:
    # A message without blocks is one of text; a view must have some.
    least = 0 if surface == "messages" else 1
    yield from items(BLOCK[surface], MOST_BLOCKS[surface], least=least)(blocks, pointer)
    listed = blocks if isinstance(blocks, list) else []
    known = [block for block in listed if isinstance(block, Mapping)]
    for name in _repeated(block.get("block_id") for block in known):
        yield complain(f"`block_id` must be unique: {name}", pointer)
    for index, block in enumerate(known):
        actions = [element.get("action_id") for element in elements_of(block)]
        for name in _repeated(actions):
            yield complain(f"`action_id` must be unique: {name}", f"{pointer}/{index}")
    together = sum(
        length(str(block.get("text"))) for block in known if block.get("type") == "markdown"
    )
    if together > LONGEST_MARKDOWN:
        yield complain(f"markdown must be less than {LONGEST_MARKDOWN + 1} characters", pointer)
    if sum(element.get("focus_on_load") is True for b in known for element in elements_of(b)) > 1:
        # "Only one element can be set to true": every element page that has it
        yield complain("only one element may have focus_on_load", pointer)


def elements_of(block: Json) -> list[Json]:
    """Return what can be pressed or filled in, in a block."""
    held = block.get("elements") if block.get("type") == "actions" else None
    found = list(held) if isinstance(held, list) else []
    found += [block.get("accessory"), block.get("element")]
    return [element for element in found if isinstance(element, Mapping)]


def _repeated(names: Iterator[object] | Sequence[object]) -> list[str]:
    counted = Counter(name for name in names if isinstance(name, str))
    return [name for name, times in counted.items() if times > 1]


def _texts(value: object) -> Iterator[str]:
    """Go through every `text` that is a string, however deep."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name == "text" and isinstance(member, str):
                yield member
            else:
                yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
