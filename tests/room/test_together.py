"""What happens when several events share a transaction, or one is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import dispatcher
from bot.asking import Plan
from bot.errors import StorageError
from bot.events import Joined, Message, RoomChanged
from bot.handling import Handling
from bot.storage.unit import Unit
from tests.desk import Desk
from tests.service import Fault


def failing_once(handle: Callable[[Handling, Plan, Unit], str]) -> Callable[..., str]:
    """Let the database refuse what the first call has done."""
    calls = iter([StorageError("The disk is full.")])

    def handled(self: Handling, plan: Plan, unit: Unit) -> str:
        word = handle(self, plan, unit)
        for error in calls:
            raise error
        return word

    return handled


async def test_a_claim_in_the_same_commit_as_its_ticket_shows_on_the_card(desk: Desk) -> None:
    await desk.tells(
        desk.message("alice", "!ticket open my vpn is down"),
        desk.message("bea", "!ticket claim 1", room="staff"),
    )
    assert "bea has it" in desk.card(1)


async def test_what_quotes_a_deleted_message_in_the_same_commit_is_erased(desk: Desk) -> None:
    told = await desk.says("alice", "!ticket open my Pferd is ill")
    shown = desk.message("bea", "!ticket show 1", room="staff")
    await desk.stores(shown)
    await desk.deletes("alice", told)
    assert "Pferd" not in "".join(desk.texts("staff"))
    assert desk.rows("SELECT count(*) FROM message WHERE text LIKE '%Pferd%'") == [(0,)]


async def test_a_direct_room_that_gets_company_is_direct_no_more(desk: Desk) -> None:
    await desk.says("alice", "ticket open my secret", room="dm")
    await desk.tells(RoomChanged(**desk.facts("alice", "dm"), direct=False))
    assert desk.rows("SELECT count(*) FROM room WHERE kind = 'direct'") == [(0,)]


async def test_a_direct_message_makes_its_room_direct_whatever_came_first(desk: Desk) -> None:
    facts = desk.facts("carol", "dm")
    await desk.tells(Joined(**facts))
    await desk.says("carol", "ticket open my secret", room="dm")
    assert desk.rows("SELECT private FROM ticket") == [(1,)]


async def test_a_room_no_longer_configured_makes_nobody_an_agent(desk: Desk) -> None:
    await desk.says("bea", "!announce one", room="staff")
    await desk.stops()
    desk.plan = replace(desk.plan, rooms={("fake", "support"): "support"})
    await desk.starts()
    await desk.says("bea", "!announce two")
    assert desk.last("support").startswith("Only agents can do that")


async def test_an_answer_to_a_question_is_taken_once_though_its_commit_failed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.says("alice", "ticket open", room="dm")
    monkeypatch.setattr(Handling, "handle", failing_once(Handling.handle))
    monkeypatch.setattr(dispatcher, "RETRY_SECONDS", 0.0)
    await desk.says("alice", "my screen is broken", room="dm")
    await desk.says("alice", "thanks a lot", room="dm")
    assert desk.rows("SELECT count(*) FROM ticket") == [(1,)]


async def test_an_answer_may_begin_with_a_command_s_word(desk: Desk) -> None:
    await desk.says("alice", "ticket open", room="dm")
    await desk.says("alice", "faq page does not load for me", room="dm")
    assert desk.rows("SELECT subject FROM ticket") == [("faq page does not load for me",)]


async def test_a_clock_set_back_holds_up_nothing(desk: Desk) -> None:
    desk.service.faults.append(Fault.LIMIT)
    await desk.says("alice", "!help")
    desk.clock.advance(-timedelta(hours=1))
    await desk.advances(minutes=2)
    assert desk.texts("support")


async def test_order_outlasts_a_clock_set_back_while_we_were_down(desk: Desk) -> None:
    first: Message = desk.message("alice", "!ticket open first")
    await desk.stores(first)
    await desk.stops()
    desk.clock.advance(-timedelta(hours=1))
    await desk.starts()
    await desk.says("alice", "!ticket open second")
    assert desk.rows("SELECT subject FROM ticket ORDER BY id") == [("first",), ("second",)]
