"""Deskside as people meet it: the bot's own process, a real Synapse, three people in two rooms."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mautrix.api import Method
from mautrix.api import Path as ApiPath

from tests.live.bot_process import BotProcess
from tests.live.people import Client, Event
from tests.live.synapse import Account, Synapse

Arrive = Callable[[str], Awaitable[Client]]


@dataclass
class Desk:
    """A support room with all of them and a staff room without alice; the bot is in both."""

    alice: Client
    bea: Client
    dan: Client
    support: str
    staff: str
    account: Account
    bot: BotProcess

    def said(self, room: str) -> list[Event]:
        """Everything the bot has said in a room, as alice or, in the staff room, bea saw it."""
        reader = self.bea if room == self.staff else self.alice
        return [
            e
            for e in reader.timeline[room]
            if e.sender == self.account.user_id and e.type == "m.room.message"
        ]

    async def answer(self, who: Client, message: str, room: str | None = None) -> Event:
        """Wait for the bot's answer in the thread of a message."""
        return await who.see(
            lambda e: e.sender == self.account.user_id and e.thread == message, room=room
        )

    async def hear(self, who: Client, room: str, *words: str, after: str | None = None) -> Event:
        """Wait until the bot says something with these words in a room."""
        return await who.see(
            lambda e: e.sender == self.account.user_id and all(word in e.body for word in words),
            room=room,
            after=after,
            within=20,
        )

    async def all_done(self, who: Client, room: str) -> None:
        """Wait until everything said in a room so far has had its effect."""
        asked = await who.say(room, "!help")
        await self.answer(who, asked)


@pytest.fixture
def exempt() -> bool:
    """Whether the server does not limit how much the bot says."""
    return False


@pytest.fixture
async def desk(
    synapse: Synapse, person: Arrive, tmp_path: Path, exempt: bool
) -> AsyncIterator[Desk]:
    alice, bea, dan = await person("alice"), await person("bea"), await person("dan")
    account = await synapse.register(f"desk-{secrets.token_hex(4)}")
    if exempt:
        await synapse.exempt(account.user_id)
    # The ids of rooms of version 12 name no server, those of version 11 do.
    support = await alice.create("Support", invite=[account.user_id], is_public=True, version="12")
    staff = await bea.create("Staff", invite=[account.user_id, dan.user_id], version="11")
    assert (":" in support, ":" in staff) == (False, True)
    for who, room in ((bea, support), (dan, support), (dan, staff)):
        await who.join(room)
    bot = BotProcess(
        tmp_path,
        synapse,
        account,
        {support: "support", staff: "staff"},
        matrix={"exempt_from_limits": exempt, "follow_upgrades": True},
    )
    desk = Desk(alice, bea, dan, support, staff, account, bot)
    async with bot:
        await desk.hear(alice, support, "Hello, I am the IT desk.")
        await desk.hear(bea, staff, "New tickets appear here")
        yield desk


def typed(post: Event, label: str) -> str:
    """What has to be typed instead of pressing a button."""
    [line] = [line for line in post.body.splitlines() if f"{label}: " in line]
    return line.partition(f"{label}: ")[2]


async def test_a_question_becomes_a_ticket_that_staff_claim_and_solve(desk: Desk) -> None:
    alice, bea, dan = desk.alice, desk.bea, desk.dan
    asked = await alice.say(desk.support, "My VPN does not connect, what can I do?")
    answer = await desk.answer(alice, asked)
    assert "From the article vpn-does-not-connect" in answer.body
    assert answer.content["msgtype"] == "m.notice"

    await alice.say(desk.support, typed(answer, "Not solved"), thread=asked)
    told = await desk.hear(alice, desk.support, "ticket #1")
    assert told.thread == asked
    assert told.content["m.mentions"] == {"user_ids": [alice.user_id]}
    card = await desk.hear(bea, desk.staff, "#1 My VPN does not connect", "new, nobody has it")

    await bea.say(desk.staff, typed(card, "Claim"))
    working = await desk.hear(alice, desk.support, "is working on ticket #1")
    assert working.thread == asked
    claimed = await bea.see(lambda e: e.edits == card.event_id)
    assert "open, " in claimed.content["m.new_content"]["body"]

    late = await dan.say(desk.staff, "!ticket claim 1", thread=card.event_id)
    refusal = await dan.see(lambda e: e.thread == card.event_id and "has #1 already" in e.body)
    assert late in [e.event_id for e in dan.timeline[desk.staff]]

    await bea.say(desk.staff, f"{typed(card, 'Resolve')} a new profile", thread=card.event_id)
    solved = await desk.hear(alice, desk.support, "ticket #1 is solved: a new profile")
    assert solved.thread == asked
    await bea.see(
        lambda e: e.edits == card.event_id and "solved by" in e.content["m.new_content"]["body"]
    )
    await check_help_is_for_whoever_asks(desk)
    assert await desk.bot.stop() == 0
    check_the_story_is_stored(desk, asked, [answer, told, working, solved], [card, refusal])


async def check_help_is_for_whoever_asks(desk: Desk) -> None:
    asked = await desk.alice.say(desk.support, "!help")
    for_alice = await desk.answer(desk.alice, asked)
    asked = await desk.bea.say(desk.support, "!help")
    for_bea = await desk.answer(desk.bea, asked)
    assert "!ticket" in for_alice.body
    assert "!announce" not in for_alice.body
    assert "!announce" in for_bea.body
    mistyped = await desk.alice.say(desk.support, "!tiket open my chair")
    assert "Did you mean !ticket?" in (await desk.answer(desk.alice, mistyped)).body


def check_the_story_is_stored(
    desk: Desk, asked: str, support: list[Event], staff: list[Event]
) -> None:
    rows = desk.bot.rows
    kept = "SELECT text, person.ref FROM message LEFT JOIN person ON person.id = person_id "
    assert rows(f"{kept} WHERE message.ref = ?", asked) == [
        ("My VPN does not connect, what can I do?", desk.alice.user_id)
    ]
    for said in (*support, *staff):
        [(text, writer)] = rows(f"{kept} WHERE message.ref = ?", said.event_id)
        assert text
        assert writer is None
    for room in (desk.support, desk.staff):  # everybody's words are there, and each once
        seen = [
            e.event_id
            for e in (*desk.bea.timeline[room],)
            if e.type == "m.room.message" and e.edits is None
        ]
        found = rows(
            "SELECT message.ref FROM message JOIN room ON room.id = room_id WHERE room.ref = ?",
            room,
        )
        assert sorted(seen) == sorted(ref for (ref,) in found)
    assert rows("SELECT state, count(*) FROM ticket") == [("solved", 1)]
    assert rows("SELECT resolution FROM ticket") == [("a new profile",)]
    assert rows("SELECT article, state FROM faq_answer") == [("vpn-does-not-connect", "unsolved")]
    assert rows("SELECT count(*) FROM inbox WHERE state != 'handled'") == [(0,)]
    assert rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'merged')") == [(0,)]


@pytest.mark.parametrize("exempt", [True])
async def test_where_the_bot_is_not_limited_a_reaction_is_a_button(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    asked = await alice.say(desk.support, "My VPN does not connect, what can I do?")
    answer = await desk.answer(alice, asked)
    await alice.see(lambda e: e.reacts_to == answer.event_id and e.relation["key"] == "👎")
    await alice.react(desk.support, answer.event_id, "👎")
    card = await desk.hear(bea, desk.staff, "#1 My VPN does not connect")
    await bea.see(lambda e: e.reacts_to == card.event_id and e.relation["key"] == "👀")
    await bea.react(desk.staff, card.event_id, "👀")
    working = await desk.hear(alice, desk.support, "is working on ticket #1")
    await bea.react(desk.staff, card.event_id, "✅")
    solved = await desk.hear(alice, desk.support, "ticket #1 is solved")
    assert working.thread == solved.thread == asked


async def test_maintenance_is_announced_started_and_finished_by_the_clock(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    starts = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    plan = f"!maintenance plan mail server --at {starts.isoformat()} --for 2s"
    asked = await bea.say(desk.staff, plan)
    planned = await desk.answer(bea, asked)
    assert "announced in #Support" in planned.body
    notice = await desk.hear(alice, desk.support, "Planned maintenance: mail server")
    begun = await desk.hear(alice, desk.support, "The maintenance mail server has begun")
    over = await desk.hear(alice, desk.support, "The maintenance mail server is finished")
    await alice.see(
        lambda e: (
            e.edits == notice.event_id
            and "Finished maintenance" in e.content["m.new_content"]["body"]
        )
    )
    assert at(notice) < starts <= at(begun)
    assert at(begun) < starts + timedelta(seconds=2) <= at(over)
    assert not [e for e in desk.said(desk.staff) if "has begun" in e.body]
    await desk.bot.stored("SELECT state FROM notice", wanted="finished")
    assert desk.bot.rows("SELECT count(*) FROM schedule WHERE kind LIKE 'maint%'") == [(0,)]


def at(event: Event) -> datetime:
    return datetime.fromtimestamp(event.raw["origin_server_ts"] / 1000, UTC)


async def test_a_direct_message_is_a_conversation(desk: Desk) -> None:
    alice = desk.alice
    private = await alice.create(invite=[desk.account.user_id], is_direct=True)
    await alice.say(private, "help")  # at once, as clients do: the bot has not joined yet
    overview = await desk.hear(alice, private, "Just ask me anything about IT.")
    assert overview.thread is None
    assert "!ticket" not in overview.body
    await alice.say(private, "My VPN does not connect, what can I do?")
    answer = await desk.hear(alice, private, "vpn-does-not-connect", after=overview.event_id)
    await alice.say(private, typed(answer, "Not solved"))
    await desk.hear(alice, private, "This is ticket #1 now.")
    card = await desk.hear(desk.bea, desk.staff, "#1 My VPN does not connect", "direct message")
    await desk.bea.say(desk.staff, typed(card, "Claim"))
    await desk.hear(alice, private, "is working on ticket #1")
    assert desk.bot.rows("SELECT kind FROM room WHERE ref = ?", private) == [("direct",)]


async def check_a_deleted_message_is_erased_wherever_it_went(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    said = await alice.say(desk.support, "!ticket open my pinkelephant does not print")
    card = await desk.hear(bea, desk.staff, "pinkelephant")
    await alice.edit(desk.support, said, "!ticket open my pinkelephants do not print")
    await alice.redact(desk.support, said)
    erased = await bea.see(
        lambda e: e.edits == card.event_id and "deleted" in e.content["m.new_content"]["body"]
    )
    assert "pinkelephant" not in str(erased.content)
    await desk.all_done(alice, desk.support)
    assert await desk.bot.stop() == 0
    assert where_is(desk, "pinkelephant") == []


def where_is(desk: Desk, text: str) -> list[tuple[str, Any]]:
    tables = desk.bot.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [
        (name, row)
        for (name,) in tables
        for row in desk.bot.rows(f'SELECT * FROM "{name}"')
        if text in str(row)
    ]


async def test_no_edit_or_quote_runs_a_command_and_a_deletion_erases(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    talk = await alice.say(desk.support, "nice weather today")
    await alice.edit(desk.support, talk, "!ticket open my chair is broken")
    fire = await alice.say(desk.support, "!announce the house is on fire")
    assert "Only agents" in (await desk.answer(alice, fire)).body
    seen = await bea.see(lambda e: e.event_id == fire)
    await bea.quote(desk.support, seen, "is that so?")
    await desk.all_done(bea, desk.support)
    assert desk.bot.rows("SELECT count(*) FROM ticket") == [(0,)]
    assert desk.bot.rows("SELECT count(*) FROM notice") == [(0,)]
    text = "SELECT text FROM message WHERE ref = ?"
    assert desk.bot.rows(text, talk) == [("!ticket open my chair is broken",)]
    earlier = "SELECT text FROM revision WHERE message = ?"
    assert desk.bot.rows(earlier, talk) == [("nice weather today",)]
    await check_a_deleted_message_is_erased_wherever_it_went(desk)


async def test_a_bot_that_is_kicked_comes_back_and_an_encrypted_room_is_told(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    await alice.kick(desk.support, desk.account.user_id)
    await desk.bot.stored("SELECT joined FROM room WHERE ref = ?", desk.support, wanted=0)
    refused = await bea.say(desk.staff, "!announce the coffee is ready")
    assert "no support room" in (await desk.answer(bea, refused)).body
    await alice.invite(desk.support, desk.account.user_id)
    await desk.bot.stored("SELECT joined FROM room WHERE ref = ?", desk.support, wanted=1)
    await bea.say(desk.staff, "!announce the coffee is ready")
    await desk.hear(alice, desk.support, "📣 the coffee is ready")
    hello = [e for e in desk.said(desk.support) if "Hello" in e.body]
    assert len(hello) == 1

    await check_it_says_once_that_it_cannot_read(desk)


async def check_it_says_once_that_it_cannot_read(desk: Desk) -> None:
    alice = desk.alice
    for megabytes in (1, 2):  # the settings of encryption may change afterwards
        await alice.api.api.request(
            Method.PUT,
            ApiPath.v3.rooms[desk.support].state["m.room.encryption"],
            {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": megabytes},
        )
        await desk.hear(alice, desk.support, "This room is encrypted and I cannot read it.")
    await desk.all_done(alice, desk.support)
    notices = [e for e in desk.said(desk.support) if "is encrypted" in e.body]
    assert len(notices) == 1


async def test_the_cards_of_open_tickets_move_with_an_upgraded_staff_room(desk: Desk) -> None:
    alice, bea = desk.alice, desk.bea
    await alice.say(desk.support, "!ticket open my laptop will not start")
    await desk.hear(bea, desk.staff, "#1 my laptop")
    new = await bea.upgrade(desk.staff, "12")
    await desk.bot.logged("matrix_upgrade_refused")
    await bea.invite(new, desk.account.user_id)  # nobody comes along into a private room
    card = await desk.hear(bea, new, "#1 my laptop", "nobody has it")
    await bea.say(new, typed(card, "Claim"))
    claimed = await bea.see(lambda e: e.edits == card.event_id)
    assert "open, " in claimed.content["m.new_content"]["body"]
