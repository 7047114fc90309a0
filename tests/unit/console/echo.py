"""The smallest bot there can be, behind the whole console."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.content import say
from bot.demo import Scene
from bot.events import Event, Message, Pressed
from bot.replies import Button, Lane, Post
from bot.transport import Action, Batch, Delivery
from tests.unit.console.stage import NINE, Memory


class Echo(Memory):
    """Answers every message in its thread, with a button; tells when time has passed."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.unanswered: list[Event] = []

    async def receive(self, batch: Batch) -> None:
        await super().receive(batch)
        self.unanswered += batch.events

    async def idle(self) -> None:
        while self.unanswered:
            match self.unanswered.pop(0):
                case Message() as event:
                    solved = (Button("Solved", f"faq solved {event.message}"),)
                    await self._say(event, Post(say(f"You said {event.text}"), solved))
                case Pressed() as event:
                    await self._say(event, Post(say(f"Pressed: {event.line}")))
                case _:
                    pass

    async def advance(self, delta: timedelta) -> None:
        self.scene.clock.advance(delta)
        for last in [event for event in self.events if isinstance(event, Message)][-1:]:
            await self._say(last, Post(say(f"It is {self.scene.clock.now():%H:%M}")))

    async def _say(self, event: Message | Pressed, post: Post) -> None:
        place = event.conversation if isinstance(event, Message) else event.place
        await self.scene.transport.send(
            Delivery(
                id=f"{event.id}{post.content}",
                action=Action.POST,
                place=place,
                post=post,
                lane=Lane.REPLY,
                created=event.at,
            )
        )


@asynccontextmanager
async def open_echo(
    scene: Scene, stored: str | None = None, stored_at: datetime = NINE
) -> AsyncIterator[Echo]:
    """Run an echo behind the scene's transport, perhaps in a room left before."""
    echo = Echo(scene)
    echo.stored, echo.stored_at = stored, stored_at
    task = asyncio.create_task(scene.transport.run(echo))
    try:
        yield echo
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
