"""What a room calls itself makes it nobody's support room: the directory says whose an alias is."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.compose import transports_of
from bot.config import Config, RoomSettings
from bot.events import RoomChanged
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from tests.contract.matrix_scene import Scene
from tests.contract.matrix_server import ME, ROOM, TOKEN, MatrixServer, event, refuse, text

STAFF = "#it-staff:fake.test"
ELSEWHERE = "#it-staff:elsewhere.test"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MatrixServer() as server:
        server.answers[f"/directory/room/{STAFF}"] = {"room_id": ROOM}
        server.answers["/joined_rooms"] = {"joined_rooms": [ROOM]}
        yield Scene(server)


def claim(*aliases: str) -> dict[str, Any]:
    """Make the event in which a room says what it is called."""
    content = {"alias": aliases[0], "alt_aliases": list(aliases[1:])}
    return event("m.room.canonical_alias", content, "claim", state_key="")


async def told(scene: Scene, room: str, *said: dict[str, Any]) -> list[tuple[str, ...]]:
    """Let a room say something, and return which aliases the core is told of."""
    await scene.server.say(*said, text("read", "last"), room=room)
    await scene.heard("read")
    return [each.aliases for each in scene.intake.all(RoomChanged) if each.place.room == room]


async def test_a_room_has_the_alias_that_leads_to_it(scene: Scene) -> None:
    async with scene.running(named=[STAFF]):
        assert await told(scene, ROOM, claim(STAFF)) == [(STAFF,)]


async def test_a_room_has_no_alias_that_leads_to_another(scene: Scene) -> None:
    async with scene.running(named=[STAFF]):
        assert await told(scene, "!forger", claim("#mine:fake.test", STAFF)) == [()]


async def test_no_server_is_asked_for_aliases_that_mean_nothing(scene: Scene) -> None:
    async with scene.running(named=[STAFF, "!id:fake.test"]):
        await told(scene, ROOM, claim("#mine:fake.test", *(f"#{n}:slow.test" for n in range(9))))
    assert scene.server.calls("/directory/") == []


async def test_our_own_server_is_asked_until_it_answers(scene: Scene) -> None:
    scene.server.fail("/directory/", refuse(502), refuse(502))
    async with scene.running(named=[STAFF]):
        assert await told(scene, ROOM, claim(STAFF)) == [(STAFF,)]


async def test_another_server_that_is_away_stops_nothing(scene: Scene) -> None:
    scene.server.fail("/directory/", refuse(502, "M_UNKNOWN"))
    async with scene.running(named=[ELSEWHERE]):
        assert await told(scene, ROOM, claim(ELSEWHERE)) == [()]
    assert len(scene.server.calls("/directory/")) == 1


async def test_an_alias_configured_later_is_told_at_the_next_start(scene: Scene) -> None:
    scene.intake.token = ("s0", scene.clock.now())
    async with scene.running(named=[STAFF]):
        changed = await scene.intake.see(RoomChanged)
    assert (changed.place.room, changed.aliases) == (ROOM, (STAFF,))


async def test_of_a_room_the_bot_is_not_in_nothing_is_told(scene: Scene) -> None:
    scene.intake.token = ("s0", scene.clock.now())
    scene.server.answers["/joined_rooms"] = {"joined_rooms": ["!other"]}
    async with scene.running(named=[STAFF]):
        assert await told(scene, ROOM) == []


async def test_the_aliases_that_count_are_those_of_the_configuration(scene: Scene) -> None:
    account = MatrixSettings(
        homeserver=scene.server.address, user_id=ME, access_token=SecretStr(TOKEN)
    )
    config = Config(matrix=account, rooms=(RoomSettings(id=STAFF, kind="staff"),))
    [transport] = transports_of(config, scene.clock)
    assert isinstance(transport, MatrixTransport)
    async with scene.reading(transport):
        assert await told(scene, ROOM, claim(STAFF)) == [(STAFF,)]
    await transport.close()
