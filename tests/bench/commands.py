"""The commands that are measured: as simple as they can be, and slow in another room."""

from __future__ import annotations

import asyncio

from bot.asking import Preparation
from bot.content import say
from bot.context import Context
from bot.replies import Reply
from bot.router import Router

THINKING_SECONDS = 2.0

router = Router("ping", summary="Answer at once")


@router.command()
def ping(ctx: Context) -> Reply:  # noqa: ARG001 - every command is given it
    """Answer."""
    return Reply(say("pong"))


@router.command("unrecorded", changes=False)
def unrecorded(ctx: Context) -> Reply:  # noqa: ARG001 - every command is given it
    """Answer, and leave nothing in the record of acts."""
    return Reply(say("pong"))


async def _think(preparation: Preparation, rest: str) -> None:
    del preparation, rest
    await asyncio.sleep(THINKING_SECONDS)


@router.command("slowly", prepare=_think)
def slowly(ctx: Context, *, prepared: None) -> Reply:
    """Answer after a while."""
    del ctx, prepared
    return Reply(say("pong"))
