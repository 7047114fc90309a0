"""Deskside as people on Slack meet it: by typing, by pressing, by commands and forms."""

import pytest

from tests.slack_stories.scene import Mode, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "My VPN does not connect, what can I do?"


@pytest.fixture(scope="module", params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both ways in which Slack reaches a desk."""
    chosen: Mode = request.param
    return chosen


async def test_a_question_is_answered_in_its_thread(desk: Scene) -> None:
    asked = await desk.says(desk.alice, QUESTION)
    [answer] = desk.answers(desk.alice, asked)
    assert "From the article vpn-does-not-connect" in answer.shown
    assert not answer.is_ephemeral
    assert [each.ts for each in desk.answers(desk.bea, asked)] == [answer.ts]


async def test_a_ticket_is_opened_claimed_and_solved_by_typing(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "!ticket open my screen is black")
    number = desk.newest()
    assert f"this is ticket #{number} now" in desk.answers(desk.alice, opened)[-1].shown
    assert "From: Alice in #support\nState: new, nobody has it" in desk.card(number).shown
    await desk.says(desk.bea, f"!ticket claim {number}", "staff")
    assert f"Bea is working on ticket #{number}." in desk.answers(desk.alice, opened)[-1].shown
    assert "State: open, Bea has it" in desk.card(number).shown
    await desk.says(desk.bea, "!ticket resolve a new cable", "staff", desk.card(number).ts)
    [*_, told] = desk.answers(desk.alice, opened)
    assert told.shown.startswith(f"@alice: ticket #{number} is solved: a new cable.")
    assert "State: solved by Bea" in desk.card(number).shown
    await desk.says(desk.alice, f"!ticket reopen {number}", thread=opened)
    assert "State: open, Bea has it" in desk.card(number).shown


async def test_a_ticket_is_opened_by_mentioning_the_bot(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "@deskside ticket open my mouse squeaks")
    number = desk.newest()
    assert f"ticket #{number}" in desk.answers(desk.alice, opened)[-1].shown
    await desk.says(desk.bea, f"@deskside ticket claim {number}", "staff")
    assert "State: open, Bea has it" in desk.card(number).shown
    assert desk.card(number).shown.startswith(f"#{number} my mouse squeaks\n")


async def test_a_ticket_is_opened_claimed_and_solved_by_buttons(desk: Scene) -> None:
    asked = await desk.says(desk.alice, QUESTION)
    [answer] = desk.answers(desk.alice, asked)
    assert (await desk.presses(desk.alice, "👎 Not solved", answer)).in_time
    number = desk.newest()
    assert f"this is ticket #{number} now" in desk.answers(desk.alice, asked)[-1].shown
    card = desk.card(number)
    assert card.shown.startswith(f"#{number} {QUESTION}\n")
    await desk.presses(desk.bea, "👀 Claim", card, "staff")
    assert "Bea is working on" in desk.answers(desk.alice, asked)[-1].shown
    assert "👀 Claim" not in desk.card(number).shown
    await desk.presses(desk.bea, "✅ Resolve", desk.card(number), "staff")
    assert "is solved" in desk.answers(desk.alice, asked)[-1].shown
    assert desk.card(number).ts == card.ts
    assert desk.answers(desk.bea, card.ts, "staff") == []


async def test_a_ticket_is_opened_claimed_and_solved_by_emoji(desk: Scene) -> None:
    written = await desk.says(desk.alice, "The coffee machine in the kitchen leaks.")
    assert desk.answers(desk.alice, written) == []
    await desk.reacts(desk.alice, "ticket", written)
    number, card = desk.newest(), desk.card(desk.newest())
    assert f"ticket #{number}" in desk.answers(desk.alice, written)[-1].shown
    await desk.reacts(desk.alice, "rotating_light", written)
    assert "Urgent: yes" in desk.card(number).shown
    await desk.reacts(desk.bea, "eyes", card.ts, "staff")
    await desk.reacts(desk.bea, "white_check_mark", card.ts, "staff")
    assert "State: solved by Bea" in desk.card(number).shown
    assert "is solved" in desk.answers(desk.alice, written)[-1].shown


async def test_a_ticket_is_opened_claimed_and_solved_by_slash_commands(desk: Scene) -> None:
    assert (await desk.commands(desk.alice, "/ticket", "open my chair is broken")).error == ""
    number = desk.newest()
    root = desk.last(desk.alice, "support")
    assert root.shown.startswith(f"@alice opened ticket #{number}: my chair is broken.")
    await desk.commands(desk.bea, "/desk", f"ticket claim {number}", "staff")
    assert "Bea is working on" in desk.answers(desk.alice, root.ts)[-1].shown
    await desk.commands(desk.bea, "/ticket", f"resolve {number} new wheels", "staff")
    assert "is solved: new wheels." in desk.answers(desk.alice, root.ts)[-1].shown


async def test_help_asked_for_by_a_slash_command_is_seen_by_the_asker_alone(desk: Scene) -> None:
    await desk.commands(desk.alice, "/desk", "help")
    help_ = desk.last(desk.alice, "support")
    assert help_.is_ephemeral
    assert "!ticket" in help_.shown
    assert "!announce" not in help_.shown
    assert help_.ts not in [each.ts for each in desk.said(desk.bea, "support")]
    await desk.commands(desk.bea, "/desk", "help")
    assert "!announce" in desk.last(desk.bea, "support").shown
    assert "!announce" not in desk.last(desk.alice, "support").shown


async def test_a_ticket_is_opened_by_the_form_of_a_shortcut(desk: Scene) -> None:
    gestures = desk.slack.gestures
    await desk.after(gestures.shortcut(desk.alice, "ticket open"))
    form = gestures.modal(desk.alice)
    answers = {"Problem": "The beamer\nsmokes", "Urgent": "yes"}
    assert (await desk.after(gestures.submit(desk.alice, form, answers))).payload is None
    number = desk.newest()
    assert "Urgent: yes" in desk.card(number).shown
    assert "From: Alice in a direct message" in desk.card(number).shown
    assert f"is ticket #{number} now" in desk.direct(desk.alice)[-1].shown
    assert desk.direct(desk.bea) == []


async def test_a_ticket_is_opened_from_a_message(desk: Scene) -> None:
    written = await desk.says(desk.alice, "The lift is slow today.")
    opening = desk.slack.gestures.message_shortcut(desk.bea, "support", written, "ticket open")
    assert (await desk.after(opening)).in_time
    number = desk.newest()
    assert f"@alice: this is ticket #{number} now" in desk.answers(desk.alice, written)[-1].shown
    assert "From: Alice in #support" in desk.card(number).shown


async def test_the_page_of_the_bot_shows_what_concerns_whoever_opens_it(desk: Scene) -> None:
    page = await desk.looks_home(desk.dan)
    assert "You have no open ticket." in page
    await desk.tells(desk.dan, "ticket open my desk is too low")
    number = desk.newest()
    assert f"#{number} my desk is too low – nobody has it yet" in desk.home(desk.dan)
    await desk.says(desk.bea, f"!ticket claim {number}", "staff")
    assert f"#{number} my desk is too low – Bea has it" in desk.home(desk.dan)
    view = desk.slack.workspace.homes[desk.dan.id]
    gestures = desk.slack.gestures
    await desk.after(gestures.press_in_view(desk.dan, view, f"Show #{number}"))
    assert "State: open, Bea has it" in desk.direct(desk.dan)[-1].shown
    assert "my desk is too low" not in await desk.looks_home(desk.alice)


async def test_a_button_of_the_page_opens_its_form(desk: Scene) -> None:
    await desk.looks_home(desk.alice)
    view, gestures = desk.slack.workspace.homes[desk.alice.id], desk.slack.gestures
    await desk.after(gestures.press_in_view(desk.alice, view, "Open a ticket"))
    await desk.after(gestures.submit(desk.alice, None, {"Problem": "it is too cold"}))
    assert f"#{desk.newest()} it is too cold – nobody has it yet" in desk.home(desk.alice)


async def test_an_announcement_reaches_the_support_rooms(desk: Scene) -> None:
    announced = await desk.says(desk.bea, "!announce The new printer is on floor 3", "staff")
    assert desk.last(desk.alice, "support").shown == "📣 The new printer is on floor 3"
    assert desk.answers(desk.bea, announced, "staff")[-1].shown == "Told #support."


async def test_maintenance_is_announced_started_and_finished_by_the_clock(desk: Scene) -> None:
    await desk.commands(
        desk.bea, "/desk", "maintenance plan “mail server” —at “tomorrow 22:00” —for 2h", "staff"
    )
    notice = desk.last(desk.alice, "support")
    assert notice.shown.startswith("🛠 Planned maintenance: mail server\nFrom: ")
    assert "Zone" not in notice.shown  # each reader sees the times in their own
    assert "mail server" in await desk.looks_home(desk.alice)
    await desk.advances(days=1, hours=14)
    assert "The maintenance mail server has begun" in desk.last(desk.alice, "support").shown
    [shown] = [each for each in desk.said(desk.alice, "support") if each.ts == notice.ts]
    assert shown.shown.startswith("🛠 Maintenance under way: mail server")
    await desk.advances(hours=2)
    assert desk.last(desk.alice, "support").shown == "The maintenance mail server is finished."
    assert "mail server" not in await desk.looks_home(desk.alice)
