"""POST /api/METHOD: who asks, whether they may, what they are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble


def routes(double: SlackDouble) -> list[web.RouteDef]:
    """Return where the Web API answers."""
    del double
    return []
