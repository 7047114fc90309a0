"""A delivery on its way: what a sender knows of an outbox row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.events import Person, Place
from bot.replies import Lane, Post
from bot.transport import Action, Delivery


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery on its way to a sender.

    Attributes:
        conversation: what it must keep its order in: a room, or a person without one.
        target_delivery: for an edit, the delivery it edits.
        maybe_sent: an earlier process may have sent it.
        instead: it is no delivery of its own, but what one that still waits shall say instead.
        withdrawn: it is no delivery of its own: the one that still waits shall not be sent.
    """

    delivery: Delivery
    position: int
    conversation: str
    room_id: int | None
    person_id: int | None
    target_delivery: str | None
    maybe_sent: bool
    attempts: int
    expires_at: datetime | None
    instead: bool = False
    withdrawn: bool = False


def waiting_of(
    row: Mapping[str, Any],
    place: Place,
    person: Person | None,
    post: Post | None,
    *,
    maybe_sent: bool,
) -> Waiting:
    """Make what a sender works on of an outbox row (a mapping of its columns)."""
    delivery = Delivery(
        id=row["id"],
        action=Action(row["action"]),
        place=place,
        post=post,
        lane=Lane(row["lane"]),
        created=row["created_at"],
        person=person,
        private=row["private"],
        target=row["target_message"],
        emoji=row["emoji"],
    )
    to = "page of" if delivery.action is Action.HOME else "person"
    conversation = place.room or f"{to} {row['person_id']}"
    return Waiting(
        delivery,
        row["position"],
        conversation,
        row["room_id"],
        row["person_id"],
        row["target_delivery"],
        maybe_sent,
        row["attempts"],
        row.get("expires_at"),
    )


@dataclass(slots=True)
class Conversation:
    """What waits for one room or person, and until when it is not tried (`Clock.elapsed`)."""

    waiting: list[Waiting] = field(default_factory=list)  # sorted: lane, position
    busy: bool = False
    not_before: float = 0.0

    @property
    def is_free(self) -> bool:
        """Something waits, and nothing is under way."""
        return bool(self.waiting) and not self.busy

    def has_newer(self, earlier: Waiting) -> bool:
        """Tell whether something waits that makes an earlier delivery needless.

        A later edit of the same post does, a later pin or unpin of it, a later page or topic.
        """
        alike = _ALIKE.get(earlier.delivery.action, frozenset())
        return any(
            other.target_delivery == earlier.target_delivery and other.delivery.action in alike
            for other in self.waiting
        )


_PINS = frozenset((Action.PIN, Action.UNPIN))
_ALIKE = {action: frozenset((action,)) for action in (Action.EDIT, Action.HOME, Action.TOPIC)} | {
    action: _PINS for action in _PINS
}


def rank(waiting: Waiting) -> tuple[int, int]:
    """Return what orders deliveries: people before broadcasts, then as they were written."""
    return waiting.delivery.lane, waiting.position
