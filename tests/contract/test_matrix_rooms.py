"""Where the Matrix transport finds direct rooms, threads and what an earlier process left open."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.content import say
from bot.errors import SendFailure, TransportError
from bot.events import Edited, Left, Message, Person, Place, Pressed, RoomChanged
from bot.replies import Button, Post
from bot.transport import Action, Delivery
from tests.contract.matrix_scene import Scene, delivery
from tests.contract.matrix_server import (
    ALICE,
    ME,
    ROOM,
    Asked,
    Fault,
    MatrixServer,
    event,
    lose,
    member,
    refuse,
    text,
)

DIRECT = "!direct:fake.test"
PERSON = Person("matrix", "fake.test", ALICE)
BOB = "@bob:fake.test"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MatrixServer() as server:
        server.answers["/createRoom"] = {"room_id": DIRECT}
        yield Scene(server)


def private(**more: Any) -> Delivery:
    return delivery(place=Place("matrix", "fake.test", ""), person=PERSON, **more)


def room_state(*members: dict[str, Any], creator: str = ME) -> list[dict[str, Any]]:
    return [event("m.room.create", {}, state_key="", sender=creator), *members]


TWO = (member(ME, "join"), member(ALICE, "join"))
IN_USE = refuse(400, "M_ROOM_IN_USE")


# Direct rooms.


async def test_a_direct_room_is_made_once_and_marked(scene: Scene) -> None:
    async with scene.transport() as transport:
        first = await transport.send(private())
        second = await transport.send(private(id="d2"))
    assert first.room == second.room == DIRECT
    [made] = scene.server.calls("/createRoom")
    assert (made.body["invite"], made.body["is_direct"]) == ([ALICE], True)
    [marked] = marks(scene)
    assert marked == {ALICE: [DIRECT]}


def marks(scene: Scene) -> list[Any]:
    calls = scene.server.calls("/account_data/m.direct")
    return [asked.body for asked in calls if asked.method == "PUT"]


async def test_a_message_sent_before_the_first_sync_forgets_no_direct_room(scene: Scene) -> None:
    scene.server.answers["/account_data/m.direct"] = {BOB: ["!bob:fake.test"]}
    async with scene.transport() as transport:
        await transport.send(private())
    assert marks(scene) == [{BOB: ["!bob:fake.test"], ALICE: [DIRECT]}]


async def test_a_room_that_is_marked_already_is_not_marked_again(scene: Scene) -> None:
    scene.server.answers["/account_data/m.direct"] = {ALICE: [DIRECT]}
    async with scene.transport() as transport:
        await transport.send(private())
    assert marks(scene) == []


async def test_who_leaves_is_invited_back_before_the_next_message(scene: Scene) -> None:
    gone = member(ALICE, "leave", 7, before="join")
    async with scene.running() as transport:
        await transport.send(private())
        scene.server.answers["/state"] = room_state(member(ME, "join"), gone)
        await scene.server.say(gone, room=DIRECT)
        await scene.intake.see(Left)
        await transport.send(private(id="d2"))
    assert [asked.body for asked in scene.server.calls("/invite")] == [{"user_id": ALICE}]


async def test_a_change_goes_to_the_room_of_its_message(scene: Scene) -> None:
    place = Place("matrix", "fake.test", "!former:fake.test")
    edit = delivery(Action.EDIT, place=place, person=PERSON, private=True, target="$1")
    async with scene.transport() as transport:
        await transport.send(edit)
    assert scene.server.calls("/createRoom") == []
    assert len(scene.server.calls("!former:fake.test")) == 1


async def test_a_direct_room_made_before_a_crash_is_found_by_its_alias(scene: Scene) -> None:
    scene.server.answers["/state"] = room_state(*TWO)
    scene.server.fail("/createRoom", lose, IN_USE)
    scene.server.answers["fake.test"] = {"room_id": DIRECT}
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(private())
        sent = await transport.send(private())
    assert caught.value.failure is SendFailure.UNKNOWN
    assert sent.room == DIRECT
    first, second = scene.server.calls("/createRoom")
    assert first.body["room_alias_name"] == second.body["room_alias_name"]


@pytest.mark.parametrize(
    "state",
    [
        room_state(*TWO, creator=ALICE),
        room_state(*TWO, member(BOB, "join")),
        room_state(*TWO, member(BOB, "invite")),
        room_state(member(ALICE, "join")),
    ],
    ids=["made by somebody else", "with a third", "with an invited third", "without us"],
)
async def test_a_room_that_is_not_for_two_is_not_used(
    scene: Scene, state: list[dict[str, Any]]
) -> None:
    scene.server.answers["/!taken:fake.test/state"] = state
    scene.server.answers["fake.test"] = {"room_id": "!taken:fake.test"}
    scene.server.fail("/createRoom", IN_USE)
    async with scene.transport() as transport:
        assert (await transport.send(private())).room == DIRECT
    first, second = scene.server.calls("/createRoom")
    assert first.body["room_alias_name"] != second.body["room_alias_name"]


async def test_the_room_the_core_knows_is_used(scene: Scene) -> None:
    scene.intake.rooms[PERSON] = "!known:fake.test"
    scene.server.answers["/state"] = room_state(*TWO, creator=ALICE)
    async with scene.running() as transport:
        assert (await transport.send(private())).room == "!known:fake.test"
    assert scene.server.calls("/createRoom") == []


async def test_who_left_is_invited_back(scene: Scene) -> None:
    scene.intake.rooms[PERSON] = DIRECT
    gone = member(ALICE, "leave", before="join")
    scene.server.answers["/state"] = room_state(member(ME, "join"), gone)
    async with scene.running() as transport:
        await transport.send(private())
    assert [asked.body for asked in scene.server.calls("/invite")] == [{"user_id": ALICE}]


async def test_who_declined_is_left_in_peace(scene: Scene) -> None:
    scene.intake.rooms[PERSON] = DIRECT
    gone = member(ALICE, "leave", before="invite")
    scene.server.answers["/state"] = room_state(member(ME, "join"), gone)
    async with scene.running() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(private())
    assert caught.value.failure is SendFailure.PERMANENT
    assert scene.server.calls("/invite") == []


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (refuse(403, "M_FORBIDDEN"), SendFailure.PERMANENT),
        (refuse(429, "M_LIMIT_EXCEEDED"), SendFailure.RETRY),
        (refuse(502), SendFailure.UNKNOWN),
    ],
)
async def test_a_direct_room_that_cannot_be_made_says_why(
    scene: Scene, fault: Fault, failure: SendFailure
) -> None:
    scene.server.fail("/createRoom", fault)
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(private())
    assert caught.value.failure is failure


async def test_a_person_of_another_service_has_no_direct_room(scene: Scene) -> None:
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery(person=Person("slack", "T", "U"), private=True))
    assert caught.value.failure is SendFailure.PERMANENT


async def test_a_direct_room_the_bot_was_removed_from_is_replaced(scene: Scene) -> None:
    async with scene.transport() as transport:
        await transport.send(private())
        scene.server.fail("/send/", refuse(403, "M_FORBIDDEN"))
        with pytest.raises(TransportError):
            await transport.send(private(id="d2"))
        scene.server.answers["/state"] = room_state(member(ALICE, "join"))
        scene.server.fail("/createRoom", IN_USE)
        scene.server.answers["/createRoom"] = {"room_id": "!second:fake.test"}
        assert (await transport.send(private(id="d3"))).room == "!second:fake.test"


async def test_commands_in_a_direct_room_have_no_prefix(scene: Scene) -> None:
    post = Post(say("Ticket 4"), (Button("Close", "ticket close 4"),))
    async with scene.transport() as transport:
        await transport.send(private(post=post))
    assert scene.server.posted["d1"]["body"] == "Ticket 4\n\nClose: ticket close 4"


# Threads.


def replying(to: str, body: str, number: int) -> dict[str, Any]:
    content = {"m.relates_to": {"m.in_reply_to": {"event_id": to}}}
    return text(body, number, content=content)


async def test_the_thread_of_an_old_message_is_asked_for(scene: Scene) -> None:
    old = text("old", "old", content={"m.relates_to": {"rel_type": "m.thread", "event_id": "$r"}})
    scene.server.answers["/event/$old"] = old
    async with scene.running():
        await scene.server.say(replying("$old", "new", 2), replying("$2", "newer", 3))
        await scene.heard("newer")
    assert {message.place.thread for message in scene.intake.all(Message)} == {"$r"}
    assert len(scene.server.calls("/event/")) == 1


async def test_a_chain_of_old_replies_is_followed_to_its_root(scene: Scene) -> None:
    scene.server.answers |= {
        "/event/$c": replying("$b", "c", 9),
        "/event/$b": replying("$a", "b", 8),
        "/event/$a": text("a", "a"),
    }
    async with scene.running():
        await scene.server.say(replying("$c", "new", 2))
        message = await scene.heard("new")
    assert message.place.thread == "$a"


async def test_people_cannot_make_the_bot_ask_without_end(scene: Scene) -> None:
    events = [replying(f"$old{n}", str(n), n) for n in range(200)]
    async with scene.running():
        await scene.server.say(*events)
        await scene.heard("199")
    assert len(scene.server.calls("/event/")) == 20
    assert len(scene.intake.all(Message)) == 200


async def test_an_endless_chain_of_replies_ends(scene: Scene) -> None:
    def answer(asked: Asked) -> dict[str, Any]:
        return replying(asked.path.rpartition("/")[2] + "x", "x", 5)

    scene.server.answers["x"] = answer
    async with scene.running():
        await scene.server.say(replying("$x", "new", 2))
        await scene.heard("new")
    assert len(scene.server.calls("/event/")) == 20


async def test_an_edit_of_an_old_message_by_another_is_passed_over(scene: Scene) -> None:
    scene.server.answers["/event/$old"] = text("old", "old", sender=BOB)
    content = {
        "m.new_content": {"body": "forged"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": "$old"},
    }
    async with scene.running():
        await scene.server.say(text("* forged", 2, content=content), text("after", 3))
        await scene.heard("after")
    assert scene.intake.all(Edited) == []


async def test_a_look_up_that_fails_loses_nothing(scene: Scene) -> None:
    scene.server.fail("/event/", refuse(502))
    async with scene.running():
        await scene.server.say(text("one", 1), replying("$old", "two", 2))
        await scene.heard("two")
    assert scene.texts == ["one", "two"]


# What an earlier process left open.


async def test_an_invite_left_open_is_answered_after_a_restart(scene: Scene) -> None:
    scene.intake.token = ("s0", scene.clock.now())
    invite = {"invite_state": {"events": [member(ME, "invite", sender=ALICE)]}}
    scene.server.outlook = {"rooms": {"invite": {"!new": invite}}}
    async with scene.running():
        await scene.server.until(lambda: bool(scene.server.calls("/join/")))


async def test_a_direct_invite_is_marked_before_the_room_is_joined(scene: Scene) -> None:
    invited = member(ME, "invite", sender=ALICE, content={"is_direct": True})
    invite = {"invite_state": {"events": [invited]}}
    async with scene.running():
        await scene.server.tell(invite={"!new": invite})
        await scene.server.until(lambda: bool(scene.server.calls("/join/")))
    paths = [asked.path for asked in scene.server.asked if asked.method in ("PUT", "POST")]
    assert [path.rpartition("/")[2] for path in paths] == ["m.direct", "!new"]


async def test_a_tombstone_left_open_is_followed_after_a_restart(scene: Scene) -> None:
    scene.intake.token = ("s0", scene.clock.now())
    stone = event("m.room.tombstone", {"replacement_room": "!new"}, "stone", state_key="")
    scene.server.outlook = {"rooms": {"join": {"!old": {"state": {"events": [stone]}}}}}
    predecessor = {"predecessor": {"room_id": "!old"}}
    scene.server.answers |= {
        "/!old/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        "/!new/state": [event("m.room.create", predecessor, state_key="")],
    }
    async with scene.running(follow_upgrades=True):
        changed = await scene.intake.see(RoomChanged)
    assert changed.replaced_by == "!new"


async def test_a_forged_upgrade_does_not_make_the_bot_leave_another_room(scene: Scene) -> None:
    scene.server.answers |= {
        "/!mine/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        f"/{ROOM}/state": [event("m.room.create", {}, state_key=""), *TWO],
    }
    stone = event("m.room.tombstone", {"replacement_room": ROOM}, "stone", state_key="")
    async with scene.running(follow_upgrades=True):
        await scene.server.say(stone, room="!mine")
        await scene.server.until(lambda: bool(scene.server.calls(f"{ROOM}/state")))
        await scene.server.say(text("still read", 2))
        await scene.heard("still read")
    assert scene.server.calls("/leave") == []
    assert [event.replaced_by for event in scene.intake.all(RoomChanged)] == []


async def test_a_replacement_the_bot_is_in_already_is_told(scene: Scene) -> None:
    predecessor = {"predecessor": {"room_id": "!old"}}
    scene.server.answers |= {
        "/!old/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        "/!new/state": [event("m.room.create", predecessor, state_key=""), *TWO],
    }
    stone = event("m.room.tombstone", {"replacement_room": "!new"}, "stone", state_key="")
    async with scene.running(follow_upgrades=True):
        await scene.server.say(stone, room="!old")
        assert (await scene.intake.see(RoomChanged)).replaced_by == "!new"
    assert scene.server.calls("/join/") == []


async def test_a_replacement_that_needs_an_invite_is_followed_when_it_comes(scene: Scene) -> None:
    predecessor = {"predecessor": {"room_id": "!old"}}
    scene.server.answers |= {
        "/!old/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        "/!new/state": [event("m.room.create", predecessor, state_key=""), *TWO],
    }
    for where in ("/!new/state", "/join/!new"):
        scene.server.fail(where, refuse(403, "M_FORBIDDEN"))
    stone = event("m.room.tombstone", {"replacement_room": "!new"}, "stone", state_key="")
    invited = {"invite_state": {"events": [member(ME, "invite", sender=ALICE)]}}
    async with scene.running(follow_upgrades=True):
        await scene.server.say(stone, room="!old")
        await scene.server.until(lambda: bool(scene.server.calls("/join/")))
        await scene.server.tell(invite={"!new": invited})
        assert (await scene.intake.see(RoomChanged)).replaced_by == "!new"


async def test_what_is_said_in_a_held_room_is_read_once_it_is_checked(scene: Scene) -> None:
    predecessor = {"predecessor": {"room_id": "!old"}}
    scene.server.answers |= {
        "/!old/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        "/!new/state": [event("m.room.create", predecessor, state_key="")],
        "/!new/messages": {"chunk": [text("first words", 5)]},
    }
    stone = event("m.room.tombstone", {"replacement_room": "!new"}, "stone", state_key="")
    scene.server.fail("/!new/state", refuse(502), refuse(502))
    async with scene.running(follow_upgrades=True):
        await scene.server.say(stone, room="!old")
        await scene.heard("first words")


async def test_direct_rooms_are_known_after_a_restart(scene: Scene) -> None:
    scene.intake.token = ("s0", scene.clock.now())
    direct = {"type": "m.direct", "content": {ALICE: [ROOM]}}
    scene.server.outlook = {"account_data": {"events": [direct]}}
    scene.server.answers["/members"] = {"chunk": list(TWO)}
    async with scene.running():
        await scene.server.say(text("hello"))
        message = await scene.heard("hello")
    assert message.direct


async def test_the_emoji_of_a_button_presses_it(scene: Scene) -> None:
    scene.intake.posts["$post"] = Post(say("Ticket"), (Button("Claim", "ticket claim 4", "👀"),))
    related = {"rel_type": "m.annotation", "event_id": "$post", "key": "👀\ufe0f"}
    async with scene.running():
        await scene.server.say(event("m.reaction", {"m.relates_to": related}))
        pressed = await scene.intake.see(Pressed)
    assert pressed.line == "ticket claim 4"


async def test_a_room_marked_direct_is_used_again(scene: Scene) -> None:
    direct = {"type": "m.direct", "content": {ALICE: ["!gone", "!marked"]}}
    scene.server.answers["/!marked/state"] = room_state(*TWO, creator=ALICE)
    scene.server.answers["/members"] = {"chunk": list(TWO)}
    async with scene.running() as transport:
        await scene.server.tell({"account_data": {"events": [direct]}})
        await scene.intake.see(RoomChanged, lambda event: event.place.room == "!marked")
        assert (await transport.send(private())).room == "!marked"


async def test_a_direct_room_the_bot_is_not_in_is_not_direct(scene: Scene) -> None:
    direct = {"type": "m.direct", "content": {ALICE: [ROOM]}}
    scene.server.fail("/members", refuse(502), refuse(403, "M_FORBIDDEN"))
    async with scene.running():
        await scene.server.tell({"account_data": {"events": [direct]}})
        changed = await scene.intake.see(RoomChanged)
    assert (changed.place.room, changed.direct, changed.person) == (ROOM, False, PERSON)


async def test_when_every_direct_room_is_spoilt_the_person_cannot_be_reached(
    scene: Scene,
) -> None:
    scene.server.fail("/createRoom", *[IN_USE] * 5)
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(private())
    assert caught.value.failure is SendFailure.PERMANENT


async def test_first_words_behind_the_invite_to_a_direct_room_count(scene: Scene) -> None:
    direct = {"type": "m.direct", "content": {ALICE: [ROOM]}}
    scene.server.answers["/members"] = {"chunk": list(TWO)}
    async with scene.running():
        await scene.server.tell({"account_data": {"events": [direct]}})
        await scene.server.say(
            text("long ago", 1),
            member(ME, "invite", 2, sender=ALICE),
            text("my printer", 3),
            member(ME, "join", 4, before="invite"),
            text("is on fire", 5),
        )
        await scene.heard("is on fire")
    assert scene.texts == ["my printer", "is on fire"]


async def test_joining_is_given_up_where_it_can_never_succeed(scene: Scene) -> None:
    invite = {"invite_state": {"events": [member(ME, "invite", sender=ALICE)]}}
    scene.server.fail("/join/", refuse(403, "M_FORBIDDEN"))
    async with scene.running():
        await scene.server.tell(invite={"!new": invite})
        await scene.server.until(lambda: bool(scene.server.calls("/join/")))
        await scene.server.say(text("after"))
        await scene.heard("after")
    assert len(scene.server.calls("/join/")) == 1


async def test_nothing_of_a_room_left_again_is_stored(scene: Scene) -> None:
    scene.server.answers |= {
        "/!old/state": [event("m.room.create", {"room_version": "12"}, state_key="")],
        "/!trap/state": [event("m.room.create", {}, state_key="")],
    }
    stone = event("m.room.tombstone", {"replacement_room": "!trap"}, "stone", state_key="")
    gone = member(ME, "leave", 7, before="join")
    async with scene.running(follow_upgrades=True):
        await scene.server.say(stone, room="!old")
        await scene.server.until(lambda: bool(scene.server.calls("/leave")))
        await scene.server.say(text("bait"), room="!trap")
        await scene.server.tell(leave={"!trap": {"timeline": {"events": [gone]}}})
        await scene.server.say(text("after", 9))
        await scene.heard("after")
    assert {event.place.room for event in scene.intake.events} == {ROOM}
