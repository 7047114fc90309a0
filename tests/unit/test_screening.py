"""Screening: each kind of secret is masked, talk about IT is not, in linear time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import (
    Event,
    Finished,
    Message,
    Person,
    PersonChanged,
    Place,
    Reacted,
    RoomChanged,
    SharedFile,
)
from bot.screening import screen, screen_event

FACTS: dict[str, Any] = {
    "id": "1",
    "place": Place("fake", "home", "support"),
    "person": Person("fake", "home", "alice"),
    "at": datetime(2026, 1, 5, tzinfo=UTC),
}
TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-123456789012-abcdefABCDEF",
        "xapp-1-A012-345-abcdef",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz",
        "github_pat_11ABCDEFG0123456789_abcdef",
        "glpat-0123456789abcdefghij",
        "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyA-0123456789abcdefghijklmnopqrstu",
        "sk-0123456789abcdefghijklmn",
        "sk_live_0123456789abcdef",
        "npm_0123456789abcdefghijklmnopqrstuv",
        "hf_0123456789abcdefghijklmnopqrstuv",
        "syt_YWxpY2U_0123456789",
        JWT,
    ],
)
def test_tokens_are_masked(token: str) -> None:
    result = screen(f"it says {token}, why?")
    assert (result.text, result.masked) == ("it says [masked: token], why?", ("token",))


def test_private_keys_are_masked_even_when_cut_off() -> None:
    assert screen(f"look:\n{KEY}\nok").text == "look:\n[masked: private key]\nok"
    assert screen(KEY[:50]).masked == ("private key",)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password: hunter2", "password: [masked: password]"),
        ("Password=hunter2!", "Password=[masked: password]"),
        ("pwd : sunshine", "pwd : [masked: password]"),
        ("my password is Tr0ub4dor&3", "my password is [masked: password]"),
        ('my password is "correct horse"', "my password is [masked: password]"),
        ("mein Passwort ist Sommer2024", "mein Passwort ist [masked: password]"),
        ("api_key: 0123-4567", "api_key: [masked: password]"),
        ("密码：abc12345", "密码：[masked: password]"),  # noqa: RUF001
        ("postgres://bob:s3cr3t@db/x", "postgres://bob:[masked: password]@db/x"),
        ("card 4111 1111 1111 1111 ok", "card [masked: card number] ok"),
        ("5500-0000-0000-0004", "[masked: card number]"),
    ],
)
def test_passwords_and_cards_are_masked(text: str, masked: str) -> None:
    assert screen(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "my password is expired",
        "the password is not accepted",
        "my password is asking me to change it",
        "the password is about to expire",
        "password is case sensitive",
        "my password is wrong!",
        "Password: expired since monday",
        "mein Passwort ist abgelaufen",
        "how do I reset my password?",
        "I forgot the password of my laptop",
        "the wifi password is changed every monday",
        "serial 4111 1111 1111 1112",
        "ticket 0000000000000000",
        "call +49 170 1234567890",
        "https://example.org:8080/path",
        "the secret is out",
        "SN: C02XK0AAJG5H",
        "error 0x80070005 at 10.0.0.1",
    ],
)
def test_talk_about_it_is_left_alone(text: str) -> None:
    assert screen(text) == (screen(text).__class__(text, ()))


def test_several_secrets_are_named_once_each() -> None:
    result = screen(f"password: a1b2c3 and {JWT} and {JWT}")
    assert result.masked == ("token", "password")


@given(st.text())
def test_screening_twice_changes_nothing_more(text: str) -> None:
    once = screen(text).text
    assert screen(once) == screen(once).__class__(once, ())


@pytest.mark.parametrize(
    "piece",
    ["eyJ-", "eyJa.", "-----BEGIN PRIVATE KEY-----", "password ", "password: ", "SG.a", "1 ",
     "1-", "a://b:", "pass is ", "xoxb-", "://", "'\"", "AKIA", "eyJaaaaaaaaaaaa-"],
)  # fmt: skip
def test_no_text_makes_it_slow(piece: str) -> None:
    # With the square of the length it would take longer than a test may.
    text = piece * (1_000_000 // len(piece))
    assert screen(text).text


@pytest.mark.parametrize(
    "event",
    [
        Message(**FACTS, message="1", text="look", files=(SharedFile("a", f"//x?key={TOKEN}"),)),
        PersonChanged(**FACTS, name=f"alice {TOKEN}"),
        RoomChanged(**FACTS, name=TOKEN),
        Reacted(**FACTS, message="1", emoji=TOKEN),
        Finished(**FACTS, errand="call", outcome={"said": [{"it": TOKEN}]}, error=f"no {TOKEN}"),
    ],
    ids=lambda event: event.kind,
)
def test_whatever_people_can_write_into_is_screened(event: Event) -> None:
    clean, _ = screen_event(event)
    assert TOKEN in repr(event)
    assert TOKEN not in repr(clean)
    assert "[masked: token]" in repr(clean)


def test_what_is_no_emoji_is_cut() -> None:
    clean, _ = screen_event(Reacted(**FACTS, message="1", emoji="long " * 100))
    assert isinstance(clean, Reacted)
    assert len(clean.emoji) == 64
