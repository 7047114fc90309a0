"""The bot's manners in a room: it introduces itself, warns of secrets, says when it was away."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from bot import audit
from bot.content import Time, items, paragraph, say
from bot.context import Act, Context
from bot.events import CaughtUp, Deleted, Joined, RoomChanged, Screened
from bot.replies import Reply, Visibility, reply
from bot.router import Router
from bot.schedule import Due
from bot.storage.tables import Room, table_of
from handlers.conversations.retention import PAUSE, Keeping, forget_old

router = Router("conversations", "How the bot behaves in rooms")

_ROOM = table_of(Room)


@router.listen(Joined)
def introduce(ctx: Context, event: Joined) -> Reply | None:
    """Say in a support or staff room what the bot is for, once."""
    if not event.bot or ctx.here.kind not in ("support", "staff"):
        return None
    here = (_ROOM.c.id == ctx.here.id) & _ROOM.c.introduced_at.is_(None)
    first = ctx.unit.connection.execute(update(_ROOM).where(here).values(introduced_at=ctx.now))
    if first.rowcount == 0:
        return None
    if ctx.here.kind == "staff":
        return reply(
            "Hello. New tickets appear here as cards: claim and resolve them with their buttons. ",
            ctx.typed("help"),
            " shows the rest.",
            visibility=Visibility.ROOM,
        )
    content = (
        paragraph("Hello, I am the IT desk. Ask me anything about IT, in your own words."),
        items(
            [
                (ctx.typed("ticket open"), *say(" – report a problem")[0].spans),  # type: ignore[union-attr]
                (ctx.typed("help"), *say(" – what else I can do")[0].spans),  # type: ignore[union-attr]
            ]
        ),
        paragraph(
            "I keep what is written here, so that IT can follow up; secrets I recognise are masked."
        ),
    )
    return Reply(content, Visibility.ROOM)


@router.listen(Screened)
def warn_of_secrets(ctx: Context, event: Screened) -> Reply:
    """Tell the writer privately that a secret was masked, and what to do now."""
    what = " and a ".join(event.masked)
    gone = "" if ctx.here.private else " Delete your message, since others here could read it."
    return reply(
        f"Your message held what looks like a {what}. I masked it before storing it.{gone} "
        "Change it wherever it is used: treat it as known to others.",
        visibility=Visibility.ONLY_YOU,
    )


@router.listen(Deleted)
def erase_quotes(ctx: Context, event: Deleted) -> None:
    """Erase a deleted message's text from what was said about it and recorded of it."""
    audit.erase(ctx.unit, ctx.here.id, [event.message])
    ctx.tools.outbox.erase_quotes(ctx.unit, ctx.here.id, event.message)


@router.listen(CaughtUp)
def say_it_was_away(ctx: Context, event: CaughtUp) -> Reply | None:
    """Say once in a room that the bot was away and has read what it missed."""
    if ctx.here.kind not in ("support", "staff"):
        return None
    posts = "1 message" if event.count == 1 else f"{event.count} messages"
    return reply(
        "I was away from ",
        Time(event.since),
        " to ",
        Time(event.until),
        f"; {posts} caught up.",
        visibility=Visibility.ROOM,
    )


@router.listen(RoomChanged)
def say_it_cannot_read(ctx: Context, event: RoomChanged) -> Reply | None:
    """Say once in an encrypted room that nothing can be read there."""
    if not event.encrypted or ctx.here.kind not in ("support", "staff", "direct"):
        return None
    said = ctx.unit.connection.scalar(
        select(_ROOM.c.encryption_noted).where(_ROOM.c.id == ctx.here.id)
    )
    if said:
        return None
    ctx.unit.connection.execute(
        update(_ROOM).where(_ROOM.c.id == ctx.here.id).values(encryption_noted=True)
    )
    return reply(
        "This room is encrypted and I cannot read it. Please write to me in a room that is not.",
        visibility=Visibility.ROOM,
    )


@router.due("retention", standing=True)
def keep_no_longer(act: Act, due: Due) -> None:
    """Delete what is older than it is kept, and plan the next time: soon if more is left.

    Not at once: a start waits for what is due, and there may be years to delete.
    """
    more = forget_old(act, act.use(Keeping))
    act.at(act.now + (PAUSE if more else timedelta(days=1)), "retention", due.key)


__all__ = ["Keeping", "router"]
