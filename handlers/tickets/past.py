"""What was done to a ticket, by whom and when, for people to read."""

from __future__ import annotations

from typing import Any

from bot.content import Spans, Time, heading, items, spans
from bot.context import Context, only_you
from bot.people import Role
from bot.replies import Reply
from bot.router import Router
from handlers.tickets.cards import source
from handlers.tickets.history import history_of
from handlers.tickets.tickets import Ticket

router = Router("ticket", "")

SHOWN = 30
LONGEST = 200  # characters of what was said


@router.command("history", role=Role.AGENT, examples=["#42"], changes=False)
def show_history(ctx: Context, ticket: Ticket) -> Reply:
    """Show what was done to a ticket."""
    rows = history_of(ctx, ticket, SHOWN)
    told = tuple((row.room_id, row.message) for row in rows if row.message is not None)
    title = heading(f"#{ticket.id} {ticket.subject}")
    reply = Reply((title, items(_line(ctx, row) for row in rows)), sources=(*source(ticket), *told))
    return reply if ctx.here.kind == "staff" else only_you(reply)


def _line(ctx: Context, row: Any) -> Spans:
    who = "Deskside" if row.person_id is None else ctx.member(row.person_id).shown
    change = " → ".join(_cut(each) for each in (row.before, row.after) if each)
    return spans(Time(row.at), f" {who}: {row.act}{f': {change}' if change else ''}")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
