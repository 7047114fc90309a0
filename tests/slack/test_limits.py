"""How often one may ask: https://docs.slack.dev/apis/web-api/rate-limits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.calls import METHODS
from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.server import SlackDouble

Ask = Callable[[], Any]


async def asked_until_refused(ask: Ask, most: int = 200) -> tuple[int, int]:
    """Return how many calls were answered, and the seconds the next is told to wait."""
    for answered in range(most):
        try:
            await ask()
        except SlackApiError as refusal:
            response = refusal.response
            assert response.data == {"ok": False, "error": "ratelimited"}
            assert response.status_code == 429
            return answered, int(response.headers["Retry-After"])
    raise AssertionError


@pytest.mark.parametrize(("method", "tier"), [("users.list", 20), ("users.info", 100)])
async def test_a_method_is_limited_by_its_tier(
    client: AsyncWebClient, alice: PersonThere, method: str, tier: int
) -> None:
    def ask() -> Any:
        return client.api_call(method, params={"user": alice.id})

    assert await asked_until_refused(ask) == (tier, 60)


async def test_after_the_time_told_one_may_ask_again(
    client: AsyncWebClient, clock: ManualClock
) -> None:
    await client.users_list()
    clock.advance(timedelta(seconds=30))
    answered, wait = await asked_until_refused(client.users_list)
    assert (answered, wait) == (19, 30)
    clock.advance(timedelta(seconds=wait))
    assert await asked_until_refused(client.users_list) == (1, 30)


async def test_each_method_is_counted_by_itself(client: AsyncWebClient) -> None:
    await asked_until_refused(client.users_list)
    assert (await client.usergroups_list())["ok"]


async def test_a_channel_takes_a_short_burst_and_then_a_message_a_second(
    client: AsyncWebClient, clock: ManualClock, room: Channel
) -> None:
    def post() -> Any:
        return client.chat_postMessage(channel=room.id, text="-")

    assert await asked_until_refused(post) == (5, 1)
    clock.advance(timedelta(seconds=1))
    assert await asked_until_refused(post) == (1, 1)
    clock.advance(timedelta(minutes=1))
    assert await asked_until_refused(post) == (5, 1)


async def test_channels_do_not_wait_for_each_other(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    other = slack.workspace.add_channel("other")
    await asked_until_refused(lambda: client.chat_postMessage(channel=room.id, text="-"))
    assert (await client.chat_postMessage(channel=other.id, text="-"))["ok"]


async def test_a_workspace_takes_some_hundred_messages_a_minute(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    channels = [slack.workspace.add_channel(f"room-{number}").id for number in range(301)]
    left = iter(channels)
    answered = await asked_until_refused(
        lambda: client.chat_postMessage(channel=next(left), text="-"), most=400
    )
    assert answered == (300, 60)


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
async def test_what_is_sold_outside_the_marketplace_reads_once_a_minute(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel, method: str
) -> None:
    # docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
    params = {"channel": room.id, "ts": alice.write("it", "My screen is black")}
    slack.workspace.is_distributed = True
    assert await asked_until_refused(lambda: client.api_call(method, params=params)) == (1, 60)
    slack.workspace.is_distributed = False
    assert (await asked_until_refused(lambda: client.api_call(method, params=params)))[0] == 49


async def test_limits_can_be_switched_off(client: AsyncWebClient, slack: SlackDouble) -> None:
    slack.is_limited = False
    for _ in range(25):
        assert (await client.users_list())["ok"]


async def test_a_refused_call_does_nothing(client: AsyncWebClient, room: Channel) -> None:
    await asked_until_refused(lambda: client.chat_postMessage(channel=room.id, text="-"))
    assert len(room.messages) == 5


def test_each_method_has_the_tier_of_its_page() -> None:
    # "Rate limits" on docs.slack.dev/reference/methods/ and the method's name; 0: special
    tiers = {
        0: "auth.test chat.postMessage chat.getPermalink",
        2: "conversations.list conversations.setTopic users.list usergroups.list "
        "usergroups.users.list reactions.remove pins.add pins.remove pins.list",
        3: "apps.connections.open bots.info chat.delete chat.update conversations.history "
        "conversations.info conversations.join conversations.open conversations.replies "
        "reactions.add reactions.get team.info users.conversations "
        "users.lookupByEmail",
        4: "api.test chat.postEphemeral conversations.members files.completeUploadExternal "
        "files.getUploadURLExternal files.info oauth.v2.access users.info views.open "
        "views.publish views.push views.update",
    }
    documented = {name: tier for tier, names in tiers.items() for name in names.split()}
    assert {name: method.tier for name, method in METHODS.items()} == documented
