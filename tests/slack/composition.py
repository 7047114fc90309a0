"""The objects that Block Kit's blocks and elements are made of: texts, options, confirmations."""

from __future__ import annotations

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
    matching,
    string,
    typed,
)

# The ids: https://docs.slack.dev/reference/block-kit/block-elements/button-element (action_id)
# and https://docs.slack.dev/reference/block-kit/blocks/section-block (block_id).
ID = string(255)


def _is_web_address(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    return scheme in {"http", "https", "mailto", "tel", "slack"} and bool(rest)


# A button's, an option's and an image's: 3,000 each on their pages.
ADDRESS = matching(_is_web_address, "a valid URL", 3000)


def plain(most: int) -> Check:
    """Demand a text object of type plain_text, which may say whether `:tada:` is an emoji.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    return typed({"plain_text": Shape({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Check:
    """Demand a text object of either type; `emoji` is plain_text's and `verbatim` mrkdwn's.

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    That the wrong one is refused: https://github.com/grafana-cold-storage/oncall/pull/702
    """
    return typed(
        {
            "plain_text": Shape({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": Shape({"text": string(most)}, {"verbatim": boolean}),
        }
    )


# https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object
CONFIRM = Shape(
    {"title": plain(100), "text": plain(300), "confirm": plain(30), "deny": plain(30)},
    {"style": string(choices=("primary", "danger"))},
)


def option(*, marked_up: bool = False, linked: bool = False) -> Check:
    """Demand an option; only checkboxes and radio buttons mark up, only overflow menus link.

    https://docs.slack.dev/reference/block-kit/composition-objects/option-object
    """
    words = text(75) if marked_up else plain(75)
    optional: dict[str, Check] = {"description": words}
    if linked:
        optional["url"] = ADDRESS
    return Shape({"text": words, "value": string(150)}, optional)


OPTION = option()
# https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object
OPTION_GROUP = Shape({"label": plain(75), "options": items(OPTION, 100)})


def offered(element: Json) -> list[object]:
    """Return every option of an element, those in groups too."""
    options = element.get("options")
    groups = element.get("option_groups")
    found = list(options) if isinstance(options, list) else []
    for group in groups if isinstance(groups, list) else []:
        inner = group.get("options") if isinstance(group, dict) else None
        found += inner if isinstance(inner, list) else []
    return found


def initial_is_offered(element: Json, pointer: str) -> Complaints:
    """Demand that what is chosen at first is exactly one of the options.

    https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
    """
    chosen = element.get("initial_options")
    first = chosen if isinstance(chosen, list) else []
    if "initial_option" in element:
        first = [element["initial_option"]]
    if any(one not in offered(element) for one in first):
        yield complain("initial option must be one of the options", pointer)


def options_or_groups(element: Json, pointer: str) -> Complaints:
    """Demand one way of offering options, and an initial choice that is among them."""
    yield from exactly_one("options", "option_groups")(element, pointer)
    yield from initial_is_offered(element, pointer)


# https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
SLACK_FILE = Shape(optional={"id": string(), "url": ADDRESS}, rule=exactly_one("id", "url"))
# https://docs.slack.dev/reference/block-kit/composition-objects/dispatch-action-configuration-object
DISPATCH = Shape(
    {"trigger_actions_on": items(string(choices=("on_enter_pressed", "on_character_entered")), 2)}
)
# https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object
FILTER = Shape(
    optional={
        "include": items(string(choices=("im", "mpim", "private", "public")), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    rule=at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
