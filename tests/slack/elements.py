"""What people press, choose and fill in, and which block may hold which.

Every element's page is https://docs.slack.dev/reference/block-kit/block-elements/NAME; the name
stands beside it. Elements Deskside has no use for (workflow buttons, file inputs, selects that ask
the app for options, e-mail, number and URL fields) are unsupported here, so that a use is noticed.
"""

from __future__ import annotations

from datetime import datetime

from tests.slack.composition import (
    ADDRESS,
    CONFIRM,
    DISPATCH,
    FILTER,
    ID,
    OPTION,
    OPTION_GROUP,
    SLACK_FILE,
    initial_is_offered,
    option,
    options_or_groups,
    plain,
)
from tests.slack.schema import (
    Check,
    Complaints,
    Json,
    Shape,
    boolean,
    complain,
    exactly_one,
    integer,
    items,
    matching,
    string,
)


def _parses(form: str) -> Check:
    def is_good(text: str) -> bool:
        try:
            datetime.strptime(text, form)  # noqa: DTZ007 - only its form matters
        except ValueError:
            return False
        return len(text) == len(datetime(2026, 1, 1).strftime(form))  # noqa: DTZ001 - the same

    return matching(is_good, "in the documented format")


FOCUS: dict[str, Check] = {"focus_on_load": boolean}
ACTION: dict[str, Check] = {"action_id": ID}
CONFIRMED: dict[str, Check] = {**ACTION, "confirm": CONFIRM}
HINTED: dict[str, Check] = {"placeholder": plain(150)}
CHOICE: dict[str, Check] = {**CONFIRMED, **HINTED, **FOCUS}
MANY: dict[str, Check] = {**CHOICE, "max_selected_items": integer(1)}

# button-element
BUTTON = Shape(
    {"text": plain(75)},
    {
        **CONFIRMED,
        "url": ADDRESS,
        "value": string(2000),
        "style": string(choices=("primary", "danger")),
        "accessibility_label": string(75),
    },
)
# overflow-menu-element
OVERFLOW = Shape({"options": items(option(linked=True), 5)}, CONFIRMED)
# select-menu-element
STATIC_SELECT = Shape(
    optional={
        **CHOICE,
        "options": items(OPTION, 100),
        "option_groups": items(OPTION_GROUP, 100),
        "initial_option": OPTION,
    },
    rule=options_or_groups,
)
USERS_SELECT = Shape(optional={**CHOICE, "initial_user": string()})
CONVERSATIONS_SELECT = Shape(
    optional={
        **CHOICE,
        "initial_conversation": string(),
        "default_to_current_conversation": boolean,
        "response_url_enabled": boolean,
        "filter": FILTER,
    }
)
CHANNELS_SELECT = Shape(
    optional={**CHOICE, "initial_channel": string(), "response_url_enabled": boolean}
)
# multi-select-menu-element
MULTI_STATIC_SELECT = Shape(
    optional={
        **MANY,
        "options": items(OPTION, 100),
        "option_groups": items(OPTION_GROUP, 100),
        "initial_options": items(OPTION, 100),
    },
    rule=options_or_groups,
)
MULTI_USERS_SELECT = Shape(optional={**MANY, "initial_users": items(string())})
MULTI_CONVERSATIONS_SELECT = Shape(
    optional={
        **MANY,
        "initial_conversations": items(string()),
        "default_to_current_conversation": boolean,
        "filter": FILTER,
    }
)
MULTI_CHANNELS_SELECT = Shape(optional={**MANY, "initial_channels": items(string())})
# checkboxes-element
CHECKBOXES = Shape(
    {"options": items(option(marked_up=True), 10)},
    {**CONFIRMED, **FOCUS, "initial_options": items(option(marked_up=True), 10)},
    initial_is_offered,
)
# radio-button-group-element
RADIO_BUTTONS = Shape(
    {"options": items(option(marked_up=True), 10)},
    {**CONFIRMED, **FOCUS, "initial_option": option(marked_up=True)},
    initial_is_offered,
)
# date-picker-element
DATEPICKER = Shape(optional={**CHOICE, "initial_date": _parses("%Y-%m-%d")})
# time-picker-element
TIMEPICKER = Shape(optional={**CHOICE, "initial_time": _parses("%H:%M"), "timezone": string()})
# datetime-picker-element: "10 digits", seconds since 1970
DATETIMEPICKER = Shape(
    optional={
        **CONFIRMED,
        **FOCUS,
        "initial_date_time": integer(1_000_000_000, 9_999_999_999),
    }
)


def _lengths_agree(element: Json, pointer: str) -> Complaints:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield complain("min_length must not be greater than max_length", pointer)


# plain-text-input-element
PLAIN_TEXT_INPUT = Shape(
    optional={
        **ACTION,
        **HINTED,
        **FOCUS,
        "initial_value": string(3000, least=0),
        "multiline": boolean,
        "min_length": integer(0, 3000),
        "max_length": integer(1, 3000),
        "dispatch_action_config": DISPATCH,
    },
    rule=_lengths_agree,
)
# image-element; the length of the alternative text is the image block's
IMAGE = Shape(
    {"alt_text": string(2000)},
    {"image_url": ADDRESS, "slack_file": SLACK_FILE},
    exactly_one("image_url", "slack_file"),
)

SELECTS: dict[str, Check] = {
    "static_select": STATIC_SELECT,
    "users_select": USERS_SELECT,
    "conversations_select": CONVERSATIONS_SELECT,
    "channels_select": CHANNELS_SELECT,
}
MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": MULTI_STATIC_SELECT,
    "multi_users_select": MULTI_USERS_SELECT,
    "multi_conversations_select": MULTI_CONVERSATIONS_SELECT,
    "multi_channels_select": MULTI_CHANNELS_SELECT,
}
PICKERS: dict[str, Check] = {
    "checkboxes": CHECKBOXES,
    "radio_buttons": RADIO_BUTTONS,
    "datepicker": DATEPICKER,
    "timepicker": TIMEPICKER,
}
PRESSED: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW}

# Each page says in which blocks its element works.
IN_SECTION: dict[str, Check] = {
    **PRESSED,
    **SELECTS,
    **MULTI_SELECTS,
    **PICKERS,
    "image": IMAGE,
}
IN_ACTIONS: dict[str, Check] = {**PRESSED, **SELECTS, **PICKERS, "datetimepicker": DATETIMEPICKER}
IN_INPUT: dict[str, Check] = {
    **SELECTS,
    **MULTI_SELECTS,
    **PICKERS,
    "datetimepicker": DATETIMEPICKER,
    "plain_text_input": PLAIN_TEXT_INPUT,
}
