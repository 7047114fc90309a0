"""The Matrix transport with a homeserver, a network or people that do what they should not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.content import say
from bot.errors import SendFailure, TransportError
from bot.events import Joined, Left, Message, Place, Reacted, RoomChanged
from bot.replies import Button, Post
from bot.transport import Action
from bot.transports.matrix.check import check
from bot.transports.matrix.settings import MatrixSettings
from tests.contract.matrix_scene import START, Scene, delivery
from tests.contract.matrix_server import (
    ALICE,
    ME,
    ROOM,
    TOKEN,
    Fault,
    MatrixServer,
    event,
    hang,
    lose,
    member,
    refuse,
    text,
    truncate,
)

BOSS = "@boss:fake.test"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with MatrixServer() as server:
        yield Scene(server)


# Reading.


async def test_a_bad_gateway_at_the_first_sync_keeps_the_token(scene: Scene) -> None:
    scene.intake.token = ("saved", START)
    scene.server.fail("/sync", refuse(502), refuse(502), refuse(502))
    async with scene.running():
        await scene.server.say(text("hello"))
        await scene.heard("hello")
    asked = [sync.query.get("since") for sync in scene.syncs]
    assert set(asked) == {None, "saved", "s1"}
    # Only the look around is without a token, and it stores nothing.
    assert asked.index("saved") == len([since for since in asked if since is None])
    assert scene.intake.batches[0].events


@pytest.mark.parametrize(("seconds", "stored"), [(4, 0), (11, 1)])
async def test_our_own_words_alone_are_a_mark_worth_storing_now_and_then(
    scene: Scene, seconds: int, stored: int
) -> None:
    async with scene.running():
        before = len(scene.intake.batches)
        for number in (1, 2):
            scene.clock.time += timedelta(seconds=seconds)
            await scene.server.say(text("ours", number, sender=ME))
            await scene.server.until(lambda: scene.server.read_to_the_end)
    assert len(scene.intake.batches) - before == stored


@pytest.mark.parametrize("status", [500, 502, 401])
async def test_errors_are_met_with_at_most_one_request_a_second(scene: Scene, status: int) -> None:
    async with scene.running():
        scene.server.fail("/sync", *[refuse(status)] * 12)
        await scene.server.say(text("one"))  # answers the sync that is under way
        await scene.server.say(text("two", 2))
        await scene.heard("two")
    assert len(scene.clock.waits) == 12
    assert all(1 <= wait <= 60 for wait in scene.clock.waits)


async def test_a_truncated_answer_is_asked_for_again(scene: Scene) -> None:
    async with scene.running():
        scene.server.fail("/sync", truncate)
        await scene.server.say(text("one"))
        await scene.server.say(text("two", 2))
        await scene.heard("two")
    assert scene.texts == ["one", "two"]


async def test_a_sync_that_hangs_is_given_up(scene: Scene) -> None:
    async with scene.running(sync_timeout=0.05, request_timeout=0.1):
        scene.server.fail("/sync", hang)
        await scene.server.say(text("one"))
        await scene.server.say(text("two", 2))
        await scene.heard("two")
    assert scene.texts == ["one", "two"]


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"<html>", b'{"rooms": {}}', b'"s"'])
async def test_an_answer_that_is_none_is_asked_for_again(scene: Scene, body: bytes) -> None:
    async with scene.running():
        await scene.server.tell(body)
        await scene.server.say(text("hello"))
        await scene.heard("hello")
    assert len(scene.clock.waits) == 1


async def test_a_batch_that_cannot_be_stored_is_read_again(scene: Scene) -> None:
    async with scene.running():
        scene.intake.fail = 1
        await scene.server.say(text("lost?"))
        await scene.heard("lost?")
    assert [sync.query.get("since") for sync in scene.syncs].count("s0") == 2


POISON: list[Any] = [
    {},
    {"event_id": 1},
    event("m.room.message", None),
    event("m.room.message", []),
    event("m.room.message", {"body": {"a": 1}}),
    event("m.room.message", {}),
    event("m.reaction", {"m.relates_to": "x"}),
    event("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": 7}}),
    event("m.room.redaction", {"redacts": ["$1"]}),
    event("m.room.member", {"membership": 3}, state_key="nobody"),
    event("m.room.member", {"membership": "join", "displayname": {}}, state_key=ALICE, number=7),
    event("m.room.name", {"name": 5}, state_key=""),
    event("m.room.tombstone", {"replacement_room": 5}, state_key=""),
    text("x", origin_server_ts=10**30, number=8),
    text("x", origin_server_ts="now", number=9),
    text("x", sender="nobody"),
    text("x", sender="@" + "x" * 5000 + ":y"),
    text("x\ud800\0", number=10),
    {**text("x", number=11), "unsigned": 3},
    text("x", number=12, content={"m.mentions": {"user_ids": 5}, "formatted_body": 5}),
    text("x", number=13, content={"m.relates_to": {"m.in_reply_to": {"event_id": "$\n"}}}),
    text("x", number=14, content={"msgtype": "m.file", "info": 5, "url": 5, "filename": 5}),
]


async def test_a_hostile_event_stops_nothing(scene: Scene) -> None:
    async with scene.running():
        await scene.server.say(text("before", "before"), *POISON, text("after", "after"))
        await scene.heard("after")
    assert scene.texts == ["before", "x", "x", "x?", "x", "x", "x", "", "after"]
    assert all(message.at for message in scene.intake.all(Message))


async def test_a_hostile_event_is_logged_with_its_id(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene.running():
        await scene.server.say(event("m.room.message", {}, "poison"), text("after", 2))
        await scene.heard("after")
    assert [getattr(record, "event_id", None) for record in caplog.records] == ["$poison"]


@pytest.mark.parametrize("inner", [b"[" * 50_000 + b"]" * 50_000, b"9" * 5000])
async def test_an_event_that_no_parser_likes_does_not_hide_the_others(
    scene: Scene, inner: bytes
) -> None:
    body = (
        b'{"next_batch": "s9", "rooms": {"join": {"!room:fake.test": {"timeline": {"events": ['
        b'{"type": "m.room.message", "event_id": "$1", "sender": "@a:b", "origin_server_ts": 1,'
        b' "content": {"body": "deep", "x": ' + inner + b"}},"
        b'{"type": "m.room.message", "event_id": "$2", "sender": "@a:b", "origin_server_ts": 1,'
        b' "content": {"body": "after"}}]}}}}}'
    )
    async with scene.running():
        await scene.server.tell(body)
        await scene.heard("after")
    assert scene.texts == ["deep", "after"]


async def test_sections_of_wrong_types_are_passed_over(scene: Scene) -> None:
    async with scene.running():
        await scene.server.tell({"rooms": {"join": [], "invite": 1, "leave": {"!x": 5}}})
        await scene.server.tell({"rooms": 5, "account_data": {"events": [{"type": "m.direct"}]}})
        await scene.server.tell(join={"!x:y": {"timeline": {"events": {}}, "state": 1}, "no": {}})
        await scene.server.say(text("after"))
        await scene.heard("after")
    assert scene.clock.waits == []


async def test_history_of_the_first_sync_is_no_event(scene: Scene) -> None:
    joined = member(ALICE, "join", 2)
    await scene.server.say(text("!close #1", 1), joined)
    async with scene.running():
        await scene.server.say(text("now", 3))
        await scene.heard("now")
    assert scene.texts == ["now"]
    assert [e.person.user for e in scene.intake.all(Joined)] == [ALICE]


async def test_what_was_said_before_the_bot_joined_is_no_event(scene: Scene) -> None:
    async with scene.running():
        await scene.server.say(
            text("before", 1), member(ME, "join", 2, before="invite"), text("after", 3)
        )
        await scene.heard("after")
    assert scene.texts == ["after"]
    assert [e.bot for e in scene.intake.all(Joined)] == [True]


async def test_a_time_away_is_told_with_what_was_missed(scene: Scene) -> None:
    scene.intake.token = ("saved", START - timedelta(hours=2))
    async with scene.running():
        await scene.server.say(text("one"))
        await scene.heard("one")
        await scene.server.say(text("two", 2))
        await scene.heard("two")
    assert [batch.away for batch in scene.intake.batches] == [START - timedelta(hours=2), None]


# Gaps.


async def test_a_gap_is_filled_backwards_page_by_page(scene: Scene) -> None:
    scene.server.answers["/messages"] = lambda asked: {
        "p1": {"chunk": [text("4", 4), text("3", 3)], "end": "p2"},
        "p2": {"chunk": [text("2", 2), text("1", 1)]},
    }[asked.query["from"]]
    async with scene.running():
        await scene.server.say(text("5", 5), limited=True, prev_batch="p1")
        await scene.intake.until(lambda: len(scene.texts) == 5)
    assert scene.texts == ["1", "2", "3", "4", "5"]
    assert [asked.query["to"] for asked in scene.server.calls("/messages")] == ["s0", "s0"]
    assert len(scene.intake.batches[-1].gaps) == 1


async def test_a_gap_left_open_is_filled_after_a_restart(scene: Scene) -> None:
    scene.server.answers["/messages"] = {"chunk": [text("1", 1)]}
    scene.server.fail("/messages", hang)
    async with scene.running():
        await scene.server.say(text("2", 2), limited=True, prev_batch="p1")
        await scene.server.until(lambda: bool(scene.server.calls("/messages")))
    async with scene.running():
        await scene.intake.until(lambda: not scene.intake.open_gaps)
    assert scene.texts == ["1", "2"]


async def test_a_gap_left_open_is_filled_when_the_same_transport_reads_again(scene: Scene) -> None:
    scene.server.answers["/messages"] = {"chunk": [text("1", 1)]}
    scene.server.fail("/messages", hang)
    async with scene.transport() as transport:
        async with scene.reading(transport):
            await scene.server.say(text("2", 2), limited=True, prev_batch="p1")
            await scene.server.until(lambda: bool(scene.server.calls("/messages")))
        async with scene.reading(transport):
            await scene.intake.until(lambda: not scene.intake.open_gaps, within=2)


@pytest.mark.parametrize("fault", [refuse(502), refuse(429, "M_LIMIT_EXCEEDED"), truncate])
async def test_a_page_that_fails_is_asked_for_again(scene: Scene, fault: Fault) -> None:
    scene.server.answers["/messages"] = {"chunk": [text("1", 1)]}
    scene.server.fail("/messages", fault, fault)
    async with scene.running():
        await scene.server.say(text("2", 2), limited=True, prev_batch="p1")
        await scene.intake.until(lambda: scene.texts == ["1", "2"])
    assert len(scene.clock.waits) == 2


async def test_a_gap_that_may_not_be_read_does_not_hold_the_room(scene: Scene) -> None:
    scene.server.fail("/messages", refuse(403, "M_FORBIDDEN"))
    async with scene.running():
        await scene.server.say(text("2", 2), limited=True, prev_batch="p1")
        await scene.intake.until(lambda: bool(scene.intake.pages))
    assert not scene.intake.open_gaps


async def test_an_endless_gap_is_cut(scene: Scene) -> None:
    scene.server.answers["/messages"] = lambda asked: {
        "chunk": [text("x", asked.query["from"])],
        "end": asked.query["from"] + "x",
    }
    async with scene.running(backfill_limit=7):
        await scene.server.say(text("y", 2), limited=True, prev_batch="p")
        await scene.intake.until(lambda: bool(scene.intake.pages) and not scene.intake.open_gaps)
    assert len(scene.intake.pages) == 7


async def test_a_gap_ends_where_the_bot_came_in(scene: Scene) -> None:
    scene.server.answers["/messages"] = {
        "chunk": [text("2", 2), member(ME, "join", 9, before="invite"), text("1", 1)],
        "end": "more",
    }
    async with scene.running():
        await scene.server.say(text("3", 3), limited=True, prev_batch="p")
        await scene.intake.until(lambda: scene.texts == ["2", "3"])
    assert scene.intake.pages[-1].next is None


# Access.


async def test_a_soft_logout_is_mended_with_the_same_device(scene: Scene) -> None:
    async with scene.running(password=SecretStr("secret")):
        scene.server.fail("/sync", refuse(401, "M_UNKNOWN_TOKEN", soft_logout=True))
        await scene.server.say(text("one"))
        await scene.server.say(text("two", 2))
        await scene.heard("two")
    [login] = scene.server.calls("/login")
    assert login.body["device_id"] == "DESKSIDE"
    assert scene.syncs[-1].token == "another-token"


@pytest.mark.parametrize(
    ("soft", "password"), [(True, None), (False, SecretStr("secret")), (False, None)]
)
async def test_other_logouts_end_the_transport(
    scene: Scene, soft: bool, password: SecretStr | None
) -> None:
    scene.server.fail("/sync", refuse(401, "M_UNKNOWN_TOKEN", soft_logout=soft))
    async with scene.transport(password=password) as transport:
        with pytest.raises(TransportError) as caught:
            await transport.run(scene.intake)
        assert caught.value.failure is SendFailure.REFUSED
        assert not transport.health().ok
    assert scene.server.calls("/login") == []


async def test_a_wrong_password_ends_the_transport(scene: Scene) -> None:
    scene.server.fail("/login", refuse(403, "M_FORBIDDEN"))
    async with scene.transport(access_token=None, password=SecretStr("x")) as transport:
        with pytest.raises(TransportError) as caught:
            await transport.run(scene.intake)
    assert caught.value.failure is SendFailure.REFUSED


async def test_the_token_of_another_account_is_refused(scene: Scene) -> None:
    scene.server.answers["/account/whoami"] = {"user_id": "@other:fake.test"}
    async with scene.transport() as transport:
        with pytest.raises(TransportError, match=r"is that of @other:fake\.test"):
            await transport.run(scene.intake)


async def test_several_that_find_the_session_gone_log_in_once(scene: Scene) -> None:
    async with scene.transport(password=SecretStr("secret")) as transport:
        gone = refuse(401, "M_UNKNOWN_TOKEN", soft_logout=True)
        scene.server.fail("/send/", gone, gone, gone)
        sends = [transport.send(delivery(id=f"d{number}")) for number in range(3)]
        await asyncio.gather(*sends)
    assert len(scene.server.calls("/login")) == 1
    assert sorted(scene.server.posted) == ["d0", "d1", "d2"]


# Sending.


@pytest.mark.parametrize(
    ("fault", "failure", "seconds"),
    [
        (refuse(429, "M_LIMIT_EXCEEDED", headers={"Retry-After": "7"}), SendFailure.RETRY, 7),
        (refuse(429, headers={"Retry-After": "7"}), SendFailure.RETRY, 7),
        (refuse(429, "M_LIMIT_EXCEEDED", retry_after_ms=1500), SendFailure.RETRY, 1.5),
        (refuse(429), SendFailure.RETRY, None),
        (refuse(403, "M_FORBIDDEN"), SendFailure.PERMANENT, None),
        (refuse(413, "M_TOO_LARGE"), SendFailure.PERMANENT, None),
        (refuse(413), SendFailure.PERMANENT, None),
        (refuse(404, "M_NOT_FOUND"), SendFailure.PERMANENT, None),
        (refuse(404), SendFailure.RETRY, None),
        (refuse(401, "M_UNKNOWN_TOKEN"), SendFailure.REFUSED, None),
        (refuse(502), SendFailure.UNKNOWN, None),
        (refuse(500, "M_UNKNOWN"), SendFailure.UNKNOWN, None),
        (truncate, SendFailure.UNKNOWN, None),
        (hang, SendFailure.UNKNOWN, None),
    ],
)
async def test_a_failed_send_says_what_is_known(
    scene: Scene, fault: Fault, failure: SendFailure, seconds: float | None
) -> None:
    scene.server.fail("/send/", fault)
    async with scene.transport(request_timeout=0.3) as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery())
    assert caught.value.failure is failure
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert caught.value.retry_after == wanted
    assert scene.clock.waits == []
    assert len(scene.server.calls("/send/")) == 1


async def test_a_lost_answer_and_a_repetition_make_one_event(scene: Scene) -> None:
    scene.server.fail("/send/", lose, lose)  # aiohttp itself repeats a PUT once
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery())
        sent = await transport.send(delivery())
    assert caught.value.failure is SendFailure.UNKNOWN
    assert sent.message == "$posted0"
    assert list(scene.server.posted) == ["d1"]


async def test_a_server_that_is_away_has_certainly_not_got_it(scene: Scene) -> None:
    async with scene.transport(homeserver="http://127.0.0.1:9") as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery())
    assert caught.value.failure is SendFailure.RETRY


async def test_a_reaction_that_is_there_already_is_a_success(scene: Scene) -> None:
    scene.server.fail("/send/", refuse(400, "M_DUPLICATE_ANNOTATION"))
    async with scene.transport() as transport:
        await transport.send(delivery(Action.REACT, post=None, target="$1", emoji="👀"))


async def test_buttons_get_reactions_only_where_nothing_limits_the_bot(scene: Scene) -> None:
    buttons = tuple(Button(f"B{n}", f"b {n}", emoji) for n, emoji in enumerate("👀✅🚨"))
    post = Post(say("Ticket"), buttons)
    async with scene.transport() as transport:
        await transport.send(delivery(post=post, id="limited"))
    async with scene.transport(exempt_from_limits=True) as transport:
        await transport.send(delivery(post=post, id="exempt"))
    assert list(scene.server.posted) == ["limited", "exempt", "exempt.r0", "exempt.r1"]


async def test_a_button_whose_reaction_fails_is_still_sent(scene: Scene) -> None:
    post = Post(say("Ticket"), (Button("Claim", "claim", "👀"),))
    scene.server.fail("/m.reaction/", refuse(403, "M_FORBIDDEN"))
    async with scene.transport(exempt_from_limits=True) as transport:
        assert (await transport.send(delivery(post=post))).message


async def test_typing_fails_in_silence(scene: Scene) -> None:
    scene.server.fail("/typing/", refuse(500), truncate)
    async with scene.transport() as transport:
        for _ in range(3):
            await transport.typing(Place("matrix", "fake.test", ROOM), on=True)
        await transport.typing(Place("matrix", "fake.test", ""), on=False)
    assert [asked.body["typing"] for asked in scene.server.calls("/typing/")] == [True] * 3


# Rooms.


async def test_a_join_is_tried_until_the_server_allows_it(scene: Scene) -> None:
    limited = refuse(429, "M_LIMIT_EXCEEDED", retry_after_ms=9000)
    scene.server.fail("/join/", limited, refuse(502), limited)
    invite = {"invite_state": {"events": [member(ME, "invite", sender=ALICE)]}}
    async with scene.running():
        await scene.server.tell(invite={"!v12hash": invite})
        await scene.server.until(lambda: len(scene.server.calls("/join/")) == 4)
    assert [wait >= 9 for wait in scene.clock.waits] == [True, False, True]
    assert scene.server.calls("/join/")[-1].query["via"] == "fake.test"


@pytest.mark.parametrize("inviter", ["@eve:evil.test", "@eve:evil.test:fake.test", "nobody"])
async def test_a_stranger_cannot_bring_the_bot_in(scene: Scene, inviter: str) -> None:
    invite = {"invite_state": {"events": [member(ME, "invite", sender=inviter)]}}
    async with scene.running():
        await scene.server.tell(invite={"!den": invite})
        await scene.server.until(lambda: bool(scene.server.calls("/leave")))
    assert scene.server.calls("/join/") == []


async def test_a_flood_of_invites_is_declined_one_by_one(scene: Scene) -> None:
    def invite(number: int) -> dict[str, Any]:
        invited = member(ME, "invite", number, sender="@spam:evil.test")
        return {"invite_state": {"events": [invited]}}

    scene.server.fail("/leave", *[refuse(429, "M_LIMIT_EXCEEDED")] * 5)
    async with scene.running():
        await scene.server.tell(invite={f"!spam{n}": invite(n) for n in range(50)})
        await scene.server.until(lambda: len(scene.server.calls("/leave")) == 55)
    assert len({asked.path for asked in scene.server.calls("/leave")[:6]}) == 1


async def test_a_ban_is_told_even_without_its_event(scene: Scene) -> None:
    async with scene.running():
        await scene.server.tell(leave={ROOM: {"timeline": {"events": []}}})
        left = await scene.intake.see(Left)
        await scene.server.tell(
            leave={"!b": {"timeline": {"events": [member(ME, "ban", 3, before="join")]}}}
        )
        banned = await scene.intake.see(Left, lambda e: e.place.room == "!b")
    assert left.bot
    assert banned.bot


def upgrade(new_state: list[Any]) -> dict[str, Any]:
    return {
        "/!old/state": [
            event("m.room.create", {"room_version": "12"}, 1, state_key="", sender=BOSS),
            event("m.room.power_levels", {"users": {}}, 2, state_key=""),
        ],
        "/!new/state": new_state,
    }


def created(predecessor: str) -> dict[str, Any]:
    content = {"predecessor": {"room_id": predecessor}}
    return event("m.room.create", content, "create", state_key="")


async def entomb(scene: Scene, sender: str) -> None:
    content = {"replacement_room": "!new"}
    stone = event("m.room.tombstone", content, "stone", state_key="", sender=sender)
    await scene.server.say(stone, room="!old")
    await scene.server.say(text("still here", 2), room="!old")
    await scene.heard("still here")


@pytest.mark.parametrize(
    ("sender", "predecessor", "follow", "joins", "moves"),
    [
        (BOSS, "!old", True, True, True),
        (ALICE, "!old", True, False, False),
        (BOSS, "!elsewhere", True, True, False),
        (BOSS, "!old", False, False, False),
    ],
)
async def test_a_replaced_room_is_followed_only_when_all_is_right(
    scene: Scene, sender: str, predecessor: str, follow: bool, joins: bool, moves: bool
) -> None:
    scene.server.answers |= upgrade([created(predecessor)])
    async with scene.running(follow_upgrades=follow):
        await entomb(scene, sender)
        if moves:
            await scene.intake.see(RoomChanged)
        elif joins:
            await scene.server.until(lambda: bool(scene.server.calls("/leave")))
        elif follow:
            await scene.server.until(lambda: bool(scene.server.calls("!old/state")))
    assert bool(scene.server.calls("/join/")) is joins
    replaced = [event.replaced_by for event in scene.intake.all(RoomChanged)]
    assert replaced == (["!new"] if moves else [])


async def test_reactions_by_the_bot_itself_are_no_events(scene: Scene) -> None:
    related = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$1", "key": "👀"}}
    async with scene.running():
        await scene.server.say(
            event("m.reaction", related, 2, sender=ME), event("m.reaction", related, 3)
        )
        await scene.intake.see(Reacted)
    assert [reaction.id for reaction in scene.intake.all(Reacted)] == ["$3"]


# The check before the start.


async def test_the_check_says_what_to_do(scene: Scene) -> None:
    scene.server.answers |= {
        "/joined_rooms": {"joined_rooms": [ROOM]},
        "/state/m.room.encryption/": {"algorithm": "m.megolm.v1.aes-sha2"},
    }
    settings = MatrixSettings(
        homeserver=scene.server.address,
        user_id=ME,
        access_token=SecretStr(TOKEN),
        device_id="OTHER",
    )
    findings = "\n".join(await check(settings))
    for part in ("device DESKSIDE", "is encrypted", "override_ratelimit", "invite_from is empty"):
        assert part in findings


async def test_the_check_notices_clocks_that_differ(scene: Scene) -> None:
    settings = MatrixSettings(
        homeserver=scene.server.address, user_id=ME, access_token=SecretStr(TOKEN)
    )
    assert "clock differs" in "\n".join(await check(settings, scene.clock))


@pytest.mark.parametrize(
    ("fault", "advice"),
    [(refuse(401, "M_UNKNOWN_TOKEN"), "new access token"), (refuse(502), "check the address")],
)
async def test_the_check_survives_a_homeserver_that_refuses(
    scene: Scene, fault: Fault, advice: str
) -> None:
    scene.server.fail("/whoami", fault)
    settings = MatrixSettings(
        homeserver=scene.server.address, user_id=ME, access_token=SecretStr(TOKEN)
    )
    [finding] = await check(settings)
    assert advice in finding


@pytest.mark.parametrize(
    ("limits", "exempt", "advice"),
    [
        ({"messages_per_second": 0, "burst_count": 0}, False, "set exempt_from_limits"),
        ({"messages_per_second": 0, "burst_count": 0}, True, None),
        ({}, True, "the server does rate limit the bot"),
        ({}, False, None),
    ],
)
async def test_the_check_compares_the_servers_limits_with_the_settings(
    scene: Scene, limits: dict[str, int], exempt: bool, advice: str | None
) -> None:
    scene.server.answers |= {
        "/joined_rooms": {"joined_rooms": [ROOM]},
        "/override_ratelimit": limits,
    }
    settings = MatrixSettings(
        homeserver=scene.server.address,
        user_id=ME,
        access_token=SecretStr(TOKEN),
        exempt_from_limits=exempt,
        invite_from=(":fake.test",),
    )
    findings = await check(settings)
    assert [advice in finding for finding in findings if advice] == ([True] if advice else [])
    assert bool(findings) is bool(advice)


async def test_the_check_notices_the_token_of_another_account(scene: Scene) -> None:
    settings = MatrixSettings(
        homeserver=scene.server.address, user_id="@x:fake.test", access_token=SecretStr(TOKEN)
    )
    scene.server.fail("/joined_rooms", refuse(502))
    findings = "\n".join(await check(settings))
    assert f"that of {ME}" in findings
    assert "cannot be read" in findings


async def test_an_empty_token_and_no_password_end_the_transport(scene: Scene) -> None:
    async with scene.transport(access_token=SecretStr("")) as transport:
        with pytest.raises(TransportError, match="no access token"):
            await transport.run(scene.intake)


async def test_a_login_without_a_token_is_tried_again(scene: Scene) -> None:
    answers = [{"access_token": "good"}, {}]
    scene.server.answers["/login"] = lambda _: answers.pop()
    async with scene.running(access_token=None, password=SecretStr("secret")):
        await scene.server.say(text("hello"))
        await scene.heard("hello")
    assert scene.syncs[-1].token == "good"


async def test_a_refusal_while_a_gap_is_filled_ends_the_transport(scene: Scene) -> None:
    scene.server.fail("/messages", refuse(401, "M_UNKNOWN_TOKEN"))
    async with scene.transport() as transport:
        await scene.server.tell({})
        await scene.server.say(text("x"), limited=True, prev_batch="p")
        with pytest.raises(TransportError) as caught:
            await transport.run(scene.intake)
    assert caught.value.failure is SendFailure.REFUSED
    assert scene.intake.open_gaps


async def test_health_says_what_is_wrong(scene: Scene) -> None:
    async with scene.running() as transport:
        await scene.server.say(text("one"))
        await scene.heard("one")
        assert transport.health().ok
        scene.clock.time += timedelta(minutes=5)
        assert not transport.health().ok


async def test_a_delivery_without_its_target_is_a_dead_letter(scene: Scene) -> None:
    async with scene.transport() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery(Action.DELETE, post=None))
    assert caught.value.failure is SendFailure.PERMANENT
