"""Tells people what they can do here: made from the commands themselves."""

from __future__ import annotations

from bot.content import Block, Text, heading, items, paragraph
from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.replies import Reply
from bot.router import Command, Commands, Router

router = Router("help", "Find out what you can do here")


@router.command(examples=["", "ticket", "ticket claim"], changes=False)
def show_help(ctx: Context, topic: Rest = Rest("")) -> Reply:
    """Show what you can do here, or how one command is used."""
    words = tuple(topic.casefold().split())
    commands = ctx.use(Commands)
    allowed = [c for c in commands.all if ctx.may(c) and not c.hidden]
    if not words:
        return Reply(_overview(ctx, commands, allowed))
    chosen = [c for c in allowed if c.path[: len(words)] == words]
    if not chosen:
        msg = f"There is no help about “{topic}”. Write {ctx.here.prefix}help to see what there is."
        raise UserError(msg)
    if len(chosen) == 1:
        return Reply(_one(ctx, chosen[0]))
    lines = [(ctx.typed(c.name), Text(f" – {c.summary}")) for c in chosen]
    return Reply((items(lines), paragraph("More on one: ", ctx.typed(f"help {chosen[0].name}"))))


def _overview(ctx: Context, commands: Commands, allowed: list[Command]) -> tuple[Block, ...]:
    names = {command.path[0] for command in allowed}
    lines = [
        (ctx.typed(router.name), Text(f" – {router.summary}"))
        for router in commands.routers
        if router.name in names
    ]
    first = (
        "Just ask me anything about IT."
        if ctx.here.private
        else "Just ask: when I know the answer I give it. Or use a command:"
    )
    return paragraph(first), items(lines), paragraph("More on one: ", ctx.typed("help ticket"))


def _one(ctx: Context, command: Command) -> tuple[Block, ...]:
    blocks: list[Block] = [heading(ctx.typed(command.usage)), paragraph(command.summary)]
    shown = [example for example in command.examples if example]
    if shown:
        blocks.append(paragraph("For example:"))
        blocks.append(items(ctx.typed(f"{command.name} {example}") for example in shown))
    return tuple(blocks)
