"""Much at once, and much while the bot was away: nothing is lost."""

import asyncio

import pytest

from tests.faults.conftest import Figures, Gather

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


async def test_sixty_messages_in_one_burst_get_sixty_answers_three_times(
    gather: Gather, short: bool
) -> None:
    crowd = await gather()
    rooms = crowd.rooms[: 1 if short else 3]
    async with crowd.bot as bot:
        for room in rooms:
            await crowd.burst(room, 60)
            await crowd.answered(within=60)
        assert await bot.stop() == 0
    assert all(len(crowd.asked[room]) == 60 for room in rooms)
    crowd.check()


async def test_what_passed_while_the_bot_was_away_is_stored_and_its_commands_are_late(
    gather: Gather, short: bool, figures: Figures
) -> None:
    crowd = await gather(away_after=1)
    talk, commands = (160, 6) if short else (1_000, 12)
    room = crowd.rooms[0] if short else None  # more than the server tells at once
    await crowd.chat(talk // 2, room)
    await crowd.ask(commands)
    await crowd.chat(talk - talk // 2, room)
    async with crowd.bot as bot:
        await crowd.answered(within=120)
        lines = {room: [e.body for e in crowd.by_bot(room)] for room in crowd.rooms}
        assert await bot.stop() == 0
    crowd.check()
    for room, said in lines.items():
        passed = len(crowd.asked[room]) + len(crowd.talk[room])
        [line] = [body for body in said if body.startswith("I was away from")]
        assert line.endswith(f"; {passed} messages caught up.")
        answers = [body for body in said if "this is ticket" in body]
        assert len(answers) == len(crowd.asked[room])
        assert all("Late: I was away when you wrote this at" in body for body in answers)
    figures(f"{talk} messages and {commands} commands passed while the bot was away; none lost")


async def test_a_bot_that_is_asked_to_stop_does_so_within_seconds_and_loses_nothing(
    gather: Gather, figures: Figures
) -> None:
    crowd = await gather()
    bot = crowd.bot
    # Python says what is left open when it runs for developers.
    await bot.start(program=("-X", "dev", "-m", "bot"))
    asking = asyncio.create_task(crowd.ask(30))
    await bot.logged("handled", times=5)
    async with asyncio.timeout(15):
        assert await bot.stop() == 0
    await asking
    figures(f"left to the next process by a bot that was stopped: {bot.unfinished()}")
    said = bot.log.read_text()
    assert not [w for w in ("Traceback", "ResourceWarning", "never retrieved") if w in said]
    assert not [file.name for file in bot.log.parent.glob("desk.db-wal")]
    await bot.start()
    await crowd.answered(within=60)
    assert await bot.stop() == 0
    crowd.check()
