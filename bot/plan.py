"""What is a desk made of? Filled by the composition root, read by what runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.people import Role
from bot.permissions import Rules
from bot.router import Router
from bot.storage.writer import GROUP_LIMIT
from bot.transport import Transport


@dataclass(frozen=True)
class Plan:
    """What a desk is made of.

    Attributes:
        rooms: the kind of each configured room, by (transport, id or alias).
        roles: ids of people by role.
        rules: who may use which command.
        home: workspaces whose people are employees, by transport; empty means all.
        services: what handlers may ask for, by type.
    """

    database_url: str
    transports: Sequence[Transport]
    routers: Sequence[Router]
    clock: Clock
    zone: str = "UTC"
    rooms: Mapping[tuple[str, str], str] = field(default_factory=dict)
    roles: Mapping[Role, Sequence[str]] = field(default_factory=dict)
    rules: Rules = Rules()  # noqa: RUF009 - it is immutable
    home: Mapping[str, Sequence[str]] = field(default_factory=dict)
    services: Mapping[type[Any], Any] = field(default_factory=dict)
    wait_for_lock: bool = False
    group_limit: int = GROUP_LIMIT
