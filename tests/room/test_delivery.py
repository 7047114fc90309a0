"""What the bot says reaches its room: in order, once, in spite of the service."""

from datetime import timedelta

import pytest

import bot.app
from bot.transport import Health, Promise
from tests.desk import Desk
from tests.service import Fault


async def pings(desk: Desk, *words: str, room: str = "support") -> None:
    """Have words said, all asked for at once."""
    await desk.tells(*(desk.message("alice", f"!probe ping {word}", room) for word in words))


async def test_what_the_service_cannot_take_now_is_sent_later(probed: Desk) -> None:
    probed.service.faults.extend([Fault.BUSY, Fault.BUSY])
    await pings(probed, "one", "two")
    assert probed.texts("support") == []
    await probed.advances(minutes=1)
    assert probed.texts("support") == ["one", "two"]


async def test_a_limited_service_is_left_alone_as_long_as_it_asks(probed: Desk) -> None:
    probed.service.faults.append(Fault.LIMIT)
    await pings(probed, "one", "two")
    await probed.says("bea", "!probe ping three", room="staff")
    assert len(probed.service.attempts) == 1
    await probed.advances(seconds=29)
    assert len(probed.service.attempts) == 1
    await probed.advances(seconds=2)
    assert (probed.texts("support"), probed.texts("staff")) == (["one", "two"], ["three"])


async def test_a_permanent_refusal_lets_the_next_one_go(probed: Desk) -> None:
    probed.service.faults.append(Fault.REFUSE)
    await pings(probed, "one", "two")
    assert probed.texts("support") == ["two"]
    assert probed.rows("SELECT state, error FROM outbox ORDER BY position") == [
        ("dead", "never"),
        ("sent", None),
    ]
    assert not probed.bot.health()["outbox"].ok


async def test_a_dead_letter_is_an_alarm_for_a_while_and_counted_for_a_day(probed: Desk) -> None:
    probed.service.faults.append(Fault.REFUSE)
    await pings(probed, "one")
    assert not probed.bot.health()["outbox"].ok
    await probed.advances(minutes=16)
    assert probed.bot.health()["outbox"] == Health(
        ok=True, detail="0 to send, dead letters in a day: 1"
    )
    await probed.restarts()
    assert "a day: 1" in probed.bot.health()["outbox"].detail
    await probed.advances(days=1)
    assert "a day: 0" in probed.bot.health()["outbox"].detail


async def test_it_is_not_ready_while_something_waits_for_long(probed: Desk) -> None:
    probed.service.faults.extend([Fault.BUSY] * 20)
    await pings(probed, "one")
    assert probed.bot.health()["outbox"].ok
    await probed.advances(minutes=16)
    assert probed.bot.health()["outbox"] == Health(
        ok=False, detail="1 to send, the oldest since 16 minutes, dead letters in a day: 0"
    )


async def test_what_a_commit_in_doubt_stored_was_not_sent(probed: Desk) -> None:
    probed.service.promised = Promise.AT_MOST_ONCE
    await pings(probed, "one")
    await probed.bot.database.write(
        lambda unit: unit.connection.exec_driver_sql(
            "INSERT INTO outbox (id, transport, workspace, room_id, private, action, lane,"
            " position, post, emoji, state, attempts, owner, rest, created_at) SELECT 'new',"
            " transport, workspace, room_id, private, action, lane, position + 1, post, emoji,"
            " 'queued', 0, owner, rest, created_at FROM outbox"
        )
    )
    await probed.bot._take_up_again()
    await probed.rests()
    assert probed.texts("support") == ["one", "one"]


async def test_what_an_earlier_process_wrote_may_have_been_sent(probed: Desk) -> None:
    probed.service.promised = Promise.AT_MOST_ONCE
    await pings(probed, "one")
    await probed.stops()
    probed.changes("UPDATE outbox SET state = 'queued', message = NULL, sent_at = NULL")
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == ["one"]
    assert probed.rows("SELECT state FROM outbox") == [("dead",)]


async def test_an_outcome_that_cannot_be_recorded_is_logged(
    probed: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        msg = "a mistake in the recording"
        raise RuntimeError(msg)

    monkeypatch.setattr("bot.outcomes.Outcomes._keep", fail)
    await pings(probed, "one", "two")
    assert probed.texts("support") == ["one", "two"]
    assert "what was sent cannot be recorded" in caplog.text


async def test_a_mistake_in_the_transport_lets_the_next_one_go(probed: Desk) -> None:
    probed.service.faults.append(Fault.CRASH)
    await pings(probed, "one", "two")
    assert probed.texts("support") == ["two"]


async def test_one_dead_room_does_not_hold_up_the_others(probed: Desk) -> None:
    probed.service.closed.add("kitchen")
    await pings(probed, "one", room="kitchen")
    await pings(probed, "two")
    assert probed.texts("support") == ["two"]


@pytest.mark.parametrize("promise", [Promise.IDEMPOTENT, Promise.PROVABLE])
@pytest.mark.parametrize("fault", [Fault.LOSE, Fault.DROP])
async def test_a_lost_answer_doubles_nothing(probed: Desk, promise: Promise, fault: Fault) -> None:
    probed.service.promised = promise
    probed.service.faults.append(fault)
    await pings(probed, "one", "two")
    await probed.advances(minutes=1)
    assert probed.texts("support") == ["one", "two"]
    assert len({each.id for each in probed.service.attempts}) == 2


async def test_what_may_be_sent_once_at_most_is_not_sent_again(probed: Desk) -> None:
    probed.service.promised = Promise.AT_MOST_ONCE
    probed.service.faults.append(Fault.DROP)
    await pings(probed, "one", "two")
    await probed.advances(hours=1)
    assert probed.texts("support") == ["two"]
    assert probed.rows("SELECT state FROM outbox ORDER BY position") == [("dead",), ("sent",)]


async def test_a_certain_failure_is_tried_again_whatever_the_promise(probed: Desk) -> None:
    probed.service.promised = Promise.AT_MOST_ONCE
    probed.service.faults.append(Fault.BUSY)
    await pings(probed, "one")
    await probed.advances(minutes=1)
    assert probed.texts("support") == ["one"]


async def test_after_days_it_is_given_up(probed: Desk) -> None:
    probed.service.faults.extend([Fault.BUSY] * 2)
    await pings(probed, "one")
    probed.clock.advance(timedelta(days=4))
    await probed.rests()
    assert probed.rows("SELECT state FROM outbox") == [("dead",)]


async def test_lost_access_stops_the_service_and_keeps_the_words(probed: Desk) -> None:
    probed.service.faults.append(Fault.EXPEL)
    await pings(probed, "one", "two")
    await probed.advances(hours=1)
    assert len(probed.service.attempts) == 1
    assert not probed.bot.health()["fake home"].ok
    await probed.restarts()
    assert probed.texts("support") == ["one", "two"]


async def test_people_come_before_cards_and_cards_before_broadcasts(probed: Desk) -> None:
    await probed.says("alice", "!probe lanes")
    assert probed.texts("support") == ["REPLY", "CARD", "BROADCAST"]


async def test_pending_edits_of_a_post_become_one(probed: Desk) -> None:
    await probed.says("alice", "!probe post first")
    probed.service.faults.append(Fault.LIMIT)
    await probed.says("alice", "!probe ping stop")
    await probed.says("alice", "!probe repost second third fourth")
    await probed.advances(minutes=1)
    (post,) = [shown for shown in probed.visible("support") if shown.edits]
    assert (post.text(), post.edits) == ("fourth", 1)
    assert probed.rows("SELECT count(*) FROM outbox WHERE state = 'merged'") == [(2,)]


async def test_an_edit_waits_for_what_it_edits(probed: Desk) -> None:
    probed.service.faults.append(Fault.BUSY)
    await probed.says("alice", "!probe post first")
    await probed.says("alice", "!probe repost second")
    await probed.advances(minutes=1)
    assert probed.texts("support") == ["second"]


async def test_an_edit_of_what_was_refused_is_dropped(probed: Desk) -> None:
    probed.service.faults.append(Fault.REFUSE)
    await probed.says("alice", "!probe post first")
    await probed.says("alice", "!probe repost second")
    await probed.says("alice", "!probe ping on")
    assert probed.texts("support") == ["on"]


async def test_an_edit_finds_its_post_after_a_restart(probed: Desk) -> None:
    await probed.says("alice", "!probe post first")
    await probed.restarts()
    await probed.says("alice", "!probe repost second")
    assert probed.texts("support") == ["second"]


async def test_what_was_not_sent_is_sent_once_after_a_restart(probed: Desk) -> None:
    probed.service.faults.extend([None, Fault.BUSY])
    await pings(probed, "one", "two", "three")
    await probed.restarts()
    assert probed.texts("support") == ["one", "two", "three"]
    await probed.restarts()
    assert len(probed.texts("support")) == 3


@pytest.mark.parametrize("promise", [Promise.IDEMPOTENT, Promise.PROVABLE])
async def test_a_stop_in_the_middle_of_a_send_loses_and_doubles_nothing(
    probed: Desk, promise: Promise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "SHUTDOWN_SECONDS", 0.05)
    probed.service.promised = promise
    probed.service.faults.append(Fault.HANG)
    event = probed.message("alice", "!probe ping one")
    await probed.stores(event)
    await probed.service.hanging.wait()
    await probed.stops()
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == ["one"]


async def test_what_was_sent_and_not_recorded_is_not_sent_again(probed: Desk) -> None:
    probed.service.promised = Promise.IDEMPOTENT
    await pings(probed, "one")
    await probed.stops()
    probed.changes("UPDATE outbox SET state = 'queued', message = NULL, sent_at = NULL")
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == ["one"]
    assert probed.rows("SELECT state FROM outbox") == [("sent",)]


async def test_what_has_expired_is_not_sent(probed: Desk) -> None:
    probed.service.faults.append(Fault.BUSY)
    await probed.says("alice", "!probe fleeting 60")
    await probed.stops()
    probed.clock.advance(timedelta(minutes=2))
    await probed.starts()
    await probed.rests()
    assert probed.texts("support") == []
    assert probed.rows("SELECT state FROM outbox") == [("cancelled",)]


async def test_what_has_not_expired_is_sent(probed: Desk) -> None:
    probed.service.faults.append(Fault.BUSY)
    await probed.says("alice", "!probe fleeting 60")
    await probed.advances(seconds=30)
    assert probed.texts("support") == ["now or never"]


async def test_a_first_direct_message_makes_the_room_known(probed: Desk) -> None:
    await probed.says("alice", "!probe secretly x")
    await probed.says("alice", "!probe secretly y")
    assert probed.texts("dm", "alice") == ["there: x", "there: y"]
    assert probed.rows("SELECT ref FROM room WHERE kind = 'direct'") == [("dm-alice",)]


async def test_a_delivery_has_one_id_in_all_its_attempts(probed: Desk) -> None:
    probed.service.faults.extend([Fault.BUSY, Fault.LIMIT, Fault.DROP])
    await pings(probed, "one")
    await probed.advances(minutes=10)
    assert len(probed.service.attempts) == 4
    assert len({each.id for each in probed.service.attempts}) == 1


async def test_who_cannot_be_reached_alone_gets_a_pointer_without_the_content(desk: Desk) -> None:
    desk.service.faults.append(Fault.REFUSE)
    await desk.says("alice", "password: hunter22")
    assert desk.last("support") == (
        "@alice: I have something for you alone, but cannot reach you. Write me a direct message."
    )
