"""What does an error of Slack's Web API mean for what was asked?"""

from __future__ import annotations

from datetime import timedelta

from bot.errors import SendFailure, TransportError

DEFAULT_WAIT = timedelta(seconds=30)  # when Slack limits us and does not say for how long
LONGEST_WAIT = timedelta(hours=1)

# https://docs.slack.dev/reference/methods/chat.postMessage#errors and the same list of the
# other methods: these are common to all.
_ACCESS_GONE = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)
_NOT_EXECUTED = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
# "It's possible some aspect of the operation succeeded before the error was raised."
_PERHAPS_EXECUTED = frozenset({"fatal_error", "internal_error", ""})


class Refusal(TransportError):
    """Slack answered that it did not do what was asked.

    Attributes:
        method: of the Web API.
        code: Slack's word for it, "" when the answer was none of the Web API's.
        status: of HTTP.
        details: what Slack adds, such as which block is wrong or which scope is needed.
    """

    def __init__(
        self,
        method: str,
        code: str,
        *,
        status: int = 200,
        details: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        """See the class."""
        said = code or f"HTTP {status}"
        super().__init__(
            f"{method}: {said}{f' ({details})' if details else ''}",
            failure=meaning(code, status),
            retry_after=retry_after,
            room_only=True,
        )
        self.method = method
        self.code = code
        self.status = status


def meaning(code: str, status: int) -> SendFailure:
    """Tell what an error means for the request."""
    if code in _ACCESS_GONE:
        return SendFailure.REFUSED
    if status == 429 or code in _NOT_EXECUTED:
        return SendFailure.RETRY
    if status >= 500 or code in _PERHAPS_EXECUTED:
        return SendFailure.UNKNOWN
    return SendFailure.PERMANENT


def wait_asked_for(header: str | None) -> timedelta:
    """Return how long a 429 asks us to wait: seconds, https://docs.slack.dev/apis/web-api/rate-limits."""
    text = (header or "").strip()
    if not (text.isascii() and text.isdigit()):
        return DEFAULT_WAIT
    return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
