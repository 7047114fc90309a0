"""Lists of tickets: filtered, in order, page by page, and saved by a name."""

import pytest

from tests.desk import Desk


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A desk with five tickets: one urgent, one bea's, one solved, one low, one private."""
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open my mouse is dead")
    await desk.says("alice", "!ticket open the printer prints nothing")
    await desk.says("alice", "!ticket open --urgent the whole floor is offline")
    await desk.says("carol", "ticket open my pay slip is wrong", room="dm")
    for line in ("claim 2", "resolve 3", "priority 1 low", "tag 2 5 +vpn"):
        await desk.says("bea", f"!ticket {line}", room="staff")
    return desk


async def numbers(desk: Desk, line: str, who: str = "bea", room: str = "staff") -> list[int]:
    """Return the numbers of the tickets an answer lists, in order."""
    await desk.says(who, f"!ticket {line}", room=room)
    lines = desk.last(room, who).splitlines()
    return [int(line[3:].split()[0]) for line in lines if line.startswith("• #")]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", [4, 2, 5, 1]),
        ("unassigned", [4, 5, 1]),
        ("-unassigned", [2]),
        ("mine", [2]),
        ("tag:vpn", [2]),
        ("priority:low", [1]),
        ("-priority:low -urgent", [2, 5]),
        ("new", [4, 5, 1]),
        ("new open", [4, 2, 5, 1]),
        ("solved", [3]),
        ("solved open", [3, 2]),
        ("private", [5]),
        ("from:@carol", [2, 5]),
        ("to:@bea", [2]),
        ("to:me", [2]),
        ("older:2d", []),
        ("newer:2d", [4, 2, 5, 1]),
        ("3 1", [3, 1]),
    ],
)
async def test_filters_choose(busy: Desk, filters: str, found: list[int]) -> None:
    assert sorted(await numbers(busy, f"list {filters}")) == sorted(found)


async def test_the_urgent_come_first_and_then_the_oldest(busy: Desk) -> None:
    assert await numbers(busy, "list") == [4, 2, 5, 1]


async def test_what_was_opened_long_ago_is_found_by_its_age(busy: Desk) -> None:
    await busy.advances(days=3)
    await busy.says("alice", "!ticket open my chair is broken")
    assert await numbers(busy, "list older:2d unassigned") == [4, 5, 1]
    assert await numbers(busy, "list updated:1h") == [6]


async def test_an_employee_sees_their_own_whatever_they_filter(busy: Desk) -> None:
    assert await numbers(busy, "list solved", "alice", "support") == [3]
    assert await numbers(busy, "list from:@carol", "alice", "support") == []


async def test_staff_do_not_list_everybody_s_where_others_read(busy: Desk) -> None:
    assert await numbers(busy, "list private", "bea", "support") == []


async def test_more_shows_the_next_page(busy: Desk) -> None:
    opened = [busy.message("alice", f"!ticket open problem {number}") for number in range(20)]
    await busy.tells(*opened)
    assert len(await numbers(busy, "list unassigned")) == 20
    await busy.presses("bea", "More", room="staff")
    assert busy.last("staff").startswith("• #24 problem 18")
    assert "more" not in busy.last("staff")


async def test_what_is_no_filter_is_named(busy: Desk) -> None:
    await busy.says("bea", "!ticket list banana", room="staff")
    assert busy.last("staff").startswith("“banana” is not a filter.")


async def test_a_view_is_saved_shown_and_deleted(busy: Desk) -> None:
    assert await numbers(busy, "view save Night unassigned urgent") == []
    assert busy.last("staff") == "Saved. `!ticket view night` lists: unassigned urgent."
    assert await numbers(busy, "view night") == [4]
    await busy.says("bea", "!ticket view", room="staff")
    assert busy.last("staff").startswith("• `!ticket view night` – unassigned urgent")
    await busy.says("bea", "!ticket view delete night", room="staff")
    assert "`!ticket view save night unassigned urgent` brings it back" in busy.last("staff")
    await busy.says("bea", "!ticket view night", room="staff")
    assert busy.last("staff").startswith("There is no view “night”.")


async def test_a_view_is_its_owner_s(busy: Desk) -> None:
    await numbers(busy, "view save night urgent")
    await busy.says("dan", "!ticket view night", room="staff")
    assert busy.last("staff").startswith("There is no view “night”. You have none yet.")


async def test_a_view_without_filters_is_refused(busy: Desk) -> None:
    await busy.says("bea", "!ticket view save night", room="staff")
    assert busy.last("staff").startswith("Write a short name and filters after it")
