"""What Slack never told is found in its history, and what people wait for is done at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.events import Edited, Left, Message, Submitted
from bot.replies import Field, Form
from tests.contract.slack_scene import Scene, a_scene
from tests.slack import acts
from tests.slack.faults import Fault


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as scene:
        yield scene


async def looked(scene: Scene) -> None:
    """Let the time come when history is read, once the reading before is over."""
    asked = len(scene.slack.calls("conversations.history"))
    for _ in range(5):
        scene.clock.advance(timedelta(minutes=16))
        with suppress(TimeoutError):
            await scene.slack.until(
                lambda: len(scene.slack.calls("conversations.history")) > asked, within=2
            )
            return


async def test_five_hundred_hidden_events_are_found_each_once(scene: Scene) -> None:
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
        await scene.slack.until(lambda: bool(scene.slack.calls("conversations.history")))
        scene.hide(*map(str, range(500)))
        await looked(scene)
        await scene.heard_all(501)
        scene.write("after")
        await scene.heard("after")
    assert scene.texts == ["before", *map(str, range(500)), "after"]


async def test_what_was_hidden_in_an_old_thread_is_found(scene: Scene) -> None:
    root = scene.alice.write("support", "an old question")
    async with scene.running(history_page=15):
        scene.write("first answer", thread=root)
        await scene.heard("first answer")
        scene.write(*(f"talk {number}" for number in range(40)))  # the root leaves the page
        await scene.heard("talk 39")
        await scene.slack.until(lambda: bool(scene.slack.calls("conversations.history")))
        scene.hide("hidden answer", thread=root)
        await looked(scene)
        assert (await scene.heard("hidden answer")).place.thread == root


async def test_a_day_away_is_read_in_order(scene: Scene) -> None:
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
    for hour in range(24):
        scene.clock.advance(timedelta(hours=1))
        scene.write(f"{hour} o'clock")
    async with scene.running():
        scene.write("after")
        await scene.heard("after")
        await scene.heard_all(26)
    assert scene.texts == ["before", *(f"{hour} o'clock" for hour in range(24)), "after"]
    assert [batch.away for batch in scene.intake.batches if batch.away] != []


async def test_an_edit_that_was_missed_is_found(scene: Scene) -> None:
    async with scene.running():
        written = scene.alice.write("support", "one")
        await scene.heard("one")
    scene.clock.advance(timedelta(minutes=5))
    scene.alice.edit("support", written, "two")
    async with scene.running():
        edited = await scene.intake.see(Edited)
    assert (edited.message, edited.text) == (written, "two")
    assert scene.texts == ["one"]


async def test_what_was_said_before_the_bot_came_into_a_room_is_none_of_its_business(
    scene: Scene,
) -> None:
    me = scene.slack.workspace.bot_user
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
    scene.alice.remove("support", me)
    scene.clock.advance(timedelta(minutes=5))
    scene.write("among ourselves")
    scene.alice.invite("support", me)
    scene.write("for all")
    async with scene.running():
        await scene.heard("for all")
    assert scene.texts == ["before", "for all"]


async def test_a_slow_history_is_read_page_by_page_in_order() -> None:
    async with a_scene(speed=300, limited=True) as scene:
        scene.slack.workspace.is_distributed = True
        slow = {"history_per_minute": 1, "history_page": 15}
        async with scene.running(**slow):
            scene.write("before")
            await scene.heard("before")
        scene.clock.advance(timedelta(minutes=5))
        scene.write(*map(str, range(40)))
        async with scene.running(**slow):
            await scene.heard_all(41, within=30)
        assert scene.texts == ["before", *map(str, range(40))]


async def test_a_gap_in_a_gap_is_read_as_well(scene: Scene) -> None:
    async with scene.running(connections=1):
        scene.slack.fail(Fault.ERROR, "conversations.history", error="internal_error", times=3)
        for text in ("one", "two"):
            scene.slack.sockets.drop()
            await scene.slack.until(lambda: not scene.slack.sockets.open)
            scene.write(text)
            await scene.slack.until(lambda: bool(scene.slack.sockets.open))
        await scene.heard_all(2)
    assert scene.texts == ["one", "two"]


async def test_what_several_outages_left_out_is_read_in_order(scene: Scene) -> None:
    async with scene.running():
        scene.write("first")
        await scene.heard("first")
    scene.hide("missed before the second start")
    scene.slack.fail(Fault.SERVER_ERROR, "conversations.history", times=1000)
    async with scene.running():
        scene.write("told")
        await scene.heard("told")
    scene.slack.failures.clear()  # so that both are read by the third
    scene.hide("missed after the second start")
    async with scene.running():
        await scene.heard_all(4)
    missed = "missed before the second start", "missed after the second start"
    assert scene.texts == ["first", missed[0], "told", missed[1]]


async def test_reading_history_does_not_hold_up_what_comes_after_an_outage(scene: Scene) -> None:
    async with scene.running(connections=1):
        scene.slack.fail(Fault.HANG, "conversations.history", times=9)
        scene.slack.teller.send({"type": "app_rate_limited"})
        await scene.slack.until(lambda: bool(scene.slack.calls("conversations.history")))
        scene.slack.sockets.drop()
        await scene.slack.until(lambda: not scene.slack.sockets.open)
        await scene.slack.until(lambda: bool(scene.slack.sockets.open))
        scene.write("after")
        await scene.heard("after", within=3)


# Slack Connect.


async def test_somebody_of_another_organisation_is_an_outsider(scene: Scene) -> None:
    workspace = scene.slack.workspace
    stranger = workspace.add_user("mallory", team_id="T0ELSEWHERE")
    scene.channel.members.append(stranger.id)
    scene.channel.connected_teams.append("T0ELSEWHERE")
    scene.slack.fail(Fault.ERROR, "users.info", error="internal_error", times=99)
    async with scene.running():
        scene.slack.person("mallory").write("support", "let me in")
        heard = await scene.heard("let me in")
        scene.hide("me too")
        scene.alice.react("support", heard.message, "eyes")
    assert heard.person.workspace != workspace.team_id


async def test_an_outsider_found_in_the_history_is_one(scene: Scene) -> None:
    workspace = scene.slack.workspace
    stranger = workspace.add_user("mallory", team_id="T0ELSEWHERE")
    scene.channel.members.append(stranger.id)
    scene.channel.connected_teams.append("T0ELSEWHERE")
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
    scene.clock.advance(timedelta(minutes=5))
    scene.slack.person("mallory").write("support", "let me in")
    async with scene.running():
        heard = await scene.heard("let me in")
    assert heard.person.workspace == "T0ELSEWHERE"


# Forms.

FORM = Form("Report", "ticket open", (Field("what", "What?"),))


async def test_a_form_opens_although_nothing_can_be_stored(scene: Scene) -> None:
    async with scene.running():
        scene.write("before")
        await scene.heard("before")
        scene.intake.forms["ticket open"] = FORM
        scene.intake.pause()
        async with asyncio.timeout(10):
            await scene.slack.gestures.shortcut(scene.alice, "ticket open")
        assert scene.slack.gestures.modal(scene.alice).view["callback_id"] == "ticket open"
        scene.intake.resume()
    assert not scene.intake.all(Submitted)
    assert len(scene.intake.all(Message)) == 1


async def test_who_left_a_user_group_unnoticed_is_found_out() -> None:
    async with a_scene() as scene:
        group = scene.slack.workspace.add_group("it-agents", [scene.alice.id])
        place = replace(scene.place, room=group.id)
        async with scene.running(named=[group.id]):
            assert await scene.intake.members(place) == [scene.person]
            await scene.slack.until(lambda: bool(scene.slack.calls("conversations.history")))
            scene.slack.fail(Fault.HIDE, "subteam_members_changed")
            acts.change_group(scene.slack.workspace, group, [])
            await looked(scene)
            await scene.intake.see(Left, lambda event: event.place == place)
        assert await scene.intake.members(place) == []
