"""Text as Slack stores it, and as people read it.

https://docs.slack.dev/messaging/formatting-message-text
"""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import markup
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble


def stored(alice: PersonThere) -> str:
    return alice.sees("it")[-1].text


def test_what_people_type_is_stored_as_slack_does(
    slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    group = slack.workspace.add_group("agents")
    alice.write(
        "it", "<b> & @deskside @agents @here #it https://a.example/?a=1&b=2, 👍 a@b.example"
    )
    assert stored(alice) == (
        f"&lt;b&gt; &amp; <@U0DESKBOT> <!subteam^{group.id}> <!here> <#{room.id}|> "
        "<https://a.example/?a=1&amp;b=2>, :+1: <mailto:a@b.example|a@b.example>"
    )
    assert alice.sees("it")[0].shown == (
        "<b> & @deskside @agents @here #it https://a.example/?a=1&b=2, :+1: a@b.example"
    )


@pytest.mark.usefixtures("room")
def test_nobody_is_mentioned_by_what_only_looks_like_it(alice: PersonThere) -> None:
    alice.write("it", "<@U0DESKBOT> @nobody #none")
    assert stored(alice) == "&lt;@U0DESKBOT&gt; @nobody #none"


async def test_a_link_is_read_by_its_label(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    await client.chat_postMessage(channel=room.id, text="<https://a.example|A &amp; B> &lt;")
    assert alice.sees("it")[-1].shown == "A & B <"


def test_rich_text_has_its_parts() -> None:
    text = "Hi <@U1> in <#C1|> <https://a.example|A &amp; B> <!here> <!subteam^S1>"
    elements = markup.rich_text(text)[0]["elements"][0]["elements"]
    assert [element["type"] for element in elements if element["type"] != "text"] == [
        *("user", "channel", "link", "broadcast", "usergroup"),
    ]
    assert elements[5] == {"type": "link", "url": "https://a.example", "text": "A & B"}


async def test_what_stands_in_rich_text_is_read(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    group = slack.workspace.add_group("agents")
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "Hi "},
            {"type": "user", "user_id": alice.id},
            {"type": "usergroup", "usergroup_id": group.id},
            {"type": "channel", "channel_id": room.id},
            {"type": "emoji", "name": "wave"},
            {"type": "link", "url": "https://a.example"},
            {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"},
            {"type": "broadcast", "range": "here"},
        ],
    }
    blocks: list[Json] = [{"type": "rich_text", "elements": [section]}, {"type": "divider"}]
    await client.chat_postMessage(channel=room.id, text="Fallback", blocks=blocks)
    shown = alice.sees("it")[0].shown
    assert shown == "Hi @alice@agents#it:wave:https://a.examplethen@here"
