"""Slow work runs outside the transaction, and its end is told where it was asked for."""

import asyncio

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
