"""What the app may say: https://docs.slack.dev/reference/methods/chat.postMessage and so on."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack import acts
from tests.slack.asking import error, refused
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import BOT_SCOPES, SlackDouble

DIVIDER = {"type": "divider"}
METADATA = {"event_type": "delivery", "event_payload": {"id": "d-1"}}


async def test_a_message_is_seen_where_it_was_posted(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    answer = await client.chat_postMessage(channel=room.id, text="Printer &amp; toner")
    seen = alice.sees("it")[-1]
    assert (seen.ts, seen.text, seen.shown) == (
        answer["ts"],
        "Printer &amp; toner",
        "Printer & toner",
    )


async def test_what_is_left_unescaped_is_live(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    # docs.slack.dev/messaging/formatting-message-text "Escaping text"
    await client.chat_postMessage(channel=room.id, text="a < b & c <!channel> http://example.com/a")
    assert alice.sees("it")[-1].text == ("a &lt; b &amp; c <!channel> <http://example.com/a>")


async def test_a_channel_is_also_found_by_its_name(client: AsyncWebClient, room: Channel) -> None:
    assert (await client.chat_postMessage(channel="#it", text="-"))["channel"] == room.id


async def test_a_user_stands_for_their_conversation_with_the_app(
    client: AsyncWebClient, alice: PersonThere
) -> None:
    answer = await client.chat_postMessage(channel=alice.id, text="For you")
    assert answer["channel"] == alice.direct.id
    assert [seen.text for seen in alice.sees(alice.direct.id)] == ["For you"]


async def test_blocks_stand_in_the_place_of_the_text(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"Hi <@{alice.id}>"}}
    await client.chat_postMessage(channel=room.id, text="Fallback", blocks=[section])
    seen = alice.sees("it")[-1]
    assert (seen.text, seen.shown) == ("Fallback", "Hi @alice")


REFUSED: list[tuple[str, Json]] = [
    ("channel_not_found", {"channel": "C0NOWHERE", "text": "-"}),
    ("channel_not_found", {"channel": "PRIVATE", "text": "-"}),
    ("not_in_channel", {"channel": "ELSEWHERE", "text": "-"}),
    ("is_archived", {"channel": "ARCHIVED", "text": "-"}),
    ("restricted_action_read_only_channel", {"channel": "READ_ONLY", "text": "-"}),
    ("no_text", {}),
    ("no_text", {"text": "  \n"}),
    ("msg_too_long", {"text": "x" * 40_001}),
    ("msg_too_long", {"markdown_text": "x" * 12_001}),
    ("markdown_text_conflict", {"markdown_text": "-", "text": "-"}),
    ("invalid_blocks_format", {"text": "-", "blocks": "not JSON"}),
    ("invalid_blocks_format", {"text": "-", "blocks": {"type": "divider"}}),
    ("invalid_blocks", {"text": "-", "blocks": [{"type": "banner"}]}),
    ("invalid_blocks", {"text": "-", "blocks": [DIVIDER] * 51}),
    ("invalid_attachments", {"text": "-", "attachments": {"text": "-"}}),
    ("too_many_attachments", {"text": "-", "attachments": [{"text": "-"}] * 101}),
    ("invalid_metadata_format", {"text": "-", "metadata": {"event_type": "delivery"}}),
    ("invalid_metadata_format", {"text": "-", "metadata": {"event_payload": {}}}),
    ("invalid_metadata_format", {"text": "-", "metadata": ["delivery"]}),
    ("invalid_metadata_schema", {"metadata": {**METADATA, "event_type": "a b"}, "text": "-"}),
    (
        "invalid_metadata_schema",
        {"text": "-", "metadata": {**METADATA, "event_payload": {"id": None}}},
    ),
    (
        "metadata_too_large",
        {"text": "-", "metadata": {**METADATA, "event_payload": {"id": "x" * 9000}}},
    ),
    ("cannot_reply_to_message", {"text": "-", "thread_ts": "JOINED"}),
    ("missing_scope", {"text": "-", "username": "Somebody else"}),
]


def places(slack: SlackDouble, room: Channel) -> dict[str, str]:
    """Return the ids of the places that REFUSED names."""
    add = slack.workspace.add_channel
    archived, read_only = add("old"), add("announcements")
    archived.is_archived, read_only.posting = True, "admins"
    acts.join(slack.workspace, room, slack.person("bob").id)
    return {
        "PRIVATE": add("secret", private=True, bot=False).id,
        "ELSEWHERE": add("random", bot=False).id,
        "ARCHIVED": archived.id,
        "READ_ONLY": read_only.id,
        "JOINED": list(room.messages)[-1],
    }


@pytest.mark.parametrize(("code", "args"), REFUSED)
async def test_slack_refuses_to_post(clock: ManualClock, code: str, args: Json) -> None:
    scopes = [scope for scope in BOT_SCOPES if scope != "chat:write.customize"]
    async with SlackDouble(clock, scopes=scopes) as slack:
        room = slack.workspace.add_channel("it")
        named = places(slack, room)
        given = {name: named.get(value, value) if isinstance(value, str) else value
                 for name, value in args.items()}  # fmt: skip
        before = len(room.messages)
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        asked = client.api_call("chat.postMessage", json={"channel": room.id, **given})
        assert await error(asked) == code
        assert len(room.messages) == before


async def test_what_is_wrong_with_blocks_is_told(client: AsyncWebClient, room: Channel) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refused(client.chat_postMessage(channel=room.id, text="-", blocks=blocks))
    assert answer["response_metadata"]["messages"][0].startswith("[ERROR]")
    assert answer["errors"] == answer["response_metadata"]["messages"]


async def test_blocks_may_be_too_long_together(client: AsyncWebClient, room: Channel) -> None:
    # github.com/slackapi/bolt-js/issues/2509: from about 13,200 characters
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
    posting = client.chat_postMessage(channel=room.id, text="-", blocks=blocks)
    assert await error(posting) == "msg_blocks_too_long"


async def test_with_a_further_scope_the_app_posts_where_it_is_not(clock: ManualClock) -> None:
    # docs.slack.dev/reference/scopes/chat.write.public
    async with SlackDouble(clock, scopes=[*BOT_SCOPES, "chat:write.public"]) as slack:
        random = slack.workspace.add_channel("random", bot=False)
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        assert (await client.chat_postMessage(channel=random.id, text="-"))["ok"]


async def test_blocks_without_a_text_are_noted_as_misuse(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    await client.api_call("chat.postMessage", json={"channel": room.id, "blocks": [DIVIDER]})
    assert slack.workspace.misuses == ["chat.postMessage: blocks without text"]


async def test_a_reply_may_be_shown_in_the_channel_too(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    ts = alice.write("it", "My screen is black")
    await client.chat_postMessage(channel=room.id, text="In the thread", thread_ts=ts)
    await client.chat_postMessage(
        channel=room.id, text="In both", thread_ts=ts, reply_broadcast=True
    )
    assert [seen.text for seen in alice.sees("it")] == ["My screen is black", "In both"]
    assert [seen.text for seen in alice.sees("it", ts)][1:] == ["In the thread", "In both"]


async def test_a_reply_to_a_reply_is_seen_by_nobody(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    # "Avoid using a reply's ts value; use its parent instead."
    ts = alice.write("it", "My screen is black")
    reply = alice.write("it", "Still", thread=ts)
    await client.chat_postMessage(channel=room.id, text="Oh", thread_ts=reply)
    assert "Oh" not in [seen.text for seen in alice.sees("it") + alice.sees("it", ts)]
    assert slack.workspace.misuses == [f"chat.postMessage: thread_ts {reply} is a reply"]


async def test_a_thread_that_is_none_is_noted_as_misuse(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    await client.chat_postMessage(channel=room.id, text="Oh", thread_ts="1600000000.000100")
    assert alice.sees("it") == []
    assert len(slack.workspace.misuses) == 1


async def test_how_a_message_unfolds_is_remembered(client: AsyncWebClient, room: Channel) -> None:
    answer = await client.chat_postMessage(
        channel=room.id, text="-", unfurl_links=False, unfurl_media=False, parse="none"
    )
    message = room.messages[answer["ts"]]
    assert message.unfurl == {"unfurl_links": False, "unfurl_media": False}
    assert message.parse == {"parse": "none"}


# chat.update


async def test_an_update_replaces_text_and_blocks(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    # "If the text argument is provided and blocks are not provided, the blocks will be removed"
    posted = await client.chat_postMessage(channel=room.id, text="One", blocks=[DIVIDER])
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Two")
    seen = alice.sees("it")[-1]
    assert (seen.text, seen.blocks, seen.is_edited) == ("Two", (), True)


async def test_an_update_by_blocks_is_not_marked_as_edited(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    posted = await client.chat_postMessage(channel=room.id, text="One")
    await client.chat_update(channel=room.id, ts=posted["ts"], text="Two", blocks=[DIVIDER])
    seen = alice.sees("it")[-1]
    assert (seen.blocks[0]["type"], seen.is_edited) == ("divider", False)


async def test_an_update_without_metadata_keeps_it_and_with_an_empty_one_removes_it(
    client: AsyncWebClient, room: Channel
) -> None:
    posted = await client.chat_postMessage(channel=room.id, text="One", metadata=METADATA)
    kept = await client.chat_update(channel=room.id, ts=posted["ts"], text="Two")
    assert kept["message"]["metadata"] == METADATA
    gone = await client.chat_update(channel=room.id, ts=posted["ts"], text="Three", metadata={})
    assert "metadata" not in gone["message"]


async def test_slack_refuses_to_update(
    client: AsyncWebClient,
    clock: ManualClock,
    slack: SlackDouble,
    alice: PersonThere,
    room: Channel,
) -> None:
    posted = str((await client.chat_postMessage(channel=room.id, text="One"))["ts"])

    async def refusal(ts: str, text: str = "Two", **more: Any) -> str:
        asked = {"channel": room.id, "ts": ts, "text": text, **more}
        return await error(client.api_call("chat.update", json=asked))

    assert await refusal("1600000000.000100") == "message_not_found"
    assert await refusal(alice.write("it", "Mine")) == "cant_update_message"
    assert await refusal(posted, text="x" * 4001) == "msg_too_long"
    assert await refusal(posted, text="") == "no_text"
    slack.workspace.edit_window = timedelta(minutes=5)
    clock.advance(timedelta(minutes=5, seconds=1))
    assert await refusal(posted) == "edit_window_closed"
    room.is_archived = True
    assert await refusal(posted) == "is_inactive"


# chat.delete


async def test_a_deleted_message_is_gone(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    posted = await client.chat_postMessage(channel=room.id, text="Oops")
    await client.chat_delete(channel=room.id, ts=posted["ts"])
    assert alice.sees("it") == []
    again = client.chat_delete(channel=room.id, ts=posted["ts"])
    assert await error(again) == "message_not_found"


async def test_the_app_deletes_its_own_messages_alone(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    deleting = client.chat_delete(channel=room.id, ts=alice.write("it", "Mine"))
    assert await error(deleting) == "cant_delete_message"


# chat.postEphemeral


async def test_an_ephemeral_message_is_for_one_alone(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    bob = slack.person("bob")
    bob.join("it")
    await client.chat_postEphemeral(channel=room.id, user=alice.id, text="Psst")
    assert [seen.text for seen in alice.sees("it") if seen.is_ephemeral] == ["Psst"]
    assert not [seen for seen in bob.sees("it") if seen.is_ephemeral]
    assert "Psst" not in [m["text"] for m in (await history(client, room))]


async def history(client: AsyncWebClient, room: Channel) -> list[Json]:
    messages: list[Json] = (await client.conversations_history(channel=room.id))["messages"]
    return messages


async def test_an_ephemeral_message_shows_in_a_thread_only_once_it_is_one(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    # "Ephemeral messages in threads are only shown if there is already an active thread."
    ts = alice.write("it", "My screen is black")
    await client.chat_postEphemeral(channel=room.id, user=alice.id, text="Psst", thread_ts=ts)
    assert "Psst" not in [seen.text for seen in alice.sees("it", ts)]
    alice.write("it", "Still", thread=ts)
    assert "Psst" in [seen.text for seen in alice.sees("it", ts)]


async def test_an_ephemeral_message_goes_to_those_who_are_there(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    bob = slack.person("bob")
    asked = client.chat_postEphemeral(channel=room.id, user=bob.id, text="Psst")
    assert await error(asked) == "user_not_in_channel"
    asked = client.chat_postEphemeral(channel=room.id, user="", text="Psst")
    assert await error(asked) == "invalid_arguments"


async def test_an_ephemeral_message_cannot_be_updated(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    posted = await client.chat_postEphemeral(channel=room.id, user=alice.id, text="Psst")
    updating = client.chat_update(channel=room.id, ts=posted["message_ts"], text="Two")
    assert await error(updating) == "message_not_found"
