"""What is deleted vanishes from the disk: wherever it was kept, quoted or derived from."""

from dataclasses import replace

import pytest

from bot.events import SharedFile
from bot.people import Role
from tests.desk import Desk
from tests.room.conftest import OpenDesk
from tests.service import Fault

SECRET = "Schwanensee"


def is_kept(desk: Desk) -> bool:
    """Tell whether any byte of the database still tells it, or any room shows it."""
    shown = "".join(desk.texts("support") + desk.texts("staff") + desk.texts("dm", "alice"))
    return SECRET.encode() in desk.stored_bytes() or SECRET in shown


@pytest.mark.parametrize(
    "text",
    [
        f"I said {SECRET}",
        f"!ticket open I said {SECRET}",
        f"!ticket open {SECRET}" + " and on" * 100,
        f"!{SECRET} nonsense",
        f"!faq {SECRET}",
        f"!ticket claim {SECRET}",
        f"!help {SECRET}",
    ],
)
async def test_a_deleted_message_is_nowhere(desk: Desk, text: str) -> None:
    message = await desk.says("alice", text)
    await desk.deletes("alice", message)
    assert not is_kept(desk)


async def test_neither_is_what_it_was_before_an_edit(desk: Desk) -> None:
    message = await desk.says("alice", f"!ticket open I said {SECRET}")
    await desk.edits("alice", message, "!ticket open I said nothing")
    await desk.edits("alice", message, "!ticket open I said something")
    await desk.deletes("alice", message)
    assert not is_kept(desk)


async def test_nor_in_a_list_that_quoted_it(desk: Desk) -> None:
    message = await desk.says("alice", f"!ticket open I said {SECRET}")
    await desk.says("bea", "!ticket list", room="staff")
    await desk.says("bea", "!ticket show #1", room="staff")
    await desk.says("alice", "!ticket list")
    await desk.deletes("alice", message)
    assert not is_kept(desk)


async def test_nor_in_what_a_service_refuses_to_edit(desk: Desk) -> None:
    message = await desk.says("alice", f"!ticket open I said {SECRET}")
    await desk.says("bea", "!ticket show #1", room="staff")
    desk.service.faults.extend([Fault.REFUSE] * 3)
    await desk.deletes("alice", message)
    assert SECRET.encode() not in desk.stored_bytes()


async def test_nor_in_a_private_ticket(desk: Desk) -> None:
    message = await desk.says("alice", f"ticket open I said {SECRET}", room="dm")
    await desk.says("alice", "!ticket show #1")
    await desk.deletes("alice", message, room="dm")
    assert not is_kept(desk)


async def test_nor_in_a_solution_that_stands_on_no_card(open_desk: OpenDesk) -> None:
    agents = {Role.AGENT: ("bea",)}
    rooms = {("fake", "support"): "support"}
    desk = await open_desk(lambda plan: replace(plan, rooms=rooms, roles=agents))
    await desk.says("alice", "!ticket open my laptop will not start")
    message = await desk.says("bea", f"!ticket resolve #1 {SECRET}")
    await desk.deletes("bea", message)
    assert not is_kept(desk)


async def test_nor_in_what_a_long_answer_went_on_in(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    desk.service.longest = 1000
    message = await desk.says("bea", f"!ticket resolve #1 {SECRET}" + " and on" * 200, "staff")
    assert len([text for text in desk.texts("support") if SECRET in text]) == 2
    await desk.deletes("bea", message, room="staff")
    assert not is_kept(desk)


async def test_nor_in_a_file_name(desk: Desk) -> None:
    message = await desk.says("alice", "look", files=(SharedFile(f"{SECRET}.png"),))
    await desk.deletes("alice", message)
    assert not is_kept(desk)


async def test_deleting_ones_message_does_not_touch_others(desk: Desk) -> None:
    await desk.says("carol", f"I said {SECRET}")
    message = await desk.says("alice", "so did I")
    await desk.deletes("alice", message)
    assert desk.rows("SELECT text FROM message ORDER BY id") == [(f"I said {SECRET}",), ("",)]


async def test_a_masked_secret_was_never_stored(desk: Desk) -> None:
    await desk.says("alice", f"!ticket open my password is: {SECRET}!")
    await desk.says("alice", f"password: {SECRET}", room="dm")
    assert not is_kept(desk)
