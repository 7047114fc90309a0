from bot.transports.matrix.memory import Memory, Relation, relation

ROOM = "!r"


def test_a_reply_belongs_to_the_thread_of_what_it_replies_to() -> None:
    memory = Memory()
    memory.note(ROOM, "$in-thread", "@a:b", "$root")
    assert memory.thread_of(ROOM, Relation(reply="$in-thread"), direct=False) == "$root"


def test_a_reply_to_what_begins_nothing_begins_a_thread_there() -> None:
    assert Memory().thread_of(ROOM, Relation(reply="$x"), direct=False) == "$x"


def test_a_chain_of_replies_is_one_thread() -> None:
    memory = Memory()
    previous = "$root"
    for number in range(5):
        root = memory.thread_of(ROOM, Relation(reply=previous), direct=False)
        previous = f"${number}"
        memory.note(ROOM, previous, "@a:b", root)
    assert memory.root(ROOM, previous) == "$root"


def test_a_reply_in_a_direct_room_is_no_thread_but_a_thread_is() -> None:
    assert Memory().thread_of(ROOM, Relation(reply="$x"), direct=True) is None
    assert Memory().thread_of(ROOM, Relation(thread="$x"), direct=True) == "$x"


def test_a_message_of_another_room_is_another_message() -> None:
    memory = Memory()
    memory.note(ROOM, "$x", "@a:b", "$root")
    assert memory.root("!other", "$x") == "$x"


def test_the_memory_is_bounded() -> None:
    memory = Memory(2)
    for name in ("$1", "$2", "$1", "$3"):
        memory.note(ROOM, name, "@a:b", None)
    assert [memory.get(ROOM, name) is not None for name in ("$1", "$2", "$3")] == [
        True,
        False,
        True,
    ]


def test_relations_are_read_and_nonsense_is_none() -> None:
    thread = {"rel_type": "m.thread", "event_id": "$r", "m.in_reply_to": {"event_id": "$x"}}
    assert relation({"m.relates_to": thread}) == Relation(thread="$r", reply="$x")
    cases: list[object] = [None, 5, {}, {"rel_type": []}, {"rel_type": "m.thread", "event_id": "r"}]
    for nonsense in cases:
        assert relation({"m.relates_to": nonsense}) == Relation()
