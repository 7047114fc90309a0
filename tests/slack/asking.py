"""Asking the double with Slack's own client, and being refused."""

from collections.abc import Awaitable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.slack.records import Json


async def refused(call: Awaitable[Any]) -> Json:
    """Return the answer to a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: Json = caught.value.response.data
    return answer


async def error(call: Awaitable[Any]) -> str:
    """Return the error code of a call that must be refused."""
    return str((await refused(call))["error"])


def scoped_without(scopes: list[str], *missing: str) -> list[str]:
    """Return scopes without some."""
    return [scope for scope in scopes if scope not in missing]
