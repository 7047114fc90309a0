"""Which parts of a post of unknown outcome stand there already?

Each part carries the delivery's id in its metadata: https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from datetime import timedelta

from bot.errors import SendFailure, TransportError
from bot.events import Place
from bot.replies import Lane
from bot.transport import Delivery
from bot.transports.bounded import Bounded
from bot.transports.slack import ids
from bot.transports.slack.api import Api
from bot.transports.wire import Object, integer_of, object_of, objects_of, text_of

EVENT_TYPE = "deskside_delivery"  # of the metadata of our posts
EARLIER = timedelta(minutes=2)  # by how much Slack's clock may be behind ours
_REMEMBERED = 2_000  # deliveries
_PAGES = 10  # of history in which a delivery is looked for
_PAGE = 100


def metadata(delivery: Delivery, part: int) -> Object:
    """Return by what a part of a post can be found again."""
    payload = {"delivery_id": delivery.id, "part": part}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


class Parts:
    """Remembers what stands there of deliveries that are not sent whole: message ids by part."""

    def __init__(self, api: Api) -> None:
        """Remember nothing yet."""
        self._api = api
        self._found: Bounded[str, dict[int, str]] = Bounded(_REMEMBERED)
        self._unreadable: Bounded[str, None] = Bounded(_REMEMBERED)

    def of(self, delivery: Delivery) -> dict[int, str]:
        """Return what stands there of a delivery; to be filled with what is posted."""
        if delivery.id not in self._found:
            self._found[delivery.id] = {}
        return self._found[delivery.id]

    def is_begun(self, delivery: Delivery) -> bool:
        """Tell whether a delivery was looked for or partly posted before."""
        return delivery.id in self._found

    def is_hidden(self, delivery: Delivery) -> bool:
        """Tell whether nobody can know what stands there of a delivery."""
        return delivery.id in self._unreadable

    def forget(self, delivery: Delivery) -> None:
        """Forget a delivery that stands there whole."""
        self._found.pop(delivery.id, None)
        self._unreadable.pop(delivery.id, None)

    async def look_for(self, delivery: Delivery, place: Place) -> dict[int, str] | None:
        """Look for a delivery; None when it cannot be known what stands there.

        Raises:
            TransportError: PERMANENT for a broadcast where that is so, so that a person decides.
        """
        try:
            found = await self._read(delivery, place)
        except TransportError as error:
            if error.failure is not SendFailure.PERMANENT:
                raise
            if delivery.lane is Lane.BROADCAST:
                msg = f"whether it was posted cannot be known: {error}"
                raise TransportError(msg, failure=SendFailure.PERMANENT) from error
            self._unreadable[delivery.id] = None
            self.of(delivery)
            return None
        self._found[delivery.id] = found
        return found

    async def _read(self, delivery: Delivery, place: Place) -> dict[int, str]:
        method, arguments = "conversations.history", {"channel": place.room}
        if place.thread is not None:
            method, arguments = "conversations.replies", arguments | {"ts": place.thread}
        found: dict[int, str] = {}
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._api.call(
                method,
                oldest=ids.stamp(delivery.created - EARLIER),
                include_all_metadata=True,
                limit=_PAGE,
                cursor=cursor or None,
                **arguments,
            )
            for message in objects_of(answer, "messages"):
                payload = object_of(object_of(message, "metadata"), "event_payload")
                if text_of(payload, "delivery_id") == delivery.id:
                    found[integer_of(payload, "part") or 0] = text_of(message, "ts")
            cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
            if not cursor:
                return found
        msg = f"{method}: more was said since than is looked through"
        raise TransportError(msg, failure=SendFailure.PERMANENT)
