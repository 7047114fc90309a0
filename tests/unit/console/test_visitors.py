import pytest

from bot.errors import UserError
from bot.events import (
    Deleted,
    Edited,
    Joined,
    Left,
    Message,
    Person,
    PersonChanged,
    Place,
    Pressed,
    Reacted,
    RoomChanged,
    SharedFile,
    Submitted,
)
from bot.replies import Button, Field, Form
from tests.unit.console.stage import NINE, Memory, Stage

CLAIM = Button("Claim", "ticket claim 1")
SOLVED = Button("Solved", "faq solved 3")
TICKET = Form(
    "Open a ticket",
    "ticket open",
    (Field("problem", "Problem"), Field("urgent", "Urgent", choices=("yes", "no"), optional=True)),
)


async def test_a_fresh_room_tells_who_is_where(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    rooms = [e.name for e in stage.memory.events if isinstance(e, RoomChanged)]
    people = [e.name for e in stage.memory.events if isinstance(e, PersonChanged)]
    joined = [(e.person.user, e.place.room) for e in stage.memory.events if isinstance(e, Joined)]
    assert rooms == ["support", "staff"]
    assert people == ["alice", "carol", "bea"]
    assert ("bea", "staff") in joined
    assert ("alice", "staff") not in joined
    assert ("Deskside", "support") not in joined


async def test_a_message_is_numbered_shown_and_told(stage: Stage) -> None:
    assert await stage.people.post("alice", "support", "my vpn is down") == "1"
    assert stage.screen == ["[support 1] alice: my vpn is down"]
    event = stage.event
    assert isinstance(event, Message)
    assert (event.message, event.text, event.direct) == ("1", "my vpn is down", False)
    assert event.place == Place("console", "demo", "support")
    assert event.person == Person("console", "demo", "alice")
    assert event.at == NINE


async def test_a_thread_counts_for_itself(stage: Stage) -> None:
    await stage.people.post("alice", "support", "one")
    assert await stage.people.post("carol", "support", "two", thread="1") == "1.1"
    assert await stage.people.post("carol", "support", "three") == "2"
    assert stage.screen[1] == "[support 1.1] carol: two"
    assert stage.memory.events[-2].place.thread == "1"


async def test_every_person_has_a_direct_room_of_their_own(stage: Stage) -> None:
    await stage.people.post("alice", "dm", "psst")
    await stage.people.post("carol", "dm", "psst")
    assert stage.screen == ["[dm alice 1] alice: psst", "[dm carol 1] carol: psst"]
    event = stage.event
    assert isinstance(event, Message)
    assert event.direct
    assert event.place.room == "dm-carol"


async def test_addressing_the_bot_is_told_and_left_out(stage: Stage) -> None:
    await stage.people.post("alice", "support", "@deskside help, says @Bea.")
    assert stage.screen == ["[support 1] alice: @deskside help, says @Bea."]
    event = stage.event
    assert isinstance(event, Message)
    assert (event.text, event.addressed) == ("help, says @Bea.", True)
    assert [person.user for person in event.mentions] == ["bea"]


async def test_files_are_told_and_named(stage: Stage) -> None:
    await stage.people.post("alice", "support", "look", files=["a.png", "b.png"])
    assert stage.screen == ["[support 1] alice: look (attached: a.png, b.png)"]
    assert isinstance(stage.event, Message)
    assert stage.event.files == (SharedFile("a.png"), SharedFile("b.png"))


async def test_an_edit_is_shown_and_told_each_time(stage: Stage) -> None:
    await stage.people.post("alice", "support", "my vpm")
    await stage.people.edit("alice", "support", "1", "my vpn")
    first = stage.event
    await stage.people.edit("alice", "support", "1", "my VPN")
    assert stage.screen[1:] == [
        "[support 1 edited] alice: my vpn",
        "[support 1 edited] alice: my VPN",
    ]
    assert isinstance(first, Edited)
    assert first.text == "my vpn"
    assert first.revision != stage.event.revision


async def test_a_deleted_message_is_gone_for_good(stage: Stage) -> None:
    await stage.people.post("alice", "dm", "oops")
    await stage.people.delete("alice", "dm", "1")
    assert stage.screen[-1] == "[dm alice 1 deleted]"
    assert isinstance(stage.event, Deleted)
    with pytest.raises(UserError, match="is deleted"):
        await stage.people.edit("alice", "dm", "1", "again")


async def test_a_reaction_goes_on_and_off(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    await stage.people.react("carol", "support", "1", "🎫")
    assert isinstance(stage.event, Reacted)
    assert stage.event.added
    await stage.people.react("carol", "support", "1", "🎫", added=False)
    assert isinstance(stage.event, Reacted)
    assert not stage.event.added
    assert stage.screen[1:] == [
        "[support 1 reaction] carol 🎫",
        "[support 1 reaction removed] carol 🎫",
    ]


async def test_a_reaction_is_put_once_and_taken_off_once(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    with pytest.raises(UserError, match="not put 🎫"):
        await stage.people.react("carol", "support", "1", "🎫", added=False)
    await stage.people.react("carol", "support", "1", "🎫")
    with pytest.raises(UserError, match="already put 🎫"):
        await stage.people.react("carol", "support", "1", "🎫")


async def test_somebody_new_becomes_known_by_joining(stage: Stage) -> None:
    await stage.people.join("erin", "support")
    assert [type(event) for event in stage.memory.events[-2:]] == [PersonChanged, Joined]
    await stage.people.post("erin", "support", "hello")
    await stage.people.leave("erin", "support")
    assert isinstance(stage.event, Left)
    assert stage.screen == [
        "[support] erin joined",
        "[support 1] erin: hello",
        "[support] erin left",
    ]


async def test_whoever_comes_back_is_known_already(stage: Stage) -> None:
    await stage.people.leave("alice", "support")
    await stage.people.join("alice", "support")
    assert [type(event) for event in stage.memory.events[-2:]] == [Left, Joined]


async def test_the_newest_button_with_the_label_is_pressed(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    await stage.say("Old", "support", "1", buttons=[Button("Solved", "faq solved 1")])
    await stage.say("New", "support", "1", buttons=[SOLVED])
    await stage.people.press("alice", "support", "solved")
    event = stage.event
    assert isinstance(event, Pressed)
    assert (event.line, event.message, event.place.thread) == ("faq solved 3", "1.2", "1")


async def test_a_press_in_a_thread_means_that_thread(stage: Stage) -> None:
    for text in ("one", "two"):
        root = await stage.people.post("alice", "support", text)
        await stage.say(text, "support", root, buttons=[Button("Solved", f"faq solved {root}")])
    await stage.people.press("alice", "support", "Solved", thread="1")
    assert isinstance(stage.event, Pressed)
    assert stage.event.line == "faq solved 1"


async def test_a_button_that_is_not_there_names_those_that_are(stage: Stage) -> None:
    await stage.say("New ticket", "staff", buttons=[CLAIM, Button("Assign", "ticket assign 1")])
    with pytest.raises(
        UserError, match=r"no button \[Close\] in staff for bea; .* \[Claim\], \[As"
    ):
        await stage.people.press("bea", "staff", "Close")
    with pytest.raises(UserError, match="there is none to press"):
        await stage.people.press("bea", "support", "Close")


async def test_a_button_for_one_person_is_not_anothers(stage: Stage) -> None:
    await stage.say("For you", buttons=[SOLVED], only="alice")
    with pytest.raises(UserError, match="none to press"):
        await stage.people.press("carol", "support", "Solved")
    await stage.people.press("alice", "support", "Solved")


async def test_a_form_is_answered_by_its_labels(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    await stage.say("What is wrong?", thread="1", form=TICKET)
    answers = (("urgent", "NO"), ("Problem", "vpn"))
    await stage.people.fill("alice", "support", "open a ticket", answers)
    event = stage.event
    assert isinstance(event, Submitted)
    assert event.command == "ticket open"
    assert event.answers == (("problem", "vpn"), ("urgent", "no"))
    assert event.place.thread == "1"


async def test_an_incomplete_form_is_not_sent_and_its_writer_told(stage: Stage) -> None:
    await stage.say("What is wrong?", form=TICKET)
    before = stage.event
    await stage.people.fill("alice", "support", "Open a ticket", (("Urgent", "no"),))
    assert stage.event is before
    assert stage.screen[-1] == (
        "[support only alice] Deskside: [Open a ticket] was not sent: fill in Problem."
    )


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((("Colour", "red"),), "no field “Colour”; it has Problem, Urgent"),
        ((("Urgent", "very"),), "“very” cannot be chosen; it is one of yes, no"),
        ((("Urgent", "no"), ("urgent", "no")), "answered twice"),
    ],
)
async def test_what_no_form_would_let_one_answer_is_refused(
    stage: Stage, answers: tuple[tuple[str, str], ...], expected: str
) -> None:
    await stage.say("What is wrong?", form=TICKET)
    with pytest.raises(UserError, match=expected):
        await stage.people.fill("alice", "support", "Open a ticket", answers)


async def test_forms_are_filled_in_and_buttons_pressed(stage: Stage) -> None:
    await stage.say("What is wrong?", form=TICKET, buttons=[SOLVED])
    with pytest.raises(UserError, match=r"is a form: answer it as Open a ticket {Problem: …; Urg"):
        await stage.people.press("alice", "support", "Open a ticket")
    with pytest.raises(UserError, match="is no form"):
        await stage.people.fill("alice", "support", "Solved", ())


async def test_what_cannot_be_done_says_what_can(stage: Stage) -> None:
    people = stage.people
    await people.post("alice", "support", "hi")
    await stage.say("For you", only="alice")
    for act, expected in [
        (people.post("erin", "support", "hi"), "no erin here.*To let somebody in: erin joins"),
        (people.post("alice", "kitchen", "hi"), "no room kitchen; there are support, staff, dm"),
        (people.post("alice", "staff", "hi"), "alice is not in staff"),
        (people.post("alice", "support", "hi", thread="7"), "no message 7 in support"),
        (people.edit("carol", "support", "1", "ho"), "not carol's but alice's"),
        (people.delete("alice", "support", "1.1"), "no message 1.1"),
        (people.delete("alice", "dm", "1"), "no message 1 in dm"),
        (people.react("carol", "support", "2", "🎫"), "no message 2"),
        (people.join("alice", "support"), "is in support already"),
        (people.join("alice", "dm"), "no room dm; there are support, staff"),
        (people.join("deskside", "support"), "is the bot"),
        (people.leave("alice", "staff"), "not in staff"),
    ]:
        with pytest.raises(UserError, match=expected):
            await act
    assert len(stage.screen) == 2


async def test_a_second_start_goes_on_where_the_first_ended(stage: Stage) -> None:
    await stage.people.join("erin", "support")
    await stage.people.post("alice", "support", "one")
    await stage.say("Hello", thread="1", buttons=[SOLVED])
    ids = {event.id for event in stage.memory.events}
    memory = Memory()
    memory.stored = stage.memory.stored
    again = Stage(memory)
    assert await again.people.post("erin", "support", "two") == "2"
    assert await again.people.post("erin", "support", "three", thread="1") == "1.2"
    assert not ids & {event.id for event in memory.events}
    await again.close()


async def test_a_button_of_an_earlier_start_can_be_pressed(stage: Stage) -> None:
    await stage.say("Hello", buttons=[SOLVED])
    stage.memory.posts["support", "1"] = stage.transport._room._posts["support", "1"]
    again = Stage(stage.memory)
    await again.people.press("alice", "support", "Solved")
    assert isinstance(again.event, Pressed)
    stage.memory.posts.clear()
    last = Stage(stage.memory)
    with pytest.raises(UserError, match="none to press"):
        await last.people.press("alice", "support", "Solved")
    await last.close()
    await again.close()
