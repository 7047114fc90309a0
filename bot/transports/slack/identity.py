"""Which workspace is a token for? Asked once, when the configuration does not say."""

from __future__ import annotations

from bot.clock import Clock
from bot.errors import SendFailure, TransportError
from bot.transports.backoff import patiently
from bot.transports.slack.api import Api
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.tokens import Tokens
from bot.transports.wire import text_of

_ATTEMPTS = 5
UNKNOWN = "unknown"  # the transport says why, as soon as it runs


async def identified(settings: SlackSettings, clock: Clock) -> SlackSettings:
    """Return the settings with the workspace's id.

    Raises:
        TransportError: Slack cannot be asked now.
    """
    api = Api(settings, clock, Tokens(settings, clock))

    async def ask() -> str:
        return text_of(await api.call("auth.test"), "team_id")

    try:
        team = await patiently("asking Slack for the workspace", ask, clock, attempts=_ATTEMPTS)
    except TransportError as error:
        if error.failure is not SendFailure.REFUSED:
            raise
        team = UNKNOWN
    finally:
        await api.close()
    return settings.model_copy(update={"team_id": team})
