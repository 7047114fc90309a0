"""Tokens that end: renewed in time, kept before use, and used for as long as they are good."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import SendFailure, TransportError
from bot.transports.slack.transport import SlackTransport
from tests.contract.slack_scene import Scene, a_scene
from tests.slack.faults import Fault


async def rotating(*doing: Callable[[Scene, SlackTransport], Awaitable[None]]) -> Scene:
    """Do something with a bot whose tokens rotate, and the next with its successor."""
    async with a_scene(rotating=True) as scene:
        settings = {
            "refresh_token": SecretStr(scene.slack.refresh_token),
            "client_id": scene.slack.client_id,
            "client_secret": SecretStr(scene.slack.client_secret),
        }
        for each in doing:
            async with scene.running(**settings) as transport:
                await each(scene, transport)
    return scene


async def send_twenty(scene: Scene, transport: SlackTransport) -> None:
    deliveries = [scene.delivery(str(n), id=f"{n:032}") for n in range(20)]
    await asyncio.gather(*(transport.send(each) for each in deliveries))


async def test_an_expired_token_is_renewed_once_for_everybody() -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        scene.clock.advance(timedelta(hours=13))
        await send_twenty(scene, transport)

    scene = await rotating(doing)
    assert len(scene.slack.calls("oauth.v2.access")) == 1
    assert sorted(scene.posted(), key=int) == [str(n) for n in range(20)]


async def test_a_new_token_is_kept_before_it_is_used() -> None:
    kept: list[int] = []

    async def doing(scene: Scene, transport: SlackTransport) -> None:
        keep = scene.intake.keep

        async def note(transport: str, workspace: str, value: str) -> None:
            kept.append(len(scene.posted()))
            await keep(transport, workspace, value)

        scene.intake.keep = note  # type: ignore[method-assign]
        scene.clock.advance(timedelta(hours=13))
        await send_twenty(scene, transport)

    scene = await rotating(doing)
    assert kept == [0]
    assert len(scene.intake.own) == 1


LATER = timedelta(hours=11, minutes=45)  # after a renewal, when the next is due


async def renew(scene: Scene, transport: SlackTransport) -> None:
    """Have the first token renewed, so that the end of the second is known."""
    scene.clock.advance(timedelta(hours=13))
    await transport.send(scene.delivery("first", id="1" * 32))
    scene.clock.advance(LATER)


NOT_RENEWED = [
    (Fault.LOSE, {}),
    (Fault.RESET, {}),
    (Fault.SERVER_ERROR, {"status": 503}),
    (Fault.LIMIT, {"retry_after": 30}),
    (Fault.GARBAGE, {}),
    (Fault.ERROR, {"error": "invalid_refresh_token"}),
]


@pytest.mark.parametrize(("fault", "details"), NOT_RENEWED)
async def test_a_token_that_is_not_renewed_is_used_until_its_end(
    fault: Fault, details: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        await renew(scene, transport)
        scene.slack.fail(fault, "oauth.v2.access", **details)
        await transport.send(scene.delivery("second", id="2" * 32))
        await scene.slack.until(lambda: "its token is not renewed" in transport.health().detail)
        assert transport.health().ok
        await transport.send(scene.delivery("third", id="3" * 32))

    scene = await rotating(doing)
    assert scene.posted() == ["first", "second", "third"]
    assert len(scene.slack.calls("oauth.v2.access")) == 2
    assert "Slack's token was not renewed" in caplog.text


async def test_a_renewal_that_failed_is_tried_again() -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        await renew(scene, transport)
        scene.slack.fail(Fault.SERVER_ERROR, "oauth.v2.access", status=503)
        await transport.send(scene.delivery("second", id="2" * 32))
        await scene.slack.until(lambda: "not renewed" in transport.health().detail)
        scene.clock.advance(timedelta(minutes=2))
        await transport.send(scene.delivery("third", id="3" * 32))
        await scene.slack.until(lambda: transport.health().detail == "Slack: connected.")
        scene.clock.advance(timedelta(hours=1))
        await transport.send(scene.delivery("fourth", id="4" * 32))

    scene = await rotating(doing)
    assert len(scene.slack.calls("oauth.v2.access")) == 3
    assert scene.posted() == ["first", "second", "third", "fourth"]


async def test_a_pair_lost_before_it_was_kept_ends_the_bot_only_with_the_token() -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        await renew(scene, transport)
        kept = dict(scene.intake.own)
        used = len(scene.slack.calls("oauth.v2.access"))
        await transport.send(scene.delivery("second", id="2" * 32))
        await scene.slack.until(lambda: len(scene.slack.calls("oauth.v2.access")) > used)
        await transport._tokens.settle()
        scene.intake.own = kept  # it crashed before this was stored

    async def after(scene: Scene, transport: SlackTransport) -> None:
        await transport.send(scene.delivery("third", id="3" * 32))
        await scene.slack.until(lambda: "install the app again" in transport.health().detail)
        assert transport.health().ok
        scene.clock.advance(timedelta(minutes=30))
        with pytest.raises(TransportError, match="install the app again") as caught:
            await transport.send(scene.delivery("fourth", id="4" * 32))
        assert caught.value.failure is SendFailure.REFUSED

    scene = await rotating(doing, after)
    assert scene.posted() == ["first", "second", "third"]


async def test_nobody_waits_for_a_new_token_while_the_old_one_is_good() -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        await renew(scene, transport)
        stored, keep = asyncio.Event(), scene.intake.keep

        async def late(transport: str, workspace: str, value: str) -> None:
            await stored.wait()
            await keep(transport, workspace, value)

        scene.intake.keep = late  # type: ignore[method-assign]
        await asyncio.wait_for(transport.send(scene.delivery("second", id="2" * 32)), 10)
        stored.set()

    assert (await rotating(doing)).posted() == ["first", "second"]


async def test_a_pair_that_cannot_be_kept_does_not_keep_the_bot_from_stopping() -> None:
    async def doing(scene: Scene, transport: SlackTransport) -> None:
        await renew(scene, transport)

        async def never(*_: str) -> None:
            await asyncio.Event().wait()

        scene.intake.keep = never  # type: ignore[assignment, method-assign]
        await transport.send(scene.delivery("second", id="2" * 32))

    assert (await asyncio.wait_for(rotating(doing), 20)).posted() == ["first", "second"]
