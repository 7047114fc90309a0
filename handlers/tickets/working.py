"""What staff do with tickets: whose they are, how urgent, what they wait for, what ends them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

from bot.content import Verbatim, say
from bot.context import Context
from bot.errors import Refused, UserError
from bot.parameters import Rest
from bot.people import Member, Role
from bot.replies import Button, Reply
from bot.router import Router
from handlers.tickets import acts
from handlers.tickets.choosing import Agent, Tickets, agents
from handlers.tickets.doing import Done, each, settled
from handlers.tickets.history import Undo
from handlers.tickets.lists import merged_into
from handlers.tickets.states import Event
from handlers.tickets.tables import PRIORITIES
from handlers.tickets.telling import name, said
from handlers.tickets.tickets import Ticket, change

router = Router("ticket", "")

AGENTS_OFFERED = 20


@router.command("claim", role=Role.AGENT, examples=["#42", "4 7"])
def claim_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """Take tickets on."""
    yield from each(ctx, tickets, "claim", partial(_claimed, ctx))


def _claimed(ctx: Context, ticket: Ticket) -> Done:
    claimed = acts.claim(ctx, ticket, ctx.person)
    told = f"{ctx.person.shown} is working on ticket #{claimed.id}."
    return Done(claimed, f"#{claimed.id} is yours.", (told,))


@router.command(
    "resolve",
    role=Role.AGENT,
    examples=["#42", "#42 new cable", "#4 #7 the server is back"],
    aliases=["ticket solve"],
)
def resolve_tickets(ctx: Context, tickets: Tickets, solution: Rest = Rest("")) -> Iterator[Reply]:
    """Mark tickets solved, with a word on how."""
    yield from each(ctx, tickets, "resolve", partial(_resolved, ctx, str(solution)))


def _resolved(ctx: Context, solution: str, ticket: Ticket) -> Done:
    quoted = said(ctx) if solution else ()
    solved = acts.resolve(ctx, ticket, ctx.person, solution, *quoted)
    how = solution.strip()
    end = "" if not how or how[-1] in ".!?…" else "."
    first = f"ticket #{solved.id} is solved{f': {how}{end}' if how else '.'}"
    room = ctx.room_by_id(solved.room_id)
    reopen = Verbatim(f"{room.prefix}ticket reopen {solved.id}")
    told = (first, " If it is not, write ", reopen, ".")
    sentence = f"#{solved.id} is solved; {name(ctx, solved)} was told."
    return Done(solved, sentence, told, quoted=quoted)


@router.command("reopen", examples=["#42"])
def reopen_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """Open a solved ticket again, your own or, as an agent, any."""
    yield from each(ctx, tickets, "reopen", partial(_reopened, ctx))


def _reopened(ctx: Context, ticket: Ticket) -> Done:
    _allow(ctx, ticket, f"reopen #{ticket.id}")
    again = acts.reopen(ctx, ticket)
    told = f"ticket #{again.id} is open again; IT has been told."
    return Done(again, f"#{again.id} is open again.", (told,), came_back=True)


@router.command("urgent", examples=["#42"])
def urgent_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """Say that a ticket cannot wait."""
    yield from each(ctx, tickets, "urgent", partial(_made_urgent, ctx))


def _made_urgent(ctx: Context, ticket: Ticket) -> Done:
    _allow(ctx, ticket, f"make #{ticket.id} urgent")
    urgent = acts.prioritise(ctx, ticket, "urgent")
    return Done(urgent, f"#{urgent.id} is urgent now; IT has been told.")


def _allow(ctx: Context, ticket: Ticket, what: str) -> None:
    """Raise Refused when a ticket is neither of whoever asks nor are they of IT."""
    asked = (each.requester_id for each in (ticket, *merged_into(ctx, ticket.id)))
    if not (ctx.can(Role.AGENT) or ctx.person.id in asked):
        msg = f"Only {name(ctx, ticket)} or IT can {what}."
        raise Refused(msg)


@router.command("assign", role=Role.AGENT, examples=["#42 @bea", "4 7 9-12 me"])
def assign_tickets(ctx: Context, tickets: Tickets, who: Agent | None = None) -> Iterator[Reply]:
    """Give tickets to a colleague."""
    if who is None:
        offered = agents(ctx, AGENTS_OFFERED)
        buttons = [(each.shown, f'"{each.person.user}"') for each in offered]
        yield _asked(tickets, "Who takes", "assign", buttons)
        return
    yield from each(ctx, tickets, "assign", partial(_assigned, ctx, who.member))


def _assigned(ctx: Context, to: Member, ticket: Ticket) -> Done:
    given = acts.assign(ctx, ticket, to)
    whose = "yours" if to.id == ctx.person.id else f"{to.shown}'s"
    told = f"{to.shown} is working on ticket #{given.id}."
    return Done(given, f"#{given.id} is {whose}.", (told,))


@router.command("release", role=Role.AGENT, examples=["#42", "4 7"])
def release_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """Give tickets back."""
    yield from each(ctx, tickets, "release", partial(_released, ctx))


def _released(ctx: Context, ticket: Ticket) -> Done:
    free = acts.moved(ctx, ticket, Event.RELEASED)
    return Done(free, f"#{free.id} is new again; nobody has it.")


@router.command("priority", role=Role.AGENT, examples=["#42 high", "4 7 low"])
def set_priority(
    ctx: Context,
    tickets: Tickets,
    priority: Literal["urgent", "high", "normal", "low"] | None = None,
) -> Iterator[Reply]:
    """Say how urgent they are."""
    if priority is None:
        buttons = [(word.capitalize(), word) for word in PRIORITIES]
        yield _asked(tickets, "How urgent is", "priority", buttons)
        return
    yield from each(ctx, tickets, "priority", partial(_prioritised, ctx, priority))


def _prioritised(ctx: Context, priority: str, ticket: Ticket) -> Done:
    done = acts.prioritise(ctx, ticket, priority)
    return Done(done, f"#{done.id} has the priority {priority} now.")


@router.command("status", role=Role.AGENT, examples=["#42 waiting", "4 7 third-party"])
def set_status(
    ctx: Context, tickets: Tickets, status: Literal["open", "waiting", "third-party"] | None = None
) -> Iterator[Reply]:
    """Say whom they wait for."""
    if status is None:
        buttons = [(word.capitalize(), word) for word in acts.STATUSES]
        yield _asked(tickets, "What does IT do with", "status", buttons)
        return
    yield from each(ctx, tickets, "status", partial(_marked, ctx, status))


def _marked(ctx: Context, status: str, ticket: Ticket) -> Done:
    done = acts.mark(ctx, ticket, status, ctx.person)
    return Done(done, f"#{done.id} is {done.state} now.")


@router.command("tag", role=Role.AGENT, examples=["#42 +vpn -wifi", "#4 #7 +printer"])
def tag_tickets(ctx: Context, tickets: Tickets, tags: Rest) -> Iterator[Reply]:
    """Tag tickets."""
    add, remove = _tags(tags)
    yield from each(ctx, tickets, "tag", partial(_tagged, ctx, add, remove))


def _tags(text: str) -> tuple[list[str], list[str]]:
    add: list[str] = []
    remove: list[str] = []
    for word in text.replace(",", " ").split():
        tag = word.lstrip("+-–—−#").casefold()
        if not tag or len(tag) > acts.LONGEST_TAG:
            msg = f"“{word[: acts.LONGEST_TAG]}” is no tag. Write a short word, for example +vpn."
            raise UserError(msg)
        (remove if word[0] in "-–—−" else add).append(tag)
    return add, remove


def _tagged(ctx: Context, add: list[str], remove: list[str], ticket: Ticket) -> Done:
    added, removed = acts.tag(ctx, ticket, add, remove)
    done = change(ctx, ticket)
    tags = ", ".join(acts.tags_of(ctx, ticket.id)) or "nothing"
    changes = " ".join((*(f"+{tag}" for tag in added), *(f"-{tag}" for tag in removed)))
    undo = Undo(done.version, {}, tags_added=added, tags_removed=removed)
    sentence = f"#{done.id} is tagged {tags} now."
    return Done(done, sentence, after=changes, undo=undo, quoted=said(ctx))


@router.command("link", role=Role.AGENT, examples=["#42 #43"])
def link_ticket(ctx: Context, ticket: Ticket, other: Ticket) -> Iterator[Reply]:
    """Link two tickets."""
    acts.link(ctx, ticket, other)
    one, two = change(ctx, ticket), change(ctx, other)
    undo = Undo(one.version, {}, linked_to=two.id)
    sentence = f"#{one.id} and #{two.id} are linked now."
    yield from settled(ctx, "link", other, Done(two, "", after=f"#{one.id}", undo=False))
    yield from settled(ctx, "link", ticket, Done(one, sentence, after=f"#{two.id}", undo=undo))


@router.command("close", role=Role.AGENT, examples=["#42", "4 7 9-12"])
def close_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """End tickets for good."""
    yield from each(ctx, tickets, "close", partial(_closed, ctx))


def _closed(ctx: Context, ticket: Ticket) -> Done:
    done = acts.moved(ctx, ticket, Event.CLOSED)
    told = (f"ticket #{done.id} is closed. ", *_another(ctx, done, "If you need more, write "))
    return Done(done, f"#{done.id} is closed; {name(ctx, done)} was told.", told)


@router.command("dismiss", role=Role.AGENT, examples=["#42", "4 7"])
def dismiss_tickets(ctx: Context, tickets: Tickets) -> Iterator[Reply]:
    """Close what asks nothing of IT."""
    yield from each(ctx, tickets, "dismiss", partial(_dismissed, ctx))


def _dismissed(ctx: Context, ticket: Ticket) -> Done:
    done = acts.moved(ctx, ticket, Event.CLOSED)
    first = f"ticket #{done.id} is closed: it seems to ask nothing of IT. "
    told = (first, *_another(ctx, done, "If it does, write "))
    return Done(done, f"#{done.id} is closed as no request; {name(ctx, done)} was told.", told)


def _another(ctx: Context, ticket: Ticket, lead: str) -> tuple[str | Verbatim, ...]:
    room = ctx.room_by_id(ticket.room_id)
    return (lead, Verbatim(f"{room.prefix}ticket open"), " and what is wrong.")


def _asked(tickets: Tickets, question: str, command: str, offered: list[tuple[str, str]]) -> Reply:
    numbers = " ".join(f"#{number}" for number in tickets)
    buttons = (Button(label, f"ticket {command} {numbers} {word}") for label, word in offered)
    return Reply(say(f"{question} {numbers.replace(' ', ', ')}?"), buttons=tuple(buttons))
