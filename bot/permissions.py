"""Who may use a command? Its declared role, or a higher one that the configuration asks for."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bot.declared import Command
from bot.errors import Refused
from bot.people import Role


@dataclass(frozen=True, slots=True)
class Rules:
    """The least role of some commands, by name.

    A rule raises what a command declares and never lowers it: its author wrote and tested
    the command for people of that role. Whoever should do more is given a role.
    """

    least_roles: Mapping[str, Role] = field(default_factory=dict)

    def least(self, command: Command) -> Role:
        """Return the least role that may use a command."""
        return max(command.role, self.least_roles.get(command.name, Role.OUTSIDER))

    def check(self, command: Command, role: Role) -> None:
        """Do nothing when somebody of `role` may use a command. Raises Refused otherwise."""
        least = self.least(command)
        # Asked for what is allowed: whatever cannot be compared is refused.
        if not role >= least:
            msg = f"Only {least.plural} can do that ({command.name}); you are {_a(role)}."
            raise Refused(msg)


def problems(rules: Mapping[str, Role], commands: Collection[Command]) -> Mapping[str, str]:
    """Return by name what is wrong with rules: no such command, or a lower role than its own."""
    known = {command.name: command for command in commands}
    found = {}
    for name, role in rules.items():
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
            hint = f"; did you mean “{near[0]}”?" if near else ""
            found[name] = f"there is no such command{hint}"
        elif role < known[name].role:
            own = known[name].role.name.lower()
            found[name] = (
                f"it is for {own}s already, and a rule can only ask for more than that; "
                f"make somebody {_a(known[name].role)} in [people] instead"
            )
    return found


def _a(role: Role) -> str:
    word = role.name.lower()
    return f"an {word}" if word[0] in "aeo" else f"a {word}"
