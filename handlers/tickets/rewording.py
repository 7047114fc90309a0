"""What becomes of a ticket when the message it was made of is edited or deleted?"""

from __future__ import annotations

from bot.context import Act
from handlers.tickets.lists import solved_by
from handlers.tickets.tickets import Ticket, change, number_in, shorten

ERASED = "(deleted by its writer)"


def erase_source(act: Act, room_id: int, message: str) -> list[Ticket]:
    """Erase what tickets took from a deleted message: their subject, or a solution.

    Returns the tickets whose cards are to be shown anew: those that have ever quoted it.
    """
    opened = reword(act, room_id, message, ERASED)
    found = {} if opened is None else {opened.id: opened}
    for key in act.quoting(room_id, message):
        number = number_in(key)
        ticket = None if number is None else Ticket.by_id(act, number)
        if ticket is not None:
            found[ticket.id] = ticket
    for ticket in solved_by(act, room_id, message):  # no post need quote it
        found[ticket.id] = change(act, ticket, resolution=ERASED)
    if found:
        act.unit.erase_traces()
    return list(found.values())


def reword(act: Act, room_id: int, message: str, text: str) -> Ticket | None:
    """Give the ticket made of a message another subject; returns it when that changed it."""
    ticket = Ticket.made_of(act, room_id, message)
    subject = shorten(text)
    if ticket is None or not subject or subject == ticket.subject:
        return None
    return change(act, ticket, subject=subject)
