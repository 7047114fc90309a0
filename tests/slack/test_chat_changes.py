"""What the app changes, takes back and shows to one alone.

https://docs.slack.dev/reference/methods/chat.update, chat.delete and chat.postEphemeral
"""

from datetime import timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.asking import error
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble

DIVIDER = {"type": "divider"}
METADATA = {"event_type": "delivery", "event_payload": {"id": "d-1"}}


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


async def test_an_update_without_a_text_keeps_it_and_an_empty_list_removes_blocks(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    # "To remove previous blocks, include an empty array for this field."
    posted = await client.chat_postMessage(channel=room.id, text="One", blocks=[DIVIDER])
    edit = {"channel": room.id, "ts": posted["ts"]}
    await client.api_call("chat.update", json={**edit, "attachments": [{"text": "A"}]})
    seen = alice.sees("it")[-1]
    assert (seen.text, len(seen.blocks), len(seen.attachments)) == ("One", 1, 1)
    await client.chat_update(**edit, text="Two", blocks=[])
    assert alice.sees("it")[-1].blocks == ()


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
