from typing import Any

import pytest

from bot.transports.matrix.batches import Invite
from bot.transports.matrix.membership import welcome
from bot.transports.matrix.upgrades import needed, power
from tests.unit.matrix.events import ALICE, BOB, event

KIND = "m.room.tombstone"


def state(version: str, levels: dict[str, Any] | None = None, **create: Any) -> list[Any]:
    made = [event("m.room.create", {"room_version": version, **create}, state_key="")]
    if levels is not None:
        made.append(event("m.room.power_levels", levels, state_key=""))
    return made


def test_creators_of_new_rooms_stand_above_all_levels() -> None:
    made = state("12", {"users": {}}, additional_creators=[BOB])
    assert power(made, ALICE) == power(made, BOB) > 2**52
    assert power(state("11", {"users": {}}), ALICE) == 0


def test_levels_count_for_everybody_else() -> None:
    made = state("12", {"users": {"@mod:x": 50}, "users_default": 5})
    assert (power(made, "@mod:x"), power(made, "@new:x")) == (50, 5)


def test_without_levels_the_creator_alone_has_power() -> None:
    assert (power(state("11"), ALICE), power(state("11"), BOB)) == (100, 0)


@pytest.mark.parametrize(
    ("levels", "level"),
    [({"events": {KIND: 100}}, 100), ({"state_default": 60}, 60), ({}, 50), (None, 0)],
)
def test_what_a_tombstone_takes_is_read_from_the_levels(
    levels: dict[str, Any] | None, level: int
) -> None:
    assert needed(state("11", levels), KIND) == level


def test_levels_of_wrong_types_give_nobody_power() -> None:
    made = state("11", {"users": {ALICE: "100"}, "users_default": "100"})
    assert power(made, ALICE) == 0


@pytest.mark.parametrize(
    ("inviter", "room", "expected"),
    [
        ("@boss:x.org", "!r", True),
        ("@other:x.org", "!r", False),
        ("@anyone:good.org", "!r", True),
        ("@anyone:evil.org:good.org", "!r", False),
        ("@anyone:good.org.evil.org", "!r", False),
        ("@stranger:y.org", "!named", True),
        ("", "!named", False),
    ],
)
def test_only_the_allowed_may_bring_the_bot_in(inviter: str, room: str, expected: bool) -> None:
    allowed = ("@boss:x.org", ":good.org", "!named")
    assert welcome(Invite(room, inviter, direct=False), allowed) is expected
