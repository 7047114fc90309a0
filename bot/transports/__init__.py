"""The chat services, each behind the protocol of `bot.transport`."""

from bot.transport import *  # noqa: F403
