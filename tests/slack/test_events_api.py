"""Over HTTP the double signs, waits and repeats as Slack does, and forges what Slack would not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.clock import ManualClock
from tests.slack.app import pass_time, someone_sleeps
from tests.slack.endpoint import Endpoint
from tests.slack.events_api import sign
from tests.slack.faults import Fault
from tests.slack.people import PersonThere
from tests.slack.server import SlackDouble

pytestmark = pytest.mark.usefixtures("room")

PING = {"type": "event_callback", "event": {"type": "app_uninstalled"}}


@pytest.fixture
async def endpoint(slack: SlackDouble) -> AsyncIterator[Endpoint]:
    async with Endpoint(slack) as endpoint:
        assert await slack.http.listen(endpoint.url)
        endpoint.received.clear()
        yield endpoint


async def over(slack: SlackDouble, number: int = 0) -> None:
    """Wait until an event was taken or given up."""
    await slack.until(lambda: slack.teller.deliveries[number].is_over)


def test_a_signature_is_that_of_the_published_example() -> None:
    # The secret, time and body of docs.slack.dev/authentication/verifying-requests-from-slack.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015"
        b".47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


async def test_an_event_is_signed_json(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    alice.write("it", "hello")
    await over(slack)
    (received,) = endpoint.received
    assert received.is_genuine
    assert received.headers["Content-Type"] == "application/json"
    assert received.json["event"]["text"] == "hello"
    assert "X-Slack-Retry-Num" not in received.headers
    assert slack.teller.deliveries[0].is_acknowledged


@pytest.mark.parametrize(
    "answer", ["{challenge}", "challenge={challenge}", '{{"challenge": "{challenge}"}}']
)
async def test_a_url_that_repeats_the_challenge_is_taken(slack: SlackDouble, answer: str) -> None:
    async with Endpoint(slack) as endpoint:
        endpoint._usual = lambda body: web.Response(  # type: ignore[method-assign]
            text=answer.format(challenge=json.loads(body)["challenge"])
        )
        assert await slack.http.listen(endpoint.url)


async def test_a_url_that_does_not_repeat_the_challenge_hears_nothing(
    slack: SlackDouble, alice: PersonThere
) -> None:
    async with Endpoint(slack) as endpoint:
        endpoint.answers += [web.Response(text="ok"), web.Response(status=500)]
        assert not await slack.http.listen(endpoint.url)
        assert not await slack.http.listen(endpoint.url)
        alice.write("it", "hello")
        assert slack.teller.mode is None
        assert len(endpoint.received) == 2


async def test_an_event_comes_again_at_once_after_a_minute_and_after_five(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere, clock: ManualClock
) -> None:
    endpoint.answers += [web.Response(status=status) for status in (500, 404, 301, 500)]
    alice.write("it", "hello")
    for pause in (60, 300):
        await pass_time(clock, pause)
    await over(slack)
    heads = [received.headers for received in endpoint.received]
    assert [head.get("X-Slack-Retry-Num") for head in heads] == [None, "1", "2", "3"]
    assert [head.get("X-Slack-Retry-Reason") for head in heads] == [None, *["http_error"] * 3]
    assert {received.body for received in endpoint.received} == {endpoint.received[0].body}
    assert slack.teller.deliveries[0].attempts == [0, 0, 60, 360]
    assert not slack.teller.deliveries[0].is_acknowledged


async def test_after_three_seconds_nobody_waits_for_an_answer(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere, clock: ManualClock
) -> None:
    endpoint.answers.append(Endpoint.HANG)
    alice.write("it", "hello")
    await pass_time(clock, 3)
    await over(slack)
    assert endpoint.received[1].headers["X-Slack-Retry-Reason"] == "http_timeout"
    assert slack.teller.deliveries[0].is_acknowledged


async def test_an_app_can_ask_not_to_be_told_again(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    endpoint.answers.append(web.Response(status=500, headers={"X-Slack-No-Retry": "1"}))
    alice.write("it", "hello")
    await over(slack)
    assert len(endpoint.received) == 1


async def test_redirects_are_followed_twice_at_most(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    away = {"Location": endpoint.url}
    endpoint.answers += [web.Response(status=307, headers=away) for _ in range(3 + 2)]
    alice.write("it", "hello")
    await over(slack)
    reasons = [received.headers.get("X-Slack-Retry-Reason") for received in endpoint.received]
    assert reasons == [None] * 3 + ["too_many_redirects"] * 3


async def test_an_app_that_is_away_is_tried_again(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere, clock: ManualClock
) -> None:
    await endpoint.__aexit__()
    alice.write("it", "hello")
    await someone_sleeps(clock, 60)
    assert slack.teller.deliveries[0].attempts == [0, 0]


async def test_an_answer_can_be_lost(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    slack.fail(Fault.LOST_ACK, "events_api")
    alice.write("it", "hello")
    await over(slack)
    assert len(endpoint.received) == 2
    assert endpoint.received[0].body == endpoint.received[1].body


async def test_a_command_is_a_form(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    endpoint.answers.append(web.json_response({"text": "On it"}))
    answer = await slack.gestures.slash(alice, "it", "/desk", "ticket list")
    (received,) = endpoint.received
    assert received.is_genuine
    assert received.is_form
    assert (received.form["command"], received.form["text"]) == ("/desk", "ticket list")
    assert answer.payload == {"text": "On it"}


async def test_a_shortcut_is_json_in_a_form(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere
) -> None:
    await slack.gestures.shortcut(alice, "open_ticket")
    assert endpoint.received[0].json["callback_id"] == "open_ticket"


async def test_what_people_do_is_tried_once(
    slack: SlackDouble, endpoint: Endpoint, alice: PersonThere, clock: ManualClock
) -> None:
    endpoint.answers += [web.Response(status=500)]
    assert (await slack.gestures.shortcut(alice, "a")).error == "dispatch_failed"
    assert len(endpoint.received) == 1
    assert clock.next_wake() is None


async def test_forgeries_do_not_pass_for_slack(slack: SlackDouble, endpoint: Endpoint) -> None:
    await slack.http.forged(PING)
    await slack.http.unsigned(PING)
    await slack.http.old(PING, 301)
    await slack.http.old(PING, -301)
    await slack.http.not_utf8()
    assert [received.is_genuine for received in endpoint.received] == [False] * 5


async def test_what_is_genuine_and_makes_no_sense_is_signed(
    slack: SlackDouble, endpoint: Endpoint
) -> None:
    await slack.http.malformed()
    await slack.http.old(PING, 299)
    await slack.http.again(slack.http.sent[-1])
    assert [received.is_genuine for received in endpoint.received] == [True] * 3
    assert endpoint.received[1].headers == endpoint.received[2].headers


async def test_a_request_that_is_overheard_goes_stale(
    slack: SlackDouble, endpoint: Endpoint, clock: ManualClock
) -> None:
    await slack.http.post(PING)
    clock.advance(timedelta(seconds=301))
    await slack.http.again(slack.http.sent[-1])
    assert [received.is_genuine for received in endpoint.received] == [True, False]


async def test_a_request_can_be_as_large_as_one_likes(
    slack: SlackDouble, endpoint: Endpoint
) -> None:
    await slack.http.huge(1000)
    assert len(endpoint.received[0].body) == 1000
    assert (await slack.http.huge(1024**2 + 1)).status == 413


async def test_headers_can_be_anything(slack: SlackDouble, endpoint: Endpoint) -> None:
    strange = {"X-Slack-Request-Timestamp": "soon", "Content-Type": None}
    await slack.http.raw(b"{}", headers=strange)
    assert not endpoint.received
    assert slack.http.sent[-1].headers["X-Slack-Request-Timestamp"] == "soon"
