"""Files, pins and topics on Matrix: what is asked of the homeserver, and how often."""

from collections.abc import AsyncIterator

import pytest

from bot.content import say
from bot.errors import SendFailure, TransportError
from bot.events import Person, Place
from bot.replies import Attachment, Post
from bot.transport import Action
from tests.contract.matrix_scene import Scene, delivery
from tests.contract.matrix_server import ROOM, MatrixServer, lose, refuse

PINNED = (ROOM, "m.room.pinned_events")
TOPIC = (ROOM, "m.room.topic")
FILE = Attachment("a log.md", "text/markdown", b"\xff\x00# Log")
WITH_FILE = Post(say("Here it is"), attachments=(FILE,))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MatrixServer() as server:
        yield Scene(server)


async def test_a_file_is_uploaded_and_then_shared_in_the_thread(scene: Scene) -> None:
    async with scene.transport() as transport:
        place = Place("matrix", "fake.test", ROOM, "$root")
        sent = await transport.send(delivery(post=WITH_FILE, place=place))
    assert scene.server.media == {
        "mxc://fake.test/media0": ("a log.md", "text/markdown", b"\xff\x00# Log")
    }
    said, shared = scene.server.posted.values()
    assert said["body"] == "Here it is"
    assert (shared["msgtype"], shared["body"]) == ("m.file", "a log.md")
    assert shared["info"] == {"mimetype": "text/markdown", "size": 7}
    assert shared["m.relates_to"]["event_id"] == "$root"
    assert (sent.message, sent.rest) == ("$posted0", ("$posted1",))


async def test_a_file_sent_again_is_shown_once(scene: Scene) -> None:
    scene.server.fail("/send/m.room.message/d1.1", lose, lose)  # aiohttp repeats a PUT once
    async with scene.transport() as transport:
        with pytest.raises(TransportError):
            await transport.send(delivery(post=WITH_FILE))
        await transport.send(delivery(post=WITH_FILE))
    assert list(scene.server.posted) == ["d1", "d1.1"]


async def test_a_file_the_server_does_not_take_is_refused_before_anything_is_said(
    scene: Scene,
) -> None:
    scene.server.fail("/media/", refuse(413, "M_TOO_LARGE"))
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as refused:
            await transport.send(delivery(post=WITH_FILE))
    assert refused.value.failure is SendFailure.PERMANENT
    assert scene.server.posted == {}


async def test_an_upload_without_an_address_is_tried_again(scene: Scene) -> None:
    scene.server.fail("/media/", refuse(200, "M_NONE"))
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as failed:
            await transport.send(delivery(post=WITH_FILE))
    assert failed.value.failure is SendFailure.UNKNOWN


async def test_a_message_is_pinned_beside_others_and_once(scene: Scene) -> None:
    scene.server.state[PINNED] = {"pinned": ["$older"]}
    async with scene.transport() as transport:
        for _ in range(2):
            await transport.send(delivery(Action.PIN, post=None, target="$1"))
    assert scene.server.state[PINNED] == {"pinned": ["$older", "$1"]}
    assert len([asked for asked in scene.server.calls("/state/") if asked.method == "PUT"]) == 1


async def test_the_first_pin_of_a_room_needs_none_before(scene: Scene) -> None:
    async with scene.transport() as transport:
        await transport.send(delivery(Action.PIN, post=None, target="$1"))
    assert scene.server.state[PINNED] == {"pinned": ["$1"]}


async def test_unpinning_leaves_the_others(scene: Scene) -> None:
    scene.server.state[PINNED] = {"pinned": ["$older", "$1"]}
    async with scene.transport() as transport:
        for target in ("$1", "$never"):
            await transport.send(delivery(Action.UNPIN, post=None, target=target))
    assert scene.server.state[PINNED] == {"pinned": ["$older"]}
    assert len([asked for asked in scene.server.calls("/state/") if asked.method == "PUT"]) == 1


async def test_a_topic_is_set_once(scene: Scene) -> None:
    async with scene.transport() as transport:
        for _ in range(2):
            await transport.send(delivery(Action.TOPIC, post=Post(say("<b>Printers</b> are down"))))
    assert scene.server.state[TOPIC] == {"topic": "<b>Printers</b> are down"}
    assert len([asked for asked in scene.server.calls("/state/") if asked.method == "PUT"]) == 1


@pytest.mark.parametrize(
    ("action", "kind"), [(Action.PIN, "m.room.pinned_events"), (Action.TOPIC, "m.room.topic")]
)
async def test_without_the_power_a_room_s_state_is_refused_for_good(
    scene: Scene, action: Action, kind: str
) -> None:
    scene.server.forbidden.add(kind)
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as refused:
            await transport.send(delivery(action, target="$1"))
    assert refused.value.failure is SendFailure.PERMANENT


async def test_a_page_is_refused_for_good_and_opens_no_room(scene: Scene) -> None:
    place, alice = (
        Place("matrix", "fake.test", ""),
        Person("matrix", "fake.test", "@alice:fake.test"),
    )
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as refused:
            await transport.send(delivery(Action.HOME, place=place, person=alice))
    assert refused.value.failure is SendFailure.PERMANENT
    assert scene.server.asked == []
