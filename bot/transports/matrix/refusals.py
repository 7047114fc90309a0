"""What does a homeserver's refusal mean for what was asked?"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.errors import SendFailure, TransportError
from bot.transports.wire import Object, integer_of, text_of

MAX_WAIT = timedelta(hours=1)

# https://spec.matrix.org/v1.16/client-server-api/#common-error-codes
_TOKEN_GONE = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
_NOT_EXECUTED = frozenset({"M_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED"})


class Refusal(TransportError):
    """The homeserver answered with an error.

    Attributes:
        status: of HTTP.
        code: Matrix's errcode, "" when there is none.
        soft_logout: the session may be renewed on the same device.
    """

    def __init__(
        self,
        what: str,
        *,
        status: int,
        code: str = "",
        soft_logout: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        """See the class."""
        sentence = f"{what}: HTTP {status} {code}".rstrip()
        super().__init__(sentence, failure=meaning(status, code), retry_after=retry_after)
        self.status = status
        self.code = code
        self.soft_logout = soft_logout


def refusal(what: str, status: int, header: str | None, body: Object, now: datetime) -> Refusal:
    """Make the error of an answer with its status, Retry-After header and body."""
    return Refusal(
        what,
        status=status,
        code=text_of(body, "errcode")[:100],
        soft_logout=body.get("soft_logout") is True,
        retry_after=wait_asked_for(header, body, now),
    )


def meaning(status: int, code: str) -> SendFailure:
    """Tell what an error answer means for the request."""
    if code in _TOKEN_GONE:
        return SendFailure.REFUSED
    if status in (408, 429) or code in _NOT_EXECUTED:
        return SendFailure.RETRY
    if status >= 500:
        return SendFailure.UNKNOWN
    # An error without Matrix's code is not the homeserver's but that of a proxy before it;
    # what that says of size is true, the rest passes.
    if not code and status != 413:
        return SendFailure.RETRY
    return SendFailure.PERMANENT


def wait_asked_for(header: str | None, body: Object, now: datetime) -> timedelta | None:
    """Return how long the server asks us to wait.

    The header counts before the body's `retry_after_ms`, which is deprecated:
    https://spec.matrix.org/v1.10/client-server-api/#rate-limiting
    """
    wait = _from_header(header, now)
    if wait is None:
        milliseconds = integer_of(body, "retry_after_ms")
        if milliseconds is None or milliseconds < 0:
            return None
        wait = timedelta(milliseconds=min(milliseconds, 10**9))
    return min(wait, MAX_WAIT)


def _from_header(header: str | None, now: datetime) -> timedelta | None:
    # https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds or a date
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return timedelta(seconds=min(int(header.strip()[:9]), 10**6))
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(moment - now, timedelta())
