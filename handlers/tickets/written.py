"""Can a ticket be opened from a message, and what does that say?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.context import Context
from bot.hooks import Concern
from bot.people import Role
from bot.storage.tables import MessageRow, table_of

_MESSAGE = table_of(MessageRow)


def why_not(ctx: Context, message: str) -> str | None:
    """Return why no ticket can be opened from a message of this room; None when one can."""
    said = _written(ctx, message)
    if said is None:
        return "I have not read that message. Write “ticket open” and what is wrong instead."
    if said.person_id is None:
        return "That message is mine. A ticket is opened from what somebody else has written."
    if not said.text:
        return "That message has no text. Write “ticket open” and what is wrong instead."
    if ctx.person.id != said.person_id and not ctx.can(Role.AGENT):
        return "Only whoever wrote that message or IT can open a ticket from it."
    return None


def concern_in(ctx: Context, message: str) -> Concern:
    """Return what a message says that `why_not` has nothing against, and whose it is."""
    said = _written(ctx, message)
    thread = None if ctx.here.private else said.thread or said.ref
    return Concern(said.text, ctx.here.id, said.person_id, thread, said.ref)


def _written(ctx: Context, message: str) -> Any:
    return ctx.unit.connection.execute(
        select(_MESSAGE).where(_MESSAGE.c.room_id == ctx.here.id, _MESSAGE.c.ref == message)
    ).first()
