"""The server and the people that the live tests rely on do what they promise."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mautrix.errors import MLimitExceeded

from tests.live.people import Client
from tests.live.synapse import Synapse

Arrive = Callable[[str], Awaitable[Client]]


async def test_two_people_talk(person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    room = await alice.create("Support", invite=[bob.user_id])
    await bob.join(await bob.invited())
    question = await alice.say(room, "My printer is on fire", mention=[bob.user_id])
    seen = await bob.see(lambda e: e.sender == alice.user_id and "printer" in e.body)
    assert question == seen.event_id
    await bob.say(room, "Step away from it", thread=question)
    answer = await alice.see(lambda e: e.thread == question, after=question)
    assert answer.body == "Step away from it"
    assert [e.event_id for e in alice.timeline[room][-2:]] == [question, answer.event_id]


async def test_people_edit_react_quote_and_redact(person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    room = await alice.create(is_public=True)
    await bob.join(room)
    first = await alice.say(room, "one\ntwo")
    await bob.quote(room, await bob.see(lambda e: e.event_id == first), "!close")
    quoted = await alice.see(lambda e: "!close" in e.body)
    assert quoted.body == f"> <{alice.user_id}> one\n> two\n\n!close"
    await alice.edit(room, first, "three")
    edit = await bob.see(lambda e: e.edits == first)
    assert edit.content["m.new_content"]["body"] == "three"
    await alice.react(room, quoted.event_id, "👀")
    assert (await bob.see(lambda e: e.reacts_to == quoted.event_id)).relation["key"] == "👀"
    await alice.redact(room, first)
    assert (await bob.see(lambda e: e.redacts == first)).type == "m.room.redaction"


async def test_who_is_kicked_knows_it(person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    room = await alice.create(is_public=True)
    await bob.join(room)
    await alice.kick(room, bob.user_id, "enough")
    kick = await bob.see(lambda e: e.content.get("reason") == "enough")
    assert (kick.content["membership"], bob.left) == ("leave", {room})


async def test_a_room_is_upgraded_to_version_12(person: Arrive) -> None:
    alice = await person("alice")
    old = await alice.create(version="11")
    new = await alice.upgrade(old, "12")
    tombstone = await alice.see(lambda e: e.type == "m.room.tombstone", room=old)
    created = await alice.see(lambda e: e.type == "m.room.create", room=new)
    assert tombstone.content["replacement_room"] == new
    assert (created.content["room_version"], ":" in new) == ("12", False)


async def test_synapse_limits_whom_nobody_has_exempted(limiting_synapse: Synapse) -> None:
    alice = await limiting_synapse.register("alice")
    async with Client(limiting_synapse.base_url, alice) as client:
        room = await client.create()
        with pytest.raises(MLimitExceeded):
            await _flood(client, room)
        await limiting_synapse.exempt(alice.user_id)
        await _flood(client, room)
        await limiting_synapse.limit(alice.user_id, per_second=1, burst=1)
        with pytest.raises(MLimitExceeded):
            await _flood(client, room)


async def test_a_frozen_server_answers_once_it_is_thawed(person: Arrive, synapse: Synapse) -> None:
    alice = await person("alice")
    room = await alice.create()
    with synapse.frozen():
        saying = asyncio.create_task(alice.say(room, "Anybody there?"))
        done, _ = await asyncio.wait([saying], timeout=0.3)
        assert not done
    assert (await alice.see(lambda e: e.body == "Anybody there?")).event_id == await saying


async def test_a_restart_keeps_people_and_rooms(person: Arrive, synapse: Synapse) -> None:
    alice = await person("alice")
    room = await alice.create()
    before = await alice.say(room, "before")
    await synapse.restart()
    after = await alice.say(room, "after")
    await alice.see(lambda e: e.event_id == after, after=before)


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    broken = Synapse(tmp_path)
    (tmp_path / "signing.key").write_text("ed25519 a_test nonsense")
    with pytest.raises(RuntimeError, match="seed must be exactly 32 bytes"):
        await broken.start()


async def test_waiting_in_vain_tells_what_was_seen(person: Arrive) -> None:
    alice = await person("alice")
    room = await alice.create()
    said = await alice.say(room, "Hello")
    await alice.see(lambda e: e.event_id == said)
    with pytest.raises(TimeoutError, match="Hello"):
        await alice.see(lambda e: e.body == "Goodbye", within=0.1)


async def _flood(client: Client, room: str) -> None:
    for number in range(15):
        await client.say(room, str(number))
