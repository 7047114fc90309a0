from bot.transports.matrix.rooms import Rooms, memberships, peers_of
from bot.transports.wire import Object

ME, ALICE, BOB = "@desk:x", "@alice:x", "@bob:x"


def rooms(**present: str) -> Rooms:
    made = Rooms(ME)
    made.replace_peers({ALICE: ["!dm"]})
    made.set_members("!dm", {f"@{name}:x": membership for name, membership in present.items()})
    return made


def test_a_marked_room_of_two_is_direct() -> None:
    assert rooms(desk="join", alice="join").is_direct("!dm")
    assert rooms(desk="join", alice="invite", bob="leave").is_direct("!dm")


def test_a_room_is_not_direct_while_a_third_person_is_in_it_or_invited() -> None:
    assert not rooms(desk="join", alice="join", bob="join").is_direct("!dm")
    assert not rooms(desk="join", alice="join", bob="invite").is_direct("!dm")
    assert not rooms(desk="join", bob="join").is_direct("!dm")


def test_a_room_is_not_direct_while_its_members_are_unknown() -> None:
    made = Rooms(ME)
    made.replace_peers({ALICE: ["!dm"]})
    assert made.needs_members("!dm")
    assert not made.is_direct("!dm")


def test_a_room_of_two_without_a_mark_is_not_direct() -> None:
    made = Rooms(ME)
    made.set_members("!r", {ME: "join", ALICE: "join"})
    assert not made.is_direct("!r")


def test_members_that_come_and_go_change_it() -> None:
    made = rooms(desk="join", alice="join")
    made.note_member("!dm", BOB, "invite")
    assert not made.is_direct("!dm")
    made.note_member("!dm", BOB, "leave")
    assert made.is_direct("!dm")


def test_only_changes_are_announced() -> None:
    made = rooms()
    assert made.replace_peers({ALICE: ["!dm"], BOB: ["!b"]}) == {"!b": BOB}
    assert made.replace_peers({BOB: ["!b"]}) == {"!dm": ALICE}


def test_a_room_we_marked_ourselves_is_announced_when_the_server_tells() -> None:
    made = Rooms(ME)
    made.add_peer("!dm", ALICE)
    assert made.replace_peers({ALICE: ["!dm"]}) == {"!dm": ALICE}


def test_a_direct_room_the_person_has_left_is_shared_with_nobody() -> None:
    made = rooms(desk="join", alice="invite")
    assert made.is_shared("!dm")
    made.note_member("!dm", ALICE, "leave")
    assert (made.is_direct("!dm"), made.is_shared("!dm")) == (True, False)


def test_hostile_account_data_is_passed_over() -> None:
    content = {ALICE: ["!dm", 5, "x"], "nobody": ["!x"], BOB: "!y"}
    assert peers_of(content) == {"!dm": ALICE}


def test_the_last_membership_counts() -> None:
    state: list[Object] = [
        {"type": "m.room.member", "state_key": ALICE, "content": {"membership": "join"}},
        {"type": "m.room.member", "state_key": ALICE, "content": {"membership": "ban"}},
        {"type": "m.room.member", "state_key": BOB, "content": 5},
        {"type": "m.room.name", "state_key": ""},
    ]
    assert memberships(state) == {ALICE: "ban", BOB: ""}
