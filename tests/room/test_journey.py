"""The journey of an event: handled once, in its room's order, refused or failed without harm."""

import asyncio
import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest

import bot.app
from bot.app import running
from bot.errors import ConfigError, StorageError
from bot.events import CaughtUp, Edited, Invoked, Left, PersonChanged, RoomChanged
from bot.people import Role
from bot.router import Router
from tests.desk import Desk
from tests.room.conftest import OpenDesk
from tests.room.probe import Behaviour

SORRY = re.compile(r"Something went wrong on my side, .* reference ([0-9A-F]{8})\.")


async def test_a_poison_handler_apologises_with_a_reference(
    probed: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await probed.says("alice", "!probe poison")
    (apology,) = probed.texts("support", thread="1")
    sorry = SORRY.fullmatch(apology)
    assert sorry is not None
    assert "secret detail" not in apology
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert record.reference == sorry[1]  # type: ignore[attr-defined]  # given as extra
    assert probed.rows("SELECT state, reference FROM inbox WHERE state = 'failed'") == [
        ("failed", sorry[1])
    ]


def fail(*_: object) -> None:
    """Do what no listener should."""
    msg = "a secret detail"
    raise RuntimeError(msg)


async def test_nobody_is_apologised_to_for_what_no_person_did(open_desk: OpenDesk) -> None:
    broken = Router("broken", "Fail")
    for event in (Left, RoomChanged, CaughtUp):
        broken.listen(event)(fail)
    desk = await open_desk(lambda plan: replace(plan, routers=(broken,)))
    await desk.leaves("alice", "support")
    await desk.tells(desk.message("alice", "hello"), away=desk.clock.now())
    assert desk.rows("SELECT DISTINCT kind FROM inbox WHERE state = 'failed' ORDER BY kind") == [
        ("caught_up",),
        ("left",),
        ("room_changed",),
    ]
    assert desk.texts("support") == []


@pytest.mark.parametrize("how", ["poison", "astray", "unprepared"])
async def test_the_room_goes_on_after_a_failure(probed: Desk, how: str) -> None:
    events = [probed.message("alice", f"!probe {how}"), probed.message("alice", "!probe ping")]
    await probed.tells(*events)
    assert SORRY.fullmatch(probed.texts("support")[0])
    assert probed.texts("support")[1:] == ["pong"]
    assert not any("never seen" in text for text in probed.texts("support"))


async def test_rooms_do_not_wait_for_each_other(probed: Desk, behaviour: Behaviour) -> None:
    await probed.stores(probed.message("alice", "!probe slow"))
    await behaviour.waits.wait()
    await probed.stores(probed.message("bea", "!probe ping", room="staff"))
    await probed.until(lambda: probed.texts("staff") == ["pong"])
    behaviour.go_on.set()
    await probed.rests()
    assert probed.texts("support") == ["at last"]


async def test_a_room_keeps_its_order(probed: Desk, behaviour: Behaviour) -> None:
    said = [probed.message("alice", f"!probe ping {number}") for number in range(30)]
    await probed.tells(*said)
    assert behaviour.runs == [str(number) for number in range(30)]
    assert probed.texts("support") == behaviour.runs


async def test_while_it_works_it_shows_so(
    probed: Desk, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatcher.SHOW_WORK_AFTER", 0.0)
    await probed.stores(probed.message("alice", "!probe slow"))
    async with asyncio.timeout(20):
        while not probed.service.typing_signs:
            await asyncio.to_thread(lambda: None)
    behaviour.go_on.set()
    await probed.rests()
    assert probed.service.typing_signs == [True, False]


async def test_the_same_event_twice_has_one_effect(probed: Desk) -> None:
    event = probed.message("alice", "!probe ping")
    await probed.tells(event)
    await probed.tells(event)
    await probed.tells(replace(event, id="the same under another id"))
    await probed.tells(event, event)
    assert probed.texts("support") == ["pong"]
    assert probed.rows("SELECT count(*) FROM message WHERE person_id IS NOT NULL") == [(1,)]


async def test_it_has_one_effect_after_a_restart_too(probed: Desk) -> None:
    event = probed.message("alice", "!probe ping")
    await probed.tells(event)
    await probed.restarts()
    await probed.tells(event)
    assert probed.texts("support") == ["pong"]


async def test_an_edit_never_runs_a_command(probed: Desk, behaviour: Behaviour) -> None:
    message = await probed.says("alice", "probe ping")
    await probed.edits("alice", message, "!probe ping")
    assert behaviour.runs == []
    assert probed.texts("support") == []


async def test_other_programs_are_not_answered(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("robot", "!probe ping", automated=True)
    await probed.says("robot", "!probe nonsense", automated=True)
    await probed.says("robot", "my vpn is down", automated=True)
    facts = probed.facts("robot", "support")
    await probed.tells(Edited(**facts, message="1", text="!x", number="2", automated=True))
    assert behaviour.runs == []
    assert probed.texts("support") == []


async def test_talk_that_only_looks_like_a_command_is_talk(probed: Desk) -> None:
    for text in ("!", "!!", "!?", "! probe ping", "wow!", "!1 of us", "say !probe ping"):
        await probed.says("alice", text)
    assert probed.texts("support") == []


async def test_an_unknown_command_names_the_nearest(desk: Desk) -> None:
    await desk.says("alice", "!tickt open x")
    assert desk.last("support") == (
        "I do not know the command “tickt”. Did you mean `!ticket`? `!help` lists what I can do."
    )
    await desk.says("alice", "!ticket opne x")
    assert desk.last("support").startswith(
        "`!ticket opne` is not a command. Did you mean `!ticket open "
    )
    await desk.says("alice", "!xyzzy")
    assert desk.last("support") == (
        "I do not know the command “xyzzy”. `!help` lists what I can do."
    )
    await desk.says("alice", "!ticket")
    assert desk.last("support").startswith("`!ticket` needs one more word: ")


async def test_nobody_is_pointed_to_a_command_they_may_not_use(desk: Desk) -> None:
    await desk.says("alice", "!ticket clam 1")
    assert "claim" not in desk.last("support")
    await desk.says("alice", "!ticket")
    assert "resolve" not in desk.last("support")
    await desk.says("alice", "!anounce cake")
    assert "announce" not in desk.last("support")
    await desk.says("bea", "!ticket clam 1", room="staff")
    assert "Did you mean `!ticket claim <#number>`?" in desk.last("staff")


async def test_a_typo_in_a_direct_message_is_not_taken_for_a_question(desk: Desk) -> None:
    await desk.says("bea", "ticket clam 42", room="dm")
    assert "Did you mean `ticket claim <#number>`?" in desk.last("dm", "bea")
    await desk.says("bea", "tickets are a nuisance", room="dm")
    assert "I have no answer to that" in desk.last("dm", "bea")


async def test_a_missing_role_is_said(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("bea", "!probe restricted", room="staff")
    assert probed.last("staff") == ("Only admins can do that (probe restricted); you are an agent.")
    assert behaviour.runs == []


async def test_a_role_given_by_the_configuration_counts(
    open_desk: OpenDesk, behaviour: Behaviour
) -> None:
    desk = await open_desk(
        behaviour.joins, lambda plan: replace(plan, roles={Role.ADMIN: ["fake:carol"]})
    )
    await desk.says("carol", "!probe restricted")
    assert desk.last("support") == "done"


async def test_whoever_leaves_the_staff_room_is_no_agent_any_more(desk: Desk) -> None:
    await desk.says("alice", "!ticket open x")
    press = desk.press("bea", "Claim", room="staff")
    await desk.leaves("bea", "staff")
    await desk.tells(press)
    assert "nobody has it" in desk.card(1)


async def test_a_check_that_fails_refuses(
    probed: Desk, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        msg = "the directory is down"
        raise RuntimeError(msg)

    monkeypatch.setattr("bot.permissions.Rules.check", broken)
    await probed.says("alice", "!probe ping")
    await probed.says("alice", "!probe restricted")
    assert behaviour.runs == []
    assert all(SORRY.fullmatch(text) for text in probed.texts("support"))


async def test_a_question_is_answered_by_the_next_message_there(probed: Desk) -> None:
    await probed.plays(
        [
            ("alice: !probe colour", "Which colour?"),
            ("carol/: mauve", ""),
            ("alice/: plaid", "Plaid is no colour. Write another."),
            ("alice/: dark red", "You like dark red."),
            ("alice/: and blue", ""),
        ]
    )


async def test_a_question_can_be_left_unanswered(probed: Desk) -> None:
    await probed.plays(
        [
            ("alice: !probe colour", "Which colour?"),
            ("alice/: never mind", "All right, never mind."),
            ("alice/: red", ""),
        ]
    )


async def test_a_question_grows_old(probed: Desk) -> None:
    thread = await probed.says("alice", "!probe colour")
    await probed.advances(minutes=31)
    await probed.says("alice", "red", thread=thread)
    assert probed.texts("support") == ["Which colour?"]


async def test_a_question_stays_open_while_its_asker_says_nothing(probed: Desk) -> None:
    asked = await probed.says("alice", "probe colour", room="dm")
    await probed.reacts("alice", "👍", asked, room="dm")
    await probed.opens_page("alice", "dm")
    await probed.tells(PersonChanged(**probed.facts("alice", "dm"), name="Alice"))
    await probed.says("alice", "red", room="dm")
    assert probed.last("dm", "alice") == "You like red."


async def test_a_question_outlives_a_restart(probed: Desk) -> None:
    thread = await probed.says("alice", "!probe colour")
    await probed.restarts()
    await probed.says("alice", "red", thread=thread)
    assert probed.last("support") == "You like red."


async def test_a_form_without_what_it_needs_says_what(desk: Desk) -> None:
    await desk.says("alice", "!ticket open")
    await desk.fills("alice", "Open a ticket", problem="   ")
    assert desk.last("support").startswith("What is wrong?")


async def test_a_gesture_runs_a_command(probed: Desk) -> None:
    await probed.tells(Invoked(**probed.facts("alice", "support"), text="probe ping"))
    await probed.tells(Invoked(**probed.facts("alice", "support"), text=""))
    assert probed.texts("support")[0] == "pong"
    assert "More on one:" in probed.texts("support")[1]


async def test_what_was_missed_is_handled_once_and_marked_late(probed: Desk) -> None:
    left = probed.clock.now()
    event = probed.message("alice", "!probe ping")
    probed.clock.advance(timedelta(hours=1))
    await probed.tells(event, away=left)
    await probed.tells(event)
    assert probed.texts("support", thread="1") == [
        "(Late: I was away when you wrote this at Mon 5 Jan 2026 09:00 CET.)\npong"
    ]


async def test_plain_talk_that_was_missed_is_not_answered_any_more(desk: Desk) -> None:
    await desk.tells(desk.message("alice", "my vpn is down"), away=desk.clock.now())
    assert desk.texts("support", thread="1") == []


async def test_only_you_and_direct_are_for_the_asker(probed: Desk) -> None:
    await probed.says("alice", "!probe secretly x")
    assert probed.texts("support", "alice") == ["here: x"]
    assert probed.texts("support", "carol") == []
    assert probed.texts("dm", "alice") == ["there: x"]
    await probed.says("alice", "probe secretly y", room="dm")
    assert probed.texts("dm", "alice") == ["there: x", "here: y", "there: y"]


async def test_a_reaction_of_the_bot_is_put_on_the_message(probed: Desk) -> None:
    await probed.says("alice", "!probe thumb")
    assert probed.service.reactions == [("support", "1", "👍")]


async def test_what_was_not_handled_is_taken_up_after_a_restart(
    probed: Desk, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "SHUTDOWN_SECONDS", 0.05)
    await probed.stores(probed.message("alice", "!probe slow"))
    await probed.stores(probed.message("alice", "!probe ping"))
    await behaviour.waits.wait()
    await probed.stops()
    assert probed.rows("SELECT count(*) FROM inbox WHERE state = 'new'") == [(2,)]
    behaviour.go_on.set()
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == ["at last", "pong"]
    assert behaviour.runs == ["pong"]


async def test_nothing_is_left_open_after_stop(open_desk: OpenDesk, behaviour: Behaviour) -> None:
    before = asyncio.all_tasks()
    probed = await open_desk(behaviour.joins)
    await probed.says("alice", "!probe ping")
    assert asyncio.all_tasks() > before
    await probed.stops()
    assert asyncio.all_tasks() == before
    assert probed.service.closings == 1


async def test_nothing_is_left_open_when_a_start_fails(
    probed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await probed.stops()
    before, closings = asyncio.all_tasks(), probed.service.closings

    async def fails(*_: object) -> None:
        msg = "the disk is gone"
        raise StorageError(msg)

    monkeypatch.setattr("bot.ticker.Ticker.tick", fails)
    with pytest.raises(StorageError, match="the disk is gone"):
        async with running(probed.plan):
            pass
    assert asyncio.all_tasks() == before
    assert probed.service.closings == closings + 1


@pytest.mark.parametrize("error", [StorageError("x"), ConfigError("x", "y", "z"), ValueError("x")])
async def test_what_fails_while_it_runs_arrives_as_itself(probed: Desk, error: Exception) -> None:
    await probed.stops()
    with pytest.raises(type(error)) as failed:
        async with running(probed.plan):
            raise error
    assert failed.value is error


async def test_a_transport_that_crashes_is_started_again(probed: Desk) -> None:
    await probed.service.stumbles()
    await probed.advances(seconds=5)
    await probed.service.runs()
    await probed.says("alice", "!probe ping")
    assert probed.texts("support") == ["pong"]


async def test_health_tells_of_every_part(desk: Desk) -> None:
    assert {name: health.ok for name, health in desk.bot.health().items()} == {
        "fake home": True,
        "inbox": True,
        "outbox": True,
        "database": True,
    }
