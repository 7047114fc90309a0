"""The desk behind the demo: two rooms on the terminal, and the articles that come with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import Deskside, running
from bot.clock import Clock
from bot.compose import compose
from bot.config import Config, DatabaseSettings, DeskSettings, RoomSettings
from bot.transport import Transport


@asynccontextmanager
async def opened(
    transport: Transport, clock: Clock, database_url: str, zone: str
) -> AsyncIterator[Deskside]:
    """Run the desk while the block runs."""
    config = Config(
        desk=DeskSettings(zone=zone),
        database=DatabaseSettings(url=database_url),
        rooms=(
            RoomSettings(transport="console", id="support", kind="support"),
            RoomSettings(transport="console", id="staff", kind="staff"),
        ),
    )
    plan = await asyncio.to_thread(compose, config, [transport], clock)
    async with running(plan) as desk:
        yield desk
