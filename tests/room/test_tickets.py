"""Tickets: opened, claimed, solved, reopened, listed, erased."""

from tests.desk import Desk


async def test_a_claimed_ticket_names_its_agent(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.presses("bea", "Claim", room="staff")
    assert "bea has it" in desk.card(1)
    assert desk.last("support", thread="1") == "@alice: bea is working on ticket #1."
