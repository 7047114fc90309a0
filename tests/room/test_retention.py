"""What is kept for a time is gone after it, and no more is deleted at once than may be."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.transport import Batch, Gap, Page
from handlers.conversations import Keeping, retention
from tests.desk import Desk
from tests.room.conftest import OpenDesk
from tests.room.probe import Behaviour
from tests.service import HOME, place

PLAN = '!maintenance plan "mail server upgrade" --at "saturday 22:00" --for 2h'


@pytest.fixture
async def forgetful(open_desk: OpenDesk, behaviour: Behaviour) -> Desk:
    """A desk that keeps messages for ten days and events for five, with a probe."""
    keeping = Keeping(messages=10, events=5, audit=20, rooms={})
    return await open_desk(
        behaviour.joins,
        lambda plan: replace(plan, services={**plan.services, Keeping: keeping}),
    )


async def test_much_is_deleted_in_slices_on_one_day(
    forgetful: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 2)
    await forgetful.tells(*(forgetful.message("alice", f"story {n}") for n in range(7)))
    await forgetful.advances(days=11)
    assert forgetful.rows("SELECT count(*) FROM message") == [(0,)]
    assert forgetful.rows("SELECT count(*) FROM inbox") == [(0,)]


async def test_a_start_does_not_wait_until_everything_old_is_deleted(
    forgetful: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 2)
    await forgetful.tells(*(forgetful.message("alice", f"story {n}") for n in range(7)))
    await forgetful.stops()
    forgetful.clock.advance(timedelta(days=11))
    await forgetful.restarts()
    assert forgetful.rows("SELECT count(*) FROM message") == [(5,)]
    await forgetful.advances(minutes=1)
    assert forgetful.rows("SELECT count(*) FROM message") == [(0,)]


async def test_of_a_card_s_changes_the_last_is_kept(forgetful: Desk) -> None:
    await forgetful.says("alice", "!ticket open my laptop will not start")
    for _ in range(2):
        await forgetful.says("bea", "!ticket resolve #1 a new Zylinder", room="staff")
        await forgetful.says("bea", "!ticket reopen #1", room="staff")
    await forgetful.advances(days=6)
    kept = "SELECT action, count(*) FROM outbox WHERE post_key IS NOT NULL GROUP BY action"
    assert forgetful.rows(kept) == [("edit", 1), ("post", 1)]
    assert forgetful.rows("SELECT count(*) FROM outbox") == [(2,)]
    assert "open, bea has it" in forgetful.card(1)


async def test_a_card_is_still_edited_and_erased_after_that(forgetful: Desk) -> None:
    await forgetful.says("alice", "!ticket open my laptop will not start")
    message = await forgetful.says("bea", "!ticket resolve #1 a new Zylinder", room="staff")
    await forgetful.says("bea", "!ticket reopen #1", room="staff")
    await forgetful.says("bea", "!ticket resolve #1 it was Zylinder", room="staff")
    await forgetful.advances(days=6)
    await forgetful.deletes("bea", message, room="staff")
    assert "Solution: it was Zylinder" in forgetful.card(1)
    await forgetful.deletes("alice", "1")
    assert forgetful.card(1).startswith("#1 (deleted by its writer)")


async def test_that_maintenance_has_begun_is_not_kept_for_ever(forgetful: Desk) -> None:
    await forgetful.says("bea", PLAN, room="staff")
    await forgetful.advances(days=6)
    begun = "SELECT state FROM outbox WHERE post_key = 'notice/1/begun'"
    assert forgetful.rows(begun) == [("sent",)]
    await forgetful.advances(days=6)
    assert forgetful.rows(begun) == []
    assert forgetful.rows("SELECT count(*) FROM outbox WHERE post_key = 'notice/1'") == [(2,)]


async def test_nothing_else_is_kept_for_ever(forgetful: Desk) -> None:
    await forgetful.says("alice", "!probe colour")
    await forgetful.says("alice", "!probe errand x")
    await forgetful.says("alice", "!faq where is the canteen")
    gap = Gap(place("support"), "start", None)
    await forgetful.service.intake.receive(Batch([], gaps=[gap]))
    [stored] = await forgetful.service.intake.gaps("fake", HOME)
    await forgetful.service.intake.fill(Page(stored, [], None))
    await forgetful.advances(days=11)
    for table in ("question", "errand", "faq_answer", "gap", "message", "inbox", "outbox"):
        assert forgetful.rows(f"SELECT count(*) FROM {table}") == [(0,)], table


async def test_of_the_versions_of_a_page_the_last_is_kept_and_still_erased(
    forgetful: Desk,
) -> None:
    await forgetful.opens_page("alice")
    await forgetful.opens_page("carol")
    message = await forgetful.says("alice", "!ticket open my password is Zylinder")
    await forgetful.advances(days=6)
    pages = "SELECT count(*) FROM outbox WHERE action = 'home'"
    assert forgetful.rows(pages) == [(2,)]
    await forgetful.deletes("alice", message)
    assert "Zylinder" not in forgetful.page("alice")
