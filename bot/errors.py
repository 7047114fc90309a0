"""What can go wrong, as types: who must hear of it and what happens next."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class DesksideError(Exception):
    """Base of every error Deskside raises on purpose."""


class UserError(DesksideError):
    """A sentence for the person who asked: what is wrong and what to do next (plain text)."""


class Refused(UserError):
    """Somebody asked for what they may not do, or have shown."""


class UsageError(UserError):
    """A command was typed in a way it cannot be read; its usage is shown with it."""


class UnknownCommand(UserError):
    """There is no command of these words; it names those that are near."""

    def __init__(self, sentence: str, first: str, second: str | None) -> None:
        """Keep the words, so that it can be said anew to somebody of a role."""
        super().__init__(sentence)
        self.first = first
        self.second = second


class NearMiss(UnknownCommand):
    """It is so near to a command that it was meant as one, even without the prefix."""


class ConfigError(DesksideError):
    """The configuration cannot be used; the text names file, key and what is expected."""

    def __init__(self, file: str, key: str, expected: str) -> None:
        """Say what `key` of `file` should be; an empty key means the file itself."""
        where = f"{file}: {key}" if key else file
        super().__init__(f"{where}: {expected}")
        self.file = file
        self.key = key
        self.expected = expected


class StorageError(DesksideError):
    """The database cannot be opened or written; the text says what to do."""


class SendFailure(StrEnum):
    """What a failed send means for the delivery."""

    RETRY = "retry"  # certainly not sent: try again later
    UNKNOWN = "unknown"  # may have been sent: the delivery's promise decides
    PERMANENT = "permanent"  # will never succeed: dead letter
    REFUSED = "refused"  # our own access is gone: the transport stops


class TransportError(DesksideError):
    """A chat service did not do what was asked.

    Args:
        what: what happened, for the log; never shown in a room.
        failure: what it means for the delivery at hand.
        retry_after: how long the service asked us to wait, if it did.
        room_only: that wait is for the room at hand; others may go on meanwhile.
    """

    def __init__(
        self,
        what: str,
        *,
        failure: SendFailure = SendFailure.RETRY,
        retry_after: timedelta | None = None,
        room_only: bool = False,
    ) -> None:
        """See the class."""
        super().__init__(what)
        self.failure = failure
        self.retry_after = retry_after
        self.room_only = room_only
