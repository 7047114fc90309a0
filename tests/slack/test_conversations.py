"""Which channels and people there are: conversations.*, users.*, usergroups.*, bots, team.

Each rule is on https://docs.slack.dev/reference/methods/ and the method's name.
"""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.asking import error, refused
from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.server import SlackDouble


async def names(client: AsyncWebClient, **args: Any) -> list[str]:
    answer = await client.conversations_list(**args)
    return [channel["name"] for channel in answer["channels"]]


async def test_public_channels_are_known_and_private_ones_with_the_bot(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    slack.workspace.add_channel("random", bot=False)
    slack.workspace.add_channel("staff", private=True)
    slack.workspace.add_channel("secret", private=True, bot=False)
    assert await names(client) == [room.name, "random"]
    both = await names(client, types="public_channel,private_channel")
    assert sorted(both) == ["it", "random", "staff"]


async def test_lists_go_on_with_a_cursor(client: AsyncWebClient, slack: SlackDouble) -> None:
    for number in range(3):
        slack.workspace.add_channel(f"room-{number}")
    first = await client.conversations_list(limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    assert await names(client, limit=2, cursor=cursor) == ["room-2"]


async def test_archived_channels_may_be_left_out(client: AsyncWebClient, room: Channel) -> None:
    room.is_archived = True
    assert await names(client) == ["it"]
    assert await names(client, exclude_archived=True) == []


@pytest.mark.parametrize("limit", ["0", "1000", "many"])
async def test_a_list_has_a_limit(client: AsyncWebClient, limit: str) -> None:
    asked = client.api_call("conversations.list", params={"limit": limit})
    assert await error(asked) == "invalid_limit"


async def test_types_are_checked(client: AsyncWebClient) -> None:
    assert await error(client.conversations_list(types="channel")) == "invalid_types"


async def test_the_app_lists_where_it_is(client: AsyncWebClient, slack: SlackDouble) -> None:
    slack.workspace.add_channel("it")
    slack.workspace.add_channel("random", bot=False)
    answer = await client.users_conversations()
    assert [channel["name"] for channel in answer["channels"]] == ["it"]


async def test_a_channel_tells_whether_it_is_shared(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    # docs.slack.dev/apis/slack-connect
    slack.workspace.add_guest("guest")
    slack.person("guest").join("it")
    told = (await client.conversations_info(channel=room.id, include_num_members=True))["channel"]
    assert (told["is_ext_shared"], told["num_members"]) == (True, 3)


async def test_a_direct_conversation_tells_with_whom(
    client: AsyncWebClient, alice: PersonThere
) -> None:
    told = (await client.conversations_info(channel=alice.direct.id))["channel"]
    assert (told["is_im"], told["user"]) == (True, alice.id)


async def test_a_secret_channel_is_not_found(client: AsyncWebClient, slack: SlackDouble) -> None:
    secret = slack.workspace.add_channel("secret", private=True, bot=False)
    assert await error(client.conversations_info(channel=secret.id)) == "channel_not_found"
    assert await error(client.conversations_members(channel=secret.id)) == "channel_not_found"


async def test_members_are_told_by_id(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    answer = await client.conversations_members(channel=room.id)
    assert answer["members"] == sorted([alice.id, slack.workspace.bot_user])


async def test_a_direct_conversation_is_opened_once(
    client: AsyncWebClient, alice: PersonThere
) -> None:
    first = await client.conversations_open(users=alice.id)
    again = await client.conversations_open(users=alice.id, return_im=True)
    assert first["channel"] == {"id": again["channel"]["id"]}
    assert (again["already_open"], again["channel"]["user"]) == (True, alice.id)


@pytest.mark.parametrize(
    ("code", "users"),
    [
        ("users_list_not_supplied", ""),
        ("user_not_found", "U0NOBODY"),
        ("user_disabled", "GONE"),
        ("not_enough_users", "U0DESKBOT"),
        ("too_many_users", ",".join(f"U{number}" for number in range(9))),
    ],
)
async def test_slack_refuses_to_open(
    client: AsyncWebClient, slack: SlackDouble, code: str, users: str
) -> None:
    gone = slack.workspace.add_user("gone", deleted=True)
    users = users.replace("GONE", gone.id)
    assert await error(client.conversations_open(users=users)) == code


async def test_a_direct_conversation_is_taken_up_again(
    client: AsyncWebClient, alice: PersonThere
) -> None:
    answer = await client.conversations_open(channel=alice.direct.id)
    assert (answer["channel"], answer["no_op"]) == ({"id": alice.direct.id}, True)


async def test_a_channel_is_not_opened(client: AsyncWebClient, room: Channel) -> None:
    opening = client.conversations_open(channel=room.id)
    assert await error(opening) == "method_not_supported_for_channel_type"


async def test_the_bot_joins_a_public_channel(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    random = slack.workspace.add_channel("random", bot=False)
    assert (await client.conversations_join(channel=random.id))["channel"]["is_member"]
    assert slack.workspace.bot_user in random.members
    answer = await client.conversations_join(channel=room.id)
    assert answer["warning"] == "already_in_channel"


async def test_slack_refuses_to_join(client: AsyncWebClient, slack: SlackDouble) -> None:
    random = slack.workspace.add_channel("random", bot=False)
    random.is_archived = True
    staff = slack.workspace.add_channel("staff", private=True)
    assert await error(client.conversations_join(channel=random.id)) == "is_archived"
    joining = client.conversations_join(channel=staff.id)
    assert await error(joining) == "method_not_supported_for_channel_type"


async def test_a_topic_is_set(client: AsyncWebClient, slack: SlackDouble, room: Channel) -> None:
    answer = await client.conversations_setTopic(channel=room.id, topic="Printers are down")
    assert answer["channel"]["topic"]["value"] == "Printers are down"
    assert room.topic["creator"] == slack.workspace.bot_user


async def test_slack_refuses_to_set_a_topic(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    async def refusal(channel: str, topic: str = "-") -> str:
        return await error(client.conversations_setTopic(channel=channel, topic=topic))

    random = slack.workspace.add_channel("random", bot=False)
    assert await refusal(random.id) == "not_in_channel"
    assert await refusal(room.id, "x" * 251) == "too_long"
    assert await refusal(alice.direct.id) == "method_not_supported_for_channel_type"
    room.is_archived = True
    assert await refusal(room.id) == "is_archived"


async def test_a_missing_topic_is_named(client: AsyncWebClient, room: Channel) -> None:
    answer = await refused(client.conversations_setTopic(channel=room.id, topic=""))
    messages = answer["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: topic"]


# People


async def test_a_user_is_told_with_their_address_only_to_who_may_know(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere
) -> None:
    # docs.slack.dev/reference/scopes/users.read.email
    alice.change(email="alice@example.com", display_name="Al")
    told = (await client.users_info(user=alice.id))["user"]
    assert (told["name"], told["profile"]["email"]) == ("alice", "alice@example.com")
    scopes = slack.workspace.tokens[slack.bot_token].scopes
    scopes.discard("users:read.email")
    assert "email" not in (await client.users_info(user=alice.id))["user"]["profile"]


async def test_a_guest_of_another_workspace_is_told_by_the_team(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    guest = slack.workspace.add_guest("guest", is_stranger=True)
    told = (await client.users_info(user=guest.id))["user"]
    assert (told["team_id"], told["is_stranger"]) == ("T0ELSEWHERE", True)


async def test_somebody_unknown_is_not_found(client: AsyncWebClient) -> None:
    assert await error(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert await error(client.users_info(user="")) == "invalid_arguments"


@pytest.mark.usefixtures("alice")
async def test_everybody_is_listed(client: AsyncWebClient) -> None:
    first = await client.users_list(limit=1)
    second = await client.users_list(
        limit=1, cursor=first["response_metadata"]["next_cursor"], include_locale=True
    )
    found = [*first["members"], *second["members"]]
    assert sorted(user["name"] for user in found) == ["alice", "deskside"]
    assert "locale" in second["members"][0]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_groups_of_people_are_told_with_whom_is_in_them(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere
) -> None:
    group = slack.workspace.add_group("agents", [alice.id])
    told = (await client.usergroups_list(include_users=True))["usergroups"][0]
    assert (told["handle"], told["users"]) == ("agents", [alice.id])
    assert (await client.usergroups_users_list(usergroup=group.id))["users"] == [alice.id]
    group.is_enabled = False
    assert (await client.usergroups_list())["usergroups"] == []
    asked = client.usergroups_users_list(usergroup=group.id)
    assert await error(asked) == "no_such_subteam"


async def test_a_bot_and_the_team_are_told(client: AsyncWebClient, slack: SlackDouble) -> None:
    assert (await client.bots_info(bot="B0DESKBOT"))["bot"]["app_id"] == slack.workspace.app_id
    assert await error(client.bots_info(bot="B0NONE")) == "bot_not_found"
    assert (await client.team_info())["team"]["id"] == slack.workspace.team_id
    assert await error(client.team_info(team="T0NONE")) == "team_not_found"


async def test_somebody_is_found_by_their_address(
    client: AsyncWebClient, alice: PersonThere
) -> None:
    alice.change(email="alice@example.com")
    assert (await client.users_lookupByEmail(email="alice@example.com"))["user"]["id"] == alice.id
    asked = client.users_lookupByEmail(email="bob@example.com")
    assert await error(asked) == "users_not_found"
