"""What somebody did last to a ticket is taken back."""

import pytest

from tests.desk import Desk

TICKET = "SELECT state, assignee_id, priority, solved_at, closed_at, resolution FROM ticket"


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A desk with two tickets."""
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open my mouse is dead")
    return desk


async def staff(desk: Desk, line: str, who: str = "bea") -> str:
    """Let somebody of IT write a command in the staff room; returns the answer."""
    await desk.says(who, f"!{line}", room="staff")
    return desk.last("staff")


@pytest.mark.parametrize(
    "line",
    [
        "claim 1 2",
        "assign 1 dan",
        "priority 1 2 low",
        "status 1 waiting",
        "resolve #1 #2 new cable",
        "close 1",
        "dismiss 2",
        "urgent 1",
    ],
)
async def test_every_act_is_taken_back_whole(busy: Desk, line: str) -> None:
    before = busy.rows(TICKET)
    await staff(busy, f"ticket {line}")
    assert busy.rows(TICKET) != before
    assert (await staff(busy, "undo")).startswith("Taken back")
    assert busy.rows(TICKET) == before


async def test_tags_and_links_are_taken_back(busy: Desk) -> None:
    await staff(busy, "ticket tag 1 +vpn")
    await staff(busy, "ticket tag 1 +new -vpn")
    await staff(busy, "undo")
    assert "Tags: vpn" in busy.card(1)
    await staff(busy, "ticket link 1 2")
    await staff(busy, "undo")
    assert "Linked" not in busy.card(1) + busy.card(2)


async def test_the_requester_hears_of_it(busy: Desk) -> None:
    await staff(busy, "ticket resolve 1")
    await busy.presses("bea", "Undo", room="staff")
    assert busy.last("support", thread="1") == (
        "@alice: bea has taken that back: ticket #1 is new again."
    )


async def test_what_is_taken_back_is_not_taken_back_twice(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    again = busy.press("bea", "Undo", room="staff")
    await staff(busy, "undo")
    await busy.tells(again)
    assert busy.last("staff").startswith("“claim” is taken back already.")
    assert (await staff(busy, "undo")).startswith("You have done nothing to a ticket")


async def test_after_ten_minutes_it_stays(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    await busy.advances(minutes=11)
    await busy.presses("bea", "Undo", room="staff")
    assert busy.last("staff").startswith("“claim” is more than ten minutes old")
    assert "bea has it" in busy.card(1)


async def test_nobody_takes_back_what_another_did(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    await busy.presses("dan", "Undo", room="staff")
    assert busy.last("staff").startswith("Only whoever did that can take it back.")


async def test_what_another_has_changed_since_is_not_taken_back(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    await staff(busy, "ticket priority 1 high", who="dan")
    assert (await staff(busy, "undo")).startswith("#1 has changed since")
    assert "bea has it" in busy.card(1)


async def test_opening_cannot_be_taken_back(busy: Desk) -> None:
    await busy.says("alice", "!undo")
    assert busy.last("support").startswith("“open” cannot be taken back.")


async def test_a_deleted_solution_does_not_come_back(busy: Desk) -> None:
    told = await busy.says("bea", "!ticket resolve #1 his password was Sommer", room="staff")
    await staff(busy, "ticket reopen 1")
    await busy.deletes("bea", told, room="staff")
    assert (await staff(busy, "undo")).startswith("“reopen” cannot be taken back.")
    assert b"Sommer" not in busy.stored_bytes()
