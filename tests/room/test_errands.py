"""Slow work runs outside the transaction, and its end is told where it was asked for."""

import asyncio
from datetime import timedelta

import pytest

import bot.app
from tests.desk import Desk
from tests.room.probe import Behaviour


async def test_an_errand_ends_in_an_answer(probed: Desk) -> None:
    thread = await probed.says("alice", "!probe errand tea")
    assert probed.texts("support") == ["on it", "TEA"]
    assert probed.rows("SELECT state FROM errand") == [("done",)]
    assert thread == "1"


async def test_a_failed_errand_is_run_again(probed: Desk, behaviour: Behaviour) -> None:
    behaviour.errand_failures = 2
    await probed.says("alice", "!probe errand tea")
    assert probed.texts("support") == ["on it"]
    await probed.advances(minutes=5)
    assert probed.texts("support") == ["on it", "TEA"]
    assert behaviour.runs == ["errand"] * 3


async def test_an_errand_that_never_succeeds_says_so(probed: Desk, behaviour: Behaviour) -> None:
    behaviour.errand_failures = 100
    await probed.says("alice", "!probe errand tea")
    await probed.advances(hours=1)
    assert probed.last("support") == "That did not work, although I tried several times."
    assert probed.rows("SELECT state FROM errand") == [("failed",)]
    assert len(behaviour.runs) == 5


async def test_a_refused_errand_says_why_at_once(probed: Desk, behaviour: Behaviour) -> None:
    behaviour.errand_failures = -1
    await probed.says("alice", "!probe errand tea")
    assert probed.last("support") == "The shop is closed."
    assert behaviour.runs == ["errand"]


async def test_an_errand_under_way_at_the_stop_is_run_again(
    probed: Desk, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "SHUTDOWN_SECONDS", 0.05)
    await probed.stores(probed.message("alice", "!probe errand wait"))
    async with asyncio.timeout(5):
        await behaviour.waits.wait()
    await probed.stops()
    behaviour.go_on.set()
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == ["on it", "WAIT"]
    assert behaviour.runs == ["errand", "errand"]


async def test_one_that_is_slow_leaves_the_other_places_to_the_rest(
    probed: Desk, behaviour: Behaviour
) -> None:
    await probed.stores(probed.message("alice", "!probe errand wait"))
    await probed.until(behaviour.waits.is_set)
    words = ("tea", "milk", "cake", "jam", "bread")
    await probed.stores(*(probed.message(word, f"!probe errand {word}") for word in words))
    await probed.until(lambda: set(probed.texts("support")) >= {word.upper() for word in words})
    assert "WAIT" not in probed.texts("support")
    behaviour.go_on.set()
    await probed.rests()
    assert probed.last("support") == "WAIT"


async def test_no_more_than_four_run_at_once(probed: Desk, behaviour: Behaviour) -> None:
    people = ("alice", "bea", "carl", "dan", "eve", "fred")
    await probed.stores(*(probed.message(who, "!probe errand wait") for who in people))
    await probed.until(lambda: probed.texts("support") == ["on it"] * 6)
    await probed.until(lambda: len(behaviour.runs) >= 4)
    assert len(behaviour.runs) == 4
    behaviour.go_on.set()
    await probed.rests()
    assert probed.texts("support") == ["on it"] * 6 + ["WAIT"] * 6


async def test_what_a_person_asks_for_is_done_in_that_order(
    probed: Desk, behaviour: Behaviour
) -> None:
    await probed.stores(probed.message("alice", "!probe errand wait"))
    await probed.until(behaviour.waits.is_set)
    probed.clock.advance(timedelta(seconds=1))
    await probed.stores(probed.message("alice", "!probe errand tea"))
    await probed.stores(probed.message("bob", "!probe errand milk"))
    await probed.until(lambda: "MILK" in probed.texts("support"))
    behaviour.go_on.set()
    await probed.rests()
    assert probed.texts("support") == ["on it", "on it", "on it", "MILK", "WAIT", "TEA"]


async def test_one_that_failed_is_not_overtaken_by_a_later_one(
    probed: Desk, behaviour: Behaviour
) -> None:
    behaviour.errand_failures = 1
    await probed.says("alice", "!probe errand tea")
    probed.clock.advance(timedelta(seconds=1))
    await probed.says("alice", "!probe errand milk")
    assert probed.texts("support") == ["on it", "on it"]
    await probed.advances(minutes=1)
    assert probed.texts("support") == ["on it", "on it", "TEA", "MILK"]


async def test_a_stop_ends_all_that_are_under_way(
    probed: Desk, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "SHUTDOWN_SECONDS", 0.05)
    people = ("alice", "bea", "carl", "dan", "eve")
    await probed.stores(*(probed.message(who, "!probe errand wait") for who in people))
    await probed.until(lambda: len(behaviour.runs) == 4)
    await probed.stops()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("errand")]
    assert probed.rows("SELECT state, attempts FROM errand") == [("queued", 0)] * 5
