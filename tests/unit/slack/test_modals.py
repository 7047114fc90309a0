from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.replies import Field, Form
from bot.transports.slack.markup import Json
from bot.transports.slack.modals import answers, errors, modal
from tests.slack.validation import check_view
from tests.unit.slack.test_posts import HOSTILE

FORM = Form(
    "Open a ticket",
    "ticket open",
    (
        Field("subject", "What is wrong?"),
        Field("details", "Details", multiline=True, optional=True),
        Field("urgency", "Urgent?", choices=("no", "yes")),
        Field("site", "Where?", choices=("Berlin", "Graz"), optional=True),
    ),
)


def opened(form: Form, **given: str) -> Json:
    view = modal(form, callback_id="form", private_metadata="{}", given=given)
    assert check_view(view) == []
    View(**view).validate_json()
    return view


def submitted(view: Json, **values: Any) -> Json:
    """Return the view as it comes back: by fields, what was typed or the option chosen."""
    state = {}
    for block in view["blocks"]:
        kind = block["element"]["type"]
        value = values.get(block["block_id"].partition(":")[2])
        said = (
            {"value": value}
            if kind == "plain_text_input"
            else {"selected_option": None if value is None else {"value": value}}
        )
        state[block["block_id"]] = {block["element"]["action_id"]: {"type": kind, **said}}
    return {**view, "state": {"values": state}}


def test_every_field_has_its_input() -> None:
    view = opened(FORM)
    kinds = [block["element"]["type"] for block in view["blocks"]]
    assert kinds == ["plain_text_input", "plain_text_input", "radio_buttons", "static_select"]
    assert [block["optional"] for block in view["blocks"]] == [False, True, False, True]
    assert [b["element"].get("multiline") for b in view["blocks"]] == [False, True, None, None]
    assert (view["callback_id"], view["private_metadata"]) == ("form", "{}")


def test_fields_hold_at_first_what_is_given() -> None:
    view = opened(FORM, subject="VPN", urgency="yes", site="Rome")
    subject, details, urgency, site = [block["element"] for block in view["blocks"]]
    assert subject["initial_value"] == "VPN"
    assert urgency["initial_option"]["value"] == "yes"
    assert not {"initial_value", "initial_option"} & {*details, *site}


def test_answers_are_read_in_the_order_of_the_fields() -> None:
    view = submitted(opened(FORM), site="Graz", urgency="no", subject="a <b> & c", details=None)
    assert answers(view) == (("subject", "a <b> & c"), ("urgency", "no"), ("site", "Graz"))


def test_what_was_left_empty_is_no_answer() -> None:
    assert answers(submitted(opened(FORM), subject=" ", details="")) == ()


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"blocks": 5, "state": []},
        {"blocks": [{"block_id": "0:x"}], "state": {"values": {"0:x": "y"}}},
        {"blocks": [{"block_id": "x"}, 5, {}], "state": {"values": {"x": {"field": {}}}}},
        {"blocks": [{"block_id": "0:x"}], "state": {"values": {"0:x": {"field": {"value": 5}}}}},
    ],
)
def test_what_is_no_view_of_ours_has_no_answers(view: Json) -> None:
    assert answers(view) == ()
    assert "" not in errors(view, {"y": "No."})


def test_errors_stand_at_their_fields() -> None:
    view = submitted(opened(FORM))
    assert errors(view, {"details": "Too short.", "urgency": "One of no, yes."}) == {
        "1:details": "Too short.",
        "2:urgency": "One of no, yes.",
    }


def test_an_error_of_no_field_is_at_the_first() -> None:
    view = submitted(opened(FORM))
    problems = {"subject": "It is empty.", "": "You may not do that."}
    assert errors(view, problems) == {"0:subject": "It is empty. You may not do that."}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_text(hostile: str) -> None:
    fields = (
        Field("a", hostile, choices=(hostile, "x")),
        Field("b", hostile, choices=(hostile, "x"), optional=True),
        Field("c", hostile),
    )
    view = opened(Form(hostile, "x", fields), a=hostile, c=hostile)
    assert "mrkdwn" not in str(view)
    assert answers(submitted(view, b="x")) == (("b", "x"),)


def test_what_is_too_long_is_cut_between_words() -> None:
    view = opened(Form("Tell us what is wrong with it", "x", (Field("n" * 300, "label " * 900),)))
    assert view["title"]["text"] == "Tell us what is wrong…"
    assert view["blocks"][0]["label"]["text"].endswith("label…")


def test_choices_a_menu_cannot_hold_are_typed() -> None:
    for choices in (("x" * 151, "y"), tuple(map(str, range(101))), (" ",)):
        [block] = opened(Form("F", "x", (Field("a", "A", choices=choices),)))["blocks"]
        assert block["element"]["type"] == "plain_text_input"


def test_many_choices_are_a_menu() -> None:
    choices = tuple(map(str, range(100)))
    [block] = opened(Form("F", "x", (Field("a", "A", choices=choices),)))["blocks"]
    assert block["element"]["type"] == "static_select"
    assert [option["value"] for option in block["element"]["options"]] == list(choices)


def test_a_form_of_very_many_fields_shows_what_fits() -> None:
    fields = tuple(Field(f"f{n}", f"Field {n}") for n in range(150))
    assert len(opened(Form("F", "x", fields))["blocks"]) == 100


def test_a_text_longer_than_a_field_takes_is_cut() -> None:
    [block] = opened(Form("F", "x", (Field("a", "A"),)), a="😀" * 2000)["blocks"]
    assert block["element"]["initial_value"] == "😀" * 1500


@pytest.mark.parametrize(("callback", "metadata"), [("x" * 256, ""), ("x", "x" * 3001)])
def test_metadata_that_does_not_fit_is_refused(callback: str, metadata: str) -> None:
    with pytest.raises(ValueError, match="too much"):
        modal(FORM, callback_id=callback, private_metadata=metadata)
