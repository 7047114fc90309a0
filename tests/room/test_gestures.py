"""Slash commands, shortcuts and forms: what a service's own gestures ask for, and who is told."""

import pytest

from bot.events import Invoked, Pressed
from tests.desk import Desk
from tests.service import Fault

OPENED = (
    "@alice opened ticket #1: my laptop will not start. "
    "IT has been told; the answer comes in this thread."
)


async def test_the_answer_to_a_slash_command_goes_to_the_asker_alone(desk: Desk) -> None:
    await desk.invokes("alice", "ticket list")
    assert desk.texts("support", "alice") == ["You have no open ticket."]
    assert desk.texts("support", "carol") == []


@pytest.mark.parametrize("text", ["", "   ", "!help"])
async def test_a_slash_command_without_text_is_a_call_for_help(desk: Desk, text: str) -> None:
    await desk.invokes("alice", text)
    assert "More on one:" in desk.last("support", "alice")
    assert desk.texts("support", "carol") == []


async def test_a_mistyped_slash_command_is_refused_to_the_asker_alone(desk: Desk) -> None:
    await desk.invokes("alice", "tikcet open")
    assert "Did you mean `!ticket`?" in desk.last("support", "alice")
    assert desk.texts("support", "carol") == []


async def test_a_gesture_that_fails_tells_the_asker_alone(probed: Desk) -> None:
    await probed.invokes("alice", "probe poison")
    assert "Something went wrong" in probed.last("support", "alice")
    assert probed.texts("support", "carol") == []


async def test_a_slash_command_opens_a_ticket_whose_thread_the_bot_begins(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open my laptop will not start")
    assert desk.texts("support", "carol") == [OPENED]
    await desk.presses("bea", "Claim", room="staff")
    assert desk.texts("support", thread="1") == ["@alice: bea is working on ticket #1."]


async def test_a_form_outside_any_thread_opens_a_ticket_the_same_way(desk: Desk) -> None:
    await desk.submits("alice", "ticket open --urgent", problem="my laptop will not start")
    assert desk.texts("support", "carol") == [OPENED]
    assert "Urgent: yes" in desk.card(1)


async def test_the_thread_the_bot_began_means_its_ticket(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open my laptop will not start")
    await desk.says("bea", "!ticket resolve a new battery", thread="1")
    assert "Solution: a new battery" in desk.card(1)
    assert "is solved: a new battery." in desk.last("support", thread="1")


async def test_the_thread_the_bot_began_has_one_ticket(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open my laptop will not start")
    await desk.says("alice", "!ticket open the bag is torn too", thread="1")
    assert desk.last("support", thread="1").startswith("This thread is ticket #1 already")
    assert len(desk.texts("staff")) == 1


async def test_the_thread_is_found_after_a_restart(desk: Desk) -> None:
    desk.service.faults.append(Fault.HANG)
    await desk.stores(
        Invoked(**desk.facts("alice", "support"), text="ticket open my laptop will not start")
    )
    await desk.service.hanging.wait()
    desk.service.go_on.set()
    await desk.restarts()
    await desk.presses("bea", "Claim", room="staff")
    assert desk.texts("support", thread="1") == ["@alice: bea is working on ticket #1."]


async def test_a_ticket_of_a_direct_slash_command_is_told_to_nobody_else(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open my pay slip is wrong", room="dm")
    assert desk.last("dm", "alice").startswith("This is ticket #1 now.")
    assert desk.texts("support") == []


async def test_a_command_given_where_the_bot_is_not_is_answered_directly(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open my pay slip is wrong", room="")
    assert desk.last("dm", "alice").startswith("This is ticket #1 now.")
    assert "From: alice in a direct message" in desk.card(1)
    await desk.presses("bea", "Claim", room="staff")
    assert desk.last("dm", "alice") == "Bea is working on ticket #1."


async def test_who_is_nowhere_has_a_direct_room_from_the_first_answer_on(desk: Desk) -> None:
    await desk.invokes("alice", "help", room="")
    await desk.invokes("alice", "ticket list", room="")
    rooms = "SELECT ref, kind, joined FROM room WHERE ref LIKE 'page of %' OR kind = 'direct'"
    assert sorted(desk.rows(rooms)) == [("dm-alice", "direct", 1), ("page of 1", "other", 0)]
    assert desk.last("dm", "alice") == "You have no open ticket."


async def test_two_people_who_are_nowhere_are_answered_apart(desk: Desk) -> None:
    await desk.tells(
        *(
            Invoked(**desk.facts(who, ""), text=f"ticket open of {who}")
            for who in ("alice", "carol")
        )
    )
    assert [len(desk.texts("dm", who)) for who in ("alice", "carol")] == [1, 1]
    assert desk.texts("support") == []


async def test_where_the_bot_may_not_write_the_requester_is_told_directly(desk: Desk) -> None:
    desk.service.closed.add("support")
    await desk.invokes("alice", "ticket open my laptop will not start")
    await desk.presses("bea", "Claim", room="staff")
    assert desk.last("dm", "alice") == "Bea is working on ticket #1."


async def test_a_gesture_on_a_message_opens_a_ticket_from_it(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.invokes("alice", "ticket open", message=message)
    assert "#1 the lights in 4.12 flicker" in desk.card(1)
    assert "this is ticket #1 now" in desk.last("support", thread=message)


async def test_an_agent_s_gesture_on_a_message_opens_its_writer_s_ticket(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.invokes("bea", "ticket open --urgent", message=message)
    assert "From: alice in #support" in desk.card(1)
    assert "Urgent: yes" in desk.card(1)


async def test_a_gesture_on_a_reply_opens_the_ticket_of_its_thread(desk: Desk) -> None:
    root = await desk.says("alice", "the lights in 4.12 flicker")
    reply = await desk.says("alice", "now they are out", thread=root)
    await desk.invokes("alice", "ticket open", message=reply)
    assert "this is ticket #1 now" in desk.last("support", thread=root)


async def test_the_same_gesture_twice_opens_one_ticket(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.invokes("alice", "ticket open", message=message)
    await desk.invokes("alice", "ticket open", message=message)
    assert desk.last("support", "alice").startswith("This thread is ticket #1 already")
    assert "already" not in "".join(desk.texts("support", "carol"))


async def test_a_gesture_on_somebody_else_s_message_is_refused_to_who_made_it(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.invokes("carol", "ticket open", message=message)
    assert desk.texts("support", "carol") == [
        "Only whoever wrote that message or IT can open a ticket from it."
    ]
    assert desk.texts("support", "alice") == []


async def test_a_gesture_on_what_the_bot_cannot_use_is_refused(desk: Desk) -> None:
    await desk.says("alice", "!help")
    gone = await desk.says("alice", "my password is out")
    await desk.deletes("alice", gone)
    for message, reason in (("77", "I have not read"), ("2", "is mine"), (gone, "has no text")):
        await desk.invokes("alice", "ticket open", message=message)
        assert reason in desk.last("support", "alice")
    assert desk.texts("staff") == []


async def test_a_button_of_the_bot_s_page_is_answered_directly(desk: Desk) -> None:
    facts = desk.facts("alice", "")
    await desk.tells(Pressed(**facts, message="", line="ticket show 7"))
    assert desk.last("dm", "alice").startswith("There is no ticket #7.")


async def test_a_huge_slash_command_is_one_ticket(desk: Desk) -> None:
    await desk.invokes("alice", "ticket open " + "very " * 8000)
    assert len(desk.last("support")) < 400
    assert len(desk.texts("staff")) == 1


async def test_an_answer_to_a_slash_command_that_did_not_help_becomes_a_ticket(desk: Desk) -> None:
    await desk.invokes("alice", "faq how do I reset my password")
    assert desk.texts("support", "carol") == []
    lines = {b.label: b.line for b in desk.visible("support", "alice")[-1].post.buttons}
    await desk.invokes("alice", lines["Not solved"])
    assert desk.texts("support", "carol") == [
        "@alice opened ticket #1: how do I reset my password. "
        "IT has been told; the answer comes in this thread."
    ]


async def test_an_answer_given_where_the_bot_is_not_can_be_settled_directly(desk: Desk) -> None:
    await desk.invokes("alice", "faq how do I reset my password", room="")
    await desk.presses("alice", "Not solved", room="dm")
    assert "#1 how do I reset my password" in desk.card(1)
    assert desk.last("dm", "alice").startswith("This is ticket #1 now.")
