"""Points out that something for one person alone could not be delivered, and not what."""

from __future__ import annotations

from bot.content import Mention, say
from bot.outbox import Outbox
from bot.replies import Reply
from bot.storage.unit import Unit
from bot.transport import Action
from bot.waiting import Waiting


def point_out(outbox: Outbox, unit: Unit, waiting: Waiting) -> None:
    """Leave a pointer in the thread where an only-you reply would have stood, if it was one."""
    delivery = waiting.delivery
    if not delivery.private or delivery.person is None or delivery.action is not Action.POST:
        return
    who = Mention(delivery.person, delivery.person.user)
    pointer = say(
        who, ": I have something for you alone, but cannot reach you. Write me a direct message."
    )
    outbox.enqueue(unit, Reply(pointer, to=delivery.place))
