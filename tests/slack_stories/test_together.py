"""A desk on two services at once: what is opened on Slack is worked on elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import ManualClock
from bot.storage.migrate import migrate
from bot.transports.console import ConsoleTransport, lines
from tests.slack.faults import Fault
from tests.slack_stories.scene import NINE, Scene, scene

STAFF = "staff"


class Screen:
    """The staff room on a console, with carla in it."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self.shown: list[lines.Shown] = []
        members = {STAFF: ("carla",)}
        self.transport = ConsoleTransport(ManualClock(NINE), members, self.shown.append)

    @property
    def texts(self) -> list[str]:
        """What has been shown so far, a text for each."""
        return ["\n".join(each.body) for each in self.shown]

    async def presses(self, label: str) -> None:
        """Press the newest button of a label."""
        await self.transport.people.press("carla", STAFF, label)


@pytest.fixture
def screen() -> Screen:
    """A console."""
    return Screen()


@pytest.fixture
async def desk(tmp_path: Path, screen: Screen) -> AsyncIterator[Scene]:
    """A desk on Slack and that console."""
    migrate(f"sqlite:///{tmp_path}/desk.db")
    async with scene(tmp_path / "desk.db", others=[screen.transport]) as desk:
        yield desk


async def test_a_ticket_from_slack_is_claimed_and_solved_on_the_console(
    desk: Scene, screen: Screen
) -> None:
    opened = await desk.says(desk.alice, "!ticket open the roof leaks")
    assert any("#1 the roof leaks" in text for text in screen.texts)
    assert "nobody has it" in desk.card(1).shown
    await desk.after(screen.presses("Claim"))
    assert "carla has it" in desk.card(1).shown
    assert "carla is working on ticket #1" in desk.answers(desk.alice, opened)[-1].shown
    await desk.presses(desk.bea, "✅ Resolve", desk.card(1), "staff")
    assert "solved by Bea" in screen.texts[-1]


async def test_while_slack_takes_nothing_the_console_goes_on(desk: Scene, screen: Screen) -> None:
    desk.slack.fail(Fault.LIMIT, "chat.postMessage", retry_after=60, times=5)
    opened = await desk.says(desk.alice, "!ticket open the cellar is wet")
    assert desk.answers(desk.alice, opened) == []
    assert any("#1 the cellar is wet" in text for text in screen.texts)
    await desk.after(screen.presses("Claim"))
    assert "carla has it" in screen.texts[-1]
    while not desk.answers(desk.alice, opened)[1:]:
        await desk.advances(seconds=61)
    assert "carla is working on" in desk.answers(desk.alice, opened)[-1].shown


async def test_a_room_with_much_to_say_does_not_hold_up_another(desk: Scene) -> None:
    many = [desk.alice.write("support", "!help") for _ in range(6)]
    asked = desk.bea.write("staff", "!help")
    await desk.slack.until(lambda: desk.answers(desk.bea, asked, "staff"))
    assert not all(desk.answers(desk.alice, each) for each in many)  # Slack takes one a second
    await desk.rests()
    assert all(desk.answers(desk.alice, each) for each in many)
