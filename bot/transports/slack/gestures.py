"""Which of the bot's own elements was pressed? The names that tell, and what they carry."""

from __future__ import annotations

from bot.transports.wire import Object, object_of, text_of

# An action_id must be unique in its block:
# https://docs.slack.dev/reference/block-kit/block-elements/button-element
PRESS = "press:"  # a button; its value is the command line
FORM = "form:"  # a button that opens the post's form; its value is the form's command
MORE = "more:"  # a menu of further buttons; the chosen option's value is the command line
FIELD = "field"  # a field of a form


def is_press(action: Object) -> bool:
    """Tell whether an action of a block_actions payload stands for a command line."""
    return text_of(action, "action_id").startswith((PRESS, MORE))


def opens_form(action: Object) -> bool:
    """Tell whether an action asks for the form of the post it stands under."""
    return text_of(action, "action_id").startswith(FORM)


def line_of(action: Object) -> str:
    """Return the command line an action stands for, or the command of its form; "" if none.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    return text_of(action, "value") or text_of(object_of(action, "selected_option"), "value")
