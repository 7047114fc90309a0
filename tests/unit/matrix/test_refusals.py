from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SendFailure
from bot.transports.matrix.refusals import MAX_WAIT, meaning, refusal, wait_asked_for

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("3", {}, 3),
        (" 3 ", {"retry_after_ms": 9000}, 3),
        (None, {"retry_after_ms": 2500}, 2.5),
        ("Mon, 05 Jan 2026 09:00:10 GMT", {}, 10),
        ("Mon, 05 Jan 2026 08:00:00 GMT", {}, 0),
        ("soon", {"retry_after_ms": 1000}, 1),
        ("²", {}, None),
        ("-5", {}, None),
        (None, {"retry_after_ms": -1}, None),
        (None, {"retry_after_ms": "1000"}, None),
        (None, {}, None),
        ("9" * 50, {}, MAX_WAIT.total_seconds()),
        (None, {"retry_after_ms": 10**17}, MAX_WAIT.total_seconds()),
    ],
)
def test_both_forms_of_a_wait_are_obeyed(
    header: str | None, body: dict[str, object], seconds: float | None
) -> None:
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert wait_asked_for(header, body, NOW) == wanted


@pytest.mark.parametrize("code", ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"])
def test_a_token_that_is_gone_ends_our_access(code: str) -> None:
    assert meaning(401, code) is SendFailure.REFUSED


def test_an_error_page_of_a_proxy_is_no_word_of_the_homeserver() -> None:
    assert meaning(404, "") is SendFailure.RETRY
    assert meaning(404, "M_NOT_FOUND") is SendFailure.PERMANENT


def test_a_refusal_says_what_was_asked_and_never_the_token() -> None:
    error = refusal("PUT /x", 403, None, {"errcode": "M_FORBIDDEN", "error": "No."}, NOW)
    assert str(error) == "PUT /x: HTTP 403 M_FORBIDDEN"
    assert not error.soft_logout
