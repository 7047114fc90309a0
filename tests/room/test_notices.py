"""Notices: told now, or by the clock."""

import asyncio
import threading
from datetime import datetime, timedelta

import pytest

from tests.desk import BERLIN, Desk
from tests.service import Fault

PLAN = '!maintenance plan "mail server upgrade" --at "saturday 22:00" --for 2h'


async def test_an_announcement_stands_in_the_support_room(desk: Desk) -> None:
    await desk.says("bea", "!announce The new printer is on floor 3", room="staff")
    assert desk.last("support") == "📣 The new printer is on floor 3"
    assert desk.last("staff") == "Told #support."


async def test_an_employee_announces_nothing(desk: Desk) -> None:
    await desk.says("alice", "!announce free cake")
    assert desk.texts("support") == ["Only agents can do that (announce); you are an employee."]


async def test_maintenance_is_told_when_planned_begun_and_over(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    assert desk.last("support") == (
        "🛠 Planned maintenance: mail server upgrade\n"
        "From: Sat 10 Jan 2026 22:00 CET · To: Sun 11 Jan 2026 00:00 CET"
    )
    await desk.advances(days=5, hours=13)
    assert desk.last("support") == (
        "The maintenance mail server upgrade has begun; it should end at Sun 11 Jan 2026 00:00 CET."
    )
    await desk.advances(hours=2)
    assert desk.last("support") == "The maintenance mail server upgrade is finished."
    assert desk.texts("support")[0].startswith("🛠 Finished maintenance: mail server upgrade")
    assert len(desk.texts("support")) == 3


async def test_the_planner_is_told_when_and_where(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    assert desk.last("staff") == (
        "Maintenance 1 is planned from Sat 10 Jan 2026 22:00 CET to Sun 11 Jan 2026 00:00 CET "
        "and announced in #support. [Cancel it]"
    )


async def test_cancelled_maintenance_does_not_begin(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.presses("dan", "Cancel it", room="staff")
    assert desk.texts("support")[0].startswith("🛠 Cancelled maintenance")
    assert desk.last("support") == "The maintenance mail server upgrade is cancelled."
    await desk.advances(days=7)
    assert len(desk.texts("support")) == 2


async def test_what_is_over_cannot_be_cancelled(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.advances(days=7)
    await desk.says("bea", "!maintenance cancel 1", room="staff")
    assert desk.last("staff").startswith("Maintenance 1 is finished already.")
    await desk.says("bea", "!maintenance cancel 9", room="staff")
    assert desk.last("staff").startswith("There is no maintenance 9.")


async def test_planned_maintenance_is_listed(desk: Desk) -> None:
    await desk.says("alice", "!maintenance list")
    assert desk.last("support") == "No maintenance is planned."
    await desk.says("bea", PLAN, room="staff")
    await desk.advances(days=5, hours=13, minutes=10)
    await desk.says("alice", "!maintenance list")
    assert desk.last("support") == (
        "• 1: mail server upgrade, Sat 10 Jan 2026 22:00 CET to Sun 11 Jan 2026 00:00 CET "
        "(under way)"
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("x --at yesterday --for 2h", "“yesterday” is over already."),
        ("x --at bananas --for 2h", "“bananas” is not a time I understand."),
        (f"x --at {'1' * 61} --for 2h", f"“{'1' * 60}…” is not a time I understand."),
        ("x --at tomorrow --for long", "“long” is not a duration."),
        ("x --at tomorrow --for 0m", "“0m” is not a duration."),
        ("x --at tomorrow", "Something is missing: --for <duration like 2h>."),
        ("x --for 2h", "Something is missing: --at"),
        ("--at tomorrow --for 2h", "Something is missing: <title>."),
        ("x --at tomorrow --for 2h --rooms kitchen", "I know no support room “kitchen”"),
        ("x --at tomorrow --for 2h --room support", "There is no option --room here"),
        ("x --at --for 2h", "--at needs a value"),
        ('"x --at tomorrow --for 2h', "The quotation mark before"),
    ],
)
async def test_a_plan_that_says_nothing_is_refused(desk: Desk, line: str, sentence: str) -> None:
    await desk.says("bea", f"!maintenance plan {line}", room="staff")
    assert desk.last("staff").startswith(sentence)
    assert desk.texts("support") == []
    assert desk.rows("SELECT count(*) FROM notice") == [(0,)]


async def test_a_plan_that_was_missed_means_the_day_after_it_was_written(desk: Desk) -> None:
    left = desk.clock.now()
    event = desk.message("bea", '!maintenance plan x --at "tomorrow 6am" --for 2h', room="staff")
    desk.clock.advance(timedelta(hours=20))
    await desk.tells(event, away=left)
    assert "From: Tue 6 Jan 2026 06:00 CET" in desk.last("support")


async def test_rooms_are_chosen_by_name(desk: Desk) -> None:
    await desk.says("bea", f"{PLAN} --rooms #support", room="staff")
    assert desk.last("support").startswith("🛠 Planned maintenance")


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("29 march 2026 02:30", "Sun 29 Mar 2026 03:00 CEST"),  # it does not exist
        ("25 october 2026 02:30", "Sun 25 Oct 2026 02:30 CEST"),  # it exists twice
    ],
)
async def test_a_change_of_clocks_moves_no_maintenance_astray(
    desk: Desk, at: str, begins: str
) -> None:
    await desk.says("bea", f'!maintenance plan x --at "{at}" --for 3h', room="staff")
    assert f"From: {begins}" in desk.last("support")
    (due,) = desk.rows("SELECT due_at FROM schedule WHERE kind = 'maintenance start'")
    instant = datetime.fromisoformat(f"{due[0]}+00:00").astimezone(BERLIN)
    assert f"{instant:%H:%M %Z}" == begins[-10:].strip()


async def test_a_start_missed_by_downtime_is_told_late(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.stops()
    desk.clock.move_to(datetime(2026, 1, 10, 22, 30, tzinfo=BERLIN))
    await desk.starts()
    await desk.rests()
    assert desk.last("support").startswith(
        "The maintenance mail server upgrade began at Sat 10 Jan 2026 22:00 CET (I was away then)"
    )


async def test_a_start_that_is_over_when_we_return_is_not_told(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.stops()
    desk.clock.move_to(datetime(2026, 1, 11, 8, 0, tzinfo=BERLIN))
    await desk.starts()
    await desk.rests()
    assert not any("began" in text for text in desk.texts("support"))
    assert desk.last("support") == (
        "The maintenance mail server upgrade was to end at Sun 11 Jan 2026 00:00 CET."
    )


async def test_a_plan_cancelled_before_it_could_be_shown_is_not_shown(desk: Desk) -> None:
    desk.service.faults.extend([Fault.LIMIT] * 2)
    await desk.says("bea", PLAN, room="staff")
    await desk.says("bea", "!maintenance cancel 1", room="staff")
    await desk.advances(minutes=5)
    assert desk.texts("support") == []
    assert desk.last("staff") == "Cancelled; nobody had to be told."
    assert desk.rows("SELECT DISTINCT state FROM outbox WHERE post_key IS NOT NULL") == [
        ("cancelled",)
    ]


async def test_a_plan_cancelled_while_it_is_being_shown_is_shown_cancelled(desk: Desk) -> None:
    desk.service.faults.extend([None, Fault.HANG])
    await desk.stores(desk.message("bea", PLAN, room="staff"))
    await desk.service.hanging.wait()
    await desk.stores(desk.message("bea", "!maintenance cancel 1", room="staff"))
    async with asyncio.timeout(20):
        while desk.rows("SELECT state FROM notice") != [("cancelled",)]:
            await asyncio.to_thread(lambda: None)
    desk.service.go_on.set()
    await desk.rests()
    assert desk.texts("support")[0].startswith("🛠 Cancelled maintenance")


async def test_a_beginning_that_could_not_be_told_in_time_is_not_told(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.advances(days=5, hours=12)
    desk.service.faults.extend([Fault.BUSY] * 400)
    await desk.advances(hours=4)
    desk.service.faults.clear()
    await desk.advances(hours=1)
    assert not any("has begun" in text for text in desk.texts("support"))
    assert desk.last("support") == "The maintenance mail server upgrade is finished."


async def test_a_beginning_not_told_yet_is_not_told_when_it_is_cancelled(desk: Desk) -> None:
    await desk.says("bea", PLAN, room="staff")
    await desk.advances(days=5, hours=12, minutes=59)
    desk.service.faults.extend([Fault.LIMIT] * 4)
    await desk.advances(minutes=2)
    await desk.says("bea", "!maintenance cancel 1", room="staff")
    await desk.advances(minutes=5)
    assert [text.partition(" ")[2] for text in desk.texts("support")[1:]] == [
        "maintenance mail server upgrade is cancelled."
    ]


async def test_an_announcement_stands_although_its_command_is_deleted(desk: Desk) -> None:
    message = await desk.says("bea", "!announce The lift is back", room="staff")
    await desk.deletes("bea", message, room="staff")
    assert desk.last("support") == "📣 The lift is back"


async def test_what_reads_times_is_loaded_outside_the_transaction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(
        "handlers.notices.get_ready", lambda: loaded.append(threading.current_thread().name)
    )
    await desk.says("bea", PLAN, room="staff")
    assert [name != "deskside-writer" for name in loaded] == [True]
