"""Answers that staff keep and send again, with what differs filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from bot.content import Quote, Text, items, paragraph, say
from bot.context import Context
from bot.errors import UserError
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Button, Reply
from bot.router import Router
from bot.storage.tables import table_of
from handlers.tickets.answering import sent
from handlers.tickets.cards import source
from handlers.tickets.tables import MacroRow
from handlers.tickets.telling import answer, said
from handlers.tickets.tickets import Ticket

router = Router("macro", "Keep answers, and send them with a word")

_MACRO = table_of(MacroRow)
_VARIABLE = re.compile(r"\{\s*([^{}\s]{1,40})\s*\}")
VARIABLES = ("requester", "agent", "ticket", "subject")
COMMANDS = ("save", "list", "delete", "send", "preview")
LONGEST_NAME = 40  # characters
BEGINNING = 80  # characters of a macro in the list


@router.command(examples=["reset #12"], role=Role.AGENT, changes=False)
def preview_macro(ctx: Context, name: str, ticket: Ticket) -> Reply:
    """Show what a macro says to a ticket's requester, with a button to send it."""
    row = _named(ctx, name)
    who = ctx.member(ticket.requester_id).shown
    send = Button("Send", f"macro send {row.name} #{ticket.id}")
    shown = Reply(
        (paragraph(f"To {who}, about #{ticket.id}:"), Quote((Text(filled(ctx, row, ticket)),))),
        buttons=(send,),
        sources=(*_source(row), *source(ticket)),
    )
    return answer(ctx, (ticket,), shown)


@router.command("send", examples=["reset #12"], role=Role.AGENT)
def send_macro(ctx: Context, name: str, ticket: Ticket) -> Iterator[Reply]:
    """Send a macro to a ticket's requester."""
    row = _named(ctx, name)
    quoted = (*_source(row), *source(ticket))
    yield from sent(ctx, "reply", ticket, filled(ctx, row, ticket), *quoted)


@router.command("save", examples=["reset Please {requester}, restart it."], role=Role.AGENT)
def save_macro(ctx: Context, name: str, text: Rest) -> Reply:
    """Keep an answer by a name; {requester}, {agent}, {ticket} and {subject} are filled in."""
    name = name.casefold()
    unknown = [each for each in _VARIABLE.findall(text) if each.casefold() not in VARIABLES]
    if unknown:
        listed = ", ".join(f"{{{each}}}" for each in VARIABLES)
        msg = f"There is no {{{unknown[0]}}} to fill in. There is {listed}."
        raise UserError(msg)
    if name in COMMANDS or len(name) > LONGEST_NAME or not name[:1].isalnum():
        msg = f"A macro cannot be called “{name[:LONGEST_NAME]}”. Choose another short word."
        raise UserError(msg)
    old = _row(ctx, name)
    ctx.unit.connection.execute(_MACRO.delete().where(_MACRO.c.name == name))
    room_id, message = next(iter(said(ctx)), (None, None))
    values = {"name": name, "text": str(text), "person_id": ctx.person.id, "saved_at": ctx.now}
    row = {**values, "room_id": room_id, "message": message}
    ctx.unit.connection.execute(_MACRO.insert(), row)
    took = "" if old is None else " It took the place of another."
    delete = ctx.typed(f"macro delete {name}")
    return Reply(
        say(f"Saved.{took} ", ctx.typed(f"macro {name} #12"), " shows it, ", delete, " deletes it.")
    )


@router.command("list", examples=[""], role=Role.AGENT, changes=False)
def list_macros(ctx: Context) -> Reply:
    """List the macros there are."""
    rows = ctx.unit.connection.execute(select(_MACRO).order_by(_MACRO.c.name)).all()
    if not rows:
        return Reply(
            say(
                "There is no macro. ",
                ctx.typed("macro save reset Please restart it."),
                " saves one.",
            )
        )
    lines = ((ctx.typed(f"macro {row.name}"), Text(f" – {_beginning(row.text)}")) for row in rows)
    return Reply((items(lines),), sources=tuple(each for row in rows for each in _source(row)))


@router.command("delete", examples=["reset"], role=Role.AGENT)
def delete_macro(ctx: Context, name: str) -> Reply:
    """Delete a macro."""
    row = _named(ctx, name)
    ctx.unit.connection.execute(_MACRO.delete().where(_MACRO.c.name == row.name))
    again = ctx.typed(f"macro save {row.name} {row.text}")
    return Reply(
        say(f"The macro {row.name} is deleted. ", again, " brings it back."), sources=_source(row)
    )


def filled(ctx: Context, row: Any, ticket: Ticket) -> str:
    """Return a macro's text for a ticket; what is filled in is not looked into again."""
    values = {
        "requester": ctx.member(ticket.requester_id).shown,
        "agent": ctx.person.shown,
        "ticket": f"#{ticket.id}",
        "subject": ticket.subject,
    }
    return _VARIABLE.sub(lambda found: values[found[1].casefold()], row.text)


def erase_macros(ctx: Context, room_id: int, message: str) -> None:
    """Delete the macros a deleted message had saved."""
    there = (_MACRO.c.room_id == room_id) & (_MACRO.c.message == message)
    if ctx.unit.connection.execute(_MACRO.delete().where(there)).rowcount:
        ctx.unit.erase_traces()


def _named(ctx: Context, name: str) -> Any:
    row = _row(ctx, name.casefold())
    if row is None:
        msg = f"There is no macro “{name}”. “macro list” shows those there are."
        raise UserError(msg)
    return row


def _row(ctx: Context, name: str) -> Any:
    return ctx.unit.connection.execute(select(_MACRO).where(_MACRO.c.name == name)).first()


def _source(row: Any) -> tuple[tuple[int, str], ...]:
    return () if row.message is None else ((row.room_id, row.message),)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else f"{line[:BEGINNING]}…"
