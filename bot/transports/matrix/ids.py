"""Which strings are ids of Matrix, and what do they say?"""

from __future__ import annotations

import re

from bot.events import Person, Place

NAME = "matrix"
_SPACE = re.compile(r"\s")
_LONGEST = 255  # https://spec.matrix.org/v1.16/appendices/#common-identifier-format


def is_user(value: str) -> bool:
    """Tell whether it can be a user id; historical ones hold nearly any character."""
    local, _, server = value.partition(":")
    return local.startswith("@") and bool(server) and _fits(value)


def is_event(value: str) -> bool:
    """Tell whether it can be an event id."""
    return len(value) > 1 and value.startswith("$") and _fits(value)


def is_room(value: str) -> bool:
    """Tell whether it can be a room id; since room version 12 they name no server.

    https://spec.matrix.org/v1.16/rooms/v12/#room-ids
    """
    return len(value) > 1 and value.startswith("!") and _fits(value)


def server_of(user: str) -> str:
    """Return the server of a user id, with its port."""
    return user.partition(":")[2]


def person(user: str) -> Person:
    """Return the person behind a user id."""
    return Person(NAME, server_of(user), user)


def place(workspace: str, room: str, thread: str | None = None) -> Place:
    """Return a room, or a thread in it; `workspace` is the server of the bot's account."""
    return Place(NAME, workspace, room, thread)


def _fits(value: str) -> bool:
    # The limit is in bytes; 255 characters are near enough to refuse what is no id.
    return len(value) <= _LONGEST and _SPACE.search(value) is None
