"""What the Slack transport sends when Slack answers late, wrongly, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.content import say
from bot.errors import SendFailure, TransportError
from bot.replies import Attachment, Lane, Post
from bot.transport import Action, Delivery, Sent
from bot.transports.slack.transport import SlackTransport
from tests.contract.slack_scene import Scene, a_scene
from tests.slack.faults import Fault

LONG = Post(say("\n\n".join(f"part {number} " + "x" * 2900 for number in range(9))))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with a_scene() as scene:
        yield scene


async def insist(transport: SlackTransport, delivery: Delivery) -> tuple[Sent, list[SendFailure]]:
    """Send as the core does: what may have been sent is looked up before it is sent again."""
    failures: list[SendFailure] = []
    for _ in range(9):
        try:
            if SendFailure.UNKNOWN in failures:
                found = await transport.find(delivery)
                if found is not None:
                    return found, failures
            return await transport.send(delivery), failures
        except TransportError as error:
            failures.append(error.failure)
            if error.failure in (SendFailure.PERMANENT, SendFailure.REFUSED):
                raise
            if error.retry_after is not None:
                await transport._clock.sleep(error.retry_after.total_seconds())
    raise AssertionError(f"it was never sent: {failures}")


LOST = [
    (Fault.LOSE, {}),
    (Fault.HANG, {"carried_out": True}),
    (Fault.HANG, {}),
    (Fault.RESET, {}),
    (Fault.SERVER_ERROR, {"status": 500}),
    (Fault.SERVER_ERROR, {"status": 503}),
    (Fault.GARBAGE, {}),
    (Fault.ERROR, {"error": "internal_error"}),
    (Fault.ERROR, {"error": "internal_error", "carried_out": True}),
    (Fault.ERROR, {"error": "fatal_error", "carried_out": True}),
]


@pytest.mark.parametrize(("fault", "details"), LOST)
async def test_a_post_of_unknown_outcome_is_never_doubled(
    scene: Scene, fault: Fault, details: dict[str, Any]
) -> None:
    scene.slack.fail(fault, "chat.postMessage", **details)
    async with scene.transport(request_timeout=0.3) as transport:
        sent, failures = await insist(transport, scene.delivery())
    assert failures == [SendFailure.UNKNOWN]
    assert scene.posted() == ["Hello"]
    assert sent.message in scene.channel.messages


FAULTS_OF_A_PART = [*LOST, (Fault.LIMIT, {}), (Fault.ERROR, {"error": "ratelimited"})]


@pytest.mark.parametrize(("fault", "details"), FAULTS_OF_A_PART)
async def test_what_is_missing_of_a_long_post_is_posted_and_nothing_else(
    scene: Scene, fault: Fault, details: dict[str, Any]
) -> None:
    async with scene.transport(request_timeout=0.3) as transport:
        first_part = asyncio.create_task(
            scene.slack.until(lambda: len(scene.slack.calls("chat.postMessage")) == 1)
        )
        sending = asyncio.create_task(insist(transport, scene.delivery(post=LONG)))
        await first_part
        scene.slack.fail(fault, "chat.postMessage", **details)
        sent, failures = await sending
    posted = scene.posted()
    assert failures
    assert len(posted) == len(set(posted)) == 1 + len(sent.rest) > 1


async def test_a_reply_where_history_cannot_be_read_is_repeated_and_says_so(scene: Scene) -> None:
    scene.slack.fail(Fault.LOSE, "chat.postMessage")
    scene.slack.fail(Fault.ERROR, "conversations.history", error="missing_scope", times=9)
    async with scene.transport() as transport:
        await insist(transport, scene.delivery())
    assert [("(repeated)" in text) for text in scene.posted()] == [False, True]


async def test_a_broadcast_where_history_cannot_be_read_waits_for_a_person(scene: Scene) -> None:
    scene.slack.fail(Fault.LOSE, "chat.postMessage")
    scene.slack.fail(Fault.ERROR, "conversations.history", error="missing_scope", times=9)
    async with scene.transport() as transport:
        with pytest.raises(TransportError, match="cannot be known") as caught:
            await insist(transport, scene.delivery(lane=Lane.BROADCAST))
    assert caught.value.failure is SendFailure.PERMANENT
    assert len(scene.posted()) == 1


# Only you.


def directly(scene: Scene) -> list[str]:
    return [seen.text for seen in scene.alice.sees(scene.alice.direct.id)]


async def test_what_is_for_somebody_not_in_the_channel_is_said_directly(scene: Scene) -> None:
    scene.alice.leave("support")
    async with scene.transport() as transport:
        only_you = scene.delivery(private=True, person=scene.person)
        sent = await transport.send(only_you)
    assert sent.room == scene.alice.direct.id
    assert directly(scene) == ["Hello"]


async def test_what_may_have_been_shown_to_somebody_alone_is_said_directly(scene: Scene) -> None:
    scene.slack.fail(Fault.LOSE, "chat.postEphemeral")
    async with scene.transport() as transport:
        only_you = scene.delivery(private=True, person=scene.person)
        sent, failures = await insist(transport, only_you)
    assert failures == [SendFailure.UNKNOWN]
    assert sent.room == scene.alice.direct.id
    assert directly(scene) == ["Hello"]
    assert scene.posted() == []


# Limits.


@pytest.mark.parametrize("fault", [Fault.LIMIT, Fault.LIMIT_NO_HEADER])
async def test_a_limit_pauses_one_method_alone(scene: Scene, fault: Fault) -> None:
    async with scene.transport() as transport:
        sent = await transport.send(scene.delivery())
        details = {"retry_after": 7} if fault is Fault.LIMIT else {}
        scene.slack.fail(fault, "chat.postMessage", **details)
        for _ in range(3):
            with pytest.raises(TransportError) as caught:
                await transport.send(scene.delivery(id="e" * 32))
            assert caught.value.failure is SendFailure.RETRY
            assert caught.value.retry_after is not None
        assert len(scene.slack.calls("chat.postMessage")) == 2
        reaction = scene.delivery(action=Action.REACT, target=sent.message, emoji="👀", post=None)
        await transport.send(reaction)
        await scene.passed(seconds=7 if fault is Fault.LIMIT else 30)
        await transport.send(scene.delivery(id="e" * 32))
    assert scene.posted() == ["Hello", "Hello"]


async def test_the_parts_of_a_long_post_keep_the_pace(scene: Scene) -> None:
    async with scene.transport(posts_per_second=1) as transport:
        begun = scene.clock.elapsed()
        post = Post(say("\n\n".join("x" * 2900 for _ in range(30))))
        sent = await transport.send(scene.delivery(post=post))
        took = scene.clock.elapsed() - begun
    assert len(sent.rest) > 3
    assert took >= 1 + len(sent.rest) - 3 - 0.1  # three at once, then one a second


# What is so already.


async def test_what_is_done_already_is_a_success(scene: Scene) -> None:
    async with scene.transport() as transport:
        sent = await transport.send(scene.delivery())
        for action in (Action.REACT, Action.PIN, Action.UNPIN, Action.DELETE):
            again = scene.delivery(action=action, target=sent.message, emoji="👀", post=None)
            for _ in range(2):
                await transport.send(again)


async def test_an_edit_of_what_is_gone_can_never_succeed(scene: Scene) -> None:
    async with scene.transport() as transport:
        sent = await transport.send(scene.delivery())
        delete = scene.delivery(action=Action.DELETE, target=sent.message, post=None)
        await transport.send(delete)
        with pytest.raises(TransportError, match="message_not_found") as caught:
            await transport.send(scene.delivery(action=Action.EDIT, target=sent.message))
    assert caught.value.failure is SendFailure.PERMANENT


@pytest.mark.parametrize(
    "method",
    ["files.getUploadURLExternal", "files.completeUploadExternal", "conversations.replies"],
)
async def test_a_file_whose_answer_was_lost_is_shared_once(scene: Scene, method: str) -> None:
    post = Post(say("The report"), attachments=(Attachment("report.csv", "text/csv", b"a,b"),))
    scene.slack.fail(Fault.LOSE, method)
    async with scene.transport() as transport:
        await insist(transport, scene.delivery(post=post))
    shared = [m for m in scene.channel.messages.values() if m.files]
    assert len(shared) == 1
    assert len([text for text in scene.posted() if "The report" in text]) == 1


async def test_two_files_of_one_name_are_both_shared(scene: Scene) -> None:
    files = tuple(Attachment("report.csv", "text/csv", data) for data in (b"a,b", b"c,d"))
    scene.slack.fail(Fault.LOSE, "files.completeUploadExternal")
    async with scene.transport() as transport:
        await insist(transport, scene.delivery(post=Post(say("Both"), attachments=files)))
    shared = [name for m in scene.channel.messages.values() for name in m.files]
    assert [scene.slack.workspace.files[name].content for name in shared] == [b"a,b", b"c,d"]


async def test_a_file_in_a_long_thread_is_shared_once(scene: Scene) -> None:
    root = scene.alice.write("support", "Send me the report")
    scene.write(*(str(number) for number in range(120)), thread=root)
    scene.clock.advance(timedelta(hours=1))
    post = Post(say("Here"), attachments=(Attachment("report.csv", "text/csv", b"a,b"),))
    delivery = scene.delivery(post=post, place=scene.place.in_thread(root))
    scene.write(*(str(number) for number in range(120)), thread=root)
    scene.slack.fail(Fault.LOSE, "files.completeUploadExternal")
    async with scene.transport() as transport:
        await insist(transport, delivery)
    assert len([m for m in scene.channel.messages.values() if m.files]) == 1


# The way there.


async def test_the_environment_does_not_choose_the_way(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with scene.running() as transport:
        await transport.send(scene.delivery())
    assert scene.posted() == ["Hello"]


async def test_the_configured_proxy_is_used(scene: Scene) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, scene.transport(proxy=f"http://127.0.0.1:{port}") as transport:
        with pytest.raises(TransportError):
            await transport.send(scene.delivery())
    assert asked[0].startswith(b"POST http://")
    assert b"/api/chat.postMessage" in asked[0]
