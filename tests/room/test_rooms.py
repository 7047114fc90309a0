"""Rooms the bot has left, and rooms that others have replaced."""

from dataclasses import replace

from bot.events import Joined, RoomChanged
from tests.desk import Desk
from tests.room.conftest import OpenDesk

PLAN = '!maintenance plan x --at "saturday 22:00" --for 2h'


async def replaced(desk: Desk, old: str, new: str) -> None:
    """Have a room replaced, as a service tells it, and the bot and bea in the new one."""
    await desk.tells(
        RoomChanged(**desk.facts("bea", old), replaced_by=new),
        Joined(**desk.facts("bot", new), bot=True),
        Joined(**desk.facts("bea", new)),
        RoomChanged(**desk.facts("bea", new), name=new),
    )


def cards(desk: Desk, room: str) -> list[str]:
    return [text for text in desk.texts(room) if text.startswith("#")]


async def test_whoever_asked_in_a_room_it_has_left_is_told_directly(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.leaves("bot", "support", bot=True)
    before = desk.texts("support")
    await desk.says("bea", "!ticket resolve #1 a new battery", room="staff")
    assert desk.last("dm", "alice").startswith("Ticket #1 is solved: a new battery.")
    assert desk.texts("support") == before


async def test_whoever_is_told_directly_is_not_said_to_have_written_late(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.leaves("bot", "support", bot=True)
    solved = desk.message("bea", "!ticket resolve #1 a new battery", "staff")
    await desk.tells(solved, away=desk.clock.now())
    assert desk.last("dm", "alice").startswith("Ticket #1 is solved: a new battery.")


async def told_directly(desk: Desk) -> None:
    """Have alice told something alone, in a room that is known for a common one."""
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.leaves("bot", "support", bot=True)
    await desk.says("alice", "!help", room="dm-alice")
    assert desk.last("dm-alice").startswith("Just ask: when I know")
    await desk.says("bea", "!ticket resolve #1 a new battery", room="staff")
    assert desk.last("dm-alice").startswith("Ticket #1 is solved: a new battery.")


async def test_a_room_in_which_somebody_is_told_alone_is_direct_at_once(desk: Desk) -> None:
    await told_directly(desk)
    await desk.says("alice", "!help", room="dm-alice")
    assert desk.last("dm-alice").startswith("Just ask me")


async def test_a_configured_room_stays_what_it_is(open_desk: OpenDesk) -> None:
    rooms = {("fake", "support"): "support", ("fake", "staff"): "staff"}
    rooms["fake", "dm-alice"] = "support"
    desk = await open_desk(lambda plan: replace(plan, rooms=rooms))
    await told_directly(desk)
    assert desk.rows("SELECT kind FROM room WHERE ref = 'dm-alice'") == [("support",)]


async def test_a_notice_is_told_in_no_room_it_has_left(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.leaves("bot", "support", bot=True)
    before = desk.texts("support")
    await desk.says("bea", "!maintenance cancel 1", room="staff")
    assert desk.texts("support") == before
    assert desk.last("staff") == "Cancelled; nobody had to be told."


async def test_no_card_is_edited_in_a_room_it_has_left(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.leaves("bot", "staff", bot=True)
    await desk.says("alice", "!ticket urgent #1")
    assert "Urgent" not in desk.card(1)


async def test_a_room_it_comes_back_to_hears_of_it_again(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.leaves("bot", "support", bot=True)
    await desk.joins("bot", "support", bot=True)
    await desk.says("bea", "!ticket claim #1", room="staff")
    assert desk.last("support") == "@alice: bea is working on ticket #1."


async def test_a_replaced_room_is_what_the_old_one_was(desk: Desk) -> None:
    await replaced(desk, "support", "support2")
    await desk.says("bea", "!announce The lift is back", room="staff")
    assert desk.last("support2") == "📣 The lift is back"
    assert desk.texts("support") == []
    await desk.restarts()
    assert desk.rows("SELECT kind, configured_as FROM room WHERE ref = 'support2'") == [
        ("support", "support")
    ]


async def test_a_ticket_s_answers_follow_its_room(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("bea", PLAN, room="staff")
    await replaced(desk, "support", "support2")
    await desk.says("bea", "!ticket claim #1", room="staff")
    assert desk.last("support2") == "@alice: bea is working on ticket #1."
    await desk.says("bea", "!maintenance cancel 1", room="staff")
    assert desk.last("support2") == "The maintenance x is cancelled."


async def test_a_replaced_room_is_not_greeted_again(desk: Desk) -> None:
    await desk.joins("bot", "support", bot=True)
    assert desk.last("support").startswith("Hello")
    await replaced(desk, "support", "support2")
    assert desk.texts("support2") == []


async def test_whoever_stays_in_the_old_staff_room_is_no_agent(desk: Desk) -> None:
    await replaced(desk, "staff", "staff2")
    await desk.says("dan", "!announce cake", room="staff")
    assert desk.last("staff").startswith("Only agents can do that")
    await desk.says("bea", "!announce The lift is back", room="staff2")
    assert desk.last("support") == "📣 The lift is back"


async def test_a_new_ticket_has_its_card_in_the_new_staff_room(desk: Desk) -> None:
    await replaced(desk, "staff", "staff2")
    await desk.says("alice", "!ticket open my laptop will not start")
    assert desk.texts("staff") == []
    assert desk.last("staff2").startswith("#1 my laptop will not start")


async def test_the_card_of_an_open_ticket_moves_to_the_new_staff_room(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await replaced(desk, "staff", "staff2")
    await desk.joins("bea", "staff2")
    await desk.presses("bea", "Claim", room="staff2")
    assert "bea has it" in desk.last("staff2")
    assert ["nobody has it" in text for text in desk.texts("staff")] == [True]


async def test_a_card_moves_once(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await replaced(desk, "staff", "staff2")
    await replaced(desk, "staff", "staff2")
    await desk.restarts()
    await replaced(desk, "staff", "staff2")
    assert len(cards(desk, "staff2")) == 1


async def test_a_card_moves_when_the_desk_stops_after_it_has_heard_of_it(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.stores(
        RoomChanged(**desk.facts("bea", "staff"), replaced_by="staff2"),
        Joined(**desk.facts("bot", "staff2"), bot=True),
    )
    await desk.restarts()
    assert len(cards(desk, "staff2")) == 1


async def test_a_moved_card_says_nothing_that_was_deleted(desk: Desk) -> None:
    message = await desk.says("alice", "!ticket open my laptop will not start")
    await replaced(desk, "staff", "staff2")
    await desk.deletes("alice", message)
    assert desk.last("staff2").startswith("#1 (deleted by its writer)")
    assert b"will not start" not in desk.stored_bytes()


async def test_the_card_of_a_solved_ticket_moves_when_it_is_opened_again(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("bea", "!ticket resolve #1", room="staff")
    await replaced(desk, "staff", "staff2")
    assert cards(desk, "staff2") == []
    await desk.says("alice", "!ticket reopen #1")
    assert len(cards(desk, "staff2")) == 1


async def test_no_card_is_shown_twice_when_another_room_is_replaced(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    await replaced(desk, "support", "support2")
    assert len(cards(desk, "staff")) == 1


async def test_rooms_that_replace_each_other_end_nothing(desk: Desk) -> None:
    await replaced(desk, "support", "support2")
    await desk.tells(RoomChanged(**desk.facts("bea", "support2"), replaced_by="support"))
    await desk.says("bea", "!announce The lift is back", room="staff")
    assert "📣 The lift is back" in (*desk.texts("support"), *desk.texts("support2"))
