"""What the app may say: https://docs.slack.dev/reference/methods/chat.postMessage and so on."""

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


@pytest.mark.parametrize("how", [{"parse": "full"}, {"link_names": True}])
async def test_names_are_live_when_that_is_asked_for(
    client: AsyncWebClient, alice: PersonThere, room: Channel, how: Json
) -> None:
    # docs.slack.dev/messaging/formatting-message-text "Automatic parsing"
    await client.chat_postMessage(channel=room.id, text="@channel")
    await client.chat_postMessage(channel=room.id, text="@channel", **how)
    assert [seen.text for seen in alice.sees("it")] == ["@channel", "<!channel>"]


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


async def test_a_text_may_be_markdown(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    await client.chat_postMessage(channel=room.id, markdown_text="**Hello**")
    assert alice.sees("it")[-1].text == "**Hello**"


async def test_metadata_may_hold_objects_of_plain_values(
    client: AsyncWebClient, room: Channel
) -> None:
    payload = {"id": "d-1", "at": 1.5, "is_late": False, "place": {"x": 1}, "parts": [{"n": 1}]}
    metadata: Json = {"event_type": "delivery", "event_payload": payload}
    posted = await client.chat_postMessage(channel=room.id, text="-", metadata=metadata)
    assert posted["message"]["metadata"] == metadata
    metadata["event_payload"] = {"parts": [1]}
    posting = client.chat_postMessage(channel=room.id, text="-", metadata=metadata)
    assert await error(posting) == "invalid_metadata_schema"


async def test_the_app_may_go_by_another_name(client: AsyncWebClient, room: Channel) -> None:
    # docs.slack.dev/reference/scopes/chat.write.customize
    posted = await client.chat_postMessage(channel=room.id, text="-", username="The desk")
    told = posted["message"]
    assert (told["subtype"], told["username"]) == ("bot_message", "The desk")


async def test_a_message_has_an_address(client: AsyncWebClient, room: Channel) -> None:
    # docs.slack.dev/reference/methods/chat.getPermalink
    ts = str((await client.chat_postMessage(channel=room.id, text="-"))["ts"])
    answer = await client.chat_getPermalink(channel=room.id, message_ts=ts)
    stamp = ts.replace(".", "")
    assert answer["permalink"] == f"https://example.slack.com/archives/{room.id}/p{stamp}"


async def test_how_a_message_unfolds_is_remembered(client: AsyncWebClient, room: Channel) -> None:
    answer = await client.chat_postMessage(
        channel=room.id, text="-", unfurl_links=False, unfurl_media=False, parse="none"
    )
    message = room.messages[answer["ts"]]
    assert message.unfurl == {"unfurl_links": False, "unfurl_media": False}
    assert message.parse == {"parse": "none"}
