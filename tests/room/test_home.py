"""The bot's own page: what it shows, to whom, and when it is shown anew."""

import re

from bot.events import Opened
from tests.desk import Desk
from tests.service import Fault

LAPTOP = "!ticket open my laptop will not start"


async def test_the_page_says_how_to_ask_and_opens_a_ticket(desk: Desk) -> None:
    await desk.opens_page("alice")
    assert desk.page("alice") == (
        "IT desk\nAsk anything about IT, in your own words: in #support, or in a direct message "
        "to me.\nYour tickets\nYou have no open ticket."
    )
    form = desk.service.pages["alice"][-1].form
    assert (form.title, form.command) == ("Open a ticket", "ticket open") if form else form


async def test_the_page_shows_one_s_own_tickets_and_who_has_them(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("carol", "!ticket open my mouse is dead")
    await desk.presses("bea", "Resolve", room="staff")
    await desk.opens_page("alice")
    await desk.opens_page("carol")
    assert "#1 my laptop will not start – nobody has it yet [Show #1]" in _line(desk, "alice")
    assert "#2 my mouse is dead – solved [Reopen #2]" in _line(desk, "carol")


async def test_the_page_shows_maintenance(desk: Desk) -> None:
    await desk.says(
        "bea", '!maintenance plan "mail upgrade" --at "saturday 22:00" --for 2h', room="staff"
    )
    await desk.opens_page("alice")
    assert "Maintenance\n• 1: mail upgrade, " in desk.page("alice")


async def test_a_page_that_was_opened_is_shown_anew_when_it_changes(desk: Desk) -> None:
    await desk.opens_page("alice")
    await desk.says("alice", LAPTOP)
    assert "#1 my laptop will not start – nobody has it yet" in desk.page("alice")
    await desk.presses("bea", "Claim", room="staff")
    assert "– bea has it" in desk.page("alice")
    await desk.says("alice", "!ticket list")
    assert len(desk.service.pages["alice"]) == 3


async def test_a_page_that_was_never_opened_is_not_shown(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    assert desk.service.pages == {}


async def test_a_page_that_was_opened_is_shown_anew_after_a_restart(desk: Desk) -> None:
    await desk.opens_page("alice")
    await desk.restarts()
    await desk.says("alice", LAPTOP)
    assert "#1 my laptop will not start" in desk.page("alice")


async def test_buttons_of_the_page_work(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.presses("bea", "Resolve", room="staff")
    await desk.opens_page("alice")
    await desk.presses_on_page("alice", "Reopen #1")
    assert "open, bea has it" in desk.card(1)
    assert "– bea has it [Show #1]" in _line(desk, "alice")
    await desk.presses_on_page("alice", "Show #1")
    assert desk.last("dm", "alice").startswith("#1 my laptop will not start")


async def test_a_form_of_the_page_opens_a_ticket_told_directly(desk: Desk) -> None:
    await desk.opens_page("alice")
    await desk.submits("alice", "ticket open", room="", problem="my pay slip is wrong")
    assert desk.last("dm", "alice").startswith("This is ticket #1 now.")
    assert "#1 my pay slip is wrong" in desk.page("alice")


async def test_of_several_versions_of_a_page_that_wait_the_newest_is_shown(desk: Desk) -> None:
    await desk.opens_page("alice")
    desk.service.faults.append(Fault.HANG)
    await desk.stores(Opened(**desk.facts("alice", "")))
    await desk.service.hanging.wait()
    await desk.stores(*(desk.message("alice", f"!ticket open problem {n}") for n in range(5)))
    await desk.until(lambda: desk.rows("SELECT count(*) FROM ticket") == [(5,)])
    desk.service.go_on.set()
    await desk.rests()
    assert len(desk.service.pages["alice"]) <= 3
    assert "problem 4" in desk.page("alice")


async def test_a_page_that_cannot_be_shown_keeps_no_message_waiting(desk: Desk) -> None:
    desk.service.faults.extend([Fault.BUSY])
    await desk.stores(Opened(**desk.facts("alice", "")))
    await desk.invokes("alice", "help", room="")
    assert desk.last("dm", "alice").startswith("Just ask me")
    await desk.advances(minutes=6)
    assert desk.page("alice").startswith("IT desk")


async def test_what_was_deleted_is_erased_from_the_page(desk: Desk) -> None:
    await desk.opens_page("alice")
    message = await desk.says("alice", "!ticket open my password is Sommer")
    await desk.deletes("alice", message)
    assert "Sommer" not in desk.page("alice")
    assert b"Sommer" not in desk.stored_bytes()


async def test_many_tickets_are_cut_on_the_page(desk: Desk) -> None:
    opened = [desk.message("alice", f"!ticket open problem {number}") for number in range(14)]
    await desk.tells(*opened)
    await desk.opens_page("alice")
    assert "… and 4 more." in desk.page("alice")
    assert len(re.findall(r"\[Show", desk.page("alice"))) == 10


async def test_somebody_opens_their_page_a_hundred_times(desk: Desk) -> None:
    await desk.tells(*(Opened(**desk.facts("alice", "")) for _ in range(100)))
    assert desk.page("alice").startswith("IT desk")
    assert desk.rows("SELECT count(*) FROM home_page") == [(1,)]


def _line(desk: Desk, who: str) -> str:
    """Return the last line of somebody's page, with its buttons."""
    return desk.page(who).split("\n")[-1].removeprefix("• ")
