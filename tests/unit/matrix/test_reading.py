import pytest

from bot.content import say
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
)
from bot.replies import Button, Post
from tests.unit.matrix.events import (
    ALICE,
    BOB,
    ME,
    NOW,
    ROOM,
    THEN,
    Desk,
    became,
    edited,
    event,
    reacted,
    said,
)


def person(user: str) -> Person:
    return Person("matrix", "example.org", user)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_message_says_who_where_when_and_what(desk: Desk) -> None:
    assert desk.one(said("hello")) == Message(
        id="$1",
        place=Place("matrix", "example.org", ROOM),
        person=person(ALICE),
        at=THEN,
        message="$1",
        text="hello",
    )


def test_people_of_other_servers_are_of_other_workspaces(desk: Desk) -> None:
    assert desk.one(said("x", "$1", "@eve:evil.org:8448")).person.workspace == "evil.org:8448"


def test_what_the_bot_itself_does_is_no_event(desk: Desk) -> None:
    own = [said("x", "$1", ME), reacted("👀", "$1", sender=ME), edited("y", "$1", sender=ME)]
    redaction = event("m.room.redaction", {"redacts": "$1"}, sender=ME)
    assert desk.read(*own, redaction) == []


def test_a_display_name_like_the_bots_makes_nobody_the_bot(desk: Desk) -> None:
    desk.read(became("join", user=ALICE, displayname="Help Desk"))
    assert isinstance(desk.one(said("hello")), Message)


def test_a_notice_is_automated(desk: Desk) -> None:
    message = desk.one(said("beep", msgtype="m.notice"))
    assert isinstance(message, Message)
    assert message.automated


def test_a_thread_is_the_place(desk: Desk) -> None:
    related = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$9"}}
    assert desk.one(said("x", **{"m.relates_to": related})).place.thread == "$root"


def test_a_reply_to_the_bot_in_a_thread_is_in_that_thread(desk: Desk) -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root"}
    desk.read(said("answer", "$answer", ME, **{"m.relates_to": thread}))
    reply = said(
        "> <@desk> answer\n\nthanks",
        "$2",
        **{"m.relates_to": {"m.in_reply_to": {"event_id": "$answer"}}},
    )
    message = desk.one(reply)
    assert isinstance(message, Message)
    assert (message.place.thread, message.text) == ("$root", "thanks")


def test_a_mention_addresses_the_bot_and_is_taken_off(desk: Desk) -> None:
    message = desk.one(said("Help Desk: !help", **{"m.mentions": {"user_ids": [ME, BOB]}}))
    assert isinstance(message, Message)
    assert (message.addressed, message.text, message.mentions) == (True, "!help", (person(BOB),))


def test_an_edit_by_the_writer_is_told_and_is_no_message(desk: Desk) -> None:
    message, edit = desk.read(said("!clsoe"), edited("!close", "$1"))
    assert isinstance(message, Message)
    assert isinstance(edit, Edited)
    assert (edit.message, edit.text, edit.number) == ("$1", "!close", "$edit")


def test_an_edit_by_somebody_else_is_passed_over(desk: Desk) -> None:
    assert len(desk.read(said("mine"), edited("yours", "$1", sender=BOB))) == 1


def test_a_reaction_is_told_without_variants(desk: Desk) -> None:
    reaction = desk.one(reacted("✔\ufe0f", "$1"))
    assert isinstance(reaction, Reacted)
    assert (reaction.message, reaction.emoji) == ("$1", "✔")


def test_the_emoji_of_a_button_presses_it(desk: Desk) -> None:
    post = Post(say("Ticket"), (Button("Claim", "ticket claim 4", "👀"), Button("X", "x")))
    desk.memory.note(ROOM, "$post", ME, "$root")
    pressed = desk.one(reacted("👀\ufe0f", "$post"), posts={"$post": post})
    assert isinstance(pressed, Pressed)
    assert (pressed.line, pressed.place.thread) == ("ticket claim 4", "$root")
    assert isinstance(desk.one(reacted("🚨", "$post"), posts={"$post": post}), Reacted)


@pytest.mark.parametrize("where", ["content", "top"])
def test_a_redaction_is_a_deletion_in_every_room_version(desk: Desk, where: str) -> None:
    redaction = event("m.room.redaction", {"redacts": "$1"} if where == "content" else {}, "$r")
    deleted = desk.one(redaction if where == "content" else redaction | {"redacts": "$1"})
    assert isinstance(deleted, Deleted)
    assert deleted.message == "$1"


def test_a_message_that_is_redacted_already_is_no_event(desk: Desk) -> None:
    gone = event("m.room.message", {}, unsigned={"redacted_because": {}})
    assert desk.read(gone) == []


def test_a_message_with_a_state_key_is_no_message(desk: Desk) -> None:
    assert desk.read(event("m.room.message", {"body": "x"}, state_key="")) == []


def test_an_encrypted_message_is_no_event(desk: Desk) -> None:
    assert desk.read(event("m.room.encrypted", {"ciphertext": "x"})) == []


def test_an_impossible_time_is_now(desk: Desk) -> None:
    for time in (-1, 10**18, None, "x", 1.5):
        assert desk.one(said("x") | {"origin_server_ts": time}).at == NOW


def test_who_comes_is_told_with_a_name(desk: Desk) -> None:
    joined, named = desk.read(became("join", "invite", displayname="Bob"))
    assert isinstance(joined, Joined)
    assert isinstance(named, PersonChanged)
    assert (joined.person, joined.bot, named.name) == (person(BOB), False, "Bob")
    assert joined.id != named.id


@pytest.mark.parametrize("how", ["leave", "ban"])
def test_who_goes_is_told(desk: Desk, how: str) -> None:
    assert isinstance(desk.one(became(how, "join")), Left)


def test_a_declined_invite_is_no_leaving(desk: Desk) -> None:
    assert desk.read(became("leave", "invite")) == []


def test_a_new_name_is_no_coming(desk: Desk) -> None:
    before = {"membership": "join", "displayname": "Bob"}
    [named] = desk.read(became("join", before, displayname="Robert"))
    assert isinstance(named, PersonChanged)
    assert desk.read(became("join", before, displayname="Bob", avatar_url="mxc://x")) == []


def test_the_whole_state_tells_who_is_there_and_not_who_is_gone(desk: Desk) -> None:
    state = [became("join", "join"), became("leave", "join", ALICE, "$2")]
    told = desk.reader.state(ROOM, state, whole=True)
    assert [type(event) for event in told] == [Joined]


def test_a_part_of_the_state_tells_who_has_gone_too(desk: Desk) -> None:
    told = desk.reader.state(ROOM, [became("leave", "join")], whole=False)
    assert [type(event) for event in told] == [Left]


def test_the_bots_own_name_is_learnt(desk: Desk) -> None:
    desk.read(became("join", "join", ME, displayname="Robo"))
    message = desk.one(said("Robo: help", "$2"))
    assert isinstance(message, Message)
    assert message.text == "help"


@pytest.mark.parametrize(
    ("kind", "content", "change"),
    [
        ("m.room.name", {"name": "Support"}, {"name": "Support"}),
        ("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}, {"encrypted": True}),
        (
            "m.room.canonical_alias",
            {"alias": "#a:x", "alt_aliases": ["#b:x", 5, "#forged:x", "#unknown:x"]},
            {"aliases": ("#a:x", "#b:x")},
        ),
    ],
)
def test_what_a_room_is_is_told(
    desk: Desk, kind: str, content: dict[str, object], change: dict[str, object]
) -> None:
    for alias, room in (("#a:x", ROOM), ("#b:x", ROOM), ("#forged:x", "!other")):
        desk.rooms.note_alias(alias, room)
    changed = desk.one(event(kind, content, state_key=""))
    assert isinstance(changed, RoomChanged)
    assert {name: getattr(changed, name) for name in change} == change
    assert desk.read(event(kind, content, state_key="x"), event(kind, content)) == []


def test_messages_of_a_direct_room_are_direct(desk: Desk) -> None:
    desk.rooms.replace_peers({ALICE: [ROOM]})
    desk.rooms.set_members(ROOM, {ME: "join", ALICE: "join"})
    message = desk.one(said("hello"))
    assert isinstance(message, Message)
    assert message.direct
    third = desk.one(became("invite", None))
    assert isinstance(third, RoomChanged)
    assert third.direct is False


def test_who_comes_back_hears_only_what_follows(desk: Desk) -> None:
    told = desk.read(said("a"), became("join", "leave", ME, "$2"), said("b", "$3"))
    assert [event.text for event in told if isinstance(event, Message)] == ["b"]
