"""How are buttons shown on Slack: the first as such, the others in menus?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.content import Paragraph, Span, Text, Verbatim
from bot.replies import Button, Form
from bot.transports.slack import limits
from bot.transports.slack.gestures import FORM, MORE, PRESS
from bot.transports.slack.markup import Json, Look, plain

SHOWN = 5
_MORE = "More"
# Of `limits.TOGETHER`: so that a menu leaves room for what its message says.
_MENU = 6000
_ACTIONS = 9000


def actions(buttons: Sequence[Button], form: Form | None = None) -> list[Json]:
    """Return the blocks that offer the buttons, in order, and the form after the first ones."""
    pressable = [(at, each) for at, each in enumerate(buttons) if _is_pressable(each)]
    first = SHOWN if form is None else SHOWN - 1
    elements = [_button(at, each) for at, each in pressable[:first]]
    if form is not None:
        elements.append(_element(f"{FORM}{len(buttons)}", form.title, form.command))
    hidden = []
    for at, each in pressable[first:]:
        if limits.length(each.line) <= limits.OPTION_VALUE:
            hidden.append(_option(each))
        else:
            elements.append(_button(at, each))
    return _packed([*elements, *_menus(hidden)])


def twins(buttons: Iterable[Button], look: Look) -> tuple[Paragraph, ...]:
    """Return what must be typed instead of pressed, because no button can hold it."""
    spans: list[Span] = []
    for button in buttons:
        if not _is_pressable(button):
            spans.append(Text(f"\n{button.label}: " if spans else f"{button.label}: "))
            spans.append(Verbatim(f"{look.prefix}{button.line}"))
    return (Paragraph(tuple(spans)),) if spans else ()


def labels(buttons: Iterable[Button], form: Form | None) -> str:
    """Return what the buttons say, on one line."""
    titles = [button.label for button in buttons] + ([form.title] if form else [])
    return limits.shortened(", ".join(titles), limits.HEADER)


def _is_pressable(button: Button) -> bool:
    return 0 < limits.length(button.line) <= limits.VALUE


def _button(at: int, button: Button) -> Json:
    mark = f"{button.emoji} " if button.emoji else ""
    return _element(f"{PRESS}{at}", f"{mark}{button.label}", button.line)


def _element(action: str, label: str, value: str) -> Json:
    text = plain(label, limits.LABEL)
    return {"type": "button", "action_id": action, "text": text, "value": value}


def _option(button: Button) -> Json:
    return {"text": plain(button.label, limits.OPTION_LABEL), "value": button.line}


def _menus(options: list[Json]) -> list[Json]:
    known: dict[str, Json] = {}
    for option in options:
        known.setdefault(option["value"], option)  # an option's value is to be unique
    unique = list(known.values())
    if 0 < len(unique) <= limits.OVERFLOW:
        # It can offer what was chosen before once more, which a select cannot.
        return [{"type": "overflow", "action_id": f"{MORE}0", "options": unique}]
    placeholder = plain(_MORE, limits.LABEL)
    return [
        {
            "type": "static_select",
            "action_id": f"{MORE}{number}",
            "placeholder": placeholder,
            "options": part,
        }
        for number, part in enumerate(_parts(unique, limits.OPTIONS, _MENU))
    ]


def _packed(elements: list[Json]) -> list[Json]:
    parts = _parts(elements, limits.ELEMENTS, _ACTIONS)
    return [{"type": "actions", "elements": part} for part in parts]


def _parts(items: list[Json], most: int, weight: int) -> list[list[Json]]:
    """Cut a list into parts of at most so many items and so much weight."""
    parts: list[list[Json]] = []
    room = 0
    for item in items:
        needed = limits.weight_of(item)
        if not parts or len(parts[-1]) == most or needed > room:
            parts.append([])
            room = weight
        parts[-1].append(item)
        room -= needed
    return parts
