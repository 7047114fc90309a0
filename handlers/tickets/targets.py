"""By when is a ticket to be answered and solved, and how near is that? Without words for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.times import parse_duration
from handlers.tickets.hours import Pause, WorkingHours

WARNED_AT = 0.8  # of a target's working time


class Priority(StrEnum):
    """How much a ticket matters, most first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Goal(StrEnum):
    """What a target is for."""

    FIRST_RESPONSE = "first response"
    SOLUTION = "solution"


class State(StrEnum):
    """How a target stands."""

    RUNNING = "running"
    WARNED = "warned"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True)
class Targets:
    """How much working time each may take; None: as long as it takes."""

    first_response: timedelta | None = None
    solution: timedelta | None = None

    def of(self, goal: Goal) -> timedelta | None:
        """Return the target for a goal."""
        return self.first_response if goal is Goal.FIRST_RESPONSE else self.solution


@dataclass(frozen=True, slots=True)
class Course:
    """What has happened to a ticket, as far as targets count it.

    Args:
        opened_at: when its time began.
        first_response_at: when staff first replied to its requester.
        solved_at: when it was solved; None again once it is reopened.
        pauses: when it waited for others, or was solved before it was reopened.
    """

    opened_at: datetime
    first_response_at: datetime | None = None
    solved_at: datetime | None = None
    pauses: Sequence[Pause] = ()

    def ended_at(self, goal: Goal) -> datetime | None:
        """Return when a goal was reached; who gets the solution has got a response."""
        reached = [self.solved_at]
        if goal is Goal.FIRST_RESPONSE:
            reached.append(self.first_response_at)
        return min((at.astimezone(UTC) for at in reached if at is not None), default=None)


def read_target(text: str) -> timedelta:
    """Read working time: `30m`, `8h`, `1h30m`.

    Raises:
        ValueError: it is none, or in days, of which nobody knows how long they are worked.
    """
    found = None if set("dw") & set(text.lower()) else parse_duration(text)
    if found is None:
        msg = f"“{text}” is not a working time; expected hours and minutes such as 8h or 1h30m"
        raise ValueError(msg)
    return found


def due(goal: Goal, course: Course, targets: Targets, hours: WorkingHours) -> datetime | None:
    """Return by when a goal is to be reached.

    None when it has no target, or while a pause lasts that began in time.
    """
    return _when(goal, course, targets, hours, 1)


def warning(
    goal: Goal, course: Course, targets: Targets, hours: WorkingHours, part: float = WARNED_AT
) -> datetime | None:
    """Return when staff are to be warned: when `part` of the time has passed; None as for `due`."""
    return _when(goal, course, targets, hours, part)


def state(
    goal: Goal,
    course: Course,
    targets: Targets,
    hours: WorkingHours,
    now: datetime,
    *,
    part: float = WARNED_AT,
) -> State | None:
    """Return how a target stands at a moment; None when there is none.

    It is breached from the moment it is due, also while nobody works: people were told that
    moment.
    """
    if targets.of(goal) is None:
        return None
    now, ended = now.astimezone(UTC), course.ended_at(goal)
    end = due(goal, course, targets, hours)
    if ended is not None and ended <= now:
        return State.MET if end is None or ended <= end else State.BREACHED
    if end is not None and end <= now:
        return State.BREACHED
    warned = warning(goal, course, targets, hours, part)
    return State.WARNED if warned is not None and warned <= now else State.RUNNING


def _when(
    goal: Goal, course: Course, targets: Targets, hours: WorkingHours, part: float
) -> datetime | None:
    target = targets.of(goal)
    if target is None:
        return None
    return hours.after(course.opened_at, target * part, course.pauses)
