"""What arrives at once goes on in the order in which it happened, room by room."""

import asyncio

from bot.transports.slack.order import Door, Turns


def forget(door: Door) -> None:
    door.carriers.clear()


async def stand(turns: Turns, people: int) -> None:
    """Wait until so many stand before the door of C1."""
    async with asyncio.timeout(5):
        while not is_before_it(turns, people):  # noqa: ASYNC110 - a lock tells nobody who waits
            await asyncio.sleep(0)


def is_before_it(turns: Turns, people: int) -> bool:
    return "C1" in turns._rooms and len(turns._rooms["C1"].lock._waiters or ()) >= people


async def test_nobody_enters_a_room_while_another_is_in_it() -> None:
    turns, inside, seen = Turns(forget), set[int](), list[int]()

    async def go_in(number: int) -> None:
        async with turns.mine("C1", float(number)):
            assert not inside
            inside.add(number)
            seen.append(number)
            await asyncio.sleep(0)
            inside.discard(number)

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(go_in(number))
            # So that they come in several lots.
            while number % 10 == 9 and number not in seen:  # noqa: ASYNC110 - of a few ms
                await asyncio.sleep(0)
    assert seen == list(range(50))


async def test_who_comes_when_a_room_was_left_waits_for_those_before_it() -> None:
    turns, seen = Turns(forget), list[str]()
    is_in = {name: asyncio.Event() for name in ("first", "second", "third")}
    may_leave = {name: asyncio.Event() for name in is_in}

    async def go_in(name: str, at: float) -> None:
        async with turns.mine("C1", at):
            seen.append(f"{name} in")
            is_in[name].set()
            await may_leave[name].wait()
            seen.append(f"{name} out")

    async with asyncio.TaskGroup() as group:
        group.create_task(go_in("first", 1))
        await is_in["first"].wait()
        group.create_task(go_in("second", 2))
        await stand(turns, 1)
        may_leave["first"].set()
        await is_in["second"].wait()
        group.create_task(go_in("third", 3))
        await stand(turns, 1)
        for name in ("third", "second"):
            may_leave[name].set()
    assert seen == [f"{n} {w}" for n in ("first", "second", "third") for w in ("in", "out")]


async def test_who_gives_up_waiting_leaves_no_trace() -> None:
    turns = Turns(forget)
    turns.open.clear()

    async def go_in() -> None:
        async with turns.mine("C1", 1):
            raise AssertionError("it was closed")

    waiting = [asyncio.create_task(go_in()) for _ in range(3)]
    await stand(turns, 2)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    turns.open.set()
    async with asyncio.timeout(5), turns.mine("C1", 2):
        assert len(turns._rooms) == 1
    assert not turns._rooms
