"""A deleted message leaves no text behind: not shown, not stored, not on its way."""

import pytest

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
