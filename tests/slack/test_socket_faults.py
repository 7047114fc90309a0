"""Sockets of the double fail when they are told to: silent, cut, twice, late, never."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import WSMsgType

from bot.clock import ManualClock
from tests.slack.app import SocketApp, pass_time, text_of
from tests.slack.faults import Fault
from tests.slack.people import PersonThere
from tests.slack.server import SlackDouble

pytestmark = pytest.mark.usefixtures("room")

ENDS = (WSMsgType.CLOSED, WSMsgType.ERROR)  # without a closing frame


async def test_a_silent_socket_stays_open_and_says_nothing(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    deaf, line = await app.line(), await app.line()
    slack.fail(Fault.SILENT, "events_api")
    alice.write("it", "hello")
    await pass_time(clock, 3)
    assert (await line.frame())["retry_attempt"] == 1
    await deaf.ws.ping()
    await line.ws.ping()
    assert (await line.message()).type is WSMsgType.PONG
    slack.sockets.disconnect("warning")
    await line.frame()
    slack.sockets.drop(slack.sockets.open[0])
    assert (await deaf.message()).type in ENDS


async def test_a_dropped_socket_ends_without_a_word_and_its_event_comes_again(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    line = await app.line()
    slack.fail(Fault.DROP, "events_api")
    alice.write("it", "hello")
    assert (await line.message()).type in ENDS
    await slack.until(lambda: not slack.sockets.open)
    other = await app.line()
    await pass_time(clock, 3)
    assert text_of(await other.frame()) == "hello"


async def test_an_event_can_come_twice_over_two_sockets(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    lines = [await app.line(), await app.line()]
    slack.fail(Fault.DUPLICATE, "message")
    alice.write("it", "hello")
    first, second = [await line.frame() for line in lines]
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]


async def test_an_event_can_come_after_the_next(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    line = await app.line()
    slack.fail(Fault.REORDER)
    for text in ("first", "second"):
        alice.write("it", text)
    assert [text_of(await line.frame()) for _ in range(2)] == ["second", "first"]


async def test_a_hidden_event_stands_in_history_alone(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    line = await app.line()
    slack.fail(Fault.HIDE, times=2)
    for text in ("one", "two", "three"):
        alice.write("it", text)
    assert text_of(await line.frame()) == "three"
    assert len(slack.teller.hidden) == 2
    assert [seen.text for seen in alice.sees("it")] == ["one", "two", "three"]


async def test_an_acknowledgement_can_be_lost(
    app: SocketApp, slack: SlackDouble, alice: PersonThere, clock: ManualClock
) -> None:
    line = await app.line()
    slack.fail(Fault.LOST_ACK, "events_api")
    alice.write("it", "hello")
    await line.acknowledge(await line.frame())
    await slack.until(lambda: slack.sockets.acks)
    await pass_time(clock, 3)
    assert (await line.frame())["retry_attempt"] == 1


async def test_garbage_can_come_between(
    app: SocketApp, slack: SlackDouble, alice: PersonThere
) -> None:
    line = await app.line()
    slack.fail(Fault.GARBAGE_FRAME)
    alice.write("it", "hello")
    with pytest.raises(ValueError, match="Expecting value"):
        await line.frame()
    assert text_of(await line.frame()) == "hello"


async def test_a_ticket_can_be_stale_and_an_app_refused(app: SocketApp, slack: SlackDouble) -> None:
    slack.fail(Fault.STALE_TICKET)
    with pytest.raises(aiohttp.WSServerHandshakeError, match="408"):
        await app.dial((await app.open())["url"])
    slack.fail(Fault.REFUSED)
    assert await app.open() == {"ok": False, "error": "invalid_auth"}
    await app.line()
