"""How what is done to a ticket stands in the record of acts."""

from __future__ import annotations

from bot.context import Context
from handlers.tickets.cards import source
from handlers.tickets.tickets import Ticket


def record_opening(ctx: Context, ticket: Ticket) -> None:
    """Record that a ticket was opened, with its subject."""
    ctx.audit(_name(ticket), "", f"{_state(ctx, ticket)}: {ticket.subject}", sources=source(ticket))


def record_change(ctx: Context, before: Ticket, after: Ticket) -> None:
    """Record what a ticket was and what it is now."""
    told = (*_told(before), *_told(after))
    ctx.audit(_name(after), _state(ctx, before), _state(ctx, after), sources=told)


def record_rewording(ctx: Context, before: str, after: Ticket) -> None:
    """Record that a ticket's writer has corrected its subject."""
    ctx.audit(_name(after), before, after.subject, sources=source(after), act="edit")


def record_deletion(ctx: Context, ticket: Ticket) -> None:
    """Record that text of a ticket was deleted by its writer; what it was is gone."""
    ctx.audit(_name(ticket), act="delete")


def _name(ticket: Ticket) -> str:
    return f"ticket {ticket.id}"


def _state(ctx: Context, ticket: Ticket) -> str:
    parts = [ticket.state]
    if ticket.urgent:
        parts.append("urgent")
    if ticket.assignee_id is not None:
        parts.append(ctx.member(ticket.assignee_id).shown)
    said = ", ".join(parts)
    return f"{said}: {ticket.resolution}" if ticket.resolution else said


def _told(ticket: Ticket) -> tuple[tuple[int, str], ...]:
    room_id, message = ticket.resolution_room_id, ticket.resolution_message
    return () if room_id is None or message is None else ((room_id, message),)
