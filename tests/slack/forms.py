"""What stands in the fields of a message or a form, and what a person puts there.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload (state.values)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.slack.composition import offered
from tests.slack.payloads import CHOSEN
from tests.slack.records import Json
from tests.slack.schema import length
from tests.slack.validation import elements_of

Field = tuple[str, str]  # block_id and action_id
Chosen = dict[Field, Any]

OPTIONS = ("selected_option", "selected_options")
# What a field shows before anybody touched it.
INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "value": "initial_value",
}


class NotThere(AssertionError):
    """What the test's person wants to do cannot be done in Slack's client."""


def name_parts(blocks: list[Json]) -> None:
    """Give ids to what the app gave none, as Slack does."""
    for number, block in enumerate(blocks):
        block.setdefault("block_id", f"b{number}")
        for index, element in enumerate(_parts(block)):
            if element.get("type") not in ("image", "mrkdwn", "plain_text"):
                element.setdefault("action_id", f"a{number}.{index}")


def _parts(block: Json) -> Iterator[dict[str, Any]]:
    yield from (part for part in elements_of(block) if isinstance(part, dict))


def find(blocks: list[Json], what: str) -> tuple[Json, Json]:
    """Return the block and the element that a person means by its action_id or its words.

    Raises:
        NotThere: it is not, or two have these words.
    """
    name_parts(blocks)
    found = [
        (block, part) for block in blocks for part in _parts(block) if what in _names(block, part)
    ]
    exact = [pair for pair in found if pair[1].get("action_id") == what]
    if len(exact or found) != 1:
        shown = [name for block in blocks for part in _parts(block) for name in _names(block, part)]
        raise NotThere(f"{what} is {'there twice' if found else 'not'} among {shown}")
    return (exact or found)[0]


def _names(block: Json, part: Json) -> list[str]:
    texts = [part.get("text"), part.get("placeholder"), block.get("label")]
    words = [str(text.get("text")) for text in texts if isinstance(text, Mapping)]
    return [str(part.get("action_id")), *words]


def choose(element: Json, choice: Any) -> Any:
    """Return what Slack stores for a choice: an option for its words or value, else itself."""
    if CHOSEN[element["type"]] not in OPTIONS or choice is None:
        return choice
    if isinstance(choice, list):
        return [_option(element, one) for one in choice]
    return _option(element, choice)


def _option(element: Json, choice: str) -> object:
    for option in offered(element):
        assert isinstance(option, dict)
        if choice in (option.get("value"), option["text"]["text"]):
            return option
    raise NotThere(f"{choice} is not offered by {element.get('action_id')}")


def state(blocks: list[Json], chosen: Chosen) -> Json:
    """Return `state.values`: every field there is, also the empty ones."""
    name_parts(blocks)
    values: Json = {}
    for block in blocks:
        for part in _parts(block):
            kind = part.get("type")
            if kind not in CHOSEN or kind == "overflow":
                continue
            name, field = CHOSEN[kind], (block["block_id"], part["action_id"])
            nothing: Any = [] if name.endswith("s") else None
            value = chosen.get(field, part.get(INITIAL[name], nothing))
            values.setdefault(field[0], {})[field[1]] = {"type": kind, name: value}
    return values


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what Slack's client says itself before it sends a form, by block."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.get("type") != "input":
            continue
        element = block["element"]
        told = values[block["block_id"]][element["action_id"]]
        value = told[CHOSEN[element["type"]]]
        if not value and not block.get("optional"):
            found[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and _is_of_wrong_length(element, value):
            found[block["block_id"]] = "Too short or too long."
    return found


def _is_of_wrong_length(element: Json, value: str) -> bool:
    if element["type"] != "plain_text_input" or not value:
        return False
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    return not least <= length(value) <= most
