"""A deleted message leaves no text behind: not shown, not stored, not on its way."""

import pytest

from bot.events import Deleted
from tests.desk import Desk

ERASED = "(Erased: the message this quoted was deleted.)"


@pytest.mark.parametrize(
    "said",
    ["!help sunshine", "!sunshine", "!ticket claim sunshine", '!ticket claim "sunshine'],
)
async def test_what_a_refusal_quotes_vanishes_with_the_message(desk: Desk, said: str) -> None:
    message = await desk.says("bea", said)
    assert "sunshine" in desk.last("support")
    await desk.deletes("bea", message)
    assert desk.texts("support") == [ERASED]
    assert b"sunshine" not in desk.stored_bytes()


@pytest.mark.parametrize(
    "said", ["!announce sunshine", "!ticket open sunshine", "!ticket claim sunshine"]
)
async def test_what_is_deleted_before_its_turn_is_not_acted_on(desk: Desk, said: str) -> None:
    message = desk.message("bea", said)
    deleted = Deleted(**desk.facts("bea", "support"), message=message.message)
    await desk.tells(message, deleted)
    assert desk.texts("support") == desk.texts("staff") == []
    assert desk.rows("SELECT count(*) FROM inbox WHERE state != 'handled'") == [(0,)]
    assert b"sunshine" not in desk.stored_bytes()
