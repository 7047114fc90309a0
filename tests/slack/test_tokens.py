"""Tokens that are rotated, and promises of sockets."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.asking import error
from tests.slack.server import SlackDouble


def refresh(slack: SlackDouble, token: str, **other: str) -> Awaitable[Any]:
    client = AsyncWebClient(base_url=slack.api_url, retry_handlers=[])
    named = {"client_id": slack.client_id, "client_secret": slack.client_secret}
    given = {**named, "grant_type": "refresh_token", "refresh_token": token, **other}
    return client.api_call("oauth.v2.access", data=given)


async def test_a_refresh_token_is_good_once(clock: ManualClock) -> None:
    # docs.slack.dev/authentication/using-token-rotation: "The refresh token is then revoked"
    async with SlackDouble(clock, rotating=True) as slack:
        first = await refresh(slack, slack.refresh_token)
        assert await error(refresh(slack, slack.refresh_token)) == "invalid_refresh_token"
        second = await refresh(slack, first["refresh_token"])
        client = AsyncWebClient(second["access_token"], base_url=slack.api_url)
        assert (await client.auth_test())["ok"]
    assert (second["expires_in"], second["token_type"]) == (12 * 3600, "bot")


async def test_a_new_token_lives_from_when_it_was_given(clock: ManualClock) -> None:
    async with SlackDouble(clock, rotating=True) as slack:
        clock.advance(timedelta(hours=11))
        token = (await refresh(slack, slack.refresh_token))["access_token"]
        clock.advance(timedelta(hours=11))
        client = AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])
        assert (await client.auth_test())["ok"]
        clock.advance(timedelta(hours=1))
        assert await error(client.auth_test()) == "token_expired"


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("invalid_client_id", {"client_id": "3333.4444"}),
        ("bad_client_secret", {"client_secret": "guessed"}),
        ("invalid_grant_type", {"grant_type": "password"}),
    ],
)
async def test_a_refresh_that_is_refused_leaves_the_token_good(
    clock: ManualClock, code: str, other: dict[str, str]
) -> None:
    async with SlackDouble(clock, rotating=True) as slack:
        assert await error(refresh(slack, slack.refresh_token, **other)) == code
        assert (await refresh(slack, slack.refresh_token))["ok"]


# slack_sdk 3.47 shows the client by aiohttp.BasicAuth, which aiohttp 3.14 warns of.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_slacks_own_rotation_works(clock: ManualClock) -> None:
    async with SlackDouble(clock, rotating=True) as slack:
        rotator = AsyncTokenRotator(
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            client=AsyncWebClient(base_url=slack.api_url),
        )
        bot = Bot(
            app_id=slack.workspace.app_id,
            team_id=slack.workspace.team_id,
            bot_id=slack.workspace.bot_id,
            bot_user_id=slack.workspace.bot_user,
            bot_token=slack.bot_token,
            bot_refresh_token=slack.refresh_token,
            bot_token_expires_at=0,
            installed_at=0.0,
        )
        rotated = await rotator.perform_bot_token_rotation(bot=bot)
    assert rotated is not None
    assert rotated.bot_token in slack.workspace.tokens
    assert rotated.bot_token != slack.bot_token


async def test_each_socket_is_promised_by_itself(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    first = await client.apps_connections_open(app_token=slack.app_token)
    second = await client.apps_connections_open(app_token=slack.app_token)
    assert first["url"].startswith(f"{slack.socket_url}?ticket=")
    assert first["url"] != second["url"]


async def test_a_socket_needs_its_scope(client: AsyncWebClient, slack: SlackDouble) -> None:
    token = slack.workspace.add_token("app", ["authorizations:read"])
    opening = client.apps_connections_open(app_token=token.value)
    assert await error(opening) == "missing_scope"
