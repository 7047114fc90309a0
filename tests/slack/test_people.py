"""What people do, what they see, and what an app is told of it.

The page of each event: https://docs.slack.dev/reference/events/ and its name.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack import acts
from tests.slack.asking import error
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble


@pytest.fixture
def told(slack: SlackDouble, room: Channel) -> list[Json]:
    """The events that the app is told of, as they happen, with Alice and the bot in #it."""
    assert room.id
    events: list[Json] = []
    slack.workspace.observers.append(events.append)
    return events


def kinds(told: list[Json]) -> list[str]:
    return [event.get("subtype") or event["type"] for event in told]


def test_a_message_is_told(told: list[Json], alice: PersonThere, room: Channel) -> None:
    ts = alice.write("it", "My screen is black")
    event = told[0]
    assert event["client_msg_id"]
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "My screen is black"}
    ]
    named = ("type", "user", "text", "ts", "event_ts", "channel", "channel_type", "team")
    assert [event[name] for name in named] == [
        *("message", alice.id, "My screen is black", ts, ts, room.id, "channel", "T0DESKSIDE"),
    ]


def test_the_bot_is_told_of_the_channels_it_is_in(
    told: list[Json], slack: SlackDouble, alice: PersonThere
) -> None:
    slack.workspace.add_channel("random", [alice.id], bot=False)
    alice.react("random", alice.write("random", "Lunch?"), "eyes")
    assert told == []
    alice.dm("Help")
    assert [(event["channel_type"], event["text"]) for event in told] == [("im", "Help")]


def test_a_mention_is_told_once_more_by_itself(told: list[Json], alice: PersonThere) -> None:
    ts = alice.write("it", "@deskside help")
    assert kinds(told) == ["message", "app_mention"]
    assert (told[1]["ts"], "channel_type" in told[1]) == (ts, False)
    alice.dm("@deskside help")
    assert kinds(told)[2:] == ["message"]


def test_a_reply_names_its_thread(told: list[Json], alice: PersonThere) -> None:
    ts = alice.write("it", "My screen is black")
    alice.write("it", "Still", thread=ts)
    alice.write("it", "For all", thread=ts, broadcast=True)
    assert [event.get("thread_ts") for event in told] == [None, ts, ts]
    assert told[1]["parent_user_id"] == alice.id
    assert kinds(told)[2] == "thread_broadcast"
    assert [seen.text for seen in alice.sees("it")] == ["My screen is black", "For all"]


def test_an_edit_is_told_with_what_stood_there(told: list[Json], alice: PersonThere) -> None:
    ts = alice.write("it", "My screen is blakc")
    alice.edit("it", ts, "My screen is black")
    event = told[1]
    names = "type subtype hidden channel channel_type event_ts ts message previous_message"
    assert set(event) == set(names.split())
    assert event["message"]["edited"]["user"] == alice.id
    assert (event["message"]["text"], event["previous_message"]["text"]) == (
        "My screen is black",
        "My screen is blakc",
    )
    assert event["ts"] != ts == event["message"]["ts"]


def test_a_preview_is_told_as_a_change_that_nobody_edited(
    told: list[Json], slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    message = room.messages[alice.write("it", "https://a.example/")]
    acts.change(slack.workspace, room, message, attachments=[{"id": 1, "title": "A"}])
    assert kinds(told)[-1] == "message_changed"
    assert "edited" not in told[-1]["message"]


def test_a_deletion_is_told(told: list[Json], alice: PersonThere) -> None:
    ts = alice.write("it", "My password is hunter2")
    alice.delete("it", ts)
    assert (kinds(told)[1], told[1]["deleted_ts"]) == ("message_deleted", ts)
    assert told[1]["previous_message"]["text"] == "My password is hunter2"
    assert alice.sees("it") == []


def test_what_stood_above_replies_becomes_a_tombstone(told: list[Json], alice: PersonThere) -> None:
    ts = alice.write("it", "My password is hunter2")
    alice.write("it", "Oh", thread=ts)
    alice.delete("it", ts)
    assert kinds(told)[-1] == "message_changed"
    assert told[-1]["message"]["subtype"] == "tombstone"
    assert "hunter2" not in str(told[-1]["message"])


def test_reactions_are_told_by_name(told: list[Json], alice: PersonThere, room: Channel) -> None:
    ts = alice.write("it", "My screen is black")
    alice.react("it", ts, "👀")
    alice.react("it", ts, ":eyes:")
    alice.unreact("it", ts, "eyes")
    alice.unreact("it", ts, "eyes")
    assert kinds(told)[1:] == ["reaction_added", "reaction_removed"]
    assert told[1]["item"] == {"type": "message", "channel": room.id, "ts": ts}
    assert (told[1]["reaction"], told[1]["user"], told[1]["item_user"]) == (
        *("eyes", alice.id, alice.id),
    )


def test_a_pin_is_told(told: list[Json], alice: PersonThere, room: Channel) -> None:
    ts = alice.write("it", "My screen is black")
    alice.pin("it", ts)
    assert (kinds(told)[1], told[1]["channel_id"]) == ("pin_added", room.id)
    assert told[1]["item"]["message"]["ts"] == ts


def test_a_deleted_message_is_pinned_no_more(alice: PersonThere, room: Channel) -> None:
    ts = alice.write("it", "My screen is black")
    alice.pin("it", ts)
    alice.delete("it", ts)
    assert room.pins == []


def test_coming_and_going_are_told(told: list[Json], slack: SlackDouble, room: Channel) -> None:
    bob = slack.person("bob")
    bob.join("it")
    bob.join("it")
    bob.leave("it")
    assert kinds(told) == [
        *("channel_join", "member_joined_channel", "channel_leave", "member_left_channel"),
    ]
    assert (told[1]["user"], told[1]["channel"], told[1]["channel_type"]) == (bob.id, room.id, "C")


def test_the_bot_is_told_when_it_is_put_in_and_out(
    told: list[Json], slack: SlackDouble, alice: PersonThere
) -> None:
    slack.workspace.add_channel("random", [alice.id], bot=False)
    alice.invite("random", slack.workspace.bot_user)
    assert (told[-1]["type"], told[-1]["inviter"]) == ("member_joined_channel", alice.id)
    alice.remove("random", slack.workspace.bot_user)
    assert told[-1]["type"] == "channel_left"
    before = len(told)
    alice.write("random", "Alone at last")
    assert len(told) == before


def test_a_file_is_told_with_its_message(told: list[Json], alice: PersonThere) -> None:
    alice.write("it", "The log", files=[("log.txt", b"hello")])
    assert kinds(told) == ["file_shared", "file_share"]
    file = told[1]["files"][0]
    assert (file["id"], file["mimetype"], file["size"]) == (told[0]["file_id"], "text/plain", 5)
    assert alice.sees("it")[0].files == ("log.txt",)


CHANGES: list[tuple[str, Callable[[PersonThere], None]]] = [
    ("channel_topic", lambda alice: alice.set_topic("it", "Printers")),
    ("channel_rename", lambda alice: alice.rename_channel("it", "support")),
    ("channel_archive", lambda alice: alice.archive("it")),
    ("channel_unarchive", lambda alice: alice.archive("it", back=True)),
    ("user_change", lambda alice: alice.rename("Alice Smith")),
]


@pytest.mark.parametrize(("kind", "change"), CHANGES)
def test_a_change_is_told(
    told: list[Json], alice: PersonThere, kind: str, change: Callable[[PersonThere], None]
) -> None:
    change(alice)
    assert kinds(told)[-1] == kind


def test_a_private_channel_changes_by_another_name(
    told: list[Json], slack: SlackDouble, alice: PersonThere
) -> None:
    slack.workspace.add_channel("staff", [alice.id], private=True)
    slack.workspace.add_channel("secret", [alice.id], private=True, bot=False)
    alice.archive("secret")
    alice.archive("staff")
    assert kinds(told) == ["group_archive"]


def test_who_is_in_a_group_is_told(
    told: list[Json], slack: SlackDouble, alice: PersonThere
) -> None:
    group = slack.workspace.add_group("agents", ["U0OLD"])
    acts.change_group(slack.workspace, group, [alice.id])
    assert (told[0]["added_users"], told[0]["removed_users"]) == ([alice.id], ["U0OLD"])


def test_a_guest_of_another_workspace_is_told_by_the_team(
    told: list[Json], slack: SlackDouble, room: Channel
) -> None:
    # docs.slack.dev/apis/slack-connect
    slack.workspace.add_guest("guest")
    guest = slack.person("guest")
    guest.join("it")
    guest.write("it", "Hello")
    assert (told[-1]["user_team"], told[-1]["team"]) == ("T0ELSEWHERE", "T0ELSEWHERE")
    assert room.connected_teams == ["T0ELSEWHERE"]


async def test_the_app_is_told_of_its_own_messages(
    told: list[Json], client: AsyncWebClient, room: Channel
) -> None:
    await client.chat_postMessage(channel=room.id, text="Hello <@U0DESKBOT>")
    assert kinds(told) == ["message"]
    assert (told[0]["bot_id"], told[0]["app_id"]) == ("B0DESKBOT", "A0DESKSIDE")


def test_programs_are_told_from_people(
    told: list[Json], slack: SlackDouble, alice: PersonThere
) -> None:
    slack.workspace.add_user("jenkins", is_bot=True, bot_id="B0JENKINS")
    jenkins = slack.person("jenkins")
    jenkins.join("it")
    jenkins.write("it", "Build failed")
    assert (told[-1]["user"], told[-1]["bot_id"]) == (jenkins.id, "B0JENKINS")
    assert "client_msg_id" not in told[-1]
    alice.call_webhook("it", "Disk full")
    assert kinds(told)[-1] == "bot_message"
    assert "user" not in told[-1]


async def test_an_app_that_is_put_out_is_told_so(
    told: list[Json], client: AsyncWebClient, slack: SlackDouble
) -> None:
    slack.workspace.revoke_tokens()
    assert kinds(told) == ["tokens_revoked", "app_uninstalled"]
    assert await error(client.auth_test()) == "token_revoked"


def test_people_do_what_they_may(slack: SlackDouble, alice: PersonThere, room: Channel) -> None:
    bob = slack.person("bob")
    ts = alice.write("it", "Mine")
    with pytest.raises(AssertionError, match="not in"):
        bob.sees("it")
    bob.join(room.name)
    with pytest.raises(AssertionError, match="not by bob"):
        bob.edit("it", ts, "Yours")


def test_ts_are_unique_and_grow_whatever_the_clock_does(
    slack: SlackDouble, clock: ManualClock
) -> None:
    first, second = slack.workspace.new_ts(), slack.workspace.new_ts()
    clock.advance(timedelta(hours=-1))
    third = slack.workspace.new_ts()
    clock.advance(timedelta(hours=2))
    fourth = slack.workspace.new_ts()
    assert first < second < third < fourth
    assert (first, second[-7:]) == (f"{int(clock.now().timestamp()) - 3600}.000000", ".000100")
