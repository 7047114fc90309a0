"""What do somebody's tickets look like on their page of the bot?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.content import Block, Text, heading, items, paragraph
from bot.context import Act
from bot.hooks import Hooks, PagePart
from bot.people import Member
from bot.replies import Button, Field, Form, Reply
from handlers.tickets.cards import source, who_has
from handlers.tickets.lists import listed, solved_since
from handlers.tickets.tickets import Ticket

OPEN_FORM = Form(
    "Open a ticket",
    "ticket open",
    (
        Field("problem", "Problem", multiline=True),
        Field("urgent", "Urgent", choices=("yes", "no"), optional=True),
    ),
)
SHOWN = 10
SOLVED_SHOWN = 3
SOLVED_WITHIN = timedelta(days=7)


def on_page(act: Act, person: Member) -> PagePart:
    """Return somebody's open tickets, those solved lately, and how to open another."""
    page = listed(act, person, limit=SHOWN)
    unsolved = page.tickets
    solved = solved_since(act, person, act.now - SOLVED_WITHIN, limit=SOLVED_SHOWN)
    lines = [f"#{t.id} {t.subject} – {who_has(act, t)}" for t in unsolved]
    lines += [f"#{t.id} {t.subject} – solved" for t in solved]
    blocks: list[Block] = [heading("Your tickets")]
    if lines:
        blocks.append(items((Text(line),) for line in lines))
    else:
        blocks.append(paragraph("You have no open ticket."))
    if page.further:
        blocks.append(paragraph(f"… and {page.further} more."))
    return PagePart(
        tuple(blocks),
        (
            *(Button(f"Show #{t.id}", f"ticket show {t.id}") for t in unsolved),
            *(Button(f"Reopen #{t.id}", f"ticket reopen {t.id}") for t in solved),
        ),
        OPEN_FORM,
        tuple(dict.fromkeys(each for t in (*unsolved, *solved) for each in source(t))),
    )


def shown_anew(act: Act, ticket: Ticket) -> Iterable[Reply]:
    """Show its requester's page as it is now."""
    return act.use(Hooks).changed(act, ticket.requester_id)
