"""Who may use which command where: one table, tried whole, and roles that change meanwhile."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.compose import routers
from bot.declared import Command
from bot.events import Left
from bot.people import Role
from bot.permissions import Rules
from bot.plan import Plan
from bot.router import Commands
from tests.desk import Desk
from tests.room.conftest import OpenDesk

LEAST = {
    "announce": Role.AGENT,
    "audit": Role.LEAD,
    "audit verify": Role.LEAD,
    "faq": Role.EMPLOYEE,
    "faq list": Role.EMPLOYEE,
    "faq show": Role.EMPLOYEE,
    "faq solved": Role.EMPLOYEE,
    "faq unsolved": Role.EMPLOYEE,
    "help": Role.EMPLOYEE,
    "macro": Role.AGENT,
    "macro delete": Role.AGENT,
    "macro list": Role.AGENT,
    "macro save": Role.AGENT,
    "macro send": Role.AGENT,
    "maintenance cancel": Role.AGENT,
    "maintenance list": Role.EMPLOYEE,
    "maintenance plan": Role.AGENT,
    "ticket assign": Role.AGENT,
    "ticket claim": Role.AGENT,
    "ticket close": Role.AGENT,
    "ticket dismiss": Role.AGENT,
    "ticket history": Role.AGENT,
    "ticket link": Role.AGENT,
    "ticket list": Role.EMPLOYEE,
    "ticket merge": Role.AGENT,
    "ticket note": Role.AGENT,
    "ticket open": Role.EMPLOYEE,
    "ticket priority": Role.AGENT,
    "ticket release": Role.AGENT,
    "ticket reopen": Role.EMPLOYEE,
    "ticket reply": Role.AGENT,
    "ticket resolve": Role.AGENT,
    "ticket search": Role.EMPLOYEE,
    "ticket show": Role.EMPLOYEE,
    "ticket snooze": Role.AGENT,
    "ticket split": Role.AGENT,
    "ticket status": Role.AGENT,
    "ticket tag": Role.AGENT,
    "ticket urgent": Role.EMPLOYEE,
    "ticket view": Role.AGENT,
    "undo": Role.EMPLOYEE,
}
RULES = {"announce": Role.LEAD, "ticket reopen": Role.AGENT, "faq": Role.ADMIN}
WHO = {
    Role.OUTSIDER: "otto",
    Role.EMPLOYEE: "erin",
    Role.AGENT: "adam",
    Role.LEAD: "lea",
    Role.ADMIN: "ada",
}
ROOMS = ("support", "staff", "dm", "elsewhere")
COMMANDS = {command.name: command for command in Commands(routers()).all}
each_role = pytest.mark.parametrize("role", Role, ids=lambda role: role.name.lower())


def with_roles(plan: Plan) -> Plan:
    """Have one person of each role; whoever is not named is an outsider, but for the staff."""
    named = {role: (who,) for role, who in WHO.items() if role > Role.OUTSIDER}
    return replace(plan, roles=named, home={"fake": ("another workspace",)})


def with_rules(**rules: Role) -> Rules:
    return Rules({name.replace("_", " "): role for name, role in rules.items()})


async def allowed(desk: Desk, who: str, room: str) -> set[str]:
    """Return the commands that somebody is not refused, having tried every one."""
    found = set()
    for name, command in COMMANDS.items():
        before = len(desk.texts(room, who))
        await desk.says(who, f"{'' if room == 'dm' else '!'}{line(command)}", room)
        new = desk.texts(room, who)[before:]
        assert new, f"{name} is not answered"
        if not any(text.startswith("Only ") and "can do that" in text for text in new):
            found.add(name)
    return found


def line(command: Command) -> str:
    return command.line(next((each for each in command.examples if each), ""))


def of(role: Role, least: Mapping[str, Role]) -> set[str]:
    return {name for name in least if role >= least[name]}


def test_the_table_has_every_command() -> None:
    assert {name: command.role for name, command in COMMANDS.items()} == LEAST


@each_role
@pytest.mark.parametrize("room", ROOMS)
async def test_everybody_may_do_what_their_role_may(
    open_desk: OpenDesk, role: Role, room: str
) -> None:
    desk = await open_desk(with_roles)
    assert await allowed(desk, WHO[role], room) == of(role, LEAST)


@each_role
async def test_rules_raise_the_role_of_commands(open_desk: OpenDesk, role: Role) -> None:
    desk = await open_desk(with_roles, lambda plan: replace(plan, rules=Rules(RULES)))
    assert await allowed(desk, WHO[role], "support") == of(role, LEAST | RULES)


async def test_a_rule_never_lowers_what_a_command_asks_for(open_desk: OpenDesk) -> None:
    lowered = Rules(dict.fromkeys(LEAST, Role.OUTSIDER))
    desk = await open_desk(with_roles, lambda plan: replace(plan, rules=lowered))
    assert await allowed(desk, "otto", "support") == set()
    assert await allowed(desk, "erin", "staff") == of(Role.EMPLOYEE, LEAST)


async def test_whoever_has_left_the_staff_room_is_refused_by_its_buttons(desk: Desk) -> None:
    await desk.says("alice", "!ticket open my laptop will not start")
    pressed = desk.press("bea", "Claim", room="staff")
    await desk.tells(Left(**desk.facts("bea", "staff")))
    await desk.tells(pressed)
    assert desk.last("staff").startswith("Only agents can do that (ticket claim)")
    assert desk.rows("SELECT assignee_id FROM ticket") == [(None,)]


async def test_whoever_has_lost_their_role_is_refused_by_old_buttons(open_desk: OpenDesk) -> None:
    desk = await open_desk(with_roles)
    await desk.says("adam", '!maintenance plan "mail" --at "saturday 22:00" --for 2h')
    pressed = desk.press("adam", "Cancel it")
    await desk.stops()
    desk.plan = replace(desk.plan, roles={Role.EMPLOYEE: ("adam",)})
    await desk.starts()
    await desk.tells(pressed)
    assert desk.rows("SELECT state FROM notice") == [("planned",)]


@pytest.mark.parametrize(
    ("rule", "emoji"), [("ticket claim", "👀"), ("ticket resolve", "✅"), ("ticket urgent", "🚨")]
)
async def test_a_rule_binds_the_emoji_of_its_command(
    open_desk: OpenDesk, rule: str, emoji: str
) -> None:
    desk = await open_desk(lambda plan: replace(plan, rules=Rules({rule: Role.LEAD})))
    await desk.says("alice", "!ticket open my laptop will not start")
    before = desk.card(1)
    await desk.reacts("bea", emoji, "1", room="staff")
    assert desk.card(1) == before
    assert desk.rows("SELECT state FROM ticket") == [("new",)]


async def test_a_rule_binds_the_emoji_that_opens_a_ticket(open_desk: OpenDesk) -> None:
    desk = await open_desk(lambda plan: replace(plan, rules=with_rules(ticket_open=Role.AGENT)))
    message = await desk.says("alice", "my laptop will not start")
    await desk.reacts("alice", "🎫", message)
    assert desk.texts("staff") == []
    await desk.reacts("bea", "🎫", message)
    assert "my laptop will not start" in desk.card(1)


async def test_help_names_only_what_the_rules_leave(open_desk: OpenDesk) -> None:
    desk = await open_desk(lambda plan: replace(plan, rules=with_rules(announce=Role.LEAD)))
    await desk.says("bea", "!help", room="staff")
    assert "announce" not in desk.last("staff")
    await desk.says("bea", "!anounce x", room="staff")
    assert "announce" not in desk.last("staff")


class Broken(Rules):
    """Rules that cannot be looked up."""

    def least(self, command: Command) -> Role:
        raise RuntimeError(command.name)


async def test_a_check_that_crashes_refuses(open_desk: OpenDesk) -> None:
    desk = await open_desk(lambda plan: replace(plan, rules=Broken()))
    await desk.says("alice", "!ticket open my laptop will not start")
    assert desk.last("support").startswith("Something went wrong on my side")
    assert desk.rows("SELECT count(*) FROM ticket") == [(0,)]
