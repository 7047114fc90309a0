"""The yardstick: nio alone, which answers `!ping` and stores nothing.

As fast as nio's own documentation makes a bot, but for the filter: with the default one it
loses what comes in bursts. `python -m tests.bench.echo HOMESERVER USER DEVICE TOKEN [MANNER]`;
the manner `in-order` sends an answer only when the one before it in its room has arrived.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext

from nio import AsyncClient, MatrixRoom, RoomMessageText

FILTER = {
    "presence": {"types": []},
    "account_data": {"types": []},
    "room": {"timeline": {"limit": 1000}, "ephemeral": {"types": []}},
}


async def main(homeserver: str, user: str, device: str, token: str, manner: str = "") -> None:
    client = AsyncClient(homeserver, user, device_id=device)
    client.access_token, client.user_id = token, user
    tasks: set[asyncio.Task[object]] = set()
    turns: defaultdict[str, AbstractAsyncContextManager[object]] = defaultdict(
        asyncio.Lock if manner == "in-order" else nullcontext
    )

    async def send(room: str, content: Mapping[str, object]) -> None:
        async with turns[room]:
            await client.room_send(room, "m.room.message", dict(content))

    async def answer(room: MatrixRoom, event: RoomMessageText) -> None:
        if event.sender == user or event.body != "!ping":
            return
        relation = {
            "rel_type": "m.thread",
            "event_id": event.event_id,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": event.event_id},
        }
        content = {
            "msgtype": "m.notice",
            "body": "pong",
            "format": "org.matrix.custom.html",
            "formatted_body": "<p>pong</p>",
            "m.mentions": {},
            "m.relates_to": relation,
        }
        task = asyncio.create_task(send(room.room_id, content))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    await client.sync(full_state=True, sync_filter=FILTER)
    client.add_event_callback(answer, RoomMessageText)
    sys.stderr.write("reading\n")
    await client.sync_forever(timeout=30_000, sync_filter=FILTER)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
