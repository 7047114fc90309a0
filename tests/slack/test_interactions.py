"""What people can do to an app in the double, and what Slack's client would not let them do."""

from __future__ import annotations

import asyncio

import pytest

from bot.clock import ManualClock
from tests.slack.app import Line, SocketApp, pass_time
from tests.slack.delivery import Answer
from tests.slack.forms import NotThere
from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.samples import actions, button, options, section
from tests.slack.server import SlackDouble


async def test_a_button_tells_who_pressed_what_where(
    slack: SlackDouble, alice: PersonThere, room: Channel, card: str, line: Line
) -> None:
    frame, answer = await line.hear(slack.gestures.press(alice, "it", card, "Claim"))
    payload = frame["payload"]
    assert (frame["type"], frame["accepts_response_payload"]) == ("interactive", False)
    assert payload["user"]["id"] == alice.id
    assert payload["container"]["message_ts"] == card
    assert payload["channel"] == {"id": room.id, "name": "it"}
    action = payload["actions"][0]
    assert (action["action_id"], action["value"], action["type"]) == ("claim", "42", "button")
    assert payload["message"]["blocks"][1]["elements"][0]["action_id"] == "claim"
    assert payload["trigger_id"] in slack.workspace.triggers
    assert answer == Answer(in_time=True)


async def test_a_choice_is_told_and_remembered(
    slack: SlackDouble, alice: PersonThere, card: str, line: Line
) -> None:
    choosing = slack.gestures.select(alice, "it", card, "prio", "Option 1")
    frame, _ = await line.hear(choosing)
    assert frame["payload"]["actions"][0]["selected_option"] == options(2)[1]
    frame, _ = await line.hear(slack.gestures.press(alice, "it", card, "claim"))
    values = frame["payload"]["state"]["values"]
    assert [v["prio"]["selected_option"]["value"] for v in values.values()] == ["v1"]


@pytest.mark.parametrize(
    ("what", "choice"), [("Close", None), ("prio", "Option 9"), ("claim", "42"), ("#42", None)]
)
async def test_nobody_presses_what_is_not_there(
    slack: SlackDouble, alice: PersonThere, card: str, what: str, choice: str | None
) -> None:
    with pytest.raises(NotThere):
        await slack.gestures.select(alice, "it", card, what, choice)


async def test_a_button_that_was_edited_away_cannot_be_pressed(
    slack: SlackDouble, alice: PersonThere, room: Channel, card: str, app: SocketApp
) -> None:
    edit = {"channel": room.id, "ts": card, "text": "#42", "blocks": [section()]}
    assert (await app.call("chat.update", **edit))["ok"]
    with pytest.raises(NotThere):
        await slack.gestures.press(alice, "it", card, "claim")


async def test_nothing_in_a_deleted_message_can_be_pressed(
    slack: SlackDouble, alice: PersonThere, room: Channel, card: str, app: SocketApp
) -> None:
    assert (await app.call("chat.delete", channel=room.id, ts=card))["ok"]
    with pytest.raises(NotThere):
        await slack.gestures.press(alice, "it", card, "claim")


async def test_what_is_left_of_a_deleted_message_has_no_menu(
    slack: SlackDouble, alice: PersonThere, room: Channel, card: str, app: SocketApp
) -> None:
    alice.write("it", "a reply", thread=card)
    assert (await app.call("chat.delete", channel=room.id, ts=card))["ok"]
    with pytest.raises(NotThere):
        await slack.gestures.message_shortcut(alice, "it", card, "open")


async def test_of_two_buttons_with_the_same_words_one_must_be_named(
    slack: SlackDouble, alice: PersonThere, room: Channel, app: SocketApp, line: Line
) -> None:
    blocks = [actions(button(action_id="one"), button(action_id="two"))]
    ts = (await app.call("chat.postMessage", channel=room.id, text="-", blocks=blocks))["ts"]
    with pytest.raises(NotThere):
        await slack.gestures.press(alice, "it", ts, "Claim")
    frame, _ = await line.hear(slack.gestures.press(alice, "it", ts, "two"))
    assert frame["payload"]["actions"][0]["action_id"] == "two"


async def test_who_is_not_in_the_room_presses_nothing(slack: SlackDouble, card: str) -> None:
    with pytest.raises(NotThere):
        await slack.gestures.press(slack.person("mallory"), "it", card, "claim")


async def test_a_button_only_one_person_sees_comes_without_its_message(
    slack: SlackDouble, alice: PersonThere, room: Channel, app: SocketApp, line: Line
) -> None:
    blocks = [actions(button(action_id="yes"))]
    only = {"channel": room.id, "user": alice.id, "text": "Sure?", "blocks": blocks}
    ts = (await app.call("chat.postEphemeral", **only))["message_ts"]
    frame, _ = await line.hear(slack.gestures.press(alice, "it", ts, "yes"))
    assert frame["payload"]["container"]["is_ephemeral"] is True
    assert "message" not in frame["payload"]
    bob = slack.person("bob")
    bob.join("it")
    with pytest.raises(NotThere):
        await slack.gestures.press(bob, "it", ts, "yes")


async def test_an_app_that_does_not_answer_in_time_shows_an_error(
    slack: SlackDouble, alice: PersonThere, card: str, line: Line, clock: ManualClock
) -> None:
    pressing = asyncio.ensure_future(slack.gestures.press(alice, "it", card, "claim"))
    await line.frame()
    await pass_time(clock, 3)
    assert await pressing == Answer(in_time=False, error="operation_timeout")


@pytest.mark.usefixtures("room")
async def test_an_app_without_a_socket_is_not_reached(
    slack: SlackDouble, alice: PersonThere, app: SocketApp
) -> None:
    assert (await slack.gestures.shortcut(alice, "open")).error == "dispatch_failed"
    await app.open()
    assert (await slack.gestures.shortcut(alice, "open")).error == "no socket"


@pytest.mark.usefixtures("room")
async def test_a_command_is_answered_in_its_acknowledgement(
    slack: SlackDouble, alice: PersonThere, line: Line
) -> None:
    writing = slack.gestures.slash(alice, "it", "/desk", " ticket list ")
    frame, answer = await line.hear(writing, {"text": "None open"})
    assert (frame["type"], frame["accepts_response_payload"]) == ("slash_commands", True)
    assert (frame["payload"]["command"], frame["payload"]["text"]) == ("/desk", "ticket list")
    assert answer.payload == {"text": "None open"}
    (seen,) = alice.sees("it")
    assert (seen.text, seen.is_ephemeral) == ("None open", True)


@pytest.mark.usefixtures("room")
async def test_threads_have_no_commands(slack: SlackDouble, alice: PersonThere) -> None:
    ts = alice.write("it", "My screen is black")
    with pytest.raises(NotThere):
        await slack.gestures.slash(alice, "it", "/desk", "help", thread=ts)


async def test_a_message_has_a_menu_of_shortcuts(
    slack: SlackDouble, alice: PersonThere, room: Channel, line: Line
) -> None:
    ts = alice.write("it", "My screen is black")
    await line.acknowledge(await line.frame())
    frame, _ = await line.hear(slack.gestures.message_shortcut(alice, "it", ts, "open"))
    payload = frame["payload"]
    assert (payload["type"], payload["callback_id"]) == ("message_action", "open")
    assert (payload["message_ts"], payload["message"]["text"]) == (ts, "My screen is black")
    assert payload["channel"]["id"] == room.id


async def test_the_home_page_is_told_with_what_stands_on_it(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, line: Line
) -> None:
    slack.gestures.open_home(alice)
    event = (await line.frame())["payload"]["event"]
    assert (event["type"], event["tab"], event["channel"]) == (
        "app_home_opened",
        "home",
        alice.direct.id,
    )
    assert "view" not in event
    home = {"type": "home", "blocks": [actions(button(action_id="new"))]}
    assert (await app.call("views.publish", user_id=alice.id, view=home))["ok"]
    slack.gestures.open_home(alice)
    assert (await line.frame())["payload"]["event"]["view"]["type"] == "home"
    pressing = slack.gestures.press_in_view(alice, slack.workspace.homes[alice.id], "new")
    frame, _ = await line.hear(pressing)
    assert frame["payload"]["container"]["type"] == "view"
    assert not {"channel", "message", "response_url"} & frame["payload"].keys()
