"""The yardstick: bolt alone, over Socket Mode, which answers `!ping` and stores nothing.

With one HTTP session for all calls; by default slack_sdk opens one for each.
`python -m tests.bench.bolt_echo API_URL BOT_TOKEN APP_TOKEN`
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(api_url: str, bot_token: str, app_token: str) -> None:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(bot_token, base_url=api_url, session=session)
        app = AsyncApp(client=client)

        @app.message("!ping")
        async def answer(event: dict[str, Any]) -> None:
            await client.chat_postMessage(
                channel=event["channel"],
                text="pong",
                thread_ts=event["ts"],
                unfurl_links=False,
                unfurl_media=False,
            )

        @app.event("message")
        async def hear() -> None:
            """Take the rest: bolt acknowledges nothing that nobody listens to."""

        sockets = AsyncSocketModeHandler(app, app_token, web_client=client)
        await sockets.connect_async()  # type: ignore[no-untyped-call]  # bolt has no types here
        sys.stderr.write("reading\n")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
