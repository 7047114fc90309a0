"""The Matrix transport on a real Synapse, spoken to by people with another client library."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mautrix.api import Method, Path
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.content import Content, Mention, Text, paragraph, say
from bot.errors import SendFailure, TransportError
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
)
from bot.replies import Button, Lane, Post
from bot.transport import Action, Delivery, Sent
from bot.transports.matrix.check import check
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from tests.contract.intake import RecordingIntake
from tests.live.people import Client
from tests.live.synapse import Account, Synapse

Arrive = Callable[[str], Awaitable[Client]]


@dataclass
class Bot:
    """The transport under test, its account, and what it has stored."""

    synapse: Synapse
    account: Account
    settings: dict[str, Any]
    intake: RecordingIntake = field(default_factory=RecordingIntake)

    @property
    def user_id(self) -> str:
        return self.account.user_id

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[MatrixTransport]:
        """Run it, from where it left off."""
        transport = MatrixTransport(MatrixSettings(**self.settings | changes), SystemClock())
        running = asyncio.create_task(transport.run(self.intake))
        before = len(self.intake.batches)
        try:
            started = asyncio.create_task(
                self.intake.until(lambda: len(self.intake.batches) > before, 30)
            )
            await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                started.cancel()
                running.result()
            await started
            yield transport
        finally:
            running.cancel()
            await asyncio.wait({running})
            await transport.close()

    def place(self, room: str, thread: str | None = None) -> Place:
        return Place("matrix", self.synapse.server_name, room, thread)

    def post(self, room: str, content: Content, thread: str | None = None, **more: Any) -> Delivery:
        post = Post(content, more.pop("buttons", ()))
        return delivery(self.place(room, thread), post=post, **more)


def delivery(place: Place, action: Action = Action.POST, **more: Any) -> Delivery:
    values: dict[str, Any] = {"post": None, "lane": Lane.REPLY, "created": datetime.now(UTC)}
    return Delivery(id=secrets.token_hex(16), action=action, place=place, **values | more)


def person_of(client: Client) -> Person:
    return Person("matrix", client.user_id.partition(":")[2], client.user_id)


@pytest.fixture
async def bot(synapse: Synapse) -> Bot:
    account = await synapse.register(f"desk-{secrets.token_hex(4)}")
    settings = {
        "homeserver": synapse.base_url,
        "user_id": account.user_id,
        "access_token": SecretStr(account.access_token),
        "device_id": account.device_id,
        "invite_from": (f":{synapse.server_name}",),
        "sync_timeout": 5,
    }
    return Bot(synapse, account, settings)


async def room_with(client: Client, bot: Bot, **options: Any) -> str:
    """Make a room that the bot has joined."""
    room = await client.create("Support", invite=[bot.user_id], **options)
    await bot.intake.see(Joined, lambda event: event.bot and event.place.room == room)
    return room


async def test_what_is_said_is_stored_with_the_token(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        said = await alice.say(room, "My printer is on fire")
        message = await bot.intake.see(Message)
    assert (message.message, message.text) == (said, "My printer is on fire")
    assert message.person == person_of(alice)
    assert bot.intake.batches[-1].cursor is not None


async def test_a_reply_stands_in_the_thread_of_its_message(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        root = await alice.say(room, "help")
        sent = await transport.send(bot.post(room, say("Here I am."), thread=root))
        seen = await alice.see(lambda event: event.event_id == sent.message)
    assert (seen.thread, seen.body) == (root, "Here I am.")
    assert seen.content["msgtype"] == "m.notice"
    assert seen.content["m.mentions"] == {}


async def test_the_same_delivery_twice_shows_once(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        post = bot.post(room, say("Once."))
        assert await transport.send(post) == await transport.send(post)


async def test_a_restart_goes_on_where_it_stopped(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        await alice.say(room, "before")
        await bot.intake.see(Message)
    await alice.say(room, "meanwhile")
    async with bot.running():
        await bot.intake.see(Message, lambda event: event.text == "meanwhile")
    assert [event.text for event in bot.intake.all(Message)] == ["before", "meanwhile"]


async def test_what_was_said_before_the_first_start_is_no_event(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    room = await alice.create("Support", invite=[bot.user_id])
    async with Client(bot.synapse.base_url, bot.account) as other:
        await other.join(room)
    await alice.say(room, "!close #1")
    async with bot.running():
        joined = await bot.intake.see(Joined, lambda event: event.person == person_of(alice))
        await alice.say(room, "now")
        message = await bot.intake.see(Message)
    assert joined.place.room == room
    assert message.text == "now"


async def test_a_gap_of_several_pages_is_read_in_order(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
    count = 140  # Synapse itself sends at most 100 at once: filter_timeline_limit
    for number in range(count):
        await alice.say(room, str(number))
    async with bot.running(backfill_page=15):
        await bot.intake.until(
            lambda: len(bot.intake.all(Message)) == count and not bot.intake.open_gaps, 60
        )
    texts = [event.text for event in bot.intake.all(Message)]
    assert texts == [str(number) for number in range(count)]


async def test_edits_deletions_and_reactions_are_told(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        said = await alice.say(room, "!clsoe")
        await alice.edit(room, said, "!close")
        reaction = await alice.react(room, said, "👀\ufe0f")
        await alice.redact(room, reaction)
        await alice.redact(room, said)
        await bot.intake.until(lambda: len(bot.intake.all(Deleted)) == 2)
    [edited], [reacted] = bot.intake.all(Edited), bot.intake.all(Reacted)
    assert (edited.message, edited.text) == (said, "!close")
    assert (reacted.message, reacted.emoji) == (said, "👀")
    assert [event.message for event in bot.intake.all(Deleted)] == [reaction, said]
    assert len(bot.intake.all(Message)) == 1


async def test_a_quoted_command_is_not_said(bot: Bot, person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    async with bot.running():
        room = await room_with(alice, bot, is_public=True)
        await bob.join(room)
        said = await alice.say(room, "!broadcast the house is on fire")
        seen = await bob.see(lambda event: event.event_id == said)
        await bob.quote(room, seen, "is that so?")
        answer = await bot.intake.see(Message, lambda event: event.person == person_of(bob))
    assert answer.text == "is that so?"
    assert answer.place.thread == said
    assert not answer.addressed


async def test_buttons_are_typed_twins_and_reactions(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    claim = Button("Claim", "ticket claim 42", "👀")
    async with bot.running(exempt_from_limits=True) as transport:
        room = await room_with(alice, bot)
        post = bot.post(room, say("Ticket 42"), buttons=(claim,))
        sent = await transport.send(post)
        assert post.post
        bot.intake.posts[sent.message] = post.post
        seen = await alice.see(lambda event: event.event_id == sent.message)
        await alice.see(lambda event: event.reacts_to == sent.message)
        await alice.react(room, sent.message, "👀")
        pressed = await bot.intake.see(Pressed)
    assert "Claim: !ticket claim 42" in seen.body
    assert (pressed.line, pressed.message) == ("ticket claim 42", sent.message)


async def test_only_you_goes_to_the_direct_room_and_makes_one_only(
    bot: Bot, person: Arrive
) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        private = delivery(
            bot.place(room), post=Post(say("secret")), private=True, person=person_of(alice)
        )
        first = await transport.send(private)
        await alice.invited(first.room)
    async with bot.running() as transport:  # it has forgotten, and so has the core
        again = await transport.send(
            delivery(bot.place(""), post=Post(say("more")), person=person_of(alice))
        )
        assert again.room == first.room
        assert first.room
        await alice.join(first.room)
        await alice.say(first.room, "thank you")
        answer = await bot.intake.see(Message)
    assert answer.direct
    changed = [e for e in bot.intake.all(RoomChanged) if e.direct]
    assert changed[0].place.room == first.room
    assert changed[0].person == person_of(alice)


async def test_a_third_person_ends_what_is_direct(bot: Bot, person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    async with bot.running() as transport:
        room = await alice.create(invite=[bot.user_id], is_direct=True)
        await bot.intake.see(RoomChanged, lambda event: bool(event.direct))
        await alice.invite(room, bob.user_id)
        await alice.say(room, "is this private?")
        message = await bot.intake.see(Message)
        sent: Sent = await transport.send(
            delivery(bot.place(""), post=Post(say("secret")), person=person_of(alice))
        )
    assert not message.direct
    assert sent.room not in (None, room)


async def test_a_room_of_two_is_not_direct_by_itself(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        await alice.say(room, "hello")
        message = await bot.intake.see(Message)
    assert not message.direct


async def test_a_kick_is_told(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        await alice.kick(room, bot.user_id)
        left = await bot.intake.see(Left)
    assert left.bot
    assert left.place.room == room


async def test_members_and_their_names_are_told(bot: Bot, person: Arrive) -> None:
    alice, bob = await person("alice"), await person("bob")
    async with bot.running():
        room = await room_with(alice, bot, is_public=True)
        await bob.join(room)
        await bot.intake.see(Joined, lambda event: event.person == person_of(bob))
        await bob.api.set_displayname("Robert")
        named = await bot.intake.see(PersonChanged, lambda event: event.name == "Robert")
        await bob.leave(room)
        left = await bot.intake.see(Left)
    assert named.person == left.person == person_of(bob)
    assert not left.bot


async def test_an_invite_from_elsewhere_is_declined(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running(invite_from=("@boss:desk.test",)):
        room = await alice.create(invite=[bot.user_id])
        declined = await alice.see(
            lambda event: event.type == "m.room.member" and event.content["membership"] == "leave"
        )
    assert declined.room_id == room
    assert not bot.intake.all(Joined)


async def test_an_invite_from_a_time_away_is_found(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        pass
    room = await alice.create(invite=[bot.user_id])
    # As if a process had stored the invite's token and died before it could join.
    async with bot.running(invite_from=("!nowhere",)):
        pass
    room = await alice.create(invite=[bot.user_id])
    async with bot.running():
        joined = await bot.intake.see(Joined, lambda event: event.bot)
    assert joined.place.room == room


@pytest.mark.parametrize("version", ["11", "12"])
async def test_an_upgraded_room_is_followed(bot: Bot, person: Arrive, version: str) -> None:
    alice = await person("alice")
    async with bot.running(follow_upgrades=True):
        room = await room_with(alice, bot, is_public=True, version="10")
        new = await alice.upgrade(room, version)
        changed = await bot.intake.see(RoomChanged, lambda event: bool(event.replaced_by))
        await alice.say(new, "we have moved")
        message = await bot.intake.see(Message)
    assert (changed.place.room, changed.replaced_by) == (room, new)
    assert message.place.room == new


async def test_a_forged_upgrade_is_not_followed(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running(follow_upgrades=True):
        room = await room_with(alice, bot)
        trap = await alice.create(is_public=True)
        await alice.api.api.request(
            Method.PUT,
            Path.v3.rooms[room].state["m.room.tombstone"],
            {"body": "moved", "replacement_room": trap},
        )
        await alice.see(
            lambda event: (
                event.type == "m.room.member"
                and event.content["membership"] == "leave"
                and event.sender == bot.user_id
            ),
            room=trap,
        )
        await alice.say(room, "still here")
        message = await bot.intake.see(Message)
    assert message.place.room == room
    assert not [e for e in bot.intake.events if e.place.room == trap]


async def test_mentions_notify_and_nothing_else_does(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        mention = Mention(person_of(alice), "Alice")
        sent = await transport.send(bot.post(room, (paragraph(mention, ": @room <b>x</b>"),)))
        seen = await alice.see(lambda event: event.event_id == sent.message)
    assert seen.content["m.mentions"] == {"user_ids": [alice.user_id]}
    assert "&lt;b&gt;x&lt;/b&gt;" in seen.content["formatted_body"]


async def test_a_long_post_becomes_several_events(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    text = "<é> word " * 5000
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        post = bot.post(room, (paragraph(Text(text)),))
        sent = await transport.send(post)
        assert await transport.send(post) == sent
        last = await alice.see(lambda event: event.event_id == sent.rest[-1])
        said = [e for e in alice.timeline[room] if e.event_id in (sent.message, *sent.rest)]
    assert last.event_id == said[-1].event_id
    assert "".join(event.body for event in said) == text


async def test_a_server_that_comes_back_is_read_on(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        post = bot.post(room, say("Hello"))
        await bot.synapse.stop()
        with pytest.raises(TransportError):
            await transport.send(post)
        await bot.synapse.start()
        await alice.say(room, "back again")
        await bot.intake.see(Message, within=30)
        await transport.send(post)
        await alice.see(lambda event: event.body == "Hello")


async def test_a_kick_in_the_middle_of_a_broadcast_is_permanent(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running() as transport:
        room = await room_with(alice, bot)
        await transport.send(bot.post(room, say("one")))
        await alice.kick(room, bot.user_id)
        with pytest.raises(TransportError) as caught:
            await transport.send(bot.post(room, say("two")))
    assert caught.value.failure is SendFailure.PERMANENT


async def test_synapses_own_limits_are_told_with_their_wait(
    limiting_synapse: Synapse,
) -> None:
    account = await limiting_synapse.register(f"desk-{secrets.token_hex(4)}")
    async with Client(limiting_synapse.base_url, account) as client:
        room = await client.create()
    settings = MatrixSettings(
        homeserver=limiting_synapse.base_url,
        user_id=account.user_id,
        access_token=SecretStr(account.access_token),
        device_id=account.device_id,
    )
    transport = MatrixTransport(settings, SystemClock())
    place = Place("matrix", limiting_synapse.server_name, room)

    async def insist() -> None:
        for _ in range(20):
            await transport.send(delivery(place, post=Post(say("again"))))

    try:
        with pytest.raises(TransportError) as caught:
            await insist()
    finally:
        await transport.close()
    assert caught.value.failure is SendFailure.RETRY
    assert caught.value.retry_after
    assert caught.value.retry_after > timedelta(seconds=1)


async def test_an_encrypted_room_is_told(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        await alice.api.api.request(
            Method.PUT,
            Path.v3.rooms[room].state["m.room.encryption"],
            {"algorithm": "m.megolm.v1.aes-sha2"},
        )
        changed = await bot.intake.see(RoomChanged, lambda event: bool(event.encrypted))
        findings = await check(MatrixSettings(**bot.settings))
    assert changed.place.room == room
    assert any(room in finding and "encrypted" in finding for finding in findings)


async def test_a_session_that_was_ended_is_refused(bot: Bot) -> None:
    async with Client(bot.synapse.base_url, bot.account) as client:
        await client.api.api.request(Method.POST, Path.v3.logout)
    with pytest.raises(TransportError) as caught:
        async with bot.running():
            pass
    assert caught.value.failure is SendFailure.REFUSED


async def test_a_bot_with_a_password_alone_logs_in_on_its_device(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    password = SecretStr(bot.account.password)
    async with bot.running(access_token=None, password=password) as transport:
        room = await room_with(alice, bot)
        sent = await transport.send(bot.post(room, say("Hello")))
        await alice.see(lambda event: event.event_id == sent.message)


async def test_a_file_is_told_with_its_caption(bot: Bot, person: Arrive) -> None:
    alice = await person("alice")
    async with bot.running():
        room = await room_with(alice, bot)
        url = await alice.api.upload_media(b"GIF89a", mime_type="image/gif", filename="red.gif")
        content = {"msgtype": "m.image", "body": "the red light", "filename": "red.gif"}
        info = {"size": 6, "mimetype": "image/gif"}
        await alice.send(room, {**content, "url": str(url), "info": info})
        message = await bot.intake.see(Message)
    assert message.text == "the red light"
    assert message.files == (SharedFile("red.gif", str(url), 6, "image/gif"),)
