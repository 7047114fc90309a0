"""Answers from the knowledge base: given when sure, settled by whoever asked."""

from dataclasses import replace

from bot.plan import Plan
from handlers.faq import KnowledgeBase
from tests.desk import Desk
from tests.room.conftest import OpenDesk

QUESTION = "my vpn is down"


async def test_a_plain_question_is_answered_when_sure(desk: Desk) -> None:
    message = await desk.says("alice", QUESTION)
    answer = desk.last("support", thread=message)
    assert answer.startswith("VPN does not connect")
    assert answer.endswith("[Solved] [Not solved]")


async def test_talk_is_not_answered(desk: Desk) -> None:
    for text in ("good morning everybody", "lunch at noon?", "thanks!", "👍", ""):
        await desk.says("alice", text)
    assert desk.texts("support") == []


async def test_a_thread_of_others_is_not_interrupted(desk: Desk) -> None:
    message = await desk.says("alice", "look what I found")
    await desk.says("carol", QUESTION, thread=message)
    assert desk.texts("support") == []


async def test_the_staff_room_is_not_answered(desk: Desk) -> None:
    await desk.says("bea", QUESTION, room="staff")
    assert desk.texts("staff") == []


async def test_whoever_is_spoken_to_answers_and_offers_a_ticket(desk: Desk) -> None:
    await desk.says("alice", "what is the airspeed of a swallow", room="dm")
    assert desk.last("dm", "alice") == (
        "I have no answer to that. Shall IT look at it? [Open a ticket]"
    )
    await desk.presses("alice", "Open a ticket", room="dm")
    assert desk.card(1).startswith("#1 what is the airspeed of a swallow")


async def test_a_mention_is_answered_too(desk: Desk) -> None:
    await desk.says("alice", "what is the airspeed of a swallow", addressed=True)
    assert "Shall IT look at it?" in desk.last("support")


async def test_solved_thanks_and_is_settled(desk: Desk) -> None:
    await desk.says("alice", QUESTION)
    again = desk.press("alice", "Not solved")
    await desk.presses("alice", "Solved")
    assert desk.last("support") == "Good to hear. Ask again any time."
    await desk.tells(again)
    assert desk.last("support").startswith("You said already that it helped.")
    assert desk.texts("staff") == []


async def test_not_solved_opens_a_ticket_with_the_question(desk: Desk) -> None:
    message = await desk.says("alice", QUESTION)
    again = desk.press("alice", "Not solved")
    await desk.presses("alice", "Not solved")
    assert desk.card(1).startswith(f"#1 {QUESTION}\nFrom: alice")
    assert "ticket #1" in desk.last("support", thread=message)
    await desk.tells(again)
    assert desk.last("support").startswith("You said already that it did not help.")


async def test_others_do_not_say_whether_it_helped(desk: Desk) -> None:
    await desk.says("alice", QUESTION)
    await desk.presses("carol", "Solved")
    assert desk.last("support").startswith(
        "Only alice, who asked, or IT can say whether that helped."
    )


async def test_staff_may_say_it_for_them(desk: Desk) -> None:
    await desk.says("alice", QUESTION)
    await desk.presses("bea", "Not solved")
    assert "From: alice" in desk.card(1)


async def test_an_answer_of_another_room_is_not_there(desk: Desk) -> None:
    await desk.says("alice", QUESTION)
    await desk.says("alice", "faq solved 1", room="dm")
    assert "There is no answer 1 here." in desk.last("dm", "alice")


async def test_asking_by_command_answers_or_offers(desk: Desk) -> None:
    await desk.says("alice", f"!faq {QUESTION}")
    assert desk.last("support").startswith("VPN does not connect")
    await desk.says("alice", "!faq what is the airspeed of a swallow")
    await desk.presses("alice", "Open a ticket")
    assert desk.card(1).startswith("#1 what is the airspeed of a swallow")


async def test_a_doubtful_question_offers_articles(open_desk: OpenDesk) -> None:
    desk = await open_desk(never_sure)
    await desk.says("alice", f"!faq {QUESTION}")
    assert desk.last("support").startswith("I am not sure. Is it one of these? [VPN does not")
    await desk.presses("alice", "VPN does not connect")
    assert desk.last("support").startswith("VPN does not connect\n")


async def test_a_doubtful_question_is_not_answered_unasked(open_desk: OpenDesk) -> None:
    desk = await open_desk(never_sure)
    await desk.says("alice", QUESTION)
    assert desk.texts("support") == []


def never_sure(plan: Plan) -> Plan:
    """Let only certainty count as sure."""
    doubtful = replace(plan.services[KnowledgeBase], sure=1.0)
    return replace(plan, services={**plan.services, KnowledgeBase: doubtful})


async def test_an_article_is_shown_by_name(desk: Desk) -> None:
    await desk.says("alice", "!faq show vpn-does-not-connect")
    assert desk.last("support").startswith("VPN does not connect")
    await desk.says("alice", "!faq show nonsense")
    assert "There is no article “nonsense”." in desk.last("support")


async def test_every_article_is_listed(desk: Desk) -> None:
    await desk.says("alice", "!faq list")
    assert "• vpn-does-not-connect – VPN does not connect" in desk.last("support")


async def test_a_deleted_question_makes_a_ticket_without_it(desk: Desk) -> None:
    message = await desk.says("alice", QUESTION)
    await desk.deletes("alice", message)
    await desk.presses("alice", "Not solved")
    assert desk.card(1).startswith("#1 (the question was deleted)")
