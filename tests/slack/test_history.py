"""What was said, page by page.

https://docs.slack.dev/reference/methods/conversations.history and conversations.replies
"""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.asking import error
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble


@pytest.fixture
def said(alice: PersonThere, room: Channel) -> list[str]:
    """The ts of five messages, the oldest first."""
    assert room.id
    return [alice.write("it", f"Number {number}") for number in range(5)]


async def texts(client: AsyncWebClient, room: Channel, **args: Any) -> list[str]:
    answer = await client.conversations_history(channel=room.id, **args)
    return [message["text"][-1] for message in answer["messages"]]


async def pages(client: AsyncWebClient, method: str, key: str, **args: Any) -> list[list[Json]]:
    """Return every page of a list."""
    found, cursor = [], ""
    while True:
        answer = await client.api_call(method, params={**args, "cursor": cursor})
        found.append(answer[key])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if key == "messages":
            assert answer["has_more"] == bool(cursor)
        if not cursor:
            return found


@pytest.mark.usefixtures("said")
async def test_history_has_the_newest_first(client: AsyncWebClient, room: Channel) -> None:
    assert await texts(client, room) == list("43210")


@pytest.mark.usefixtures("said")
async def test_history_goes_back_page_by_page(client: AsyncWebClient, room: Channel) -> None:
    found = await pages(client, "conversations.history", "messages", channel=room.id, limit=2)
    assert [[message["text"][-1] for message in page] for page in found] == [
        ["4", "3"],
        ["2", "1"],
        ["0"],
    ]


async def test_a_cursor_stays_good_when_its_message_is_deleted(
    client: AsyncWebClient, alice: PersonThere, room: Channel, said: list[str]
) -> None:
    first = await client.conversations_history(channel=room.id, limit=2)
    alice.delete("it", said[2])
    cursor = first["response_metadata"]["next_cursor"]
    assert await texts(client, room, cursor=cursor) == list("10")


async def test_history_between_two_times_has_its_ends_only_when_inclusive(
    client: AsyncWebClient, room: Channel, said: list[str]
) -> None:
    between = {"oldest": said[1], "latest": said[3]}
    assert await texts(client, room, **between) == ["2"]
    assert await texts(client, room, **between, inclusive=True) == list("321")


async def test_history_after_a_time_may_begin_at_either_end(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, said: list[str]
) -> None:
    assert await texts(client, room, oldest=said[0], limit=2) == list("43")
    slack.workspace.pages_forward = True
    assert await texts(client, room, oldest=said[0], limit=2) == list("21")
    found = await pages(
        client, "conversations.history", "messages", channel=room.id, oldest=said[0], limit=2
    )
    assert sorted(m["text"][-1] for page in found for m in page) == list("1234")


@pytest.mark.usefixtures("said")
async def test_a_page_may_have_fewer_than_were_asked_for(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    # docs.slack.dev/apis/web-api/pagination
    slack.workspace.page_limit = 1
    found = await pages(client, "conversations.history", "messages", channel=room.id, limit=100)
    assert [len(page) for page in found] == [1] * 5


async def test_what_is_sold_outside_the_marketplace_gets_fifteen_messages(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    # docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
    slack.workspace.is_distributed = True
    for number in range(20):
        alice.write("it", f"Number {number}")
    answer = await client.conversations_history(channel=room.id, limit=100)
    assert (len(answer["messages"]), answer["has_more"]) == (15, True)


async def test_metadata_is_told_only_when_it_is_asked_for(
    client: AsyncWebClient, room: Channel
) -> None:
    # docs.slack.dev/messaging/message-metadata: include_all_metadata
    metadata = {"event_type": "delivery", "event_payload": {"id": "d-1"}}
    await client.chat_postMessage(channel=room.id, text="-", metadata=metadata)
    without = await client.conversations_history(channel=room.id)
    assert "metadata" not in without["messages"][0]
    answer = await client.conversations_history(channel=room.id, include_all_metadata=True)
    assert answer["messages"][0]["metadata"] == metadata


async def test_replies_stand_in_their_thread_alone(
    client: AsyncWebClient, alice: PersonThere, room: Channel, said: list[str]
) -> None:
    reply = alice.write("it", "Below 0", thread=said[0])
    assert await texts(client, room) == list("43210")
    answer = await client.conversations_history(channel=room.id)
    parent = answer["messages"][-1]
    assert (parent["reply_count"], parent["latest_reply"]) == (1, reply)
    assert (parent["thread_ts"], parent["reply_users"]) == (said[0], [alice.id])


async def test_a_thread_has_the_oldest_first_and_its_beginning_on_every_page(
    client: AsyncWebClient, alice: PersonThere, room: Channel, said: list[str]
) -> None:
    for number in range(3):
        alice.write("it", f"Reply {number}", thread=said[0])
    found = await pages(
        client, "conversations.replies", "messages", channel=room.id, ts=said[0], limit=2
    )
    assert [[message["text"] for message in page] for page in found] == [
        ["Number 0", "Reply 0", "Reply 1"],
        ["Number 0", "Reply 2"],
    ]
    assert found[0][1]["parent_user_id"] == alice.id


async def test_a_thread_is_found_by_a_reply_too(
    client: AsyncWebClient, alice: PersonThere, room: Channel, said: list[str]
) -> None:
    # "Unique identifier of either a thread's parent message or a message in the thread."
    reply = alice.write("it", "Reply", thread=said[0])
    answer = await client.conversations_replies(channel=room.id, ts=reply)
    assert [message["ts"] for message in answer["messages"]] == [said[0], reply]


async def test_a_deleted_beginning_leaves_a_tombstone(
    client: AsyncWebClient, alice: PersonThere, room: Channel, said: list[str]
) -> None:
    alice.write("it", "Reply", thread=said[0])
    alice.delete("it", said[0])
    answer = await client.conversations_replies(channel=room.id, ts=said[0])
    assert [message["text"] for message in answer["messages"]] == [
        "This message was deleted.",
        "Reply",
    ]
    assert answer["messages"][0]["subtype"] == "tombstone"


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("channel_not_found", {"channel": "C0NOWHERE"}),
        ("channel_not_found", {"channel": "SECRET"}),
        ("not_in_channel", {"channel": "RANDOM"}),
        ("invalid_cursor", {"cursor": "next"}),
        ("invalid_cursor", {"cursor": "cHJldmlvdXM="}),
        ("invalid_limit", {"limit": "many"}),
        ("invalid_ts_oldest", {"oldest": "yesterday"}),
        ("invalid_ts_latest", {"latest": "1.5e9"}),
    ],
)
async def test_slack_refuses_to_tell(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, code: str, args: Json
) -> None:
    secret = slack.workspace.add_channel("secret", private=True, bot=False)
    random = slack.workspace.add_channel("random", bot=False)
    named = {"SECRET": secret.id, "RANDOM": random.id}
    given = {name: named.get(value, value) for name, value in args.items()}
    asked = client.api_call("conversations.history", params={"channel": room.id, **given})
    assert await error(asked) == code


async def test_a_thread_that_is_none_is_not_found(client: AsyncWebClient, room: Channel) -> None:
    asked = client.conversations_replies(channel=room.id, ts="1600000000.000100")
    assert await error(asked) == "thread_not_found"
