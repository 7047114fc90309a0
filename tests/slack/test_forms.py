"""Forms: when they open, what is sent, and what becomes of them when the app has answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import ManualClock
from tests.slack.app import Json, Line, SocketApp
from tests.slack.forms import NotThere
from tests.slack.people import PersonThere
from tests.slack.records import View
from tests.slack.samples import button, field, modal, options, plain, section
from tests.slack.server import SlackDouble

FORM = modal(
    field({"type": "plain_text_input", "action_id": "what", "min_length": 3}, block_id="what"),
    field(
        {"type": "static_select", "action_id": "how", "options": options(2)},
        block_id="how",
        label=plain("How urgent?"),
        optional=True,
    ),
    callback_id="open",
    notify_on_close=True,
)


async def opened(slack: SlackDouble, app: SocketApp, alice: PersonThere, view: Json = FORM) -> View:
    """Return the form that the app opens in front of Alice."""
    trigger = slack.workspace.new_trigger(alice.id)
    assert (await app.call("views.open", trigger_id=trigger, view=view))["ok"]
    return slack.gestures.modal(alice)


async def test_a_form_is_opened_by_a_trigger_that_is_three_seconds_old(
    slack: SlackDouble, alice: PersonThere, line: Line, app: SocketApp, clock: ManualClock
) -> None:
    frames = [(await line.hear(slack.gestures.shortcut(alice, "open")))[0] for _ in range(2)]
    first, second = [frame["payload"]["trigger_id"] for frame in frames]
    clock.advance(timedelta(seconds=3))
    assert (await app.call("views.open", trigger_id=first, view=FORM))["ok"]
    clock.advance(timedelta(milliseconds=1))
    late = await app.call("views.open", trigger_id=second, view=FORM)
    assert late["error"] == "expired_trigger_id"


async def test_a_form_is_sent_with_everything_in_it(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    form = await opened(slack, app, alice)
    values = {"What is wrong?": "No network", "How urgent?": "Option 1"}
    frame, _ = await line.hear(slack.gestures.submit(alice, form, values))
    view = frame["payload"]["view"]
    assert frame["accepts_response_payload"] is True
    assert (view["callback_id"], view["id"]) == ("open", form.id)
    assert view["state"]["values"] == {
        "what": {"what": {"type": "plain_text_input", "value": "No network"}},
        "how": {"how": {"type": "static_select", "selected_option": options(2)[1]}},
    }
    assert not form.is_open


@pytest.mark.parametrize("values", [{}, {"what": ""}, {"what": "No"}, {"what": "x" * 3001}])
async def test_slacks_client_keeps_a_form_that_is_not_complete(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, values: dict[str, str]
) -> None:
    form = await opened(slack, app, alice)
    with pytest.raises(NotThere):
        await slack.gestures.submit(alice, form, values)
    assert form.is_open


async def test_a_form_with_errors_stays_open(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    form = await opened(slack, app, alice)
    said = {"response_action": "errors", "errors": {"what": "In one sentence, please"}}
    _, answer = await line.hear(slack.gestures.submit(alice, form, {"what": "Net"}), said)
    assert answer.payload == said
    assert form.is_open
    assert slack.gestures.refused == []


@pytest.mark.parametrize(
    "said",
    [
        {"errors": {"what": "No"}},
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {"nowhere": "No"}},
        {"response_action": "errors", "errors": {"what": ""}},
        {"response_action": "explode"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
    ],
)
async def test_a_wrong_answer_to_a_form_changes_nothing(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line, said: Json
) -> None:
    form = await opened(slack, app, alice)
    await line.hear(slack.gestures.submit(alice, form, {"what": "Net"}), said)
    assert form.is_open
    assert len(slack.gestures.refused) == 1


async def test_a_form_can_be_replaced(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    form = await opened(slack, app, alice)
    said = {"response_action": "update", "view": modal(section(), title=plain("Other"))}
    await line.hear(slack.gestures.submit(alice, form, {"what": "Net"}), said)
    assert slack.gestures.modal(alice) is form
    assert form.view["title"] == plain("Other")


async def test_two_more_forms_can_lie_on_a_form_and_all_go_at_once(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    form = await opened(slack, app, alice, modal(section()))
    said = {"response_action": "push", "view": modal(section())}
    for _ in range(3):
        await line.hear(slack.gestures.submit(alice), said)
    assert slack.gestures.refused == ["too many views"]
    top = slack.gestures.modal(alice)
    assert top.root_id == form.id
    assert slack.workspace.views[top.previous_id].previous_id == form.id
    await line.hear(slack.gestures.submit(alice), {"response_action": "clear"})
    assert not form.is_open
    with pytest.raises(NotThere):
        slack.gestures.modal(alice)


async def test_a_form_is_touched_only_by_whom_it_is_in_front_of(
    slack: SlackDouble, app: SocketApp, alice: PersonThere
) -> None:
    form = await opened(slack, app, alice, modal(section(accessory=button(action_id="a"))))
    with pytest.raises(NotThere):
        await slack.gestures.press_in_view(slack.person("bob"), form, "a")
    form.is_open = False
    with pytest.raises(NotThere):
        await slack.gestures.press_in_view(alice, form, "a")


async def test_a_form_that_is_left_is_told_of_if_the_app_asked_for_it(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    form = await opened(slack, app, alice)
    frame, _ = await line.hear(slack.gestures.close(alice, form))
    assert frame["payload"]["type"] == "view_closed"
    assert frame["payload"]["is_cleared"] is False
    await opened(slack, app, alice, modal(section()))
    assert await slack.gestures.close(alice) is None
