"""What people write, change, take back and put emoji on, in all the places Slack has."""

import json

import pytest

from tests.slack_stories.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_reply_in_a_tickets_thread_belongs_to_it(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "!ticket open my lamp flickers")
    said = await desk.says(desk.alice, "it is the one on the left", thread=opened)
    assert desk.rows("SELECT thread FROM message WHERE ref = ?", said) == [(opened,)]
    assert len(desk.answers(desk.alice, opened)) == 1
    await desk.says(desk.bea, "!ticket resolve a new bulb", thread=opened)
    assert "is solved: a new bulb." in desk.answers(desk.alice, opened)[-1].shown


async def test_a_reply_also_sent_to_the_channel_is_read_once(desk: Scene) -> None:
    root = await desk.says(desk.alice, "The heating in room 4 is off.")
    sent = desk.alice.write("support", "!ticket open cold in room 4", root, broadcast=True)
    await desk.rests()
    [told] = desk.answers(desk.alice, root)[-1:]
    assert f"ticket #{desk.newest()} now" in told.shown
    assert desk.rows("SELECT count(*) FROM ticket WHERE subject = 'cold in room 4'") == [(1,)]
    assert desk.rows("SELECT thread FROM message WHERE ref = ?", sent) == [(root,)]


async def test_a_direct_message_is_answered_and_seen_by_nobody_else(desk: Scene) -> None:
    await desk.tells(desk.alice, "how do I connect to the vpn?")
    answer = desk.direct(desk.alice)[-1]
    assert "From the article vpn-does-not-connect" in answer.shown
    await desk.presses(desk.alice, "👎 Not solved", answer, desk.alice.direct.id)
    assert desk.direct(desk.alice)[-1].shown.startswith(f"This is ticket #{desk.newest()} now.")
    assert "From: Alice in a direct message" in desk.card(desk.newest()).shown
    assert desk.direct(desk.bea) == []


async def test_in_a_direct_message_a_question_waits_for_its_answer(desk: Scene) -> None:
    await desk.tells(desk.alice, "ticket open")
    assert "What is wrong?" in desk.direct(desk.alice)[-1].shown
    await desk.tells(desk.alice, "the door is stuck")
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} the door is stuck")


async def test_in_a_group_of_people_the_bot_speaks_when_it_is_mentioned(desk: Scene) -> None:
    workspace = desk.slack.workspace
    group = workspace.direct(desk.alice.id, desk.bea.id, workspace.bot_user)
    unheard = await desk.says(desk.alice, "how do I connect to the vpn?", group.id)
    assert desk.answers(desk.alice, unheard, group.id) == []
    heard = await desk.says(desk.alice, "@deskside how do I connect to the vpn?", group.id)
    [answer] = desk.answers(desk.alice, heard, group.id)
    assert "From the article vpn-does-not-connect" in answer.shown
    opened = await desk.says(desk.alice, "@deskside ticket open we hear an echo", group.id)
    assert f"ticket #{desk.newest()} now" in desk.last(desk.alice, group.id, opened).shown
    assert f"in #{group.name}" in desk.card(desk.newest()).shown


async def test_a_mention_within_a_sentence_is_answered_too(desk: Scene) -> None:
    asked = await desk.says(desk.alice, "How do I connect to the vpn, @deskside?")
    assert "vpn-does-not-connect" in desk.answers(desk.alice, asked)[-1].shown


async def test_an_edit_rewords_the_ticket_and_runs_no_command(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "!ticket open my mouse is tired")
    number = desk.newest()
    desk.alice.edit("support", opened, "!ticket open my keyboard is tired")
    await desk.rests()
    assert desk.newest() == number
    assert desk.card(number).shown.startswith(f"#{number} my keyboard is tired\n")
    assert desk.stored(opened) == [("!ticket open my keyboard is tired",)]
    talk = await desk.says(desk.alice, "Nothing to see here.")
    desk.alice.edit("support", talk, "!ticket open now it is a command")
    await desk.rests()
    assert (desk.newest(), desk.answers(desk.alice, talk)) == (number, [])


async def test_a_deletion_erases_the_text_everywhere(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "!ticket open my Zwiebelkuchen burns")
    number = desk.newest()
    assert desk.is_stored("Zwiebelkuchen")
    desk.alice.delete("support", opened)
    await desk.rests()
    assert desk.card(number).shown.startswith(f"#{number} (deleted by its writer)\n")
    assert "Zwiebelkuchen" not in "".join(each.text for each in desk.said(desk.bea, "staff"))
    await desk.advances(seconds=1)
    assert not desk.is_stored("Zwiebelkuchen")


async def test_a_reply_is_deleted_without_its_thread(desk: Scene) -> None:
    opened = await desk.says(desk.alice, "!ticket open my bag is lost")
    said = await desk.says(desk.alice, "it is Pfefferminz green", thread=opened)
    desk.alice.delete("support", said)
    await desk.rests()
    assert desk.stored(said) == [("",)]
    assert desk.card(desk.newest()).shown.startswith(f"#{desk.newest()} my bag is lost")


async def test_emoji_are_stored_and_taken_off_with_their_skin(desk: Scene) -> None:
    said = await desk.says(desk.bea, "The lift works again.")
    for name in ("+1", "+1::skin-tone-4", "tada"):
        await desk.reacts(desk.alice, name, said)
    kept = "SELECT emoji FROM reaction WHERE message = ? ORDER BY id"
    assert desk.rows(kept, said) == [("👍",), ("👍🏽",), ("🎉",)]
    desk.alice.unreact("support", said, "+1::skin-tone-4")
    await desk.rests()
    assert desk.rows(kept, said) == [("👍",), ("🎉",)]


async def test_a_file_is_named_and_not_fetched(desk: Scene) -> None:
    said = desk.alice.write("support", "It looks like this.", files=[("screen.png", b"12345")])
    await desk.rests()
    [(kept,)] = desk.rows("SELECT files FROM message WHERE ref = ?", said)
    [file] = json.loads(kept)
    assert (file["name"], file["size"], file["media_type"]) == ("screen.png", 5, "image/png")
    assert not desk.is_stored("12345")
    assert not [call for call in desk.slack.asked if call.method.startswith("files.")]


async def test_other_programs_are_stored_and_not_answered(desk: Scene) -> None:
    before = desk.newest()
    hooked = desk.alice.call_webhook("support", "!ticket open the disk is full")
    robot = desk.slack.workspace.add_user("robot", is_bot=True, bot_id="B0ROBOT")
    there = desk.slack.person("robot")
    desk.slack.workspace.channel_named("support").members.append(robot.id)
    asked = await desk.says(there, "@deskside how do I connect to the vpn?")
    assert desk.answers(desk.alice, hooked) == desk.answers(desk.alice, asked) == []
    assert (desk.newest(), desk.stored(hooked)) == (before, [("!ticket open the disk is full",)])


async def test_what_slack_itself_writes_is_no_ones_question(desk: Scene) -> None:
    channel = desk.slack.workspace.channel_named("support")
    desk.alice.set_topic("support", "How do I connect to the vpn?")
    await desk.rests()
    notes = channel.messages.values()
    topic = next(note for note in notes if note.subtype == "channel_topic")
    assert desk.answers(desk.alice, topic.ts) == []


async def test_a_secret_is_masked_and_its_writer_alone_is_warned(desk: Scene) -> None:
    said = await desk.says(desk.alice, "my password: Hunter2-Geheim, why does it not work")
    assert not desk.is_stored("Hunter2-Geheim")
    warned = [each for each in desk.said(desk.alice, "support") if each.is_ephemeral]
    warned += [each for each in desk.answers(desk.alice, said) if each.is_ephemeral]
    assert "looks like a password" in warned[-1].shown
    assert not [each for each in desk.said(desk.bea, "support") if "password" in each.shown]
