"""A user group gives its members a role, and is no room to talk in."""

from dataclasses import replace

from bot.people import Role
from tests.desk import Desk
from tests.room.conftest import OpenDesk

GROUP = "S0AGENTS"


async def group_of_agents(open_desk: OpenDesk) -> Desk:
    """Return a desk whose agents are the members of a group."""
    return await open_desk(lambda plan: replace(plan, roles={Role.AGENT: (GROUP,)}))


async def test_a_member_of_a_group_may_what_its_role_may(open_desk: OpenDesk) -> None:
    desk = await group_of_agents(open_desk)
    await desk.says("alice", "!ticket open my mouse is dead")
    await desk.says("erin", "!ticket claim #1")
    assert desk.last("support").startswith("Only agents can do that")
    await desk.joins("erin", GROUP)
    await desk.says("erin", "!ticket claim #1")
    assert "erin has it" in desk.card(1)


async def test_whoever_leaves_a_group_loses_its_role(open_desk: OpenDesk) -> None:
    desk = await group_of_agents(open_desk)
    await desk.joins("erin", GROUP)
    await desk.leaves("erin", GROUP)
    await desk.restarts()
    await desk.says("erin", "!announce free cake")
    assert desk.last("support").startswith("Only agents can do that")


async def test_nothing_is_said_in_a_group(open_desk: OpenDesk) -> None:
    desk = await group_of_agents(open_desk)
    await desk.joins("erin", GROUP)
    await desk.joins("erin", GROUP, bot=True)
    await desk.says("erin", "!announce free cake", room="staff")
    await desk.says("alice", "!ticket open my mouse is dead")
    assert desk.last("staff", "erin", thread="1") == "Told #support."
    assert GROUP not in desk.service.rooms
