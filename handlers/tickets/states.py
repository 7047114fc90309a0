"""How far is a ticket, and what does each event make of that?

The whole machine is one table, a row for each event and a column for each state. It holds:

1. New means that nobody has it. What staff do to a new ticket makes it theirs; one that is
   released is new again, whatever it waited for.
2. A reply passes the turn: of staff to the requester, of the requester to staff.
3. Solved can be taken back, by whoever writes that it is not; thanks are no such thing.
4. Closed is the end: nothing changes it, and who writes again begins another ticket.
5. What the clock does may come too late: it then changes nothing, and nobody is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import UserError


class State(StrEnum):
    """How far a ticket is."""

    NEW = "new"
    OPEN = "open"
    WAITING_FOR_REQUESTER = "waiting for requester"
    WAITING_FOR_THIRD_PARTY = "waiting for third party"
    SOLVED = "solved"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to a ticket."""

    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    RELEASED = "released"
    STAFF_REPLIED = "staff replied"
    REQUESTER_REPLIED = "requester replied"
    THANKED = "thanked"
    MARKED_OPEN = "marked open"
    WAITS_FOR_REQUESTER = "waits for requester"
    WAITS_FOR_THIRD_PARTY = "waits for third party"
    SNOOZED = "snoozed"
    SNOOZE_ENDED = "snooze ended"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    MERGED = "merged"
    AUTO_CLOSED = "auto-closed"


@dataclass(frozen=True, slots=True)
class Step:
    """What an event makes of a ticket.

    Args:
        state: the state afterwards.
        takes: whoever did it has the ticket from now on, if nobody else had.
        follows_up: it is the beginning of another ticket, linked to this one.
    """

    state: State
    takes: bool = False
    follows_up: bool = False


Cell = Step | str
"""A step, or why there is none; `{number}` is the ticket's."""

_NEW, _OPEN = Step(State.NEW), Step(State.OPEN)
_ASKED, _SENT = Step(State.WAITING_FOR_REQUESTER), Step(State.WAITING_FOR_THIRD_PARTY)
_SOLVED, _CLOSED = Step(State.SOLVED), Step(State.CLOSED)
_TAKEN, _FIXED = Step(State.OPEN, takes=True), Step(State.SOLVED, takes=True)
_ASKING = Step(State.WAITING_FOR_REQUESTER, takes=True)
_SENDS = Step(State.WAITING_FOR_THIRD_PARTY, takes=True)
_AGAIN = Step(State.CLOSED, follows_up=True)

_DONE = "#{number} is solved. Reopen it first: “ticket reopen {number}”."
_ENDED = "#{number} is closed for good. Write in its thread, or open another: “ticket open”."
_FREE = "Nobody has #{number}, so there is nothing to release."
_TWICE = "#{number} is solved already."
_SHUT = "#{number} is closed already."
_UNDONE = "#{number} is not solved, so there is nothing to reopen."

# fmt: off
_ROWS: Mapping[Event, tuple[Cell, Cell, Cell, Cell, Cell, Cell]] = {
    #                              New       Open      requester third     Solved    Closed
    Event.CLAIMED:                (_TAKEN,   _OPEN,    _ASKED,   _SENT,    _DONE,    _ENDED),
    Event.ASSIGNED:               (_OPEN,    _OPEN,    _ASKED,   _SENT,    _DONE,    _ENDED),
    Event.RELEASED:               (_FREE,    _NEW,     _NEW,     _NEW,     _DONE,    _ENDED),
    Event.STAFF_REPLIED:          (_ASKING,  _ASKED,   _ASKED,   _ASKED,   _SOLVED,  _ENDED),
    Event.REQUESTER_REPLIED:      (_NEW,     _OPEN,    _OPEN,    _OPEN,    _OPEN,    _AGAIN),
    Event.THANKED:                (_NEW,     _OPEN,    _ASKED,   _SENT,    _SOLVED,  _CLOSED),
    Event.MARKED_OPEN:            (_TAKEN,   _OPEN,    _OPEN,    _OPEN,    _OPEN,    _ENDED),
    Event.WAITS_FOR_REQUESTER:    (_ASKING,  _ASKED,   _ASKED,   _ASKED,   _DONE,    _ENDED),
    Event.WAITS_FOR_THIRD_PARTY:  (_SENDS,   _SENT,    _SENT,    _SENT,    _DONE,    _ENDED),
    Event.SNOOZED:                (_NEW,     _OPEN,    _ASKED,   _SENT,    _DONE,    _ENDED),
    Event.SNOOZE_ENDED:           (_NEW,     _OPEN,    _OPEN,    _OPEN,    _SOLVED,  _CLOSED),
    Event.RESOLVED:               (_FIXED,   _SOLVED,  _SOLVED,  _SOLVED,  _TWICE,   _ENDED),
    Event.REOPENED:               (_UNDONE,  _UNDONE,  _UNDONE,  _UNDONE,  _OPEN,    _ENDED),
    Event.CLOSED:                 (_CLOSED,  _CLOSED,  _CLOSED,  _CLOSED,  _CLOSED,  _SHUT),
    Event.MERGED:                 (_CLOSED,  _CLOSED,  _CLOSED,  _CLOSED,  _CLOSED,  _SHUT),
    Event.AUTO_CLOSED:            (_NEW,     _OPEN,    _CLOSED,  _SENT,    _CLOSED,  _CLOSED),
}
# fmt: on

TABLE: Mapping[tuple[State, Event], Cell] = {
    (state, event): cell
    for event, row in _ROWS.items()
    for state, cell in zip(State, row, strict=True)
}


def step(state: State, event: Event, number: int) -> Step:
    """Return what an event makes of a ticket in a state.

    Raises:
        UserError: it cannot happen then; the sentence names the ticket by its number.
    """
    cell = TABLE[state, event]
    if isinstance(cell, str):
        raise UserError(cell.format(number=number))
    return cell
