"""Sockets of the double behave as Slack's: tickets, greetings, deadlines, ends, and faults."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest
from aiohttp import WSMsgType
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.app import SocketApp, pass_time, someone_sleeps, text_of
from tests.slack.people import PersonThere
from tests.slack.server import SlackDouble
from tests.slack.sockets import MOST_SOCKETS

pytestmark = pytest.mark.usefixtures("room")


async def test_a_socket_is_greeted_first(app: SocketApp, slack: SlackDouble) -> None:
    for number in (1, 2):
        line = await app.dial((await app.open())["url"])
        hello = await line.frame()
        assert hello["type"] == "hello"
        assert hello["num_connections"] == number
        assert hello["connection_info"] == {"app_id": slack.workspace.app_id}


async def test_a_ticket_is_good_for_one_socket(app: SocketApp) -> None:
    url = (await app.open())["url"]
    await app.dial(url)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
        await app.dial(url)


async def test_a_ticket_dies_after_half_a_minute(app: SocketApp, clock: ManualClock) -> None:
    good, bad = (await app.open())["url"], (await app.open())["url"]
    clock.advance(timedelta(seconds=30))
    await app.dial(good)
    clock.advance(timedelta(milliseconds=1))
    with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
        await app.dial(bad)


async def test_only_the_app_token_opens_sockets(app: SocketApp, slack: SlackDouble) -> None:
    assert (await app.open(slack.bot_token))["error"] == "not_allowed_token_type"


async def test_the_eleventh_socket_is_one_too_many(app: SocketApp, slack: SlackDouble) -> None:
    for _ in range(MOST_SOCKETS):
        await app.line()
    line = await app.dial((await app.open())["url"])
    assert (await line.frame())["reason"] == "too_many_websockets"
    assert (await line.message()).type is WSMsgType.CLOSE
    assert len(slack.sockets.open) == MOST_SOCKETS


async def test_every_event_goes_to_one_of_the_sockets(app: SocketApp, alice: PersonThere) -> None:
    lines = [await app.line(), await app.line()]
    for number in range(4):
        alice.write("it", f"message {number}")
    heard = [text_of(await line.frame()) for line in lines for _ in range(2)]
    assert sorted(heard) == [f"message {number}" for number in range(4)]


async def test_what_is_acknowledged_in_time_does_not_come_again(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    line = await app.line()
    alice.write("it", "hello")
    frame = await line.frame()
    clock.advance(timedelta(seconds=2.9))
    await line.acknowledge(frame)
    delivery = slack.teller.deliveries[0]
    await slack.until(lambda: delivery.is_over)
    assert delivery.is_acknowledged
    assert clock.next_wake() is None
    assert slack.sockets.problems == []


async def test_what_nobody_acknowledges_comes_three_times_more(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    line = await app.line()
    alice.write("it", "hello")
    first = await line.frame()
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    for attempt, pause in enumerate((0, 60, 300), start=1):
        await pass_time(clock, 3)
        if pause:
            await pass_time(clock, pause)
        again = await line.frame()
        assert (again["retry_attempt"], again["retry_reason"]) == (attempt, "timeout")
        assert again["payload"] == first["payload"]
        assert again["envelope_id"] != first["envelope_id"]
    await pass_time(clock, 3)
    delivery = slack.teller.deliveries[0]
    await slack.until(lambda: delivery.is_over)
    assert delivery.attempts == [0, 3, 66, 369]
    assert not delivery.is_acknowledged


async def test_a_retry_comes_over_another_socket(
    app: SocketApp, alice: PersonThere, clock: ManualClock
) -> None:
    first, second = await app.line(), await app.line()
    for text in ("unheard", "heard"):
        alice.write("it", text)
    await first.frame()
    await second.acknowledge(await second.frame())
    await pass_time(clock, 3)
    assert text_of(await second.frame()) == "unheard"


async def test_what_is_acknowledged_twice_is_noted(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    line = await app.line()
    alice.write("it", "hello")
    frame = await line.frame()
    for _ in range(2):
        await line.acknowledge(frame)
    await slack.until(lambda: len(slack.sockets.acks) == 2)
    assert slack.sockets.problems == ["an envelope nobody waits for"]


async def test_an_acknowledgement_that_is_late_does_not_count(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    line = await app.line()
    alice.write("it", "hello")
    frame = await line.frame()
    await pass_time(clock, 3)
    await line.frame()
    await line.acknowledge(frame)
    await slack.until(lambda: slack.sockets.acks)
    assert slack.sockets.problems == ["an envelope nobody waits for"]
    assert not slack.teller.deliveries[0].is_acknowledged


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("ok", "not JSON"),
        ({"ok": True}, "no envelope_id"),
        ([], "no envelope_id"),
        ({"envelope_id": "e1"}, "an envelope nobody waits for"),
    ],
)
async def test_nonsense_from_the_app_is_noted(
    app: SocketApp, slack: SlackDouble, said: object, problem: str
) -> None:
    await (await app.line()).say(said)
    await slack.until(lambda: slack.sockets.acks)
    assert slack.sockets.problems == [problem]


async def test_a_payload_nobody_asked_for_is_noted(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    line = await app.line()
    alice.write("it", "hello")
    await line.acknowledge(await line.frame(), {"text": "hi"})
    await slack.until(lambda: slack.sockets.acks)
    assert slack.sockets.problems == ["a payload that was not asked for"]


async def test_without_a_socket_an_event_waits_for_its_retry(
    app: SocketApp, alice: PersonThere, clock: ManualClock
) -> None:
    await app.open()
    alice.write("it", "hello")
    await someone_sleeps(clock, 60)
    line = await app.line()
    await pass_time(clock, 60)
    assert (await line.frame())["retry_attempt"] == 2


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled"])
async def test_the_end_of_a_socket_is_announced_ten_seconds_before(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock, reason: str
) -> None:
    line = await app.line()
    slack.sockets.disconnect(reason)
    assert (await line.frame())["reason"] == reason
    alice.write("it", "still here")
    await line.acknowledge(await line.frame())
    await slack.until(lambda: slack.teller.deliveries[0].is_over)
    await pass_time(clock, 10)
    assert (await line.message()).type is WSMsgType.CLOSE


async def test_pings_are_answered_both_ways(app: SocketApp, slack: SlackDouble) -> None:
    line = await app.line()
    await line.ws.ping(b"how are you")
    pong = await line.message()
    assert (pong.type, pong.data) == (WSMsgType.PONG, b"how are you")
    await slack.sockets.ping()
    ping = await line.message()
    await line.ws.pong(ping.data)
    await slack.until(lambda: slack.sockets.open[0].pongs)


async def test_slack_sdk_hears_events_and_acknowledges_them(
    slack: SlackDouble, alice: PersonThere
) -> None:
    heard: list[SocketModeRequest] = []

    async def hear(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    client = SocketModeClient(slack.app_token, web_client=web)
    client.socket_mode_request_listeners.append(hear)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        alice.write("it", "hello")
        await slack.until(lambda: slack.teller.deliveries[0].is_acknowledged)
        slack.sockets.disconnect("refresh_requested")
        await slack.until(lambda: [s.number for s in slack.sockets.open] == [2])
        alice.write("it", "hello again")
        await slack.until(lambda: slack.teller.deliveries[1].is_acknowledged)
    finally:
        await client.close()  # type: ignore[no-untyped-call]
    assert [request.payload["event"]["text"] for request in heard] == ["hello", "hello again"]
    assert slack.sockets.problems == []
