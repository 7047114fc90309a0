"""Reactions and pins.

https://docs.slack.dev/reference/methods/reactions.add, pins.add and their neighbours.
"""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import emoji
from tests.slack.asking import error
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble


@pytest.fixture
def ts(alice: PersonThere, room: Channel) -> str:
    """A message of Alice's."""
    assert room.id
    return alice.write("it", "My screen is black")


async def test_a_reaction_is_put_on_once_and_taken_off_once(
    client: AsyncWebClient, room: Channel, ts: str
) -> None:
    item = {"channel": room.id, "timestamp": ts, "name": "eyes"}
    await client.reactions_add(**item)
    assert await error(client.reactions_add(**item)) == "already_reacted"
    await client.reactions_remove(**item)
    assert await error(client.reactions_remove(**item)) == "no_reaction"


async def test_somebody_elses_reaction_stays(
    client: AsyncWebClient, alice: PersonThere, room: Channel, ts: str
) -> None:
    # no_reaction is also for who is not the reaction's author
    alice.react("it", ts, "👀")
    removing = client.reactions_remove(channel=room.id, timestamp=ts, name="eyes")
    assert await error(removing) == "no_reaction"


async def test_reactions_are_told_with_who_made_them(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel, ts: str
) -> None:
    alice.react("it", ts, "thumbsup")
    await client.reactions_add(channel=room.id, timestamp=ts, name="thumbsup")
    message = (await client.reactions_get(channel=room.id, timestamp=ts))["message"]
    assert message["reactions"] == [
        {"name": "+1", "users": [alice.id, slack.workspace.bot_user], "count": 2}
    ]


@pytest.mark.parametrize("name", ["👀", ":eyes:", "no_such_emoji", "EYES", "eyes::skin-tone-9"])
async def test_an_emoji_goes_by_its_name(
    client: AsyncWebClient, room: Channel, ts: str, name: str
) -> None:
    adding = client.reactions_add(channel=room.id, timestamp=ts, name=name)
    assert await error(adding) == "invalid_name"


async def test_the_workspace_may_have_emoji_of_its_own(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, ts: str
) -> None:
    slack.workspace.custom_emoji.add("deskside")
    await client.reactions_add(channel=room.id, timestamp=ts, name="deskside")
    await client.reactions_add(channel=room.id, timestamp=ts, name="wave::skin-tone-4")
    assert list(room.messages[ts].reactions) == ["deskside", "wave::skin-tone-4"]


BAD_ITEMS: list[tuple[str, Json]] = [
    ("no_item_specified", {"timestamp": ""}),
    ("no_item_specified", {"channel": ""}),
    ("channel_not_found", {"channel": "C0NOWHERE"}),
    ("bad_timestamp", {"timestamp": "now"}),
    ("message_not_found", {"timestamp": "1600000000.000100"}),
]


@pytest.mark.parametrize("method", ["reactions.add", "reactions.remove", "pins.add", "pins.remove"])
@pytest.mark.parametrize(("code", "args"), BAD_ITEMS)
async def test_there_must_be_a_message(
    client: AsyncWebClient, room: Channel, ts: str, method: str, code: str, args: Json
) -> None:
    params = {"channel": room.id, "timestamp": ts, "name": "eyes", **args}
    assert await error(client.api_call(method, params=params)) == code


async def test_nothing_is_put_on_in_an_archived_channel(
    client: AsyncWebClient, room: Channel, ts: str
) -> None:
    room.is_archived = True
    adding = client.reactions_add(channel=room.id, timestamp=ts, name="eyes")
    assert await error(adding) == "is_archived"


async def test_one_person_puts_on_a_few_emoji_only(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, ts: str
) -> None:
    slack.is_limited = False
    names = sorted(emoji.NAMES)
    for name in names[:23]:
        await client.reactions_add(channel=room.id, timestamp=ts, name=name)
    adding = client.reactions_add(channel=room.id, timestamp=ts, name=names[23])
    assert await error(adding) == "too_many_reactions"


async def test_a_message_carries_so_many_emoji_only(
    client: AsyncWebClient, alice: PersonThere, room: Channel, ts: str
) -> None:
    names = sorted(emoji.NAMES)
    for name in names[:50]:
        alice.react("it", ts, name)
    adding = client.reactions_add(channel=room.id, timestamp=ts, name=names[50])
    assert await error(adding) == "too_many_emoji"


async def test_a_pin_is_put_on_once_and_taken_off_once(
    client: AsyncWebClient, room: Channel, ts: str
) -> None:
    item = {"channel": room.id, "timestamp": ts}
    await client.pins_add(**item)
    assert await error(client.pins_add(**item)) == "already_pinned"
    pinned = (await client.pins_list(channel=room.id))["items"]
    assert [item["message"]["ts"] for item in pinned] == [ts]
    await client.pins_remove(**item)
    assert await error(client.pins_remove(**item)) == "no_pin"


async def test_slack_refuses_to_pin(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel, ts: str
) -> None:
    random = slack.workspace.add_channel("random", [alice.id], bot=False)
    there = alice.write("random", "Lunch?")
    assert await error(client.pins_add(channel=random.id, timestamp=there)) == "not_in_channel"
    slack.person("bob").join("it")
    joined = list(room.messages)[-1]
    assert await error(client.pins_add(channel=room.id, timestamp=joined)) == "not_pinnable"
    room.pins = ["1600000000.000100"] * 100
    assert await error(client.pins_add(channel=room.id, timestamp=ts)) == "too_many_pins"
