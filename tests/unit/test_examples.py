"""Every command says what it does and shows how, and what it shows can be typed."""

import pytest

from bot.arguments import parse
from bot.compose import routers
from bot.router import Command, Commands

COMMANDS = Commands(routers())
EXAMPLES = [(command, example) for command in COMMANDS.all for example in command.examples]


@pytest.mark.parametrize("command", COMMANDS.all, ids=lambda command: command.name)
def test_every_command_has_a_sentence_and_an_example(command: Command) -> None:
    assert command.summary.endswith(".")
    assert command.summary[0].isupper()
    assert command.examples


@pytest.mark.parametrize(("command", "example"), EXAMPLES, ids=lambda x: getattr(x, "name", x))
def test_every_example_parses(command: Command, example: str) -> None:
    match = COMMANDS.match(f"{command.name} {example}")
    assert match.command is command
    values = parse(command.parameters, match.rest)
    assert {p.name for p in command.parameters if p.required} <= set(values)


@pytest.mark.parametrize("command", COMMANDS.all, ids=lambda command: command.name)
def test_every_alias_leads_to_its_command(command: Command) -> None:
    for alias in command.aliases:
        assert COMMANDS.match(" ".join(alias)).command is command


def test_every_router_says_what_it_is_for() -> None:
    assert all(router.summary for router in COMMANDS.routers)
