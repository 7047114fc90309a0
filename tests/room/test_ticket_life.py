"""Tickets put off, merged, split, answered, noted on; macros; what was done to one."""

import pytest

from tests.desk import Desk


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A desk with two tickets."""
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open no screen on my laptop")
    return desk


async def staff(desk: Desk, line: str, who: str = "bea") -> str:
    """Let somebody of IT write a command in the staff room; returns the answer."""
    await desk.says(who, f"!{line}", room="staff")
    return desk.last("staff").removesuffix(" [Undo]")


def thread(desk: Desk, number: int) -> str:
    """What is said in the thread of the first or second ticket."""
    return desk.last("support", thread={1: "1", 2: "3"}[number])


async def test_a_snoozed_ticket_leaves_the_list_and_comes_back(busy: Desk) -> None:
    assert await staff(busy, "ticket snooze 1 tomorrow 9:00") == (
        "#1 is put off until Tue 6 Jan 2026 09:00."
    )
    assert "#1" not in await staff(busy, "ticket list")
    assert "Snoozed until: Tue 6 Jan 2026 09:00 CET" in busy.card(1)
    await busy.advances(days=1, minutes=1)
    assert busy.last("staff") == "#1 is back; it was put off until Tue 6 Jan 2026 09:00 CET."
    assert busy.visible("staff")[-1].thread == "1"
    assert "Snoozed" not in busy.card(1)


async def test_whoever_has_it_is_named_when_it_comes_back(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    await staff(busy, "ticket snooze 1 in 2 h")
    await busy.advances(hours=3)
    assert busy.last("staff").startswith("@bea: #1 is back;")


async def test_what_was_solved_or_undone_meanwhile_does_not_come_back(busy: Desk) -> None:
    await staff(busy, "ticket snooze 1 2h")
    await staff(busy, "ticket resolve 1")
    await staff(busy, "ticket snooze 2 2h")
    await staff(busy, "undo")
    await busy.advances(hours=3)
    assert "is back" not in "".join(busy.texts("staff"))


async def test_a_merged_ticket_goes_on_in_the_other(busy: Desk) -> None:
    assert await staff(busy, "ticket merge 1 into 2") == (
        "#1 goes on in #2; both requesters were told."
    )
    assert "goes on in ticket #2" in thread(busy, 1)
    assert "ticket #1, which is about the same, goes on in ticket #2." in thread(busy, 2)
    await staff(busy, "ticket resolve #2 a new cable")
    assert "ticket #2 is solved: a new cable." in thread(busy, 1)
    await busy.says("alice", "!ticket reopen", thread="1")
    assert "new" not in busy.card(2).splitlines()[1]
    assert "open, bea has it" in busy.card(2)


async def test_a_split_ticket_is_one_of_its_own_again(busy: Desk) -> None:
    await staff(busy, "ticket merge 1 into 2")
    await staff(busy, "ticket split #1")
    assert "#1 is a ticket of its own again" in thread(busy, 1)
    assert "#1 is a ticket of its own again" in thread(busy, 2)
    assert "new, nobody has it" in busy.card(1)


async def test_a_merge_is_taken_back(busy: Desk) -> None:
    await staff(busy, "ticket merge 1 into 2")
    await staff(busy, "undo")
    assert "new, nobody has it" in busy.card(1)


async def test_a_private_ticket_does_not_go_on_where_others_read(busy: Desk) -> None:
    await busy.says("carol", "ticket open my pay slip is wrong", room="dm")
    assert "is private. Link them instead" in await staff(busy, "ticket merge 3 into 2")
    assert "is private. Link them instead" in await staff(busy, "ticket merge 2 into 3")


@pytest.mark.parametrize("line", ["merge 1 into 1", "merge 2 into 1"])
async def test_a_ticket_goes_on_in_one_that_goes_on_itself_never(busy: Desk, line: str) -> None:
    await staff(busy, "ticket merge 1 into 2")
    answer = await staff(busy, f"ticket {line}")
    assert "itself" in answer


async def test_a_ticket_about_two_things_becomes_two(busy: Desk) -> None:
    split = await busy.says("bea", "!ticket split #1 the Drucker is broken too", room="staff")
    assert "#3 the Drucker is broken too" in busy.card(3)
    assert "Linked: #1" in busy.card(3)
    assert any("opened ticket #3" in text for text in busy.texts("support"))
    await busy.deletes("bea", split, room="staff")
    await busy.until(lambda: b"Drucker" not in busy.stored_bytes())


async def test_a_reply_reaches_whoever_asked_and_waits_for_them(busy: Desk) -> None:
    answer = await staff(busy, "ticket reply #1 Did you restart it?")
    assert answer == "Sent; #1 is waiting for alice. That cannot be undone."
    assert thread(busy, 1) == "@alice: bea writes about ticket #1: Did you restart it?"
    assert "waiting for alice, bea has it" in busy.card(1)


async def test_a_reply_in_a_thread_may_begin_with_a_number(busy: Desk) -> None:
    await busy.says("bea", "!ticket reply 3 times I tried", room="staff", thread="1")
    assert thread(busy, 1).endswith("3 times I tried")


async def test_a_note_is_not_sent(busy: Desk) -> None:
    note = await busy.says("bea", "!ticket note #1 he shouts, be kind", room="staff")
    assert "shouts" not in "".join(busy.texts("support"))
    assert "bea: note: he shouts, be kind" in await staff(busy, "ticket history 1")
    await busy.deletes("bea", note, room="staff")
    await busy.until(lambda: b"shouts" not in busy.stored_bytes())


async def test_the_history_tells_what_was_done_and_by_whom(busy: Desk) -> None:
    await staff(busy, "ticket claim 1")
    await staff(busy, "ticket priority 1 high", who="dan")
    shown = (await staff(busy, "ticket history 1")).splitlines()
    assert shown[1].endswith("alice: open")
    assert shown[2].endswith("bea: claim: new → open, bea")
    assert shown[3].endswith("dan: priority: open, bea → open, high, bea")


async def test_a_macro_is_shown_first_and_sent_then(busy: Desk) -> None:
    await staff(busy, "macro save reset Dear {requester}, {agent} reset it ({ticket}).")
    assert await staff(busy, "macro reset #1") == (
        "To alice, about #1:\n> Dear alice, bea reset it (#1). [Send]"
    )
    assert "reset it" not in thread(busy, 1)
    await busy.presses("bea", "Send", room="staff")
    assert thread(busy, 1).endswith("Dear alice, bea reset it (#1).")


async def test_what_is_filled_in_is_not_read_as_a_macro(busy: Desk) -> None:
    await busy.says("alice", "!ticket open {agent} is {requester}")
    await staff(busy, "macro save what About {subject}")
    assert "About {agent} is {requester}" in await staff(busy, "macro what #3")


async def test_macros_are_listed_and_deleted(busy: Desk) -> None:
    assert "There is no macro." in await staff(busy, "macro list")
    await staff(busy, "macro save reset Please restart it.")
    assert await staff(busy, "macro list") == "• `!macro reset` – Please restart it."
    assert "`!macro save reset Please restart it.` brings it back" in await staff(
        busy, "macro delete reset"
    )
    assert (await staff(busy, "macro reset 1")).startswith("There is no macro “reset”.")


async def test_a_macro_with_an_unknown_variable_is_refused(busy: Desk) -> None:
    assert (await staff(busy, "macro save x Dear {boss}")).startswith(
        "There is no {boss} to fill in. There is {requester}"
    )


async def test_a_deleted_message_takes_its_macro_along(busy: Desk) -> None:
    saved = await busy.says("bea", "!macro save secret Schlumpf", room="staff")
    await busy.deletes("bea", saved, room="staff")
    await busy.until(lambda: b"Schlumpf" not in busy.stored_bytes())
