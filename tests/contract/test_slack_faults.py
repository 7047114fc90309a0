"""The Slack transport with a Slack, a network or people that do what they should not: sockets."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from bot.errors import SendFailure, TransportError
from bot.events import Message, Reacted, RoomChanged, Unknown
from tests.contract.slack_scene import Scene, a_scene
from tests.slack.faults import Fault


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as scene:
        yield scene


# Sockets.


async def test_a_stale_address_is_not_tried_again(scene: Scene) -> None:
    scene.slack.fail(Fault.STALE_TICKET, times=2)
    async with scene.running():
        scene.write("hello")
        await scene.heard("hello")
    assert len(scene.slack.calls("apps.connections.open")) == 4


async def test_a_silent_socket_is_noticed_and_replaced() -> None:
    async with a_scene(speed=1) as scene, scene.running(ping_interval=0.2) as transport:
        sockets, begun = scene.slack.sockets, scene.clock.elapsed()
        silent = list(sockets.open)
        sockets.silence()
        await scene.slack.until(lambda: not set(silent) & set(sockets.open))
        noticed = scene.clock.elapsed() - begun
        assert not transport.health().ok
        scene.write("hello")
        await scene.heard("hello")
        await scene.slack.until(lambda: transport.health().ok)
    assert noticed < 3 * 0.2 + 0.3  # the rest is this machine's


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_refresh_in_the_middle_of_a_burst_loses_nothing(scene: Scene, reason: str) -> None:
    async with scene.running(connections=1):
        most = 0
        for number in range(60):
            if number in (20, 40):
                scene.slack.sockets.disconnect(reason)
            scene.write(str(number))
            await asyncio.sleep(0.005)  # a burst lasts a while
            most = max(most, len(scene.slack.sockets.open))
        await scene.heard_all(60)
    assert scene.texts == [str(number) for number in range(60)]
    assert most >= 2  # the new socket was there before the old one went


async def test_a_refresh_is_no_time_away(scene: Scene) -> None:
    async with scene.running(connections=1) as transport:
        first = scene.slack.sockets.open[0]
        scene.slack.sockets.disconnect()
        await scene.slack.until(lambda: len(scene.slack.sockets.open) == 2)
        assert transport.health().ok
        await scene.slack.until(lambda: first not in scene.slack.sockets.open)
        scene.write("hello")
        await scene.heard("hello")
        assert transport.health().ok
    assert not [gap for batch in scene.intake.batches for gap in batch.gaps]


async def test_sockets_that_end_at_once_are_not_replaced_all_the_time(scene: Scene) -> None:
    async with scene.running(connections=1):
        begun = scene.clock.elapsed()
        for opened in range(1, 4):
            scene.slack.sockets.disconnect()
            await scene.slack.until(partial(has_opened, scene, opened + 1))
        assert scene.clock.elapsed() - begun >= 3  # one a second at most


def has_opened(scene: Scene, sockets: int) -> bool:
    """Tell whether so many sockets were opened so far, and the last of them is open."""
    return any(socket.number == sockets for socket in scene.slack.sockets.open)


async def test_too_many_sockets_are_met_with_patience(scene: Scene) -> None:
    async with scene.running(connections=10), scene.transport(connections=1) as other:
        asked = len(scene.slack.calls("apps.connections.open"))
        async with scene.reading(other):
            begun = scene.clock.elapsed()
            await scene.slack.until(
                lambda: len(scene.slack.calls("apps.connections.open")) >= asked + 3
            )
            assert scene.clock.elapsed() - begun >= 2  # one attempt a second at most
            assert "too_many_websockets" in other.health().detail
            scene.slack.sockets.drop(scene.slack.sockets.open[0])
            await scene.slack.until(lambda: "too_many" not in other.health().detail)


async def test_frames_that_make_no_sense_are_passed_over(scene: Scene) -> None:
    frames = [
        "",
        "[]",
        "null",
        '"x"',
        "{",
        "1e999",
        '{"type": 5}',
        '{"envelope_id": 5}',
        "[" * 9999,
    ]
    frames += ['{"type": "disconnected"}', '{"envelope_id": "e", "payload": []}', '{"payload": {}}']
    async with scene.running(connections=1):
        scene.slack.fail(Fault.GARBAGE_FRAME, "events_api")
        for frame in frames:
            scene.slack.sockets.open[0].say(frame)
        scene.write("hello")
        await scene.heard("hello")
        assert len(scene.slack.calls("apps.connections.open")) == 1


@pytest.mark.parametrize("method", ["apps.connections.open", "auth.test"])
async def test_access_that_is_gone_stops_the_transport(scene: Scene, method: str) -> None:
    scene.slack.fail(Fault.ERROR, method, error="invalid_auth", times=99)
    async with scene.transport() as transport, scene.reading(transport) as running:
        with pytest.raises(TransportError, match=f"{method}: invalid_auth") as caught:
            await asyncio.wait_for(asyncio.shield(running), 10)
        scene.slack.failures.clear()
    assert caught.value.failure is SendFailure.REFUSED


async def test_a_post_that_is_refused_access_says_so(scene: Scene) -> None:
    scene.slack.fail(Fault.ERROR, "chat.postMessage", error="token_revoked")
    async with scene.transport() as transport:
        with pytest.raises(TransportError, match="token_revoked") as caught:
            await transport.send(scene.delivery())
    assert caught.value.failure is SendFailure.REFUSED


async def test_socket_mode_switched_off_stops_the_transport(scene: Scene) -> None:
    async with scene.transport() as transport, scene.reading(transport) as running:
        await scene.slack.until(lambda: len(scene.slack.sockets.open) == 2)
        scene.slack.sockets.disconnect("link_disabled")
        with pytest.raises(TransportError, match="Socket Mode is switched off") as caught:
            await asyncio.wait_for(asyncio.shield(running), 10)
    assert caught.value.failure is SendFailure.REFUSED


# Acknowledgement and repetition.


async def test_what_is_not_acknowledged_comes_again_and_is_known(scene: Scene) -> None:
    async with scene.running():
        scene.slack.fail(Fault.LOST_ACK, "events_api")
        scene.write("one", "two")
        await scene.slack.until(lambda: all(d.is_over for d in scene.slack.teller.deliveries))
    assert len(scene.slack.teller.deliveries[0].attempts) == 2
    assert scene.texts == ["one", "two"]


async def test_what_comes_over_two_sockets_is_one(scene: Scene) -> None:
    async with scene.running():
        scene.slack.fail(Fault.DUPLICATE, "message", times=20)
        scene.write(*map(str, range(20)))
        await scene.heard("19")
        await scene.slack.until(lambda: len(scene.slack.sockets.acks) >= 40)
    assert scene.texts == [str(number) for number in range(20)]


async def test_what_is_told_again_after_a_restart_is_known(scene: Scene) -> None:
    async with scene.running():
        scene.write("one")
        await scene.heard("one")
    for _ in range(3):
        async with scene.running():
            scene.slack.teller.send(scene.slack.teller.deliveries[0].payload)
            await scene.slack.until(lambda: scene.slack.teller.deliveries[-1].is_over)
    assert scene.texts == ["one"]


async def test_what_overtakes_on_the_way_is_stored_in_order(scene: Scene) -> None:
    async with scene.running():
        scene.slack.fail(Fault.REORDER, "message", times=7)
        scene.write(*map(str, range(20)))
        await scene.heard_all(20)
    assert scene.texts == [str(number) for number in range(20)]


async def test_events_of_unknown_types_are_stored_and_acknowledged(scene: Scene) -> None:
    async with scene.running():
        scene.slack.workspace.tell({"type": "brand_new", "event_ts": "1767600000.000100"})
        unknown = await scene.intake.see(Unknown)
        await scene.slack.until(lambda: scene.slack.teller.deliveries[-1].is_acknowledged)
    assert unknown.name == "brand_new"


async def test_a_payload_of_an_unknown_kind_is_acknowledged(scene: Scene) -> None:
    async with scene.running():
        sent = scene.slack.teller.send({"type": "brand_new", "token": "x"})
        await scene.slack.until(lambda: sent.is_acknowledged)


async def test_the_history_is_read_when_slack_has_left_events_out(scene: Scene) -> None:
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
        scene.hide("left out")
        scene.slack.teller.send({"type": "app_rate_limited", "minute_rate_limited": 1767600000})
        await scene.heard("left out")


async def test_what_cannot_be_stored_comes_again_and_is_stored_once(scene: Scene) -> None:
    async with scene.running():
        scene.write("one")
        await scene.heard("one")
        scene.intake.fail = 1
        scene.write("two", "three")
        await scene.heard_all(3)
        await scene.slack.until(lambda: all(d.is_over for d in scene.slack.teller.deliveries))
    assert sorted(scene.texts) == ["one", "three", "two"]


async def test_names_that_cannot_be_stored_are_learned_again(scene: Scene) -> None:
    scene.intake.fail = 1
    async with scene.running():
        scene.write("one")
        await scene.heard("one")
    named = [event for batch in scene.intake.batches for event in batch.events]
    assert {"room_changed", "person_changed"} <= {event.kind for event in named}
    assert any(event.id == f"there:{scene.channel.id}" for event in named)


async def test_a_room_that_cannot_be_stored_is_learned_again(scene: Scene) -> None:
    async with scene.running():
        scene.write("one")
        await scene.heard("one")
        scene.slack.workspace.add_channel("new", [scene.alice.id])
        scene.intake.fail = 1
        scene.alice.write("new", "two")
        await scene.heard("two")
    assert "new" in [event.name for event in scene.intake.all(RoomChanged)]


async def test_our_own_posts_are_no_events(scene: Scene) -> None:
    async with scene.running() as transport:
        sent = await transport.send(scene.delivery())
        scene.alice.react("support", sent.message, "eyes")
        await scene.intake.see(Reacted)
        scene.write("after")
        await scene.heard("after")
    assert scene.texts == ["after"]
    assert [event.message for event in scene.intake.all(Reacted)] == [sent.message]
    assert not [event for event in scene.intake.all(Message) if event.person.user.endswith("BOT")]
