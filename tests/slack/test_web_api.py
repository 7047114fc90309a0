"""Who may call the Web API, and how: https://docs.slack.dev/apis/web-api."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.acts import change_user
from tests.slack.asking import error, refused
from tests.slack.records import Channel
from tests.slack.server import BOT_SCOPES, SlackDouble
from tests.slack.tls import contexts


def with_token(slack: SlackDouble, token: str | None) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])


async def post(slack: SlackDouble, method: str, **how: Any) -> Any:
    """Post without Slack's client, which would not ask like this."""
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    headers = {**how.pop("bearer", bearer), **how.pop("headers", {})}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{slack.api_url}{method}", headers=headers, **how) as response,
    ):
        assert response.status == 200
        return await response.json()


async def test_the_client_of_slack_is_let_in(client: AsyncWebClient, slack: SlackDouble) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"]) == (slack.workspace.bot_user, "B0DESKBOT")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")


async def test_a_method_that_does_not_exist_is_unknown(client: AsyncWebClient) -> None:
    answer = await refused(client.api_call("chat.shout"))
    assert answer == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


async def test_without_a_token_one_is_not_authenticated(slack: SlackDouble) -> None:
    assert await error(with_token(slack, None).auth_test()) == "not_authed"


async def test_a_token_nobody_issued_is_invalid(slack: SlackDouble) -> None:
    assert await error(with_token(slack, "xoxb-made-up").auth_test()) == "invalid_auth"


async def test_a_revoked_token_is_told_from_an_invalid_one(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    slack.workspace.tokens[slack.bot_token].is_revoked = True
    assert await error(client.auth_test()) == "token_revoked"


async def test_a_token_of_a_deleted_bot_is_inactive(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    bot = slack.workspace.users[slack.workspace.bot_user]
    change_user(slack.workspace, bot, deleted=True)
    assert await error(client.auth_test()) == "account_inactive"


async def test_a_token_that_is_rotated_expires(clock: ManualClock) -> None:
    # docs.slack.dev/authentication/using-token-rotation: after 12 hours
    async with SlackDouble(clock, rotating=True) as slack:
        clock.advance(timedelta(hours=12) - timedelta(seconds=1))
        assert (await with_token(slack, slack.bot_token).auth_test())["ok"]
        clock.advance(timedelta(seconds=1))
        assert await error(with_token(slack, slack.bot_token).auth_test()) == "token_expired"


async def test_a_token_may_be_a_field_of_the_form(slack: SlackDouble) -> None:
    answer = await post(slack, "auth.test", bearer={}, data={"token": slack.bot_token})
    assert answer["ok"]


@pytest.mark.parametrize("where", ["json", "params"])
async def test_a_token_is_not_looked_for_elsewhere(slack: SlackDouble, where: str) -> None:
    answer = await post(slack, "auth.test", bearer={}, **{where: {"token": slack.bot_token}})
    assert answer["error"] == "not_authed"


async def test_a_missing_scope_is_named(clock: ManualClock) -> None:
    async with SlackDouble(clock, scopes=["users:read", "im:write"]) as slack:
        answer = await refused(
            with_token(slack, slack.bot_token).chat_postMessage(channel="C1", text="Hello")
        )
    assert answer["error"] == "missing_scope"
    assert (answer["needed"], answer["provided"]) == ("chat:write", "im:write,users:read")


async def test_the_scope_depends_on_what_a_channel_is(clock: ManualClock) -> None:
    # docs.slack.dev/reference/methods/conversations.history "Scopes"
    scopes = [scope for scope in BOT_SCOPES if scope != "groups:history"]
    async with SlackDouble(clock, scopes=scopes) as slack:
        private = slack.workspace.add_channel("staff", private=True)
        public = slack.workspace.add_channel("it")
        client = with_token(slack, slack.bot_token)
        assert (await client.conversations_history(channel=public.id))["ok"]
        answer = await refused(client.conversations_history(channel=private.id))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")


async def test_a_bot_token_opens_no_socket(client: AsyncWebClient, slack: SlackDouble) -> None:
    opening = client.apps_connections_open(app_token=slack.bot_token)
    assert await error(opening) == "not_allowed_token_type"


async def test_an_app_level_token_posts_nothing(slack: SlackDouble, room: Channel) -> None:
    client = with_token(slack, slack.app_token)
    posting = client.chat_postMessage(channel=room.id, text="Hello")
    assert await error(posting) == "not_allowed_token_type"


async def test_json_that_is_none_is_refused(slack: SlackDouble) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert (await post(slack, "auth.test", data="{", headers=headers))["error"] == "invalid_json"
    answer = await post(slack, "auth.test", data="[]", headers=headers)
    assert answer["error"] == "json_not_object"


async def test_json_without_a_charset_is_warned_of(slack: SlackDouble) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await post(slack, "auth.test", data="{}", headers=headers)
    assert answer["warning"] == "missing_charset"
    assert answer["response_metadata"]["warnings"] == ["missing_charset"]


async def test_a_form_with_a_charset_is_warned_of(slack: SlackDouble) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = await post(slack, "auth.test", data="a=b", headers=headers)
    assert answer["warning"] == "superfluous_charset"


async def test_there_are_two_ways_to_ask(slack: SlackDouble) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession(slack.api_url, headers=headers) as session:
        for verb, code in (("GET", None), ("POST", None), ("PUT", "invalid_arguments")):
            async with session.request(verb, "auth.test") as response:
                assert (await response.json()).get("error") == code


async def test_a_method_for_forms_does_not_look_at_json(slack: SlackDouble) -> None:
    # docs.slack.dev/reference/methods/files.getUploadURLExternal "Content types"
    answer = await post(
        slack, "files.getUploadURLExternal", json={"filename": "a.txt", "length": 3}
    )
    assert answer["error"] == "invalid_arguments"


async def test_arguments_within_a_form_may_be_json(slack: SlackDouble, room: Channel) -> None:
    blocks = '[{"type": "divider"}]'
    answer = await post(
        slack, "chat.postMessage", data={"channel": room.id, "text": "-", "blocks": blocks}
    )
    assert answer["message"]["blocks"][0]["type"] == "divider"


async def test_api_test_says_what_it_was_asked(client: AsyncWebClient) -> None:
    assert (await client.api_test(foo="bar"))["args"] == {"foo": "bar"}
    assert await error(client.api_test(error="my_error")) == "my_error"


async def test_calls_are_remembered_with_their_arguments(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    await client.chat_postMessage(channel=room.id, text="Hello")
    await slack.until(lambda: slack.calls("chat.postMessage"))
    assert slack.calls("chat.postMessage")[0].args["text"] == "Hello"


async def test_it_may_be_reached_over_tls(clock: ManualClock, tmp_path: Path) -> None:
    shown, believed = contexts(tmp_path)
    async with SlackDouble(clock, tls=shown) as slack:
        assert slack.api_url.startswith("https://")
        assert slack.socket_url.startswith("wss://")
        trusting = AsyncWebClient(slack.bot_token, base_url=slack.api_url, ssl=believed)
        assert (await trusting.auth_test())["ok"]
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await with_token(slack, slack.bot_token).auth_test()
