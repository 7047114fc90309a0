"""The states of a ticket: what each event does in each, and that nothing else can happen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from handlers.tickets.states import TABLE, Event, State, Step, step

NEW, OPEN, SOLVED, CLOSED = State.NEW, State.OPEN, State.SOLVED, State.CLOSED
ASKED, SENT = State.WAITING_FOR_REQUESTER, State.WAITING_FOR_THIRD_PARTY
EVENTS = st.lists(st.sampled_from(list(Event)))


def test_every_event_is_decided_in_every_state() -> None:
    assert set(TABLE) == {(state, event) for state in State for event in Event}


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        (NEW, Event.CLAIMED, OPEN),
        (NEW, Event.STAFF_REPLIED, ASKED),
        (OPEN, Event.STAFF_REPLIED, ASKED),
        (SENT, Event.STAFF_REPLIED, ASKED),
        (ASKED, Event.REQUESTER_REPLIED, OPEN),
        (NEW, Event.REQUESTER_REPLIED, NEW),
        (SOLVED, Event.REQUESTER_REPLIED, OPEN),
        (SOLVED, Event.THANKED, SOLVED),
        (ASKED, Event.THANKED, ASKED),
        (SOLVED, Event.STAFF_REPLIED, SOLVED),
        (ASKED, Event.RELEASED, NEW),
        (OPEN, Event.WAITS_FOR_THIRD_PARTY, SENT),
        (SENT, Event.SNOOZE_ENDED, OPEN),
        (SOLVED, Event.REOPENED, OPEN),
        (ASKED, Event.AUTO_CLOSED, CLOSED),
        (SOLVED, Event.AUTO_CLOSED, CLOSED),
    ],
)
def test_an_event_changes_the_state(before: State, event: Event, after: State) -> None:
    assert step(before, event, 12).state is after


@pytest.mark.parametrize("state", [NEW, OPEN, SENT])
def test_what_staff_owe_is_never_closed_by_the_clock(state: State) -> None:
    assert step(state, Event.AUTO_CLOSED, 12) == Step(state)


@pytest.mark.parametrize("event", list(Event))
def test_closed_is_the_end(event: Event) -> None:
    cell = TABLE[CLOSED, event]
    assert isinstance(cell, str) or cell.state is CLOSED


def test_a_reply_to_a_closed_ticket_begins_another() -> None:
    follow_ups = {at for at, cell in TABLE.items() if isinstance(cell, Step) and cell.follows_up}
    assert follow_ups == {(CLOSED, Event.REQUESTER_REPLIED)}


@pytest.mark.parametrize(
    ("state", "event", "sentence"),
    [
        (SOLVED, Event.CLAIMED, "#12 is solved. Reopen it first: “ticket reopen 12”."),
        (SOLVED, Event.RESOLVED, "#12 is solved already."),
        (CLOSED, Event.REOPENED, "#12 is closed for good."),
        (CLOSED, Event.CLOSED, "#12 is closed already."),
        (OPEN, Event.REOPENED, "#12 is not solved, so there is nothing to reopen."),
        (NEW, Event.RELEASED, "Nobody has #12, so there is nothing to release."),
    ],
)
def test_what_cannot_happen_is_told(state: State, event: Event, sentence: str) -> None:
    with pytest.raises(UserError, match=f"^{sentence}"):
        step(state, event, 12)


HAPPENS = [Event.REQUESTER_REPLIED, Event.THANKED, Event.SNOOZE_ENDED, Event.AUTO_CLOSED]


@pytest.mark.parametrize("event", HAPPENS)
@pytest.mark.parametrize("state", list(State))
def test_what_nobody_commands_is_never_refused(state: State, event: Event) -> None:
    assert isinstance(TABLE[state, event], Step)


@given(EVENTS)
def test_whatever_is_not_new_somebody_had(events: list[Event]) -> None:
    state, somebody = State.NEW, False
    for event in events:
        try:
            made = step(state, event, 1)
        except UserError:
            continue
        somebody = (somebody or made.takes or event is Event.ASSIGNED) and made.state is not NEW
        state = made.state
        assert somebody or state in (NEW, CLOSED)
