"""Each of Slack's lengths and numbers holds to the last one, in the double as in slack_sdk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack.samples import (
    IMAGE,
    WORD,
    Json,
    actions,
    button,
    confirm,
    field,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    rich,
    rich_section,
    section,
    select,
)
from tests.slack.validation import check_blocks, check_view

Sized = Callable[[int], Json]


def radio(**more: object) -> Json:
    return {"type": "radio_buttons", **more}


def multi(**more: object) -> Json:
    return {"type": "multi_static_select", **more}


def moment(seconds: int) -> Json:
    return {"type": "datetimepicker", "initial_date_time": seconds}


def accessory(element: Json) -> Json:
    return section(accessory=element)


# What it is, how many Slack takes, and a block with `n` of it.
LIMITS: list[tuple[str, int, Sized]] = [
    ("section text", 3000, lambda n: section(text=mrkdwn(n))),
    ("section plain text", 3000, lambda n: section(text=plain(n))),
    ("fields", 10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
    ("field", 2000, lambda n: {"type": "section", "fields": [mrkdwn(n)]}),
    ("block_id", 255, lambda n: section(block_id="x" * n)),
    ("header", 150, lambda n: {"type": "header", "text": plain(n)}),
    ("context", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    ("actions", 25, lambda n: actions(*[button(action_id=f"a{i}") for i in range(n)])),
    ("action_id", 255, lambda n: actions(button(action_id="x" * n))),
    ("button text", 75, lambda n: actions(button(text=plain(n)))),
    ("button value", 2000, lambda n: actions(button(value="x" * n))),
    ("button url", 3000, lambda n: actions(button(url=("https://a/" + "x" * n)[:n]))),
    ("button label", 75, lambda n: actions(button(accessibility_label="x" * n))),
    ("confirm title", 100, lambda n: actions(button(confirm=confirm(title=plain(n))))),
    ("confirm text", 300, lambda n: actions(button(confirm=confirm(text=plain(n))))),
    ("confirm yes", 30, lambda n: actions(button(confirm=confirm(confirm=plain(n))))),
    ("confirm no", 30, lambda n: actions(button(confirm=confirm(deny=plain(n))))),
    ("overflow", 5, lambda n: actions({"type": "overflow", "options": options(n)})),
    ("select", 100, lambda n: actions(select(options=options(n)))),
    ("option text", 75, lambda n: actions(select(options=[option(text=plain(n))]))),
    ("option value", 150, lambda n: actions(select(options=[option(value="x" * n)]))),
    ("option description", 75, lambda n: actions(select(options=[option(description=plain(n))]))),
    ("checkboxes", 10, lambda n: actions({"type": "checkboxes", "options": options(n)})),
    ("radio buttons", 10, lambda n: actions({"type": "radio_buttons", "options": options(n)})),
    ("placeholder", 150, lambda n: actions(select(placeholder=plain(n)))),
    ("label", 2000, lambda n: field(label=plain(n))),
    ("hint", 2000, lambda n: field(hint=plain(n))),
    ("longest answer", 3000, lambda n: field({"type": "plain_text_input", "max_length": n})),
    ("shortest answer", 3000, lambda n: field({"type": "plain_text_input", "min_length": n})),
    ("image title", 2000, lambda n: IMAGE | {"title": plain(n)}),
    ("image alt_text", 2000, lambda n: IMAGE | {"alt_text": "x" * n}),
    ("image_url", 3000, lambda n: IMAGE | {"image_url": ("https://a/" + "x" * n)[:n]}),
    ("marked-up option", 75, lambda n: actions(radio(options=[option(text=mrkdwn(n))]))),
    ("multi select", 100, lambda n: accessory(multi(options=options(n)))),
    (
        "multi select groups",
        100,
        lambda n: accessory(
            multi(option_groups=[{"label": plain("G"), "options": options(1)}] * n)
        ),
    ),
    (
        "options of a group",
        100,
        lambda n: accessory(multi(option_groups=[{"label": plain("G"), "options": options(n)}])),
    ),
    ("first answer", 3000, lambda n: field({"type": "plain_text_input", "initial_value": "x" * n})),
    ("context text", 3000, lambda n: {"type": "context", "elements": [mrkdwn(n)]}),
    ("context plain text", 3000, lambda n: {"type": "context", "elements": [plain(n)]}),
    ("small image", 2000, lambda n: section(accessory=IMAGE | {"alt_text": "x" * n})),
    ("moment", 9_999_999_999, lambda n: actions(moment(n))),
    ("markdown", 12000, lambda n: {"type": "markdown", "text": "x" * n}),
    (
        "indent",
        8,
        lambda n: rich(
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": n,
                "elements": [rich_section(WORD)],
            }
        ),
    ),
    (
        "option groups",
        100,
        lambda n: actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain("G"), "options": options(1)}] * n,
            }
        ),
    ),
    (
        "group label",
        75,
        lambda n: actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain(n), "options": options(1)}],
            }
        ),
    ),
]


@pytest.mark.parametrize(("limit", "sized"), [x[1:] for x in LIMITS], ids=[x[0] for x in LIMITS])
def test_a_block_is_taken_at_its_limit_and_refused_one_above(limit: int, sized: Sized) -> None:
    assert check_blocks([sized(limit)]) == []
    assert check_blocks([sized(limit + 1)])


MODAL_LIMITS: list[tuple[str, int, Sized]] = [
    ("title", 24, lambda n: modal(title=plain(n))),
    ("submit", 24, lambda n: modal(submit=plain(n))),
    ("close", 24, lambda n: modal(close=plain(n))),
    ("private_metadata", 3000, lambda n: modal(private_metadata="x" * n)),
    ("callback_id", 255, lambda n: modal(callback_id="x" * n)),
    ("external_id", 255, lambda n: modal(external_id="x" * n)),
    ("blocks", 100, lambda n: modal(*[section()] * n)),
    ("home blocks", 100, lambda n: {"type": "home", "blocks": [section()] * n}),
]


@pytest.mark.parametrize(
    ("limit", "sized"), [x[1:] for x in MODAL_LIMITS], ids=[x[0] for x in MODAL_LIMITS]
)
def test_a_view_is_taken_at_its_limit_and_refused_one_above(limit: int, sized: Sized) -> None:
    assert check_view(sized(limit)) == []
    assert check_view(sized(limit + 1))


# What slack_sdk checks nowhere.
UNCHECKED = {"field", "confirm yes", "longest answer", "shortest answer", "checkboxes"} | {
    "radio buttons",
    "indent",
    "option description",
    "option text",
    "option value",
    "group label",
    "marked-up option",
    "options of a group",
    "first answer",
    "context text",
    "context plain text",
}


@pytest.mark.parametrize(
    ("limit", "sized"),
    [x[1:] for x in LIMITS if x[0] not in UNCHECKED],
    ids=[x[0] for x in LIMITS if x[0] not in UNCHECKED],
)
def test_slack_sdk_refuses_one_above_the_limit_as_well(limit: int, sized: Sized) -> None:
    Block.parse_all([sized(limit)])[0].to_dict()
    with pytest.raises(SlackObjectFormationError):
        Block.parse_all([sized(limit + 1)])[0].to_dict()


def test_slack_sdk_agrees_on_views() -> None:
    for name, limit, sized in MODAL_LIMITS:
        if name != "external_id":
            View(**sized(limit)).to_dict()
            with pytest.raises(SlackObjectFormationError):
                View(**sized(limit + 1)).to_dict()
