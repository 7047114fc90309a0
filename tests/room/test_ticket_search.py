"""Tickets are found by words, by those who may see them."""

import pytest

from tests.desk import Desk


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A desk with three tickets, one of them private."""
    await desk.joins("alice", "support")
    await desk.joins("carol", "support")
    await desk.says("alice", "!ticket open my laptop will not start")
    await desk.says("carol", "!ticket open laptop: no sound, 100% sure")
    await desk.says("carol", "ticket open my laptop has a Gehaltszettel on it", room="dm")
    return desk


async def finds(desk: Desk, words: str, who: str = "bea", room: str = "staff") -> list[int]:
    """Return the numbers of the tickets that are found, in order."""
    await desk.says(who, f"!ticket search {words}", room=room)
    lines = desk.last(room, who).splitlines()
    return [int(line[3:].split()[0]) for line in lines if line.startswith("• #")]


async def test_staff_find_every_ticket_the_newest_first(busy: Desk) -> None:
    assert await finds(busy, "LAPTOP") == [3, 2, 1]
    assert await finds(busy, "sound laptop") == [2]
    assert await finds(busy, "laptop banana") == []


async def test_what_is_said_in_a_ticket_s_thread_is_found(busy: Desk) -> None:
    await busy.says("alice", "it beeps thrice", thread="1")
    assert await finds(busy, "thrice") == [1]


async def test_what_was_said_before_a_thread_was_a_ticket_is_found(busy: Desk) -> None:
    told = await busy.says("alice", "the coffee machine leaks")
    await busy.says("alice", "on the third floor", thread=told)
    assert await finds(busy, "floor") == []
    await busy.reacts("bea", "🎫", told)
    assert await finds(busy, "floor coffee") == [4]


async def test_notes_and_talk_at_the_card_are_found_by_staff_alone(busy: Desk) -> None:
    await busy.says("bea", "!ticket note #1 probably the Netzteil", room="staff")
    await busy.says("bea", "I think he dropped it", room="staff", thread="1")
    assert await finds(busy, "netzteil") == await finds(busy, "dropped") == [1]
    assert await finds(busy, "netzteil", "alice", "support") == []
    assert await finds(busy, "dropped", "alice", "support") == []


async def test_solutions_are_found(busy: Desk) -> None:
    await busy.says("bea", "!ticket resolve #1 a new Netzteil", room="staff")
    assert await finds(busy, "netzteil", "alice", "support") == [1]


async def test_people_find_what_they_may_see(busy: Desk) -> None:
    assert await finds(busy, "laptop", "alice", "support") == [2, 1]
    assert await finds(busy, "laptop", "carol", "support") == [3, 2, 1]
    assert await finds(busy, "laptop", "eve", "kitchen") == []


@pytest.mark.parametrize(
    "words", ["%", "_", "lap%", "l_ptop", '"laptop', "laptop OR x", "' or 1=1"]
)
async def test_what_people_write_is_never_a_query(busy: Desk, words: str) -> None:
    assert await finds(busy, words) == []


async def test_words_of_scripts_without_spaces_are_found(busy: Desk) -> None:
    await busy.says("alice", "!ticket open 打印机坏了")
    assert await finds(busy, "印机") == await finds(busy, "坏") == [4]


async def test_filters_narrow_a_search(busy: Desk) -> None:
    await busy.says("bea", "!ticket resolve #1", room="staff")
    assert await finds(busy, "solved laptop") == [1]


async def test_a_deleted_message_is_found_no_more(busy: Desk) -> None:
    told = await busy.says("alice", "it beeps thrice", thread="1")
    assert await finds(busy, "beeps") == [1]
    await busy.deletes("alice", told)
    assert await finds(busy, "thrice") == []
    assert await finds(busy, "laptop start") == [1]
    assert busy.rows("SELECT count(*) FROM ticket_word WHERE word = 'thrice'") == [(0,)]


async def test_an_edited_message_is_found_by_what_it_says_now(busy: Desk) -> None:
    told = await busy.says("alice", "it beeps thrice", thread="1")
    assert await finds(busy, "thrice") == [1]
    await busy.edits("alice", told, "it beeps twice")
    assert await finds(busy, "twice") == [1]
    assert await finds(busy, "thrice") == []
