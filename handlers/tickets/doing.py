"""Has something done to one ticket or to several: kept, shown, told and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.content import Block, Span, Text, items, paragraph
from bot.context import Context
from bot.errors import UserError
from bot.replies import Button, Reply
from handlers.tickets.cards import missing_cards, to_requester
from handlers.tickets.choosing import Tickets
from handlers.tickets.history import Undo, difference, first_of, note
from handlers.tickets.lists import merged_into
from handlers.tickets.recorded import record_change
from handlers.tickets.tables import PRIORITIES
from handlers.tickets.telling import answer, changed, confirm
from handlers.tickets.tickets import Ticket
from handlers.tickets.wording import add_words


@dataclass(frozen=True, slots=True)
class Done:
    """What a command has made of a ticket.

    Attributes:
        sentence: for whoever gave the command, when it was for this ticket alone.
        told: for its requester; nothing when it is not their affair.
        before: how it was, in a word or two, where its state, priority and assignee do not say.
        after: how it is now.
        undo: how it is taken back, where its columns do not say; False when it cannot be.
        quoted: the messages whose text is in it.
        came_back: staff rooms that have no card of it get one.
    """

    ticket: Ticket
    sentence: str
    told: tuple[str | Span, ...] = ()
    before: str = ""
    after: str = ""
    undo: Undo | bool = True
    quoted: tuple[tuple[int, str], ...] = ()
    came_back: bool = False


Work = Callable[[Ticket], Done]


def each(ctx: Context, tickets: Tickets, act: str, work: Work) -> Iterator[Reply]:
    """Do something to every ticket it can be done to, and answer once.

    Args:
        act: its name in the tickets' history, as the command's.
        work: raises UserError when it cannot be done to a ticket, and has done nothing then.

    Raises:
        UserError: it could be done to none.
    """
    done: list[Done] = []
    refused: list[str] = []
    for number in tickets:
        try:
            before = Ticket.look_up(ctx, f"#{number}")
            made = work(before)
        except UserError as error:
            if len(tickets.numbers) == 1:
                raise
            refused.append(str(error))
            ctx.audit(f"ticket {number}", refused=str(error))
            continue
        done.append(made)
        yield from _settled(ctx, act, before, made, alone=len(tickets.numbers) == 1)
    if not done:
        raise UserError(" ".join(dict.fromkeys(refused)))
    if len(tickets.numbers) > 1:
        summary = Reply(_summary(act, done, refused), buttons=(undo_button(ctx),))
        yield answer(ctx, (each.ticket for each in done), summary)


def settled(ctx: Context, act: str, before: Ticket, done: Done) -> Iterator[Reply]:
    """Keep, show and tell what was done to one ticket, and answer."""
    yield from _settled(ctx, act, before, done, alone=True)


def _settled(ctx: Context, act: str, before: Ticket, done: Done, *, alone: bool) -> Iterator[Reply]:
    keep(ctx, act, before, done)
    yield from changed(ctx, done.ticket, *done.quoted)
    if done.came_back:
        yield from missing_cards(ctx, done.ticket)
    if done.told:
        for ticket in (done.ticket, *merged_into(ctx, done.ticket.id)):
            yield to_requester(ctx, ticket, *done.told, quoted=done.quoted)
    if alone:
        buttons = () if done.undo is False else (undo_button(ctx),)
        yield from confirm(ctx, done.ticket, done.sentence, *buttons)


def keep(ctx: Context, act: str, before: Ticket, done: Done) -> None:
    """Keep what was done to a ticket in its history and in the record of acts."""
    after = done.ticket
    undo = difference(before, after) if done.undo is True else (done.undo or None)
    words = (done.before, done.after) if done.before or done.after else _words(ctx, before, after)
    quoted = (*done.quoted, *_told(before), None)
    note(ctx, after.id, act, *words, undo=undo, said=quoted[0])
    record_change(ctx, before, after)
    if done.quoted:
        add_words(ctx, after.id, f"{done.after} {after.resolution}", internal=act == "note")


def undo_button(ctx: Context) -> Button:
    """Return what takes back the act that is being done."""
    return Button("Undo", f"undo {first_of(ctx.unit)}")


def in_words(ctx: Context, ticket: Ticket) -> str:
    """Return how far a ticket is, how urgent, and whose."""
    parts = [ticket.state]
    if ticket.priority != PRIORITIES.index("normal"):
        parts.append(PRIORITIES[ticket.priority])
    if ticket.assignee_id is not None:
        parts.append(ctx.member(ticket.assignee_id).shown)
    return ", ".join(parts)


def _words(ctx: Context, before: Ticket, after: Ticket) -> tuple[str, str]:
    solution = f": {after.resolution}" if after.resolution else ""
    return in_words(ctx, before), f"{in_words(ctx, after)}{solution}"


def _told(ticket: Ticket) -> tuple[tuple[int, str], ...]:
    room_id, message = ticket.resolution_room_id, ticket.resolution_message
    return () if room_id is None or message is None else ((room_id, message),)


def _summary(act: str, done: Iterable[Done], refused: list[str]) -> tuple[Block, ...]:
    numbers = [f"#{each.ticket.id}" for each in done]
    blocks: list[Block] = [paragraph(f"Done ({act}): {', '.join(numbers)}.")]
    if refused:
        blocks.append(paragraph("Not done:"))
        blocks.append(items((Text(_first_sentence(each)),) for each in refused))
    return tuple(blocks)


def _first_sentence(text: str) -> str:
    return f"{text.partition('. ')[0].rstrip('.')}."
