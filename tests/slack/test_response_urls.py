"""An app may answer an act without a token: five times, in half an hour, as Slack wants it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.clock import ManualClock
from tests.slack.app import Json, Line, SocketApp
from tests.slack.people import PersonThere
from tests.slack.server import SlackDouble


async def url_of(slack: SlackDouble, alice: PersonThere, ts: str, line: Line) -> str:
    """Return the address that comes with Alice's press of a button."""
    frame, _ = await line.hear(slack.gestures.press(alice, "it", ts, "claim"))
    return str(frame["payload"]["response_url"])


async def test_a_response_url_is_good_five_times(
    slack: SlackDouble, app: SocketApp, alice: PersonThere, card: str, line: Line
) -> None:
    url = await url_of(slack, alice, card, line)
    for number in range(5):
        assert await app.post(url, {"text": f"Answer {number}"}) == (200, {"ok": True})
    assert await app.post(url, {"text": "-"}) == (404, {"ok": False, "error": "used_url"})
    assert len([seen for seen in alice.sees("it") if seen.is_ephemeral]) == 5


async def test_a_response_url_is_good_for_half_an_hour(
    slack: SlackDouble,
    app: SocketApp,
    alice: PersonThere,
    card: str,
    line: Line,
    clock: ManualClock,
) -> None:
    url = await url_of(slack, alice, card, line)
    clock.advance(timedelta(minutes=30))
    assert (await app.post(url, {"text": "-"}))[0] == 200
    clock.advance(timedelta(milliseconds=1))
    assert (await app.post(url, {"text": "-"}))[1]["error"] == "expired_url"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"text": "Yours"}, ["#42", "Yours"]),
        ({"text": "Yours", "response_type": "in_channel"}, ["#42", "Yours"]),
        ({"text": "Taken", "replace_original": True}, ["Taken"]),
        ({"delete_original": True}, []),
    ],
)
async def test_a_response_url_adds_replaces_and_deletes(
    slack: SlackDouble,
    app: SocketApp,
    alice: PersonThere,
    card: str,
    line: Line,
    said: Json,
    shown: list[str],
) -> None:
    url = await url_of(slack, alice, card, line)
    assert (await app.post(url, said))[0] == 200
    assert [seen.text for seen in alice.sees("it")] == shown
    alone = [seen.is_ephemeral for seen in alice.sees("it")][1:]
    assert alone == ([said.get("response_type") is None] if len(shown) == 2 else [])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({}, "no_text"),
        ({"text": "-", "blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"text": "-", "replace_original": "true"}, "invalid_payload"),
        ({"text": "-", "response_type": "secret"}, "invalid_payload"),
        ({"text": "-", "colour": "red"}, "invalid_payload"),
    ],
)
async def test_a_response_url_refuses_what_slack_refuses(
    slack: SlackDouble,
    app: SocketApp,
    alice: PersonThere,
    card: str,
    line: Line,
    said: dict[str, Any],
    error: str,
) -> None:
    url = await url_of(slack, alice, card, line)
    assert await app.post(url, said) == (400, {"ok": False, "error": error})
