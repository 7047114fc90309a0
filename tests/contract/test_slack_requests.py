"""The Slack transport's HTTP endpoint, with requests that Slack would never send."""

import json
import logging
import random
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from bot.events import Message
from tests.contract.slack_scene import Scene, a_scene
from tests.slack.events_api import FORM, Response
from tests.slack.faults import Fault

SECRET = "a word nobody may read in a log"
BODY = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "x", "text": SECRET}}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene(speed=1) as scene:
        yield scene


def keeps_secrets(scene: Scene, caplog: pytest.LogCaptureFixture) -> bool:
    """Tell whether neither a body nor any secret of ours stands in the log."""
    slack = scene.slack
    words = (SECRET, slack.signing_secret, slack.bot_token, slack.app_token, "xoxb", "xapp", "v0=")
    return not any(word in caplog.text for word in words)


HOSTILE = [
    ({"X-Slack-Signature": None}, 401),
    ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
    ({"X-Slack-Signature": "v1=x"}, 401),
    ({"X-Slack-Signature": "v0=ünïcode"}, 401),
    ({"X-Slack-Request-Timestamp": None}, 401),
    ({"X-Slack-Request-Timestamp": "soon"}, 401),
    ({"X-Slack-Request-Timestamp": "-1"}, 401),
    ({"X-Slack-Request-Timestamp": "1e9"}, 401),
    ({"X-Slack-Request-Timestamp": "9" * 400}, 401),
    ({"X-Slack-Request-Timestamp": "٣"}, 401),
    ({"Content-Type": "text/plain"}, 400),
    ({"Content-Type": "multipart/form-data"}, 400),
    ({"Content-Type": FORM}, 400),
]


@pytest.mark.parametrize(("headers", "status"), HOSTILE)
async def test_a_request_with_wrong_headers_is_refused(
    scene: Scene, headers: dict[str, str | None], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with scene.running(mode="http"):
        response = await scene.slack.http.raw(json.dumps(BODY).encode(), headers=headers)
    assert response.status == status
    assert "is refused" in caplog.text
    assert keeps_secrets(scene, caplog)


BODIES = [
    (b'{"type": "\xff\xfe"}', 401),
    (b"", 400),
    (b"[", 400),
    (b"{", 400),
    (b"null", 400),
    (b"5", 400),
    (b'"x"', 400),
    (b"x" * (1024 * 1024 + 1), 413),
    (b"[" * 100_000 + b"]" * 100_000, 200),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=lambda value: str(value)[:12])
async def test_a_signed_body_that_makes_no_sense_is_refused(
    scene: Scene, body: bytes, status: int
) -> None:
    async with scene.running(mode="http"):
        assert (await scene.slack.http.raw(body)).status == status


@pytest.mark.parametrize(
    ("age", "status"), [(1, 200), (299, 200), (302, 401), (-299, 200), (-302, 401)]
)
async def test_a_request_is_taken_for_five_minutes(scene: Scene, age: int, status: int) -> None:
    async with scene.running(mode="http"):
        assert (await scene.slack.http.old(BODY, age)).status == status


async def test_a_request_sent_again_within_five_minutes_is_one(scene: Scene) -> None:
    async with scene.running(mode="http"):
        scene.write("one")
        await scene.heard("one")
        for _ in range(2):
            assert (await scene.slack.http.again(scene.slack.http.sent[-1])).status == 200
    assert scene.texts == ["one"]


async def test_a_challenge_is_answered_to_slack_alone(scene: Scene) -> None:
    challenge = {"type": "url_verification", "challenge": "c"}
    async with scene.running(mode="http"):
        assert b"c" in (await scene.slack.http.post(challenge)).body
        forged = await scene.slack.http.forged({**challenge, "challenge": SECRET})
    assert forged.status == 401
    assert SECRET.encode() not in forged.body


async def test_an_unknown_kind_stands_in_the_log_only_if_it_is_a_word(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with scene.running(mode="http"):
        for kind in (SECRET, "novelty", ""):
            assert (await scene.slack.http.post({"type": kind})).status == 200
    assert "unknown: novelty" in caplog.text
    assert keeps_secrets(scene, caplog)


async def test_what_cannot_be_stored_is_asked_for_again_and_stored_once(scene: Scene) -> None:
    async with scene.running(mode="http"):
        scene.intake.fail = 1
        scene.write("one")
        await scene.heard("one")
        await scene.slack.until(lambda: scene.slack.teller.deliveries[-1].is_over)
    assert len(scene.slack.teller.deliveries[-1].attempts) == 2
    assert scene.texts == ["one"]


async def test_an_acknowledgement_that_was_lost_is_given_again(scene: Scene) -> None:
    async with scene.running(mode="http"):
        scene.slack.fail(Fault.LOST_ACK, "events_api")
        scene.write("one")
        await scene.heard("one")
        await scene.slack.until(lambda: scene.slack.teller.deliveries[-1].is_over)
    assert scene.texts == ["one"]


# Whatever comes.

WORDS = [
    *("type", "event", "user", "channel", "ts", "text", "item", "view", "actions", "container"),
    *("message", "previous_message", "subtype", "event_ts", "team_id", "id", "blocks", "files"),
    *("reactions", "state", "values", "trigger_id", "private_metadata", "callback_id", "command"),
    *("event_callback", "block_actions", "view_submission", "message_action", "shortcut"),
    *("message_changed", "message_deleted", "file_share", "reaction_added", "app_home_opened"),
    *("member_joined_channel", "user_change", "channel_rename", "url_verification", "edited"),
    *("1767603600.000100", "U0DESKBOT", "T0DESKSIDE", "C000000005", SECRET, "\ud800", "\0", ""),
]
TYPES = ["event_callback", "block_actions", "view_submission", "message_action", "shortcut", "x"]


def anything(chance: random.Random, depth: int = 0) -> object:
    """Return some value of JSON that looks like Slack's."""
    kinds = 7 if depth > 4 else 10
    match chance.randrange(kinds):
        case 0 | 1 | 2 | 3:
            return chance.choice(WORDS)
        case 4:
            return chance.choice([0, -1, 10**30, 1.5, float("nan"), 1767603600])
        case 5 | 6:
            return chance.choice([None, True, False])
        case 7:
            return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
        case _:
            names = chance.sample(WORDS, chance.randrange(9))
            return {name: anything(chance, depth + 1) for name in names}


def payload(chance: random.Random) -> dict[str, object]:
    """Return something that may pass for a payload at first sight."""
    told = {name: anything(chance) for name in chance.sample(WORDS, chance.randrange(12))}
    if chance.random() < 0.8:
        told["type"] = chance.choice(TYPES)
    if chance.random() < 0.6:
        told["event"] = {**{"type": chance.choice(WORDS)}, **dict.fromkeys(WORDS[2:6], "U1")}
    told.pop("url_verification", None)
    return told


async def hostile(scene: Scene, chance: random.Random) -> Response:
    """Post a request that is signed, or not quite; sometimes its bytes are spoilt."""
    told = payload(chance)
    body, kind = json.dumps(told).encode(), "application/json"
    if chance.random() < 0.4:
        body, kind = urlencode({"payload": body, "command": "/desk"}).encode(), FORM
    if chance.random() < 0.3:
        at = chance.randrange(len(body))
        body = body[:at] + chance.randbytes(3) + body[at + 3 :]
    headers: dict[str, str | None] = {}
    if chance.random() < 0.3:
        name = chance.choice(["X-Slack-Signature", "X-Slack-Request-Timestamp", "Content-Type"])
        headers[name] = chance.choice([None, "", "x" * 300, "é", "1767603600", "v0="])
    return await scene.slack.http.raw(body, content_type=kind, headers=headers)


async def survives_requests(scene: Scene, count: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chance = random.Random(20260105)
    async with scene.running(mode="http") as transport:
        answers = [await hostile(scene, chance) for _ in range(count)]
        found = {answer.status or answer.problem for answer in answers}
        scene.write("after")
        await scene.heard("after")
        assert transport.health().ok
    assert found <= {200, 400, 401}
    assert not [record for record in caplog.records if record.exc_info]
    assert scene.posted() == []
    assert keeps_secrets(scene, caplog)


async def test_any_request_is_survived(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    await survives_requests(scene, 300, caplog)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_ten_thousand_requests_are_survived(
    scene: Scene, caplog: pytest.LogCaptureFixture, short: bool
) -> None:
    await survives_requests(scene, 500 if short else 10_000, caplog)


async def survives_frames(scene: Scene, count: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chance = random.Random(20260105)
    async with scene.running(connections=1) as transport:
        socket = scene.slack.sockets.open[0]
        for number in range(count):
            frame: dict[str, object] = {"type": chance.choice(WORDS), "envelope_id": f"e{number}"}
            frame |= {"payload": payload(chance)} if chance.random() < 0.9 else {}
            text = json.dumps(frame)
            socket.say(text if chance.random() < 0.9 else text[: chance.randrange(len(text))])
            if number % 500 == 499:
                await scene.slack.until(lambda: len(scene.slack.sockets.acks) > 0)
        scene.write("after")
        await scene.heard("after", within=120)
        assert transport.health().ok
    assert scene.slack.sockets.acks
    assert not [record for record in caplog.records if record.exc_info]
    assert scene.posted() == []
    assert keeps_secrets(scene, caplog)


async def test_any_frame_is_survived(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    await survives_frames(scene, 300, caplog)


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_ten_thousand_frames_are_survived(
    scene: Scene, caplog: pytest.LogCaptureFixture, short: bool
) -> None:
    await survives_frames(scene, 500 if short else 10_000, caplog)


async def test_a_bot_is_marked_as_one_also_in_what_was_changed(scene: Scene) -> None:
    robot = scene.slack.workspace.add_user("weather", is_bot=True, bot_id="B0WEATHER")
    scene.channel.members.append(robot.id)
    async with scene.running(mode="http"):
        person = scene.slack.person("weather")
        person.edit("support", person.write("support", "!ticket open rain"), "!ticket open sun")
        scene.write("after")
        await scene.heard("after")
    events = [event for event in scene.intake.events if event.person.user == robot.id]
    told = [event for event in events if event.kind in ("message", "edited")]
    assert len(told) == 2
    assert all(getattr(event, "automated", False) for event in told)
    assert not [event for event in scene.intake.all(Message) if event.automated][1:]
