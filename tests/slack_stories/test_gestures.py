"""Buttons, forms and commands as people use them: twice, too late, and without the right."""

from datetime import timedelta

import pytest

from tests.slack.faults import Fault
from tests.slack.people import PersonThere, Seen
from tests.slack_stories.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "My VPN does not connect, what can I do?"


async def asked(desk: Scene) -> tuple[str, Seen]:
    """Have alice ask what is answered; returns her question and the answer."""
    question = await desk.says(desk.alice, QUESTION)
    return question, desk.answers(desk.alice, question)[-1]


async def a_card(desk: Scene) -> tuple[int, str, Seen]:
    """Have alice open a ticket; returns its number, its thread and its card."""
    opened = await desk.says(desk.alice, "!ticket open my tea is cold")
    return desk.newest(), opened, desk.card(desk.newest())


async def test_a_button_pressed_twice_acts_once_and_says_so(desk: Scene) -> None:
    question, answer = await asked(desk)
    before = desk.newest()
    press = desk.slack.gestures.press
    await press(desk.alice, "support", answer.ts, "👎 Not solved")
    desk.clock.advance(timedelta(seconds=1))
    await desk.presses(desk.alice, "👎 Not solved", answer)
    assert desk.newest() == before + 1
    assert desk.answers(desk.alice, question)[-1].shown == "You said already that it did not help."


async def test_a_button_for_someone_else_says_whose_it_is(desk: Scene) -> None:
    question, answer = await asked(desk)
    erin = desk.slack.person("erin")
    erin.join("support")
    await desk.presses(erin, "👍 Solved", answer)
    assert "Only Alice, who asked, or IT" in desk.answers(erin, question)[-1].shown


async def test_a_button_of_agents_refuses_who_is_none_any_more(desk: Scene) -> None:
    number, _, card = await a_card(desk)
    fred = desk.slack.person("fred")
    fred.join("staff")
    await desk.rests()
    fred.leave("staff")
    await desk.rests()
    desk.slack.workspace.channel_named("staff").members.append(fred.id)  # nobody was told
    await desk.presses(fred, "👀 Claim", card, "staff")
    assert "Only agents can do that" in desk.answers(desk.bea, card.ts, "staff")[-1].shown
    assert "nobody has it" in desk.card(number).shown


async def test_a_button_of_a_stale_card_says_what_changed(desk: Scene) -> None:
    number, _, card = await a_card(desk)
    press = desk.slack.gestures.press
    await press(desk.bea, "staff", card.ts, "👀 Claim")
    await desk.presses(desk.dan, "👀 Claim", card, "staff")  # before the card is edited
    assert "Bea has it" in desk.card(number).shown
    [told] = desk.answers(desk.dan, card.ts, "staff")
    assert f"Bea has #{number} already" in told.shown


async def test_a_press_is_heard_although_its_message_is_gone_by_then(desk: Scene) -> None:
    number, opened, card = await a_card(desk)
    press = desk.slack.gestures.press(desk.bea, "staff", card.ts, "👀 Claim")
    desk.alice.delete("support", opened)
    await desk.after(press)
    assert desk.card(number).shown.startswith(f"#{number} (deleted by its writer)")
    assert "Bea has it" in desk.card(number).shown


async def test_a_button_only_one_sees_is_answered_to_them_alone(desk: Scene) -> None:
    number, opened, _ = await a_card(desk)
    await desk.commands(desk.bea, "/ticket", f"show {number}")
    shown = desk.last(desk.bea, "support")
    assert shown.is_ephemeral
    await desk.presses(desk.bea, "👀 Claim", shown)
    assert "Bea has it" in desk.card(number).shown
    assert "Bea is working on" in desk.answers(desk.alice, opened)[-1].shown
    await desk.presses(desk.bea, "👀 Claim", shown)
    last = desk.last(desk.bea, "support")
    assert last.is_ephemeral
    assert f"#{number}" in last.shown
    assert last.ts not in [each.ts for each in desk.said(desk.alice, "support")]


async def test_a_form_says_what_is_wrong_and_stays(desk: Scene) -> None:
    gestures, before = desk.slack.gestures, desk.newest()
    await desk.after(gestures.shortcut(desk.alice, "ticket open"))
    form = gestures.modal(desk.alice)
    answer = await desk.after(gestures.submit(desk.alice, form, {"Problem": " \n "}))
    assert answer.payload is not None
    assert answer.payload["errors"] == {"0:problem": "Please fill in: Problem."}
    assert (gestures.modal(desk.alice).id, desk.newest()) == (form.id, before)
    await desk.after(gestures.submit(desk.alice, form, {"Problem": "now it is filled in"}))
    assert desk.newest() == before + 1


async def test_a_form_that_is_closed_opens_nothing(desk: Scene) -> None:
    gestures, before = desk.slack.gestures, desk.newest()
    await desk.after(gestures.shortcut(desk.alice, "ticket open"))
    await gestures.close(desk.alice)
    await desk.rests()
    assert desk.newest() == before


async def test_a_form_that_is_too_late_is_asked_for_in_the_conversation(desk: Scene) -> None:
    await desk.tells(desk.alice, "hello")
    desk.slack.fail(Fault.ERROR, "views.open", error="expired_trigger_id")
    assert (await desk.after(desk.slack.gestures.shortcut(desk.alice, "ticket open"))).in_time
    assert "What is wrong?" in desk.direct(desk.alice)[-1].shown
    await desk.tells(desk.alice, "the printer is out of paper")
    assert "the printer is out of paper" in desk.card(desk.newest()).shown


async def test_a_form_under_a_question_answers_it(desk: Scene) -> None:
    begun = await desk.says(desk.alice, "!ticket open")
    question = desk.answers(desk.alice, begun)[-1]
    gestures = desk.slack.gestures
    await desk.presses(desk.alice, "Open a ticket", question)
    await desk.after(gestures.submit(desk.alice, None, {"Problem": "no coffee"}))
    assert f"ticket #{desk.newest()} now" in desk.answers(desk.alice, begun)[-1].shown
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} no coffee\n")


async def test_an_unknown_command_says_what_is_near(desk: Scene) -> None:
    await desk.commands(desk.alice, "/desk", "tiket open my chair")
    told = desk.last(desk.alice, "support")
    assert told.is_ephemeral
    assert told.shown.startswith("I do not know the command “tiket”. Did you mean !ticket?")


async def test_a_question_after_a_command_is_answered_to_whoever_asks_alone(desk: Scene) -> None:
    before = desk.newest()
    await desk.commands(desk.alice, "/desk", QUESTION)
    told = desk.last(desk.alice, "support")
    assert told.is_ephemeral
    assert "From the article vpn-does-not-connect" in told.shown
    await desk.presses(desk.alice, "👎 Not solved", told)
    assert desk.newest() == before + 1
    assert QUESTION in desk.card(desk.newest()).shown


async def test_an_outsider_is_not_answered_after_a_command(desk: Scene) -> None:
    workspace = desk.slack.workspace
    gus = PersonThere(workspace, workspace.add_guest("gus").id)
    gus.join("support")
    await desk.commands(gus, "/desk", QUESTION)
    assert "Only employees can do that" in desk.last(gus, "support").shown


async def test_an_empty_command_is_answered_with_help(desk: Scene) -> None:
    for command, words in (("/desk", "More on one: !help ticket"), ("/ticket", "!ticket needs")):
        await desk.commands(desk.alice, command)
        told = desk.last(desk.alice, "support")
        assert told.is_ephemeral
        assert words in told.shown


async def test_a_command_pasted_from_a_phone_is_understood(desk: Scene) -> None:
    await desk.commands(desk.alice, "/ticket", "open —urgent “quotes” & <angles>")
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} “quotes” & <angles>\n")
    assert "Urgent: yes" in desk.card(desk.newest()).shown


async def test_what_was_pressed_while_the_bot_was_slow_is_not_lost(desk: Scene) -> None:
    number, opened, card = await a_card(desk)
    desk.slack.fail(Fault.LIMIT, "chat.update", retry_after=30)
    await desk.presses(desk.bea, "👀 Claim", card, "staff")
    assert "Bea is working on" in desk.answers(desk.alice, opened)[-1].shown
    assert "nobody has it" in desk.card(number).shown
    desk.clock.advance(timedelta(seconds=31))
    await desk.rests()
    assert "Bea has it" in desk.card(number).shown
