"""What staff do with tickets: given, released, put in order, tagged, linked, ended."""

import asyncio

import pytest

from tests.desk import Desk


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A desk with three tickets."""
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open my mouse is dead")
    await desk.says("alice", "!ticket open the printer prints nothing")
    return desk


async def staff(desk: Desk, line: str, who: str = "bea") -> str:
    """Let somebody of IT write a command in the staff room; returns the answer."""
    await desk.says(who, f"!ticket {line}", room="staff")
    return desk.last("staff").removesuffix(" [Undo]")


async def test_a_ticket_is_given_to_a_colleague_and_its_requester_told(busy: Desk) -> None:
    assert await staff(busy, "assign 1 @dan") == "#1 is dan's."
    assert "open, dan has it" in busy.card(1)
    assert busy.last("support", thread="1") == "@alice: dan is working on ticket #1."


async def test_a_ticket_is_given_to_staff_alone(busy: Desk) -> None:
    answer = await staff(busy, "assign 1 @alice")
    assert answer == "alice is not of IT. Name somebody who is in the staff room."


async def test_assign_on_the_card_asks_to_whom(busy: Desk) -> None:
    await busy.presses("bea", "Assign", room="staff", thread=None)
    assert busy.last("staff") == "Who takes #3? [bea] [dan]"
    await busy.presses("bea", "dan", room="staff")
    assert "open, dan has it" in busy.card(3)


async def test_a_released_ticket_is_new_and_nobodys(busy: Desk) -> None:
    await staff(busy, "claim 1")
    assert await staff(busy, "release 1") == "#1 is new again; nobody has it."
    assert "new, nobody has it" in busy.card(1)


async def test_a_priority_stands_on_the_card(busy: Desk) -> None:
    await staff(busy, "priority 1 high")
    assert "Priority: high" in busy.card(1)
    await staff(busy, "priority 1 urgent")
    assert "Urgent: yes" in busy.card(1)


async def test_the_priority_is_asked_for_by_buttons(busy: Desk) -> None:
    await staff(busy, "priority #1")
    await busy.presses("bea", "Low", room="staff")
    assert "Priority: low" in busy.card(1)


async def test_a_ticket_waits_for_its_requester_or_a_third_party(busy: Desk) -> None:
    await staff(busy, "status 1 waiting")
    assert "waiting for alice, bea has it" in busy.card(1)
    assert await staff(busy, "status 1 third-party") == "#1 is waiting for third party now."
    assert await staff(busy, "status 1 open") == "#1 is open now."


async def test_tags_are_put_on_and_taken_off(busy: Desk) -> None:
    assert await staff(busy, "tag 1 +VPN wifi") == "#1 is tagged vpn, wifi now."
    assert await staff(busy, "tag 1 –wifi +new") == "#1 is tagged new, vpn now."
    assert "Tags: new, vpn" in busy.card(1)


async def test_linked_tickets_name_each_other(busy: Desk) -> None:
    assert await staff(busy, "link 1 3") == "#1 and #3 are linked now."
    assert "Linked: #3" in busy.card(1)
    assert "Linked: #1" in busy.card(3)


async def test_in_a_ticket_s_thread_another_is_linked_by_its_number(busy: Desk) -> None:
    await busy.says("bea", "!ticket link 3", thread="1")
    assert "Linked: #1" in busy.card(3)


async def test_a_closed_ticket_stays_closed(busy: Desk) -> None:
    assert await staff(busy, "close 1") == "#1 is closed; alice was told."
    assert busy.last("support", thread="1").startswith("@alice: ticket #1 is closed.")
    assert "for good" in await staff(busy, "reopen 1")


async def test_what_asks_nothing_is_no_request(busy: Desk) -> None:
    await busy.presses("bea", "Not a request", room="staff")
    assert "it seems to ask nothing of IT" in busy.last("support")


async def test_of_several_each_is_done_that_can_be(busy: Desk) -> None:
    await staff(busy, "claim 2", who="dan")
    assert await staff(busy, "claim 3 1-2 9") == (
        "Done (claim): #3, #1.\nNot done:\n• dan has #2 already.\n• There is no ticket #9."
    )
    assert "bea has it" in busy.card(1)


async def test_when_none_can_be_done_every_reason_is_told(busy: Desk) -> None:
    answer = await staff(busy, "release 1 2")
    assert answer == (
        "Nobody has #1, so there is nothing to release. "
        "Nobody has #2, so there is nothing to release."
    )


@pytest.mark.parametrize("line", ["close 1-101", "close 1 2-101"])
async def test_too_many_at_once_are_refused(busy: Desk, line: str) -> None:
    assert (await staff(busy, line)).startswith("Those are more than 100 tickets.")


async def test_a_solution_may_begin_with_a_number(busy: Desk) -> None:
    await busy.says("bea", "!ticket resolve 3 times I restarted it", thread="1")
    assert "Solution: 3 times I restarted it" in busy.card(1)
    assert "new, nobody has it" in busy.card(3)


async def test_several_are_solved_with_one_word(busy: Desk) -> None:
    await staff(busy, "resolve #1 #3 the power is back")
    assert "Solution: the power is back" in busy.card(3)
    assert "solved: the power is back." in busy.last("support", thread="1")


async def test_the_card_is_edited_once_for_each_command(busy: Desk) -> None:
    edits = "SELECT count(*) FROM outbox WHERE post_key = 'ticket/1/card' AND action = 'edit'"
    await staff(busy, "assign 1 3 dan")
    assert busy.rows(edits) == [(1,)]


async def test_an_employee_does_none_of_it(busy: Desk) -> None:
    for line in ("assign 1 dan", "release 1", "priority 1 low", "status 1 open", "tag 1 x"):
        await busy.says("alice", f"!ticket {line}")
        assert busy.last("support").startswith("Only agents can do that")


async def test_of_claims_told_at_once_one_wins_and_the_others_hear_who(busy: Desk) -> None:
    claims = [busy.message(who, "!ticket claim 1", room="staff") for who in ("bea", "dan") * 4]
    await asyncio.gather(*(busy.stores(claim) for claim in claims))
    await busy.rests()
    answers = busy.texts("staff")[-8:]
    winner = "bea" if "bea has it" in busy.card(1) else "dan"
    assert sum(text.startswith("#1 is yours. [Undo]") for text in answers) == 1
    assert sum(text.startswith("#1 is yours already.") for text in answers) == 3
    assert sum(text.startswith(f"{winner} has #1 already.") for text in answers) == 4
    told = [text for text in busy.texts("support", thread="1") if "working on" in text]
    assert told == [f"@alice: {winner} is working on ticket #1."]


async def test_of_a_command_for_several_and_one_for_one_of_them_each_counts_once(
    busy: Desk,
) -> None:
    both = (("bea", "!ticket claim 1-3"), ("dan", "!ticket claim 2"))
    messages = [busy.message(who, line, room="staff") for who, line in both]
    await asyncio.gather(*(busy.stores(message) for message in messages))
    await busy.rests()
    have = busy.rows("SELECT assignee_id, version FROM ticket ORDER BY id")
    assert [version for _, version in have] == [2, 2, 2]
