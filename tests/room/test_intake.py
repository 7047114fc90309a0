"""What comes in is stored, whatever it is, and what cannot be handled yet waits."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot import events
from bot.errors import StorageError
from bot.events import Event
from bot.storage.unit import Unit
from bot.transport import Batch, Gap, Page
from tests.desk import Desk
from tests.service import place


@pytest.mark.parametrize("text", ["\0", "bad \ud800", "\ufeff", "\u202e!help", "a" * 100_000])
async def test_strange_text_stops_nothing(probed: Desk, text: str) -> None:
    odd = replace(probed.message("alice", "x"), text=text)
    await probed.tells(odd, probed.message("alice", "!probe ping"))
    assert probed.last("support") == "pong"


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=60), direct=st.booleans())
async def test_any_text_is_handled(probed: Desk, text: str, direct: bool) -> None:
    written = replace(probed.message("alice", "x", "dm" if direct else "support"), text=text)
    await probed.tells(written)
    assert probed.rows("SELECT count(*) FROM inbox WHERE state = 'failed'") == [(0,)]


async def test_what_cannot_be_stored_is_not_acknowledged(
    probed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    event = probed.message("alice", "!probe ping")
    with monkeypatch.context() as patch:
        patch.setattr("bot.journal.insert_new", full)
        with pytest.raises(StorageError, match="The disk with the database is full"):
            await probed.stores(event)
    await probed.tells(event)
    assert probed.texts("support") == ["pong"]


async def test_one_batch_that_cannot_be_stored_hurts_no_other(
    probed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = probed.message("alice", "!probe ping"), probed.message("alice", "bad")
    real = events.dump

    def poisoned(event: Event) -> str:
        if event == bad:
            msg = "cannot be written down"
            raise ValueError(msg)
        return real(event)

    monkeypatch.setattr("bot.journal.events.dump", poisoned)
    receive = probed.service.intake.receive
    outcomes = await asyncio.gather(
        receive(Batch([good])), receive(Batch([bad])), return_exceptions=True
    )
    await probed.rests()
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "ValueError"]
    assert probed.texts("support") == ["pong"]


async def test_a_caller_who_goes_leaves_the_others_none_the_worse(probed: Desk) -> None:
    receive = probed.service.intake.receive
    said = [probed.message("alice", f"!probe ping {number}") for number in range(3)]
    callers = [asyncio.ensure_future(receive(Batch([event]))) for event in said]
    await asyncio.sleep(0)
    callers[0].cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(*callers, return_exceptions=True)
    await probed.tells(*said)
    assert probed.texts("support") == ["0", "1", "2"]


async def test_an_event_waits_while_the_database_is_away(
    probed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    real = Unit.bulk

    def away(unit: Unit, *row: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        real(unit, *row)  # type: ignore[arg-type]

    monkeypatch.setattr(Unit, "bulk", away)
    await probed.stores(probed.message("alice", "!probe ping"))

    def time_passes() -> bool:
        probed.clock.advance(timedelta(seconds=1))
        return probed.texts("support") == ["pong"]

    await probed.until(time_passes)
    assert len(tries) >= 3


async def test_a_room_with_a_gap_waits_for_what_is_missing(probed: Desk) -> None:
    missing, newest = (probed.message("alice", f"!probe ping {word}") for word in ("old", "new"))
    intake, left = probed.service.intake, probed.clock.now()
    gap = Gap(place("support"), "start", "stop")
    await intake.receive(Batch([newest], gaps=[gap], away=left))
    await intake.receive(Batch([probed.message("bea", "!probe ping elsewhere", room="staff")]))
    await probed.until(lambda: probed.last("staff") == "elsewhere")
    assert probed.texts("support") == []
    (stored,) = await intake.gaps("fake", "home")
    await intake.fill(Page(stored, [missing], None))
    await probed.rests()
    said = [text.split("\n")[-1] for text in probed.texts("support")]
    assert said[:2] == ["old", "new"]
    assert said[2].endswith("2 messages caught up.")
    assert await intake.gaps("fake", "home") == []


async def test_a_gap_outlives_a_restart(probed: Desk) -> None:
    missing, newest = (probed.message("alice", f"!probe ping {word}") for word in ("old", "new"))
    gap = Gap(place("support"), "start", "stop")
    await probed.service.intake.receive(Batch([newest], gaps=[gap]))
    await probed.stops()
    await probed.starts()
    intake = probed.service.intake
    (stored,) = await intake.gaps("fake", "home")
    assert stored.gap == gap
    await intake.fill(Page(stored, [missing], None))
    await probed.rests()
    assert probed.texts("support") == ["old", "new"]


async def test_a_caller_that_gives_up_leaves_the_others_in_no_lurch(probed: Desk) -> None:
    go_on = threading.Event()
    held = probed.bot.database.write(lambda _unit: go_on.wait(10))
    receive = probed.service.intake.receive
    first = asyncio.ensure_future(receive(Batch([probed.message("alice", "!probe ping one")])))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(receive(Batch([probed.message("alice", "!probe ping two")])))
    await asyncio.sleep(0)
    first.cancel()
    go_on.set()
    async with asyncio.timeout(10):
        await asyncio.gather(held, second)
    await probed.rests()
    assert probed.texts("support") == ["one", "two"]
