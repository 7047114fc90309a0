"""Who is where, what rooms are called, and who may do what because of it."""

import pytest

from tests.slack import acts
from tests.slack.faults import Fault
from tests.slack.people import PersonThere
from tests.slack_stories.scene import AGENTS, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED = "Only agents can do that"


async def may_claim(desk: Scene, who: PersonThere) -> bool:
    """Tell whether somebody is an agent, by claiming a new ticket."""
    await desk.says(desk.alice, "!ticket open something new")
    asked = await desk.says(who, f"!ticket claim {desk.newest()}")
    return not any(REFUSED in each.shown for each in desk.answers(who, asked))


async def test_who_comes_into_the_staff_room_is_an_agent_at_once(desk: Scene) -> None:
    carol = desk.slack.person("carol")
    carol.join("support")
    await desk.rests()
    assert not await may_claim(desk, carol)
    desk.bea.invite("staff", carol.id)
    await desk.rests()
    assert await may_claim(desk, carol)
    desk.bea.remove("staff", carol.id)
    await desk.rests()
    assert not await may_claim(desk, carol)


async def test_the_people_of_a_user_group_are_agents(desk: Scene) -> None:
    erin = desk.slack.person("erin")
    erin.join("support")
    [group] = desk.slack.workspace.groups.values()
    assert group.handle == AGENTS
    acts.change_group(desk.slack.workspace, group, [erin.id])
    await desk.rests()
    assert await may_claim(desk, erin)
    acts.change_group(desk.slack.workspace, group, [])
    await desk.rests()
    assert not await may_claim(desk, erin)


async def test_a_guest_of_another_organisation_is_refused(desk: Scene) -> None:
    workspace = desk.slack.workspace
    gus = PersonThere(workspace, workspace.add_guest("gus").id)
    gus.join("support")
    before = desk.newest()
    asked = await desk.says(gus, "how do I connect to the vpn?")
    tried = await desk.says(gus, "!ticket open let me in")
    assert desk.answers(gus, asked) == []
    assert "Only employees can do that" in desk.answers(gus, tried)[-1].shown
    await desk.commands(gus, "/desk", "ticket open let me in")
    assert "Only employees can do that" in desk.last(gus, "support").shown
    assert "only" not in (await desk.looks_home(gus)).casefold()
    assert "This desk is for the people who work here." in desk.home(gus)
    assert desk.newest() == before


async def test_a_new_name_of_a_person_is_shown_from_then_on(desk: Scene) -> None:
    frida = desk.slack.person("frida")
    frida.join("support")
    await desk.says(frida, "!ticket open my cup is empty")
    assert "From: Frida in" in desk.card(desk.newest()).shown
    await desk.advances(seconds=1)
    frida.rename("Frida Öberg", "Frida Öberg")
    await desk.rests()
    await desk.says(frida, "!ticket open my cup is full")
    assert "From: Frida Öberg in" in desk.card(desk.newest()).shown


async def test_times_are_meant_in_the_zone_of_whoever_writes_them(desk: Scene) -> None:
    desk.dan.change(tz="Asia/Tokyo")
    await desk.says(desk.dan, '!maintenance plan dns --at "2026-02-01 09:00" --for 1h', "staff")
    planned = "SELECT starts_at FROM notice WHERE text = 'dns'"
    assert desk.rows(planned) == [("2026-02-01 00:00:00.000000",)]


async def test_a_room_has_its_new_name_on_the_next_card(desk: Scene) -> None:
    desk.slack.workspace.add_channel("floor-3", [desk.alice.id])
    await desk.says(desk.alice, "!ticket open too loud", "floor-3")
    assert "From: Alice in #floor-3\n" in desk.card(desk.newest()).shown
    desk.alice.rename_channel("floor-3", "floor-4")
    await desk.says(desk.alice, "!ticket open still too loud", "floor-4")
    assert "From: Alice in #floor-4\n" in desk.card(desk.newest()).shown


async def test_in_an_archived_room_nothing_is_said_until_it_is_back(desk: Scene) -> None:
    desk.slack.workspace.add_channel("attic", [desk.alice.id])
    await desk.says(desk.alice, "!ticket open dust", "attic")
    number = desk.newest()
    desk.alice.archive("attic")
    await desk.rests()
    await desk.says(desk.bea, f"!ticket claim {number}", "staff")
    assert desk.direct(desk.alice)[-1].shown == f"Bea is working on ticket #{number}."
    desk.alice.archive("attic", back=True)
    await desk.rests()
    await desk.says(desk.bea, f"!ticket resolve {number}", "staff")
    assert "is solved" not in desk.direct(desk.alice)[-1].shown


async def test_where_the_bot_was_put_out_people_are_told_directly(desk: Scene) -> None:
    workspace = desk.slack.workspace
    workspace.add_channel("cellar", [desk.alice.id])
    await desk.says(desk.alice, "!ticket open water", "cellar")
    desk.alice.remove("cellar", workspace.bot_user)
    await desk.rests()
    await desk.says(desk.bea, f"!ticket claim {desk.newest()}", "staff")
    assert desk.direct(desk.alice)[-1].shown == f"Bea is working on ticket #{desk.newest()}."


async def test_a_room_the_bot_is_invited_to_is_known_by_name(desk: Scene) -> None:
    workspace = desk.slack.workspace
    workspace.add_channel("canteen", [desk.alice.id], bot=False)
    desk.alice.invite("canteen", workspace.bot_user)
    await desk.rests()
    await desk.says(desk.alice, "!ticket open the soup is cold", "canteen")
    assert "From: Alice in #canteen\n" in desk.card(desk.newest()).shown


async def test_a_command_where_the_bot_is_not_is_answered_directly(desk: Scene) -> None:
    desk.slack.workspace.add_channel("pool", [desk.alice.id], bot=False)
    answer = await desk.commands(desk.alice, "/ticket", "open the water is green", "pool")
    assert (answer.in_time, answer.error) == (True, "")
    assert desk.direct(desk.alice)[-1].shown.startswith(f"This is ticket #{desk.newest()} now.")
    await desk.commands(desk.alice, "/desk", "ticket frobnicate", "pool")
    told = desk.direct(desk.alice)[-1].shown
    assert told.startswith("ticket frobnicate is not a command; after ticket comes ")
    assert desk.alice.sees("pool") == []


async def test_a_command_in_somebodys_conversation_is_answered_directly(desk: Scene) -> None:
    between = desk.slack.workspace.direct(desk.alice.id, desk.bea.id)
    await desk.commands(desk.alice, "/desk", "help", between.id)
    assert desk.direct(desk.alice)[-1].shown.startswith("Just ask me anything about IT.")
    assert between.messages == {}


async def test_a_ticket_from_a_message_where_the_bot_is_not_is_told_directly(desk: Scene) -> None:
    desk.slack.workspace.add_channel("garden", [desk.alice.id], bot=False)
    said = desk.alice.write("garden", "The hedge is on fire.")
    opening = desk.slack.gestures.message_shortcut(desk.alice, "garden", said, "ticket open")
    assert (await desk.after(opening)).in_time
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} The hedge is on fire.")
    assert "From: Alice in #garden\n" in desk.card(desk.newest()).shown
    assert desk.direct(desk.alice)[-1].shown.startswith(f"This is ticket #{desk.newest()} now.")


async def test_a_command_in_a_message_that_is_shown_to_the_bot_does_not_run(desk: Scene) -> None:
    await desk.says(desk.alice, "!ticket open the door squeaks")
    number = desk.newest()
    workspace = desk.slack.workspace
    workspace.add_channel("office", [desk.alice.id, desk.bea.id], bot=False)
    old = desk.bea.write("office", f"!ticket resolve {number}")
    desk.bea.invite("office", workspace.bot_user)
    await desk.rests()
    gestures = desk.slack.gestures
    await desk.after(gestures.message_shortcut(desk.bea, "office", old, "ticket open"))
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} !ticket resolve {number}")
    assert desk.rows("SELECT solved_at FROM ticket WHERE id = ?", number) == [(None,)]
    assert desk.stored(old) == [(f"!ticket resolve {number}",)]


async def test_a_ticket_from_a_message_to_somebody_else_is_told_by_the_bot(desk: Scene) -> None:
    between = desk.slack.workspace.direct(desk.alice.id, desk.bea.id)
    said = desk.alice.write(between.id, "My chair is broken, and do not tell anybody.")
    gestures, before = desk.slack.gestures, len(between.messages)
    await desk.after(gestures.message_shortcut(desk.alice, between.id, said, "ticket open"))
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} My chair is broken")
    assert desk.direct(desk.alice)[-1].shown.startswith(f"This is ticket #{desk.newest()} now.")
    assert len(between.messages) == before
    assert desk.rows("SELECT id FROM room WHERE ref = ?", between.id) == []


async def test_what_somebody_else_wrote_to_one_is_not_the_bots(desk: Scene) -> None:
    between = desk.slack.workspace.direct(desk.alice.id, desk.bea.id)
    said = desk.alice.write(between.id, "Only for your eyes.")
    gestures, before = desk.slack.gestures, desk.newest()
    await desk.after(gestures.message_shortcut(desk.bea, between.id, said, "ticket open"))
    assert "I have not read that message." in desk.direct(desk.bea)[-1].shown
    assert desk.newest() == before
    assert not desk.is_stored("Only for your eyes.")


async def test_a_command_is_answered_although_the_direct_room_cannot_be_told(desk: Scene) -> None:
    between = desk.slack.workspace.direct(desk.alice.id, desk.dan.id)
    desk.slack.fail(Fault.ERROR, "conversations.open", error="internal_error")
    answer = await desk.commands(desk.dan, "/desk", "ticket open in no room", between.id)
    assert (answer.in_time, answer.error) == (True, "")
    assert desk.direct(desk.dan)[-1].shown.startswith(f"This is ticket #{desk.newest()} now.")
    assert desk.rows("SELECT id FROM room WHERE ref = ?", between.id) == []
