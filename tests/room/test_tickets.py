"""Tickets: opened, claimed, solved, reopened, listed, erased."""

import pytest

from handlers.tickets.tickets import Ticket
from tests.desk import Desk

LAPTOP = "!ticket open my laptop will not start"


async def test_a_claimed_ticket_names_its_agent(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.presses("bea", "Claim", room="staff")
    assert "bea has it" in desk.card(1)
    assert desk.last("support", thread="1") == "@alice: bea is working on ticket #1."


async def test_a_ticket_is_opened_by_a_command(desk: Desk) -> None:
    await desk.plays(
        [
            (
                "alice: " + LAPTOP,
                "@alice: this is ticket #1 now. IT has been told; the answer comes here.",
            )
        ]
    )
    assert desk.card(1).startswith("#1 my laptop will not start\nFrom: alice in #support")


async def test_a_ticket_is_opened_by_answering_a_question(desk: Desk) -> None:
    await desk.plays(
        [
            ("alice: !ticket open", "What is wrong? Describe it in your next message here."),
            (
                "alice/: My mouse is dead",
                "@alice: this is ticket #1 now. IT has been told; the answer comes here.",
            ),
        ]
    )
    assert "#1 My mouse is dead" in desk.card(1)


async def test_a_ticket_is_opened_by_a_form(desk: Desk) -> None:
    await desk.says("alice", "!ticket open")
    await desk.fills("alice", "Open a ticket", problem="my mouse is dead")
    assert "#1 my mouse is dead" in desk.card(1)


async def test_a_ticket_is_opened_by_an_emoji(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.reacts("alice", "🎫", message)
    assert "#1 the lights in 4.12 flicker" in desk.card(1)
    assert "ticket #1" in desk.last("support", thread=message)


async def test_an_agent_opens_a_ticket_for_somebody_by_an_emoji(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.reacts("bea", "🎫", message)
    assert "From: alice in #support" in desk.card(1)


async def test_nobody_else_opens_a_ticket_of_somebodys_words(desk: Desk) -> None:
    message = await desk.says("alice", "the lights in 4.12 flicker")
    await desk.reacts("carol", "🎫", message)
    assert desk.texts("support") == desk.texts("staff") == []


async def test_a_ticket_of_a_direct_message_is_private(desk: Desk) -> None:
    await desk.says("alice", "ticket open my pay slip shows the wrong name", room="dm")
    assert desk.last("dm", "alice").startswith("This is ticket #1 now.")
    assert "alice in a direct message" in desk.card(1)
    await desk.says("carol", "!ticket show #1")
    assert "There is no ticket #1." in desk.last("support")


async def test_a_thread_has_one_ticket(desk: Desk) -> None:
    await desk.plays(
        [
            ("alice: " + LAPTOP, desk_told(1)),
            (
                "alice/: !ticket open the bag is torn too",
                "This thread is ticket #1 already: write here what is to be added.",
            ),
        ]
    )
    assert len(desk.texts("staff")) == 1


async def test_two_threads_have_a_ticket_each(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("carol", "!ticket open my mouse is dead")
    assert ["#1" in text for text in desk.texts("staff")] == [True, False]
    assert "#2 my mouse is dead" in desk.card(2)


async def test_claiming_twice_says_who_has_it(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    late = desk.press("dan", "Claim", room="staff")
    await desk.presses("bea", "Claim", room="staff")
    await desk.tells(late)
    assert desk.last("staff").startswith("bea has #1 already.")
    assert "bea has it" in desk.card(1)


async def test_claiming_ones_own_ticket_again_says_so(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("bea", "!ticket claim #1", room="staff")
    await desk.says("bea", "!ticket claim 1", room="staff")
    assert desk.last("staff").startswith("#1 is yours already.")


async def test_of_two_claims_at_the_same_moment_one_wins(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    both = [desk.press(who, "Claim", room="staff") for who in ("dan", "bea")]
    await desk.tells(*both)
    assert "dan has it" in desk.card(1)
    assert desk.last("staff").startswith("dan has #1 already.")
    assert [t for t in desk.texts("support") if "working on" in t] == [
        "@alice: dan is working on ticket #1."
    ]


async def test_a_solved_ticket_tells_its_requester_how_to_reopen(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("bea", "!ticket resolve #1 a new battery", room="staff")
    assert desk.last("support", thread="1") == (
        "@alice: ticket #1 is solved: a new battery. If it is not, write `!ticket reopen 1`."
    )
    assert "State: solved by bea" in desk.card(1)
    assert desk.last("staff") == "#1 is solved; alice was told. [Undo]"


async def test_the_requester_reopens_what_is_not_solved(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.presses("bea", "Resolve", room="staff")
    await desk.says("alice", "!ticket reopen", thread="1")
    assert desk.last("support") == "@alice: ticket #1 is open again; IT has been told."
    assert "open, bea has it" in desk.card(1)


async def test_nobody_else_reopens_it(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.presses("bea", "Resolve", room="staff")
    await desk.says("carol", "!ticket reopen #1")
    assert desk.last("support").startswith("Only alice or IT can reopen #1.")


async def test_an_open_ticket_cannot_be_reopened(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("alice", "!ticket reopen #1")
    assert desk.last("support").startswith("#1 is open already.")


async def test_a_stale_button_says_what_changed(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    stale = [desk.press("dan", label, room="staff") for label in ("Claim", "Resolve")]
    await desk.presses("bea", "Resolve", room="staff")
    await desk.tells(stale[0])
    assert "#1 is solved already. `!ticket reopen #1` opens it again." in desk.last("staff")
    await desk.tells(stale[1])
    assert "#1 is solved already." in desk.last("staff")


async def test_staff_claim_and_solve_by_emoji(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.reacts("bea", "👀", "1", room="staff")
    assert "bea has it" in desk.card(1)
    await desk.reacts("bea", "✅", "1")
    assert "solved by bea" in desk.card(1)


async def test_emoji_of_people_without_the_role_do_nothing(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.reacts("alice", "✅", "1")
    await desk.reacts("bea", "👀", "1", added=False)
    assert "new, nobody has it" in desk.card(1)


async def test_an_employee_cannot_claim(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("alice", "!ticket claim", thread="1")
    assert desk.last("support") == "Only agents can do that (ticket claim); you are an employee."


async def test_a_ticket_is_shown_with_what_can_be_done(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("bea", "!ticket show #1", room="staff")
    assert desk.last("staff").endswith("[Claim] [Resolve] [Assign] [Priority] [Not a request]")
    await desk.says("carol", "!ticket show #1")
    assert desk.last("support").startswith("#1 my laptop will not start")
    assert "[Claim]" not in desk.last("support")


async def test_a_private_ticket_is_shown_to_its_requester_alone(desk: Desk) -> None:
    await desk.says("alice", "ticket open my pay slip shows the wrong name", room="dm")
    await desk.says("alice", "!ticket show #1")
    assert "pay slip" in desk.last("support", "alice")
    assert desk.texts("support", "carol") == []


async def test_a_ticket_is_shown_to_nobody_outside_its_room(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("eve", "!ticket show #1", room="kitchen")
    assert desk.last("kitchen") == "There is no ticket #1. `!ticket list` shows those you can see."
    await desk.joins("eve", "support")
    await desk.says("eve", "!ticket show #1", room="kitchen")
    assert desk.last("kitchen", "eve").startswith("#1 my laptop will not start")
    assert "laptop" not in "".join(desk.texts("kitchen", "mallory"))


async def test_what_is_done_with_a_private_ticket_is_said_to_nobody_else(desk: Desk) -> None:
    await desk.says("alice", "ticket open my pay slip shows the wrong name", room="dm")
    await desk.says("bea", "!ticket claim #1")
    assert desk.texts("support", "bea") == ["#1 is yours. [Undo]"]
    assert desk.texts("support", "carol") == []
    await desk.says("bea", "!ticket resolve #1", room="staff")
    assert desk.last("staff", "dan") == "#1 is solved; alice was told. [Undo]"


async def test_listing_tickets_costs_the_same_however_many_there_are(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [desk.message("alice", f"!ticket open problem {number}") for number in range(30)]
    await desk.tells(*opened)
    made: list[Ticket] = []
    make = Ticket.of

    def count(row: object) -> Ticket:
        made.append(make(row))
        return made[-1]

    monkeypatch.setattr(Ticket, "of", count)
    await desk.says("bea", "!ticket list", room="staff")
    assert desk.last("staff").endswith("\n… and 10 more. [More]")
    assert len(made) == 20


async def test_a_ticket_that_is_not_there_is_named(desk: Desk) -> None:
    await desk.says("bea", "!ticket claim #77", room="staff")
    assert desk.last("staff").startswith(
        "There is no ticket #77. `!ticket list` shows those you can see."
    )
    await desk.says("bea", "!ticket claim seven", room="staff")
    assert desk.last("staff").startswith("“seven” is not a ticket number. Write for example #12.")
    await desk.says("bea", "!ticket claim", room="staff")
    assert desk.last("staff").startswith("Something is missing: <#number>.")


async def test_staff_list_every_ticket_and_people_their_own(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.says("carol", "!ticket open my mouse is dead")
    await desk.says("bea", "!ticket list", room="staff")
    assert desk.last("staff") == (
        "• #1 my laptop will not start – nobody has it yet\n"
        "• #2 my mouse is dead – nobody has it yet"
    )
    await desk.says("carol", "!ticket list")
    assert desk.last("support", "carol") == "• #2 my mouse is dead – nobody has it yet"
    assert "#2 my mouse" not in "".join(desk.texts("support", "alice"))


async def test_an_empty_list_says_so(desk: Desk) -> None:
    await desk.says("alice", "!ticket list")
    assert desk.last("support") == "You have no open ticket."
    await desk.says("bea", "!ticket list", room="staff")
    assert desk.last("staff") == "No ticket is open."


async def test_a_long_list_is_cut_and_says_so(desk: Desk) -> None:
    opened = [desk.message("alice", f"!ticket open problem {number}") for number in range(22)]
    await desk.tells(*opened)
    await desk.says("bea", "!ticket list", room="staff")
    assert desk.last("staff").endswith("\n… and 2 more. [More]")


async def test_deleting_the_message_erases_the_subject_on_the_card(desk: Desk) -> None:
    message = await desk.says("alice", LAPTOP)
    await desk.deletes("alice", message)
    assert desk.card(1).startswith("#1 (deleted by its writer)")
    assert b"will not start" not in desk.stored_bytes()


async def test_deleting_the_answer_erases_the_solution(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    message = await desk.says("bea", "!ticket resolve #1 his password was Sommer", room="staff")
    await desk.deletes("bea", message, room="staff")
    assert "Sommer" not in "".join(desk.texts("support") + desk.texts("staff"))
    assert b"Sommer" not in desk.stored_bytes()


async def test_deleting_an_older_answer_leaves_the_present_solution(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    first = await desk.says("bea", "!ticket resolve #1 his password was Sommer", room="staff")
    await desk.says("alice", "!ticket reopen", thread="1")
    await desk.says("bea", "!ticket resolve #1 a new battery", room="staff")
    await desk.deletes("bea", first, room="staff")
    assert "Solution: a new battery" in desk.card(1)
    shown = "SELECT count(*) FROM message WHERE person_id IS NULL AND text LIKE '%a new battery%'"
    assert desk.rows(shown) == [(2,)]
    assert b"Sommer" not in desk.stored_bytes()


async def test_editing_the_message_corrects_the_subject(desk: Desk) -> None:
    message = await desk.says("alice", "!ticket open my latop will not start")
    await desk.edits("alice", message, LAPTOP)
    assert desk.card(1).startswith("#1 my laptop will not start")


@pytest.mark.parametrize(
    ("room", "command"),
    [("support", "!ticket open --urgent"), ("dm", "!ticket open"), ("dm", "ticket open")],
)
async def test_a_corrected_subject_is_without_the_command(
    desk: Desk, room: str, command: str
) -> None:
    message = await desk.says("alice", f"{command} my latop will not start", room)
    await desk.edits("alice", message, f"{command} my laptop will not start", room)
    assert desk.card(1).startswith("#1 my laptop will not start\n")


async def test_an_edit_that_states_no_problem_changes_nothing(desk: Desk) -> None:
    message = await desk.says("alice", LAPTOP)
    await desk.edits("alice", message, "!faq")
    assert desk.card(1).startswith("#1 my laptop will not start\n")


async def test_nobody_elses_edit_changes_the_subject(desk: Desk) -> None:
    message = await desk.says("alice", LAPTOP)
    await desk.edits("carol", message, "!ticket open give carol a raise")
    assert desk.card(1).startswith("#1 my laptop will not start")


async def test_a_subject_is_one_line_and_not_too_long(desk: Desk) -> None:
    await desk.says("alice", "!ticket open first\nsecond " + "very " * 100)
    subject = desk.card(1).split("\n")[0]
    assert subject.startswith("#1 first second very")
    assert len(subject) <= 203
    assert subject.endswith("…")


async def test_every_staff_room_has_the_card(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    assert desk.visible("staff")[0].thread is None


def desk_told(ticket: int) -> str:
    """What a requester is told at once."""
    return f"@alice: this is ticket #{ticket} now. IT has been told; the answer comes here."


async def test_the_form_s_answer_leaves_no_question_behind(desk: Desk) -> None:
    await desk.says("alice", "ticket open", room="dm")
    await desk.fills("alice", "Open a ticket", room="dm", problem="no sound", urgent="yes")
    await desk.says("alice", "thanks", room="dm")
    assert "Urgent: yes" in desk.card(1)
    assert desk.rows("SELECT count(*) FROM ticket") == [(1,)]


async def test_an_emoji_of_whoever_asked_makes_a_ticket_urgent(desk: Desk) -> None:
    message = await desk.says("alice", LAPTOP)
    await desk.reacts("carol", "🚨", message)
    assert "Urgent" not in desk.card(1)
    await desk.reacts("alice", "🚨", message)
    assert "Urgent: yes" in desk.card(1)


async def test_the_card_names_who_solved_it_whoever_had_it(desk: Desk) -> None:
    await desk.says("alice", LAPTOP)
    await desk.presses("bea", "Claim", room="staff")
    await desk.presses("dan", "Resolve", room="staff")
    assert "solved by dan" in desk.card(1)
