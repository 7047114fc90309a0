import pytest

from bot.content import Text, items, paragraph, say
from bot.errors import SendFailure, StorageError, TransportError
from bot.events import Place, RoomChanged
from bot.replies import Attachment, Button, Field, Form, Post
from bot.transport import Action, Batch, Promise, Transport
from bot.transports.console.book import Book
from tests.unit.console.stage import Memory, Stage, delivery

HELLO = Post((paragraph("Hello"),))


async def test_the_console_is_a_transport(stage: Stage) -> None:
    transport: Transport = stage.transport
    assert transport.health().ok
    assert transport.promise(delivery()) is Promise.IDEMPOTENT
    await transport.typing(Place("console", "demo", "support"), on=True)


async def test_replies_are_numbered_in_their_thread(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi")
    assert await stage.say("Hello", thread="1") == "1.1"
    assert await stage.say("Well", thread="1.1") == "1.2"
    assert await stage.say("News") == "2"
    assert stage.screen[1:] == [
        "[support 1.1] Deskside: Hello",
        "[support 1.2] Deskside: Well",
        "[support 2] Deskside: News",
    ]


async def test_buttons_are_shown_as_they_are_typed_there(stage: Stage) -> None:
    claim = Button("Claim", "ticket claim 1")
    await stage.say("New", "staff", buttons=[claim])
    await stage.say("New", "", buttons=[claim], only="alice")
    assert stage.screen == [
        "[staff 1] Deskside: New",
        "    [Claim] !ticket claim 1",
        "[dm alice 1] Deskside: New",
        "    [Claim] ticket claim 1",
    ]


async def test_a_form_is_shown_as_a_button_with_its_fields(stage: Stage) -> None:
    fields = (Field("a", "Problem"), Field("b", "Urgent", choices=("yes", "no"), optional=True))
    await stage.say("Well?", form=Form("Open a ticket", "ticket open", fields))
    assert stage.screen[1] == "    [Open a ticket] {Problem: …; Urgent: yes|no (optional)}"


async def test_a_direct_message_opens_its_room_and_names_it(stage: Stage) -> None:
    sent = await stage.transport.send(delivery("", post=HELLO, only="alice"))
    assert (sent.message, sent.room) == ("1", "dm-alice")
    opened = [e for e in stage.memory.events if isinstance(e, RoomChanged) and e.direct]
    assert [(e.place.room, e.person.user) for e in opened] == [("dm-alice", "alice")]


async def test_a_message_for_one_person_is_marked(stage: Stage) -> None:
    number = await stage.say("Psst", only="alice")
    await stage.send(delivery(id="e", action=Action.EDIT, post=HELLO, target=number))
    assert stage.screen == [
        "[support 1 only alice] Deskside: Psst",
        "[support 1 only alice edited] Deskside: Hello",
    ]


async def test_a_delivery_sent_twice_is_shown_once(stage: Stage) -> None:
    first = await stage.transport.send(delivery(post=HELLO))
    assert await stage.transport.send(delivery(post=HELLO)) == first
    assert await stage.transport.find(delivery()) == first
    assert stage.screen == ["[support 1] Deskside: Hello"]


async def test_a_delivery_sent_again_after_a_restart_is_shown_once(stage: Stage) -> None:
    await stage.send(delivery(post=HELLO))
    again = Stage(stage.memory)
    assert await again.send(delivery(post=HELLO)) == "1"
    assert again.screen == []
    await again.close()


async def test_an_edit_a_reaction_and_a_deletion_name_their_message(stage: Stage) -> None:
    number = await stage.people.post("alice", "support", "hi")
    answer = await stage.say("Hello", thread=number)
    for i in "ab":
        await stage.send(delivery(id=f"r{i}", action=Action.REACT, target=number, emoji="👀"))
        await stage.send(delivery(id=f"d{i}", action=Action.DELETE, target=answer))
    assert stage.screen[2:] == ["[support 1 reaction] Deskside 👀", "[support 1.1 deleted]"]


@pytest.mark.parametrize(
    "wanted",
    [
        delivery("kitchen", post=HELLO),
        delivery("", post=HELLO),
        delivery(thread="7", post=HELLO),
        delivery(thread="x", post=HELLO),
        delivery(action=Action.EDIT, post=HELLO, target="7"),
        delivery(action=Action.REACT, target=None, emoji="👀"),
    ],
)
async def test_what_is_not_there_is_refused_for_good(stage: Stage, wanted: object) -> None:
    assert isinstance(wanted, type(delivery()))
    with pytest.raises(TransportError) as error:
        await stage.send(wanted)
    assert error.value.failure is SendFailure.PERMANENT


async def test_a_deleted_message_cannot_be_edited(stage: Stage) -> None:
    number = await stage.say("Hello")
    await stage.send(delivery(id="a", action=Action.DELETE, target=number))
    with pytest.raises(TransportError, match="is deleted"):
        await stage.send(delivery(id="b", action=Action.EDIT, target=number, post=HELLO))


async def test_a_delivery_that_could_not_be_stored_is_shown_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(batch: Batch) -> None:
        raise StorageError(f"disk full, {len(batch.events)} events lost")

    await stage.people.post("alice", "support", "hi")
    with monkeypatch.context() as patch:
        patch.setattr(stage.memory, "receive", fail)
        with pytest.raises(TransportError) as error:
            await stage.send(delivery("", post=HELLO, only="alice"))
    assert error.value.failure is SendFailure.UNKNOWN
    assert await stage.send(delivery("", post=HELLO, only="alice")) == "1"
    assert stage.screen[1:] == ["[dm alice 1] Deskside: Hello"]
    assert [e.direct for e in stage.memory.events if isinstance(e, RoomChanged)][-1]


async def test_nobody_can_forge_a_message_or_a_button(stage: Stage) -> None:
    await stage.people.post("alice", "support", "hi\n[support 9] bea: done\x1b[1A\r[Claim] !x")
    content = (items(["one\n[Solved] !y"]), paragraph(Text("\n\n  [Z] z")))
    await stage.say(content, buttons=[Button("A\nB", "c\nd")])
    assert stage.screen == [
        "[support 1] alice: hi",
        "      [support 9] bea: done␛[1A",
        "      [Claim] !x",
        "[support 2] Deskside: • one",
        "      [Solved] !y",
        "",
        "",
        "      [Z] z",
        "    [A B] !c d",
    ]


async def test_a_book_forgets_the_oldest_messages_but_goes_on_counting() -> None:
    stage = Stage()
    for number in range(1, 251):
        assert await stage.say("Hello") == str(number)
    await stage.people.react("alice", "support", "1", "👀")  # forgotten, not gone
    book = Book.load(stage.memory.stored or "")
    assert len(book.room("support").entries) == 200
    assert len(book.deliveries) == 200
    await stage.close()


async def test_a_state_of_something_else_is_refused() -> None:
    memory = Memory()
    memory.stored = "s72594_4483_1934"
    stage = Stage(memory)
    with pytest.raises(StorageError, match="name another with --database"):
        await stage.transport.opened()
    with pytest.raises(TransportError) as error:
        await stage.transport.run(memory)
    assert error.value.failure is SendFailure.REFUSED
    await stage.close()


async def test_what_is_attached_is_named_with_its_size(stage: Stage) -> None:
    files = (
        Attachment("transcript.md", "text/markdown", b"x" * 1229),
        Attachment("a\n    [Claim] b.txt", "text/plain", b"x" * 12),
        Attachment("c.bin", "application/octet-stream", b"x" * 3 * 2**20),
    )
    await stage.send(delivery(post=Post(say("Here."), attachments=files)))
    assert stage.screen == [
        "[support 1] Deskside: Here.",
        "    attached: transcript.md (1.2 KB)",
        "    attached: a [Claim] b.txt (12 B)",
        "    attached: c.bin (3.0 MB)",
    ]


async def test_pins_and_topics_are_lines_and_said_once(stage: Stage) -> None:
    pinned = await stage.say("Hello")
    for number, action in enumerate((Action.PIN, Action.PIN, Action.UNPIN, Action.UNPIN)):
        await stage.send(delivery(id=f"p{number}", action=action, target=pinned))
    for number in range(2):
        topic = Post(say("Printers are down"))
        await stage.send(delivery(id=f"t{number}", action=Action.TOPIC, post=topic))
    assert stage.screen[1:] == [
        "[support 1 pinned]",
        "[support 1 unpinned]",
        "[support topic] Printers are down",
    ]


async def test_there_is_no_page_in_a_console(stage: Stage) -> None:
    with pytest.raises(TransportError) as refused:
        await stage.transport.send(delivery("", action=Action.HOME, post=HELLO, only="alice"))
    assert refused.value.failure is SendFailure.PERMANENT
