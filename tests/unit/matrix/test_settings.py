from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.transports.matrix.direct_rooms import alias_of
from bot.transports.matrix.settings import MatrixSettings

GOOD: dict[str, Any] = {
    "homeserver": "https://matrix.example.org/",
    "user_id": "@desk:example.org",
    "access_token": SecretStr("s3cret"),
}


def test_settings_are_put_in_order() -> None:
    settings = MatrixSettings(**GOOD)
    assert settings.homeserver == "https://matrix.example.org"
    assert settings.server == "example.org"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    "change",
    [
        {"homeserver": "matrix.example.org"},
        {"user_id": "desk"},
        {"user_id": "@:example.org"},
        {"access_token": None},
        {"invite_from": ("example.org",)},
        {"zone": "Berlin"},
        {"sync_timeout": 0},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MatrixSettings(**GOOD | change)


def test_the_alias_of_a_direct_room_is_the_same_for_ever() -> None:
    first = alias_of("@desk:x", "@alice:x", 0)
    assert first == alias_of("@desk:x", "@alice:x", 0)
    assert len({first, alias_of("@desk:x", "@bob:x", 0), alias_of("@desk:x", "@alice:x", 1)}) == 3
