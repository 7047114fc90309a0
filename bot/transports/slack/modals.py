"""What is a form on Slack: a modal, its answers, and what is wrong with them?

https://docs.slack.dev/reference/views/modal-views
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.replies import Field, Form
from bot.transports.borders import longest
from bot.transports.slack import limits
from bot.transports.slack.gestures import FIELD
from bot.transports.slack.markup import Json, plain
from bot.transports.text import safe
from bot.transports.wire import Object, object_of, objects_of, text_of

_NOTHING: Mapping[str, str] = MappingProxyType({})
_BETWEEN = ":"  # the number of a field and its name


def modal(
    form: Form, *, callback_id: str, private_metadata: str, given: Mapping[str, str] = _NOTHING
) -> Json:
    """Return the view that asks for a form.

    Args:
        form: what is asked.
        callback_id: comes back with the answers.
        private_metadata: the same; people do not see it.
        given: what the fields hold at first, by their names.

    Raises:
        ValueError: one of the two is longer than Slack takes.
    """
    if limits.length(callback_id) > limits.ID or limits.length(private_metadata) > limits.METADATA:
        msg = f"{callback_id!r} has too much metadata for a modal"
        raise ValueError(msg)
    fields = list(enumerate(form.fields))[: limits.VIEW_BLOCKS]
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": private_metadata,
        "title": plain(form.title, limits.TITLE),
        "submit": plain("Send", limits.TITLE),
        "close": plain("Cancel", limits.TITLE),
        "blocks": [_input(at, each, given.get(each.name, "")) for at, each in fields],
    }


def answers(view: Object) -> tuple[tuple[str, str], ...]:
    """Return the answers of a submitted view by the fields' names, in the form's order.

    What was left empty is not among them.
    """
    values = object_of(object_of(view, "state"), "values")
    found = []
    for block, name in _fields(view):
        field = object_of(object_of(values, block), FIELD)
        answer = text_of(field, "value") or text_of(object_of(field, "selected_option"), "value")
        if answer.strip():
            found.append((name, answer))
    return tuple(found)


def errors(view: Object, problems: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong, by blocks; what is wrong with no field shown is at the first.

    Args:
        view: as it was submitted.
        problems: a sentence for people by the name of the field.
    """
    blocks = {name: block for block, name in _fields(view)}
    first = next(iter(blocks.values()), "")
    found: dict[str, str] = {}
    for name, problem in problems.items():
        block = blocks.get(name, first)
        if block:
            found[block] = f"{found[block]} {problem}" if block in found else problem
    return {block: safe(problem) for block, problem in found.items()}


def _input(at: int, field: Field, given: str) -> Json:
    return {
        "type": "input",
        "block_id": f"{at}{_BETWEEN}{field.name}"[: limits.ID],
        "label": plain(field.label or field.name, limits.INPUT_LABEL),
        "element": {"action_id": FIELD, **_element(field, given)},
        "optional": field.optional,
    }


def _element(field: Field, given: str) -> Json:
    choices = tuple(dict.fromkeys(choice for choice in field.choices if choice.strip()))
    short = all(limits.length(choice) <= limits.OPTION_VALUE for choice in choices)
    if not choices or not short or len(choices) > limits.OPTIONS:
        # What a menu cannot hold is typed, and checked as if it had been typed in the room.
        return _text_input(field, given)
    options = [{"text": plain(c, limits.OPTION_LABEL), "value": c} for c in choices]
    first = next((option for option in options if option["value"] == given), None)
    # Of radio buttons none can be chosen again once one is.
    few = len(choices) <= limits.RADIO_BUTTONS and not field.optional
    kind = "radio_buttons" if few else "static_select"
    return {"type": kind, "options": options, **({"initial_option": first} if first else {})}


def _text_input(field: Field, given: str) -> Json:
    text = safe(given)
    end = longest(text[: limits.INPUT], lambda head: limits.length(head) <= limits.INPUT)
    shown = {"initial_value": text[:end]} if text else {}
    return {"type": "plain_text_input", "multiline": field.multiline, **shown}


def _fields(view: Object) -> list[tuple[str, str]]:
    """Return block id and field name of a view's fields, in order."""
    blocks = (text_of(block, "block_id") for block in objects_of(view, "blocks"))
    parted = ((block, block.partition(_BETWEEN)) for block in blocks)
    return [(block, name) for block, (at, _, name) in parted if at.isdigit() and name]
