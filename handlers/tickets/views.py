"""Choices of tickets that somebody has given a name, to look at again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.content import Text, items, say
from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Button, Reply
from bot.router import Router
from bot.storage.tables import table_of
from handlers.tickets.filters import condition
from handlers.tickets.selection import parse
from handlers.tickets.showing import selected, shown_list
from handlers.tickets.tables import ViewRow

router = Router("ticket", "")

_VIEW = table_of(ViewRow)
LONGEST_NAME = 40  # characters
MOST_VIEWS = 50


@router.command(
    "view",
    role=Role.AGENT,
    examples=["", "save night unassigned urgent", "night", "delete night"],
)
def view_tickets(ctx: Context, what: Rest = Rest("")) -> Reply:
    """Keep filters by a name, and list by them."""
    word, _, rest = what.strip().partition(" ")
    match word.casefold():
        case "":
            return _all(ctx)
        case "save":
            return _saved(ctx, rest.strip())
        case "delete":
            return _deleted(ctx, rest.strip())
    return shown_list(ctx, parse(_named(ctx, what.strip()).filters)[0], 1)


def _all(ctx: Context) -> Reply:
    rows = _mine(ctx)
    if not rows:
        return Reply(
            say("You have no view. ", ctx.typed("ticket view save night unassigned"), " saves one.")
        )
    lines = ((ctx.typed(f"ticket view {row.name}"), Text(f" – {row.filters}")) for row in rows)
    buttons = tuple(Button(row.name, f"ticket view {row.name}") for row in rows[:5])
    return Reply((items(lines),), buttons=buttons)


def _saved(ctx: Context, text: str) -> Reply:
    name, _, filters = text.partition(" ")
    name = name.casefold()
    found = selected(filters.strip())
    if not name or not found or name in ("save", "delete") or len(name) > LONGEST_NAME:
        msg = (
            "Write a short name and filters after it, for example "
            "“ticket view save night unassigned urgent”."
        )
        raise UserError(msg)
    condition(ctx, found)
    count = ctx.unit.connection.scalar(
        select(func.count()).where(_VIEW.c.person_id == ctx.person.id)
    )
    if (count or 0) >= MOST_VIEWS:
        msg = f"You have {MOST_VIEWS} views. “ticket view delete night” deletes one."
        raise UserError(msg)
    _drop(ctx, name)
    row = {"person_id": ctx.person.id, "name": name, "filters": str(found)}
    ctx.unit.connection.execute(_VIEW.insert(), row)
    return Reply(say("Saved. ", ctx.typed(f"ticket view {name}"), f" lists: {found}."))


def _deleted(ctx: Context, name: str) -> Reply:
    row = _named(ctx, name)
    _drop(ctx, row.name)
    again = ctx.typed(f"ticket view save {row.name} {row.filters}")
    return Reply(say(f"The view {row.name} is deleted. ", again, " brings it back."))


def _named(ctx: Context, name: str) -> Any:
    rows = _mine(ctx)
    for row in rows:
        if row.name == name.casefold():
            return row
    listed = f"You have {', '.join(row.name for row in rows)}." if rows else "You have none yet."
    msg = f"There is no view “{name}”. {listed} “ticket view save night unassigned” saves one."
    raise UserError(msg)


def _mine(ctx: Context) -> Any:
    mine = _VIEW.c.person_id == ctx.person.id
    return ctx.unit.connection.execute(select(_VIEW).where(mine).order_by(_VIEW.c.name)).all()


def _drop(ctx: Context, name: str) -> None:
    ctx.unit.connection.execute(
        _VIEW.delete().where(_VIEW.c.person_id == ctx.person.id, _VIEW.c.name == name)
    )
