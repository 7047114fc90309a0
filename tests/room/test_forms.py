"""A form asks for what its command does not say yet; together they are one command."""

from __future__ import annotations

from bot.events import Submitted
from tests.desk import Desk


async def submits(desk: Desk, who: str, command: str, **answers: str) -> None:
    """Answer a form in the staff room."""
    facts = desk.facts(who, "staff")
    await desk.tells(Submitted(**facts, command=command, answers=tuple(answers.items())))


async def test_what_the_command_says_already_counts(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my mouse is dead")
    await submits(desk, "bea", "ticket resolve #1", solution="a new battery")
    assert "Solution: a new battery" in desk.card(1)


async def test_an_answer_goes_before_what_the_command_says(desk: Desk) -> None:
    await submits(desk, "alice", "ticket open my mouse is dead", problem="my keyboard is dead")
    assert "#1 my keyboard is dead" in desk.card(1)


async def test_what_neither_says_is_asked_for(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my mouse is dead")
    await submits(desk, "bea", "ticket resolve", solution="a new battery")
    assert desk.last("staff") == "Please fill in: tickets."
