"""The double takes what Slack takes and refuses what Slack refuses."""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import Block

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
    multi,
    option,
    plain,
    rich,
    rich_section,
    section,
    select,
)
from tests.slack.validation import Surface, check_blocks, check_size, check_text, check_view


def test_a_message_has_50_blocks_and_not_51() -> None:
    assert check_blocks([section()] * 50) == []
    assert check_blocks([section()] * 51) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


def test_complaints_are_worded_as_slack_words_them() -> None:
    assert check_blocks([section(), section(text=mrkdwn(""))]) == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/1/text/text]"
    ]
    assert check_blocks([section(text={**mrkdwn("x"), "emoji": True})]) == [
        "[ERROR] invalid additional property: emoji [json-pointer:/blocks/0/text]"
    ]
    assert check_view(modal(section(text=mrkdwn(3001)))) == [
        "[ERROR] must be less than 3001 characters [json-pointer:/view/blocks/0/text/text]"
    ]


REFUSED: dict[str, object] = {
    "no array": {"type": "section"},
    "a string for a block": ["section"],
    "no type": [{"text": mrkdwn("x")}],
    "an unknown type": [{"type": "marquee"}],
    "an unknown field": [section(colour="red")],
    "a section without text": [{"type": "section"}],
    "a string for a text": [section(text="Hello")],
    "no fields": [section(fields=[])],
    "a header with markup": [{"type": "header", "text": mrkdwn("x")}],
    "a button with markup": [actions(button(text=mrkdwn("x")))],
    "a button without text": [actions({"type": "button"})],
    "an empty button value": [actions(button(value=""))],
    "a button style of our own": [actions(button(style="warning"))],
    "a button value that is a number": [actions(button(value=42))],
    "a URL without a scheme": [actions(button(url="example.com"))],
    "no actions": [actions()],
    "an input field among actions": [actions({"type": "plain_text_input"})],
    "a button in a context": [{"type": "context", "elements": [button()]}],
    "an empty select": [actions(select(options=[]))],
    "an option's link in a select": [actions(select(options=[option(url="https://a")]))],
    "markup in a select's option": [actions(select(options=[option(text=mrkdwn("x"))]))],
    "an initial option nobody offers": [actions(select(initial_option=option(9)))],
    "options and groups": [actions(select(option_groups=[]))],
    "no choice at all": [section(accessory=multi(max_selected_items=0))],
    "answers of no length": [field({"type": "plain_text_input", "max_length": 0})],
    "a moment long ago": [actions({"type": "datetimepicker", "initial_date_time": 999_999_999})],
    "two ids alike": [section(block_id="a"), section(block_id="a")],
    "two actions alike": [actions(button(action_id="a"), button(action_id="a"))],
    "an image without words": [{"type": "image", "image_url": "https://a/b.png"}],
    "an image without address": [{"type": "image", "alt_text": "x"}],
    "no date": [actions({"type": "datepicker", "initial_date": "2026-13-01"})],
    "a short date": [actions({"type": "datepicker", "initial_date": "2026-1-1"})],
    "no time": [actions({"type": "timepicker", "initial_time": "25:00"})],
    "a label with markup": [field(label=mrkdwn("x"))],
    "min above max": [field({"type": "plain_text_input", "min_length": 5, "max_length": 4})],
    "empty rich text": [rich(rich_section({"type": "text", "text": ""}))],
    "a rich text without section": [rich(WORD)],
    "a mention in preformatted": [
        rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]})
    ],
    "a date that is a string": [
        rich(rich_section({"type": "date", "timestamp": "1", "format": "{date}"}))
    ],
    "a list without style": [rich({"type": "rich_text_list", "elements": [rich_section(WORD)]})],
    "empty markdown": [{"type": "markdown", "text": ""}],
    "too much markdown together": [{"type": "markdown", "text": "x" * 6001}] * 2,
    "two with the focus": [
        field({"type": "plain_text_input", "focus_on_load": True}),
        field({"type": "plain_text_input", "focus_on_load": True}),
    ],
}


@pytest.mark.parametrize("blocks", REFUSED.values(), ids=REFUSED)
def test_a_message_that_breaks_a_rule_is_refused(blocks: object) -> None:
    assert check_blocks(blocks)


REFUSED_VIEWS: dict[str, object] = {
    "no view": [],
    "no type": {"blocks": [section()]},
    "no title": {"type": "modal", "blocks": [section()]},
    "an empty title": modal(title=plain("")),
    "a title with markup": modal(title=mrkdwn("x")),
    "no blocks": {"type": "modal", "title": plain("x")},
    "an empty array of blocks": {"type": "home", "blocks": []},
    "an input without submit": {"type": "modal", "title": plain("x"), "blocks": [field()]},
    "an unknown field": modal(subtitle=plain("x")),
    "markdown": modal({"type": "markdown", "text": "x"}),
    "a home page with a title": {"type": "home", "title": plain("x"), "blocks": [section()]},
}


@pytest.mark.parametrize("view", REFUSED_VIEWS.values(), ids=REFUSED_VIEWS)
def test_a_view_that_breaks_a_rule_is_refused(view: object) -> None:
    assert check_view(view)


# The shapes of the examples on the pages of docs.slack.dev/reference/block-kit, with own words.
TAKEN: dict[str, Json] = {
    "section": section(fields=[mrkdwn("*Owner*"), plain("Bob")], accessory=IMAGE, expand=True),
    "emoji in plain text": section(text={**plain(":tada: Done"), "emoji": True}),
    "verbatim": section(text={**mrkdwn("<https://a>"), "verbatim": True}),
    "section with overflow": section(
        accessory={
            "type": "overflow",
            "action_id": "more",
            "options": [option(), option(1, url="https://example.com")],
        }
    ),
    "header": {"type": "header", "text": plain("Outage"), "block_id": "top"},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [IMAGE, mrkdwn("*by* <@U1>"), plain("now")]},
    "actions": actions(
        button(action_id="a", value="42", style="primary", confirm=confirm(style="danger")),
        select(action_id="b", placeholder=plain("Choose"), initial_option=option(1)),
        {"type": "users_select", "action_id": "c", "initial_user": "U1"},
        {"type": "conversations_select", "action_id": "d", "filter": {"include": ["im"]}},
        {"type": "datepicker", "action_id": "e", "initial_date": "2026-11-23"},
        {"type": "timepicker", "action_id": "f", "initial_time": "09:30"},
        {"type": "datetimepicker", "action_id": "g", "initial_date_time": 1_700_000_000},
        {"type": "checkboxes", "action_id": "h", "options": [option(text=mrkdwn("*One*"))]},
    ),
    "image": IMAGE | {"title": plain("Tickets a week"), "block_id": "chart"},
    "image in Slack": {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}},
    "input": field(
        {
            "type": "plain_text_input",
            "action_id": "text",
            "multiline": True,
            "min_length": 0,
            "max_length": 3000,
            "placeholder": plain("In your words"),
            "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        },
        hint=plain("Anything helps"),
        optional=True,
        dispatch_action=True,
    ),
    "rich text": rich(
        rich_section(
            {"type": "text", "text": "bold", "style": {"bold": True, "code": True}},
            {"type": "link", "url": "https://example.com", "text": "here"},
            {"type": "emoji", "name": "tada"},
            {"type": "user", "user_id": "U1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "timestamp": 1_720_710_212, "format": "{date_num}", "fallback": "?"},
            {"type": "color", "value": "#F405B3"},
        ),
        {
            "type": "rich_text_list",
            "style": "ordered",
            "indent": 1,
            "offset": 4,
            "border": 1,
            "elements": [rich_section(WORD)],
        },
        {"type": "rich_text_preformatted", "elements": [WORD], "border": 0},
        {"type": "rich_text_quote", "elements": [WORD]},
    ),
}


@pytest.mark.parametrize("block", TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("surface", ["messages", "modal", "home"])
def test_what_slack_shows_as_an_example_is_taken(block: Json, surface: Surface) -> None:
    assert check_blocks([block], surface) == []


def test_markdown_is_taken_in_messages_and_nowhere_else() -> None:
    block = {"type": "markdown", "text": "**bold**"}
    assert check_blocks([block]) == []
    assert check_blocks([block], "home") != []


def test_what_a_view_carries_along_may_be_empty() -> None:
    assert check_view(modal(private_metadata="", callback_id="", external_id="")) == []
    field_left_empty = field({"type": "plain_text_input", "initial_value": ""})
    assert check_view(modal(field_left_empty)) == []


def test_one_choice_and_one_character_are_enough_to_ask_for() -> None:
    assert check_blocks([section(accessory=multi(max_selected_items=1))]) == []
    assert check_blocks([field({"type": "plain_text_input", "max_length": 1})]) == []


def test_a_picker_takes_a_moment_of_ten_digits() -> None:
    assert check_blocks([actions({"type": "datetimepicker", "initial_date_time": 10**9})]) == []


def test_blocks_may_be_none_at_all_in_a_message() -> None:
    assert check_blocks([]) == []


def test_the_same_action_may_stand_in_two_blocks() -> None:
    assert check_blocks([actions(button(action_id="a")), actions(button(action_id="a"))]) == []


def test_an_emoji_counts_as_the_two_code_units_it_is() -> None:
    assert check_blocks([{"type": "header", "text": plain("🎫" * 75)}]) == []
    assert check_blocks([{"type": "header", "text": plain("🎫" * 76)}]) != []


def test_a_text_is_refused_when_it_is_empty_or_too_long() -> None:
    assert check_text("x" * 40_000) is None
    assert check_text("x" * 40_001) == "msg_too_long"
    assert check_text("x" * 4_000, edit=True) is None
    assert check_text("x" * 4_001, edit=True) == "msg_too_long"
    assert check_text(" \n") == "no_text"


def test_blocks_that_are_too_long_together_are_refused() -> None:
    pieces = [{"type": "markdown", "text": "x" * 6_648}, {"type": "markdown", "text": "x" * 6_649}]
    divider = {"type": "divider"}
    assert check_size(pieces) is None
    assert check_size([*pieces, {"type": "markdown", "text": "x"}]) == "msg_blocks_too_long"
    assert check_size([*pieces, divider]) == "msg_blocks_too_long"
    assert check_size([{"type": "markdown", "text": "x" * 13_172}, divider]) is None
    assert check_size([section(text=mrkdwn(2700))] * 5) == "msg_blocks_too_long"


@pytest.mark.parametrize("block", TAKEN.values(), ids=TAKEN)
def test_slack_sdk_takes_what_the_double_takes(block: Json) -> None:
    parsed = Block.parse(block)
    assert parsed is not None
    parsed.to_dict()
