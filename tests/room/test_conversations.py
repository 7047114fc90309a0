"""The bot's manners: it introduces itself, warns, tells when it was away, and forgets."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

from bot.events import Message, PersonChanged, RoomChanged
from handlers.conversations import Keeping
from tests.desk import Desk
from tests.room.conftest import OpenDesk

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"


async def test_it_introduces_itself_once(desk: Desk) -> None:
    await desk.joins("bot", "support", bot=True)
    await desk.joins("bot", "support", bot=True)
    (hello,) = desk.texts("support")
    assert hello.startswith("Hello, I am the IT desk.")
    assert "`!ticket open` – report a problem" in hello


async def test_staff_are_told_something_else(desk: Desk) -> None:
    await desk.joins("bot", "staff", bot=True)
    assert desk.last("staff").startswith("Hello. New tickets appear here as cards")


async def test_it_says_nothing_in_rooms_that_are_not_its_own(desk: Desk) -> None:
    await desk.joins("bot", "kitchen", bot=True)
    await desk.says("alice", "my vpn does not connect", room="kitchen")
    await desk.joins("carol", "support")
    assert desk.texts("kitchen") == desk.texts("support") == []


async def test_no_name_can_pass_for_what_the_bot_says(desk: Desk) -> None:
    name = "alice\nState: solved by bea\u202e"
    await desk.tells(PersonChanged(**desk.facts("alice", "support"), name=name))
    await desk.tells(RoomChanged(**desk.facts("alice", "support"), name="sup\u200bport\n"))
    await desk.says("alice", "!ticket open no sound")
    assert "\nFrom: alice State: solved by bea in #support\nState: new" in desk.card(1)


async def test_a_secret_is_masked_and_its_writer_warned_alone(desk: Desk) -> None:
    await desk.says("alice", f"it says {TOKEN}")
    assert desk.last("support", "alice").startswith("Your message held what looks like a token.")
    assert desk.texts("support", "carol") == []
    assert TOKEN.encode() not in desk.stored_bytes()


async def test_a_secret_in_a_command_is_warned_of_too(desk: Desk) -> None:
    await desk.says("alice", f"!ticket open it says {TOKEN}")
    assert any("looks like a token" in text for text in desk.texts("support", "alice"))
    assert desk.card(1).startswith("#1 it says [masked: token]")
    assert TOKEN.encode() not in desk.stored_bytes()


async def test_a_secret_in_a_command_that_is_refused_is_warned_of_too(desk: Desk) -> None:
    await desk.says("alice", f"!ticket claim {TOKEN}")
    assert any("looks like a token" in text for text in desk.texts("support", "alice"))


async def test_a_secret_in_a_form_is_masked(desk: Desk) -> None:
    await desk.says("alice", "!ticket open")
    await desk.fills("alice", "Open a ticket", problem=f"the password: {TOKEN} fails")
    assert any("I masked it" in text for text in desk.texts("support", "alice"))
    assert TOKEN.encode() not in desk.stored_bytes()


async def test_a_secret_in_an_edit_is_masked(desk: Desk) -> None:
    message = await desk.says("alice", "look")
    await desk.edits("alice", message, f"look: {TOKEN}")
    assert "looks like a token" in desk.last("support", "alice")
    assert TOKEN.encode() not in desk.stored_bytes()


async def test_a_second_secret_in_a_message_is_warned_of_too(desk: Desk) -> None:
    message = await desk.says("alice", "password: Sommer2024")
    await desk.edits("alice", message, f"password: Sommer2024 {TOKEN}")
    assert len(desk.texts("support", "alice")) == 2
    assert "looks like a token and a password" in desk.last("support", "alice")


async def test_another_programs_secret_is_masked_without_a_word(desk: Desk) -> None:
    await desk.says("robot", f"deployed with {TOKEN}", automated=True)
    assert desk.texts("support") == []
    assert TOKEN.encode() not in desk.stored_bytes()


async def test_after_a_time_away_one_line_says_so(desk: Desk) -> None:
    left = desk.clock.now()
    desk.clock.advance(timedelta(hours=2))
    said = [desk.message("alice", text) for text in ("hello", "anybody?")]
    await desk.tells(*said, away=left)
    assert desk.texts("support") == [
        "I was away from Mon 5 Jan 2026 09:00 CET to Mon 5 Jan 2026 11:00 CET; "
        "2 messages caught up."
    ]


async def test_an_encrypted_room_is_told_once(desk: Desk) -> None:
    for _ in range(2):
        await desk.tells(RoomChanged(**desk.facts("alice", "support"), encrypted=True))
    assert desk.texts("support") == [
        "This room is encrypted and I cannot read it. Please write to me in a room that is not."
    ]


async def test_old_conversations_are_forgotten_by_the_clock(open_desk: OpenDesk) -> None:
    keeping = Keeping(messages=10, events=5, audit=20, rooms={("fake", "staff"): 30})
    desk = await open_desk(lambda plan: replace(plan, services={**plan.services, Keeping: keeping}))
    await desk.says("alice", "an old story")
    await desk.says("bea", "an old secret", room="staff")
    await desk.advances(days=12)
    await desk.says("alice", "something new")
    assert desk.rows("SELECT text FROM message") == [("an old secret",), ("something new",)]
    assert b"an old story" not in desk.stored_bytes()


async def test_what_was_said_is_kept_with_files_and_threads(desk: Desk) -> None:
    message = await desk.says("alice", "look at this")
    await desk.says("carol", "nice", thread=message)
    assert desk.rows("SELECT ref, thread, text FROM message") == [
        ("1", None, "look at this"),
        ("2", "1", "nice"),
    ]


async def test_what_the_bot_says_is_kept_too(desk: Desk) -> None:
    await desk.says("alice", "!ticket list")
    assert desk.rows("SELECT text FROM message WHERE person_id IS NULL") == [
        ("You have no open ticket.",)
    ]


async def test_an_edit_keeps_the_earlier_text_until_deletion(desk: Desk) -> None:
    message = await desk.says("alice", "frist")
    await desk.edits("alice", message, "first")
    assert desk.rows("SELECT text FROM message") == [("first",)]
    assert desk.rows("SELECT text FROM revision") == [("frist",)]
    await desk.deletes("alice", message)
    assert b"frist" not in desk.stored_bytes()


async def test_reactions_are_kept_and_taken_back(desk: Desk) -> None:
    message = await desk.says("alice", "cake in the kitchen")
    await desk.reacts("carol", "👍", message)
    assert desk.rows("SELECT emoji FROM reaction") == [("👍",)]
    await desk.reacts("carol", "👍", message, added=False)
    assert desk.rows("SELECT emoji FROM reaction") == []


async def test_messages_are_stored_even_when_they_are_not_answered(desk: Desk) -> None:
    said: Message = desk.message("robot", "build failed", automated=True)
    await desk.tells(said)
    with sqlite3.connect(desk.file) as connection:
        found = connection.execute("SELECT text FROM message").fetchall()
    connection.close()
    assert found == [("build failed",)]
