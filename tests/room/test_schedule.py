"""What must happen at a time happens: once, late if it must be, and again when it failed."""

import asyncio
import threading
from datetime import datetime, timedelta

import pytest

from bot.schedule import Schedule
from bot.storage.unit import Unit
from tests.desk import Desk
from tests.room.probe import Behaviour


async def test_it_happens_once_when_it_is_due(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.advances(seconds=59)
    assert behaviour.runs == []
    await probed.advances(seconds=1)
    await probed.advances(days=1)
    assert behaviour.runs == ["due 08:01:00"]
    assert probed.last("support") == "it is time"


async def test_planning_it_again_moves_it(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.says("alice", "!probe later 120")
    await probed.advances(days=1)
    assert behaviour.runs == ["due 08:02:00"]


async def test_what_is_unplanned_does_not_happen(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.says("alice", "!probe never")
    await probed.advances(days=1)
    assert behaviour.runs == []


async def test_it_happens_late_after_a_time_away(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.stops()
    probed.clock.advance(timedelta(hours=3))
    await probed.starts()
    await probed.rests()
    assert behaviour.runs == ["due 08:01:00"]
    await probed.restarts()
    assert len(behaviour.runs) == 1


async def test_a_clock_set_back_repeats_nothing(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.advances(minutes=2)
    probed.clock.advance(timedelta(hours=-1))
    await probed.advances(hours=2)
    assert behaviour.runs == ["due 08:01:00"]


async def test_a_clock_set_back_delays_what_is_planned(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    probed.clock.advance(timedelta(hours=-1))
    await probed.advances(minutes=30)
    assert behaviour.runs == []
    await probed.advances(hours=1)
    assert behaviour.runs == ["due 08:01:00"]


async def test_a_clock_set_forward_brings_it(probed: Desk, behaviour: Behaviour) -> None:
    await probed.says("alice", "!probe later 60")
    probed.clock.advance(timedelta(days=2))
    await probed.rests()
    assert behaviour.runs == ["due 08:01:00"]


async def test_what_fails_is_tried_again_later(
    probed: Desk, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    behaviour.due_failures = 2
    await probed.says("alice", "!probe later 60")
    await probed.advances(minutes=1)
    assert len(behaviour.runs) == 1
    assert "something due failed and is tried again" in caplog.text
    await probed.advances(minutes=5)
    assert len(behaviour.runs) == 3
    assert probed.last("support") == "it is time"


async def test_what_cannot_be_stored_is_tried_again_and_ends_nothing(
    probed: Desk, behaviour: Behaviour
) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.stops()
    probed.changes("UPDATE schedule SET payload = '{\"room\": 99}' WHERE kind = 'probe'")
    await probed.starts()
    await probed.advances(minutes=10)
    assert len(behaviour.runs) > 1
    await probed.says("alice", "!probe ping")
    assert probed.last("support") == "pong"


async def test_what_nobody_handles_any_more_ends_nothing(probed: Desk) -> None:
    await probed.says("alice", "!probe later 60")
    await probed.stops()
    probed.changes("UPDATE schedule SET kind = 'forgotten' WHERE kind = 'probe'")
    await probed.starts()
    await probed.advances(minutes=10)
    await probed.says("alice", "!probe ping")
    assert probed.last("support") == "pong"


async def test_what_is_planned_during_a_tick_is_not_forgotten(
    probed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, go_on, look = threading.Event(), threading.Event(), Schedule.next

    def look_slowly(unit: Unit) -> datetime | None:
        found = look(unit)
        looked.set()
        assert go_on.wait(10)
        return found

    monkeypatch.setattr(Schedule, "next", staticmethod(look_slowly))
    tick = asyncio.ensure_future(probed.bot.ticker.tick())
    assert await asyncio.to_thread(looked.wait, 10)
    soon = probed.clock.now() + timedelta(minutes=1)
    planned = probed.bot.database.write(
        lambda unit: probed.bot.schedule.put(unit, soon, "probe", "one", {"room": 1})
    )
    await asyncio.sleep(0)  # what one turn of the loop plans is handed over in the next
    go_on.set()
    while not probed.rows("SELECT 1 FROM schedule WHERE kind = 'probe'"):
        pass  # nothing of this loop may run before both are committed
    await asyncio.gather(tick, planned)
    assert probed.bot.ticker.next_due == soon
