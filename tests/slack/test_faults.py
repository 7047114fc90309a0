"""What the Web API does when it is told to fail."""

import asyncio
import errno
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.asking import error
from tests.slack.faults import Fault
from tests.slack.records import Channel
from tests.slack.server import SlackDouble


async def post(client: AsyncWebClient, room: Channel) -> Any:
    return await client.chat_postMessage(channel=room.id, text="Hello")


async def test_a_lost_answer_leaves_the_message(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    slack.fail(Fault.LOSE, "chat.postMessage")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(client, room)
    assert len(room.messages) == 1


async def test_a_reset_connection_leaves_nothing(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    slack.fail(Fault.RESET, "chat.postMessage")
    with pytest.raises(aiohttp.ClientOSError) as caught:
        await post(client, room)
    assert caught.value.errno == errno.ECONNRESET
    assert not room.messages


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_call_that_hangs_is_answered_never(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, carried_out: bool
) -> None:
    slack.fail(Fault.HANG, "chat.postMessage", carried_out=carried_out)
    hanging = asyncio.ensure_future(post(client, room))
    await slack.until(lambda: slack.calls("chat.postMessage"))
    await slack.until(lambda: bool(room.messages) == carried_out)
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert (await post(client, room))["ok"]


async def test_a_server_error_is_a_page_of_html(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    slack.fail(Fault.SERVER_ERROR, status=502)
    with pytest.raises(SlackApiError) as caught:
        await post(client, room)
    assert caught.value.response.status_code == 502
    assert not room.messages


async def test_garbage_leaves_the_message(slack: SlackDouble, room: Channel) -> None:
    # Slack's client raises AttributeError at this.
    slack.fail(Fault.GARBAGE)
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with (
        aiohttp.ClientSession(slack.api_url, headers=headers) as session,
        session.post("chat.postMessage", data={"channel": room.id, "text": "Hello"}) as answer,
    ):
        assert answer.status == 200
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(await answer.text())
    assert len(room.messages) == 1


@pytest.mark.parametrize(("fault", "header"), [(Fault.LIMIT, "7"), (Fault.LIMIT_NO_HEADER, None)])
async def test_a_limit_may_say_how_long_to_wait(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, fault: Fault, header: str | None
) -> None:
    slack.fail(fault, retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await post(client, room)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers.get("Retry-After") == header
    assert not room.messages


@pytest.mark.parametrize("carried_out", [True, False])
async def test_an_error_may_come_after_the_deed(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, carried_out: bool
) -> None:
    # the page of chat.postMessage says of fatal_error that the operation may have succeeded in part
    slack.fail(Fault.ERROR, error="fatal_error", carried_out=carried_out)
    assert await error(post(client, room)) == "fatal_error"
    assert bool(room.messages) == carried_out


async def test_a_fault_is_for_one_method_and_so_many_times(
    client: AsyncWebClient, slack: SlackDouble, room: Channel
) -> None:
    slack.fail(Fault.ERROR, "chat.postMessage", times=2)
    assert (await client.auth_test())["ok"]
    assert await error(post(client, room)) == "internal_error"
    assert await error(post(client, room)) == "internal_error"
    assert (await post(client, room))["ok"]


async def test_faults_that_were_not_met_can_be_forgotten(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    slack.fail(Fault.ERROR)
    slack.failures.clear()
    assert (await client.auth_test())["ok"]


async def test_a_fault_of_the_sockets_is_left_to_them(
    client: AsyncWebClient, slack: SlackDouble
) -> None:
    slack.fail(Fault.DROP)
    assert (await client.auth_test())["ok"]


async def test_the_server_stops_while_a_call_hangs(clock: ManualClock) -> None:
    async with SlackDouble(clock) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        slack.fail(Fault.HANG)
        hanging = asyncio.ensure_future(client.auth_test())
        await slack.until(lambda: slack.calls("auth.test"))
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await hanging
