"""A deleted message leaves no text behind: not shown, not stored, not on its way."""

import pytest

from bot.events import Deleted
from tests.desk import Desk
from tests.service import Fault

ERASED = "(Erased: the message this quoted was deleted.)"


@pytest.mark.parametrize(
    "said",
    ["!help sunshine", "!sunshine", "!ticket claim sunshine", '!ticket claim "sunshine'],
)
async def test_what_a_refusal_quotes_vanishes_with_the_message(desk: Desk, said: str) -> None:
    message = await desk.says("bea", said)
    assert "sunshine" in desk.last("support")
    await desk.deletes("bea", message)
    assert desk.texts("support") == [ERASED]
    assert b"sunshine" not in desk.stored_bytes()


@pytest.mark.parametrize(
    "said", ["!announce sunshine", "!ticket open sunshine", "!ticket claim sunshine"]
)
async def test_what_is_deleted_before_its_turn_is_not_acted_on(desk: Desk, said: str) -> None:
    message = desk.message("bea", said)
    deleted = Deleted(**desk.facts("bea", "support"), message=message.message)
    await desk.tells(message, deleted)
    assert desk.texts("support") == desk.texts("staff") == []
    assert desk.rows("SELECT count(*) FROM inbox WHERE state != 'handled'") == [(0,)]
    assert b"sunshine" not in desk.stored_bytes()


async def test_what_was_deleted_long_ago_is_not_acted_on_when_it_is_read_again(desk: Desk) -> None:
    message = desk.message("bea", "!announce sunshine")
    deleted = Deleted(**desk.facts("bea", "support"), message=message.message)
    await desk.tells(message, deleted)
    await desk.stops()
    desk.changes("DELETE FROM inbox")
    await desk.starts()
    await desk.tells(message, away=desk.clock.now())
    assert not any("sunshine" in text for text in desk.texts("support"))


async def test_an_edit_that_comes_after_the_deletion_is_not_kept(desk: Desk) -> None:
    known = await desk.says("alice", "hello")
    for message in (known, "said before the bot came"):
        await desk.deletes("alice", message)
        await desk.edits("alice", message, "sunshine")
    assert b"sunshine" not in desk.stored_bytes()


async def test_what_waits_to_be_sent_is_not_sent_after_the_deletion(desk: Desk) -> None:
    desk.service.faults.append(Fault.LIMIT)
    await desk.says("alice", "hello", room="dm")
    message = await desk.says("alice", "!help sunshine")
    await desk.deletes("alice", message)
    await desk.advances(minutes=1)
    assert desk.texts("support") == [ERASED]
    assert not any("sunshine" in str(attempt.post) for attempt in desk.service.attempts)


async def test_what_is_tried_again_is_not_sent_after_the_deletion(desk: Desk) -> None:
    desk.service.faults.append(Fault.BUSY)
    message = await desk.says("alice", "!help sunshine")
    await desk.deletes("alice", message)
    await desk.advances(minutes=1)
    assert desk.texts("support") == [ERASED]
    assert not any("sunshine" in str(attempt.post) for attempt in desk.service.attempts[1:])


async def test_what_was_under_way_is_not_kept_after_the_deletion(desk: Desk) -> None:
    desk.service.faults.extend([Fault.HANG, Fault.REFUSE])
    message = desk.message("alice", "!help sunshine")
    await desk.stores(message)
    await desk.service.hanging.wait()
    await desk.stores(Deleted(**desk.facts("alice", "support"), message=message.message))
    await desk.bot.dispatcher.idle()
    desk.service.go_on.set()
    await desk.rests()
    assert desk.rows("SELECT text FROM message") == [("",), (ERASED,)]
