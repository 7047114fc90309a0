"""Which words stand in which ticket? Read from its subject, its conversation and staff's notes.

What people write is read when somebody searches, a slice at a time: no message waits for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update

from bot.context import Act
from bot.storage.insert import insert_new
from bot.storage.tables import MessageRow, OutboxRow, table_of
from bot.transport import Action
from handlers.tickets.tables import HistoryRow, ReadingRow, TicketRow, WordRow
from handlers.tickets.tickets import Ticket, number_in
from knowledge.text import is_asian, words

_WORD = table_of(WordRow)
_READING = table_of(ReadingRow)
_TICKET = table_of(TicketRow).c
_MESSAGE = table_of(MessageRow).c
_OUTBOX = table_of(OutboxRow).c
_HISTORY = table_of(HistoryRow).c

SLICE = 2000  # messages read at once
LONGEST_WORD = 60  # characters; what is longer is no word
WRITTEN = ("note", "reply")  # the acts whose text is somebody's words
_FIRST = 1  # the only row's number


def words_of(text: str) -> set[str]:
    """Return the words to find a text by; of pairs of Asian characters each one, too."""
    found = {word for word in words(text) if len(word) <= LONGEST_WORD}
    return found | {sign for word in found if is_asian(word) for sign in word}


def add_words(act: Act, ticket_id: int, text: str, *, internal: bool) -> None:
    """Let a ticket be found by the words of a text."""
    rows = [{"word": word, "ticket_id": ticket_id, "internal": internal} for word in words_of(text)]
    if rows:
        insert_new(act.unit.connection, _WORD, rows)


def read_on(act: Act) -> None:
    """Read what people have written since the last time, as far as a slice goes."""
    mark = act.unit.connection.scalar(select(_READING.c.message_id))
    newest = act.unit.connection.scalar(select(func.max(_MESSAGE.id))) or 0
    if mark is not None and newest <= mark:
        return
    upto = min(newest, (mark or 0) + SLICE)
    new = (_MESSAGE.id > (mark or 0)) & (_MESSAGE.id <= upto) & _MESSAGE.person_id.is_not(None)
    for ticket_id, text in _in_threads(act, new):
        add_words(act, ticket_id, text, internal=False)
    for ticket_id, text, internal in _in_posts(act, new):
        add_words(act, ticket_id, text, internal=internal)
    if mark is None:
        act.unit.connection.execute(_READING.insert(), {"id": _FIRST, "message_id": upto})
    else:
        act.unit.connection.execute(update(_READING).values(message_id=upto))


def renew(act: Act, ticket: Ticket) -> None:
    """Read all of a ticket's words anew, because some of them are not there any more."""
    act.unit.connection.execute(_WORD.delete().where(_WORD.c.ticket_id == ticket.id))
    add_words(act, ticket.id, f"{ticket.subject} {ticket.resolution}", internal=False)
    if ticket.thread is not None:
        in_thread = (_TICKET.id == ticket.id) & _MESSAGE.person_id.is_not(None)
        for _, text in _in_threads(act, in_thread):
            add_words(act, ticket.id, text, internal=False)
    own = _OUTBOX.post_key.in_((f"ticket/{ticket.id}/card", f"ticket/{ticket.id}/opened"))
    for _, text, internal in _in_posts(act, own & _MESSAGE.person_id.is_not(None)):
        add_words(act, ticket.id, text, internal=internal)
    written = (_HISTORY.ticket_id == ticket.id) & _HISTORY.act.in_(WRITTEN)
    rows = act.unit.connection.execute(select(_HISTORY.act, _HISTORY.after).where(written))
    for row in rows.all():
        add_words(act, ticket.id, row.after, internal=row.act == "note")


def tickets_with(act: Act, room_id: int, message: str) -> set[int]:
    """Return the tickets whose words a message may have given."""
    here = (_MESSAGE.room_id == room_id) & (_MESSAGE.ref == message)
    thread = act.unit.connection.scalar(select(_MESSAGE.thread).where(here)) or message
    found = {each.id for each in (Ticket.of_thread(act, room_id, thread),) if each is not None}
    card = Ticket.by_card(act, room_id, thread)
    found |= set() if card is None else {card.id}
    told = (_HISTORY.room_id == room_id) & (_HISTORY.message == message)
    return found | set(act.unit.connection.scalars(select(_HISTORY.ticket_id).where(told)))


def _in_threads(act: Act, which: Any) -> Iterable[tuple[int, str]]:
    thread = func.coalesce(_MESSAGE.thread, _MESSAGE.ref)
    joined = (_TICKET.room_id == _MESSAGE.room_id) & (_TICKET.thread == thread)
    rows = act.unit.connection.execute(
        select(_TICKET.id, _MESSAGE.text).join_from(MessageRow, TicketRow, joined).where(which)
    )
    return [(row.id, row.text) for row in rows]


def _in_posts(act: Act, which: Any) -> Iterable[tuple[int, str, bool]]:
    """Return what is said under posts of the bot: cards, whose threads are internal, or others."""
    joined = (_OUTBOX.room_id == _MESSAGE.room_id) & (_OUTBOX.message == _MESSAGE.thread)
    post = (_OUTBOX.action == Action.POST) & _OUTBOX.post_key.startswith("ticket/")
    rows = act.unit.connection.execute(
        select(_OUTBOX.post_key, _MESSAGE.text)
        .join_from(MessageRow, OutboxRow, joined)
        .where(post, which)
    )
    found = ((number_in(row.post_key), row) for row in rows)
    return [(n, row.text, row.post_key.endswith("/card")) for n, row in found if n is not None]
