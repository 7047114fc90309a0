"""What the double tells an app has the fields Slack documents: none is missing, none made up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_sdk.socket_mode.request import SocketModeRequest

from tests.slack import acts, documented, events
from tests.slack.app import Json, Line, SocketApp
from tests.slack.documented import MESSAGES, OTHERS, REPLIED, Page
from tests.slack.envelopes import app_rate_limited, url_verification
from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.samples import actions, button, modal, section
from tests.slack.server import SlackDouble

Act = Callable[[SlackDouble, PersonThere, Channel], object]


def outer(slack: SlackDouble) -> list[Json]:
    return [delivery.payload for delivery in slack.teller.deliveries]


def page_of(event: Json) -> Page:
    if event["type"] != "message":
        return OTHERS[event["type"]]
    return REPLIED if "message" in event and "subtype" not in event else MESSAGES[kind_of(event)]


def kind_of(event: Json) -> str:
    return str(event.get("subtype", ""))


def in_thread(alice: PersonThere, *, broadcast: bool = False) -> str:
    root = alice.write("it", "a question")
    return alice.write("it", "a reply", thread=root, broadcast=broadcast)


MESSAGE_ACTS: dict[str, Act] = {
    "": lambda _, alice, __: alice.write("it", "hello"),
    "message_changed": lambda _, alice, __: alice.edit("it", alice.write("it", "a"), "b"),
    "message_deleted": lambda _, alice, __: alice.delete("it", alice.write("it", "a")),
    "thread_broadcast": lambda _, alice, __: in_thread(alice, broadcast=True),
    "file_share": lambda _, alice, __: alice.write("it", "see", files=[("a.png", b"png")]),
    "bot_message": lambda slack, _, room: events.write_as_integration(
        slack.workspace, room, "Jenkins", "Build failed"
    ),
    "me_message": lambda slack, alice, room: events.say_me(
        slack.workspace, room, alice.user, "yawns"
    ),
    "channel_join": lambda slack, _, __: slack.person("bob").join("it"),
    "channel_leave": lambda _, alice, __: alice.leave("it"),
    "channel_topic": lambda _, alice, __: alice.set_topic("it", "Help"),
    "channel_purpose": lambda slack, alice, room: events.set_purpose(
        slack.workspace, room, alice.user, "Help"
    ),
    "channel_name": lambda _, alice, __: alice.rename_channel("it", "support"),
    "channel_archive": lambda slack, alice, room: events.note_archived(
        slack.workspace, room, alice.user
    ),
    "huddle_thread": lambda slack, alice, room: events.begin_huddle(
        slack.workspace, room, alice.user
    ),
}

OTHER_ACTS: dict[str, Act] = {
    "app_mention": lambda _, alice, __: alice.write("it", "@deskside hi"),
    "reaction_added": lambda _, alice, __: alice.react("it", alice.write("it", "a"), "eyes"),
    "reaction_removed": lambda _, alice, __: react_and_regret(alice),
    "pin_added": lambda _, alice, __: alice.pin("it", alice.write("it", "a")),
    "member_joined_channel": lambda slack, alice, _: alice.invite("it", slack.person("bob").id),
    "member_left_channel": lambda _, alice, __: alice.leave("it"),
    "channel_left": lambda slack, alice, _: alice.remove("it", slack.workspace.bot_user),
    "channel_rename": lambda _, alice, __: alice.rename_channel("it", "support"),
    "channel_archive": lambda _, alice, __: alice.archive("it"),
    "channel_unarchive": lambda _, alice, __: alice.archive("it", back=True),
    "channel_deleted": lambda slack, alice, room: events.delete_channel(
        slack.workspace, room, alice.user
    ),
    "user_change": lambda _, alice, __: alice.change(tz="Asia/Tokyo"),
    "user_profile_changed": lambda slack, alice, _: events.tell_profile(
        slack.workspace, alice.user
    ),
    "team_join": lambda slack, _, __: events.join_team(slack.workspace, "carol"),
    "im_created": lambda slack, alice, _: events.open_direct(slack.workspace, alice.user),
    "subteam_updated": lambda slack, _, __: events.tell_group(
        slack.workspace, slack.workspace.add_group("agents")
    ),
    "subteam_members_changed": lambda slack, alice, _: acts.change_group(
        slack.workspace, slack.workspace.add_group("agents"), [alice.id]
    ),
    "app_home_opened": lambda slack, alice, _: slack.gestures.open_home(alice),
    "file_shared": lambda _, alice, __: alice.write("it", "see", files=[("a.png", b"png")]),
    "tokens_revoked": lambda slack, _, __: events.revoke_tokens(slack.workspace),
    "app_uninstalled": lambda slack, _, __: events.uninstall(slack.workspace),
}


def react_and_regret(alice: PersonThere) -> None:
    ts = alice.write("it", "a")
    alice.react("it", ts, "eyes")
    alice.unreact("it", ts, "eyes")


def test_every_documented_event_is_tried() -> None:
    assert MESSAGE_ACTS.keys() == MESSAGES.keys()
    assert OTHER_ACTS.keys() == OTHERS.keys()


@pytest.mark.parametrize("subtype", MESSAGES)
async def test_a_message_has_its_documented_fields(
    slack: SlackDouble, alice: PersonThere, room: Channel, subtype: str
) -> None:
    MESSAGE_ACTS[subtype](slack, alice, room)
    told = [payload["event"] for payload in outer(slack)]
    assert [e for e in told if e["type"] == "message" and kind_of(e) == subtype]
    assert [page_of(event).problems(event) for event in told] == [[]] * len(told)


@pytest.mark.parametrize("kind", OTHERS)
async def test_an_event_has_its_documented_fields(
    slack: SlackDouble, alice: PersonThere, room: Channel, kind: str
) -> None:
    OTHER_ACTS[kind](slack, alice, room)
    told = [payload["event"] for payload in outer(slack)]
    assert [event for event in told if event["type"] == kind]
    assert [page_of(event).problems(event) for event in told] == [[]] * len(told)


async def test_a_thread_with_a_reply_is_told_of_without_its_subtype(
    slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    in_thread(alice)
    events.tell_replied(slack.workspace, room, next(iter(room.messages.values())))
    event = outer(slack)[-1]["event"]
    assert REPLIED.problems(event) == []
    assert event["message"]["reply_count"] == 1


async def test_an_edited_message_is_told_with_what_it_was(
    slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    assert room.id
    alice.edit("it", alice.write("it", "before"), "after")
    event = outer(slack)[-1]["event"]
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("after", "before")
    assert event["message"]["edited"]["user"] == alice.id
    assert event["ts"] > event["message"]["ts"]


async def test_a_broadcast_reply_shows_where_it_belongs(
    slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    assert room.id
    in_thread(alice, broadcast=True)
    event = outer(slack)[-1]["event"]
    assert event["root"]["text"] == "a question"
    assert event["root"]["ts"] == event["thread_ts"]


async def test_the_wrapper_has_its_documented_fields(
    slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    assert room.id
    alice.write("it", "hello")
    alice.write("it", "again")
    first, second = outer(slack)
    assert documented.WRAPPER.problems(first) == []
    assert documented.AUTHORIZATION.problems(first["authorizations"][0]) == []
    assert first["event_id"].startswith("Ev")
    assert first["event_id"] != second["event_id"]
    assert first["event_time"] == int(float(first["event"]["ts"]))
    assert first["is_ext_shared_channel"] is False


async def test_a_guest_of_another_workspace_is_told_with_their_team(
    slack: SlackDouble, room: Channel
) -> None:
    guest = slack.workspace.add_guest("mallory")
    acts.join(slack.workspace, room, guest.id)
    slack.person("mallory").write("it", "hello")
    payload = outer(slack)[-1]
    assert payload["is_ext_shared_channel"] is True
    assert payload["team_id"] == payload["event"]["user_team"] == guest.team_id
    assert payload["authorizations"][0]["team_id"] == slack.workspace.team_id


async def test_what_holds_no_event_has_its_documented_fields(slack: SlackDouble) -> None:
    assert documented.RATE_LIMITED.problems(app_rate_limited(slack.workspace)) == []
    assert documented.VERIFICATION.problems(url_verification("x")) == []
    assert slack.teller.send(app_rate_limited(slack.workspace)).payload["type"] == (
        "app_rate_limited"
    )


async def test_frames_of_a_socket_have_their_documented_fields(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    assert room.id
    line = await app.dial((await app.open())["url"])
    assert documented.HELLO.problems(await line.frame()) == []
    alice.write("it", "hello")
    frame = await line.frame()
    assert documented.ENVELOPE.problems(frame) == []
    request = SocketModeRequest.from_dict(frame)
    assert request is not None
    assert (request.retry_attempt, request.retry_reason) == (0, "")
    slack.sockets.disconnect("warning")
    assert documented.GOODBYE.problems(await line.frame()) == []


async def test_what_people_do_has_its_documented_fields(
    slack: SlackDouble, alice: PersonThere, card: str, line: Line
) -> None:
    hands = slack.gestures
    for doing, page in (
        (hands.press(alice, "it", card, "claim"), documented.IN_MESSAGE),
        (hands.slash(alice, "it", "/desk"), documented.COMMAND),
        (hands.shortcut(alice, "open"), documented.SHORTCUT),
        (hands.message_shortcut(alice, "it", card, "open"), documented.MESSAGE_ACTION),
    ):
        frame, _ = await line.hear(doing)
        assert page.problems(frame["payload"]) == []
        for action in frame["payload"].get("actions", []):
            assert documented.BUTTON.problems(action) == []


async def test_what_only_one_person_sees_has_its_documented_fields(
    slack: SlackDouble, alice: PersonThere, room: Channel, app: SocketApp, line: Line
) -> None:
    only = {"channel": room.id, "user": alice.id, "text": "-"}
    answer = await app.call("chat.postEphemeral", **only, blocks=[actions(button(action_id="a"))])
    pressing = slack.gestures.press(alice, "it", answer["message_ts"], "a")
    frame, _ = await line.hear(pressing)
    assert documented.IN_EPHEMERAL.problems(frame["payload"]) == []


async def test_forms_have_their_documented_fields(
    slack: SlackDouble, alice: PersonThere, app: SocketApp, line: Line
) -> None:
    view = modal(section(), actions(button(action_id="a")), notify_on_close=True)
    for act, page in (
        (slack.gestures.submit, documented.SUBMISSION),
        (slack.gestures.close, documented.CLOSED),
    ):
        trigger = slack.workspace.new_trigger(alice.id)
        assert (await app.call("views.open", trigger_id=trigger, view=view))["ok"]
        form = slack.gestures.modal(alice)
        frame, _ = await line.hear(slack.gestures.press_in_view(alice, form, "a"))
        assert documented.IN_VIEW.problems(frame["payload"]) == []
        frame, _ = await line.hear(act(alice, form))
        assert page.problems(frame["payload"]) == []
        assert documented.VIEW.problems(frame["payload"]["view"]) == []
