"""The people in the live tests, who write with another client library than the bot does.

A `Client` is one person at one device. It keeps reading, and keeps what it read, in order; `see`
waits for an event without sleeping. Events stay as the server sent them, so that a test can look
at every field of what the bot wrote.
"""

import asyncio
import html
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from mautrix.api import HTTPAPI, Method, Path
from mautrix.client import ClientAPI
from mautrix.errors import MatrixConnectionError
from mautrix.types import EventID, FilterID, RoomCreatePreset, RoomID, SyncToken, UserID

from tests.live.synapse import Account

PATIENCE = 10.0  # seconds
SYNC_TIMEOUT = 30_000  # milliseconds
RETRY_PAUSE = 0.2  # seconds between attempts to reach a server that is away

# A default filter returns ten events a room at a time and leaves the rest out.
FILTER = FilterID('{"room": {"timeline": {"limit": 1000}}}')

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """What happened in a room, as the server tells it.

    `content` changes in form only when the server erases it; an edit is an event of its own.
    """

    room_id: str
    event_id: str
    sender: str
    type: str
    content: Content
    raw: Mapping[str, Any]

    @property
    def body(self) -> str:
        return str(self.content.get("body", ""))

    @property
    def relation(self) -> Content:
        relation: Content = self.content.get("m.relates_to", {})
        return relation

    @property
    def thread(self) -> str | None:
        """The event that began the thread this one is in."""
        return self._related("m.thread")

    @property
    def edits(self) -> str | None:
        """The event that this one puts new content into."""
        return self._related("m.replace")

    @property
    def reacts_to(self) -> str | None:
        return self._related("m.annotation")

    @property
    def redacts(self) -> str | None:
        # In `content` since room version 11, beside it before.
        redacted: str | None = self.content.get("redacts") or self.raw.get("redacts")
        return redacted

    def _related(self, kind: str) -> str | None:
        return str(self.relation["event_id"]) if self.relation.get("rel_type") == kind else None


class Client:
    """One person, at one device; an asynchronous context manager."""

    def __init__(self, base_url: str, account: Account) -> None:
        self.user_id = account.user_id
        self.timeline: dict[str, list[Event]] = defaultdict(list)  # by room, in the server's order
        self.invitations: dict[str, list[Content]] = {}  # by room: the state that came along
        self.left: set[str] = set()
        self._account = account
        self._base_url = base_url
        self._events: list[Event] = []
        self._news = asyncio.Condition()
        self._since: SyncToken | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        http = HTTPAPI(
            self._base_url,
            self._account.access_token,
            client_session=self._session,
            default_retry_count=0,
        )
        self.api = ClientAPI(UserID(self.user_id), api=http)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await self._reading
        finally:
            await self._session.close()

    # What one sees.

    async def see(
        self,
        wanted: Callable[[Event], bool],
        *,
        within: float = PATIENCE,
        room: str | None = None,
        after: str | None = None,
    ) -> Event:
        """Wait for the first event that is wanted, those that were already seen included.

        Args:
            wanted: Says whether this is the one.
            within: How long to wait, in seconds.
            room: Look only there.
            after: Look only at what came after the event with this id.
        """
        found: list[Event] = []

        def look() -> bool:
            found[:] = [e for e in self._seen(room, after) if wanted(e)][:1]
            return bool(found)

        await self._until(look, within, lambda: _story(self._seen(room, after)))
        return found[0]

    async def invited(self, room: str | None = None, *, within: float = PATIENCE) -> str:
        """Wait for an invitation, to this room if one is named, and return its room."""

        def open_invitations() -> list[str]:
            return [r for r in self.invitations if room in (None, r)]

        await self._until(lambda: bool(open_invitations()), within, lambda: "no invitation")
        return open_invitations()[0]

    async def until(self, is_true: Callable[[], bool], *, within: float = PATIENCE) -> None:
        """Wait until something is true of the timeline; `within` is in seconds."""
        await self._until(is_true, within, lambda: f"{len(self._events)} events")

    # What one does.

    async def create(
        self,
        name: str | None = None,
        *,
        invite: Sequence[str] = (),
        version: str | None = None,
        is_public: bool = False,
        is_direct: bool = False,
    ) -> str:
        """Make a room and return its id.

        Args:
            name: What it is called.
            invite: Whom to invite, by user id.
            version: Its room version, such as "12"; the server's default without.
            is_public: Whether anybody may join.
            is_direct: Whether those invited are told that it is a direct conversation.
        """
        return await self.api.create_room(
            name=name,
            preset=RoomCreatePreset.PUBLIC if is_public else RoomCreatePreset.PRIVATE,
            invitees=[UserID(user) for user in invite],
            is_direct=is_direct,
            custom_request_fields={"room_version": version} if version else {},
        )

    async def join(self, room: str) -> None:
        await self.api.join_room_by_id(RoomID(room))

    async def leave(self, room: str) -> None:
        await self.api.leave_room(RoomID(room))

    async def invite(self, room: str, user: str) -> None:
        await self.api.invite_user(RoomID(room), UserID(user))

    async def kick(self, room: str, user: str, reason: str = "") -> None:
        await self.api.kick_user(RoomID(room), UserID(user), reason)

    async def upgrade(self, room: str, version: str) -> str:
        """Replace a room by one of another version and return its id."""
        answer = await self.api.api.request(
            Method.POST, Path.v3.rooms[room].upgrade, {"new_version": version}
        )
        return str(answer["replacement_room"])

    async def say(
        self,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        mention: Sequence[str] = (),
        is_notice: bool = False,
    ) -> str:
        """Write plain text and return its event's id.

        Args:
            room: Where.
            text: Plain text.
            thread: The event whose thread to answer in.
            mention: Whom the text is meant for, by user id.
            is_notice: Write as bots do.
        """
        content = _text(text, "m.notice" if is_notice else "m.text", mention)
        if thread:
            # https://spec.matrix.org/v1.17/client-server-api/#fallback-for-unthreaded-clients
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": thread},
            }
        return await self.send(room, content)

    async def quote(self, room: str, event: Event, text: str) -> str:
        """Reply as older clients do, with what is replied to quoted above the text.

        https://spec.matrix.org/v1.12/client-server-api/#fallbacks-for-rich-replies
        """
        first, *rest = event.body.splitlines() or [""]
        quoted = "\n".join([f"> <{event.sender}> {first}", *(f"> {line}" for line in rest)])
        content = _text(f"{quoted}\n\n{text}", "m.text", [event.sender])
        content |= {
            "format": "org.matrix.custom.html",
            "formatted_body": (
                f"<mx-reply><blockquote><a>In reply to</a> <a>{event.sender}</a><br>"
                f"{html.escape(event.body)}</blockquote></mx-reply>{html.escape(text)}"
            ),
            "m.relates_to": {"m.in_reply_to": {"event_id": event.event_id}},
        }
        return await self.send(room, content)

    async def edit(self, room: str, event_id: str, text: str) -> str:
        """Replace the text of one's own event and return the edit's id."""
        content = _text(f"* {text}", "m.text", ())
        content["m.new_content"] = _text(text, "m.text", ())
        content["m.relates_to"] = {"rel_type": "m.replace", "event_id": event_id}
        return await self.send(room, content)

    async def react(self, room: str, event_id: str, emoji: str) -> str:
        return await self.api.react(RoomID(room), EventID(event_id), emoji)

    async def redact(self, room: str, event_id: str, reason: str | None = None) -> str:
        return await self.api.redact(RoomID(room), EventID(event_id), reason)

    async def send(self, room: str, content: Content, kind: str = "m.room.message") -> str:
        """Send an event of any kind with any content and return its id."""
        transaction = self.api.api.get_txn_id()
        path = Path.v3.rooms[room].send[kind][transaction]
        answer = await self.api.api.request(Method.PUT, path, dict(content))
        return str(answer["event_id"])

    # How it reads.

    async def _read(self) -> None:
        try:
            while True:
                try:
                    answer = await self.api.sync(self._since, SYNC_TIMEOUT, FILTER)
                except MatrixConnectionError:
                    await asyncio.sleep(RETRY_PAUSE)
                    continue
                async with self._news:
                    self._take(answer)
                    self._news.notify_all()
        finally:
            async with self._news:
                self._news.notify_all()

    def _take(self, answer: Any) -> None:
        rooms = answer.get("rooms", {})
        for room_id, room in rooms.get("invite", {}).items():
            self.invitations[room_id] = room["invite_state"]["events"]
        for room_id, room in [*rooms.get("join", {}).items(), *rooms.get("leave", {}).items()]:
            self.invitations.pop(room_id, None)
            for raw in room["timeline"]["events"]:
                event = Event(
                    room_id, raw["event_id"], raw["sender"], raw["type"], raw["content"], raw
                )
                self.timeline[room_id].append(event)
                self._events.append(event)
        self.left |= rooms.get("leave", {}).keys()
        self.left -= rooms.get("join", {}).keys()
        self._since = answer["next_batch"]

    def _seen(self, room: str | None, after: str | None) -> list[Event]:
        events = self._events if room is None else self.timeline[room]
        if after is None:
            return events
        ids = [event.event_id for event in events]
        return events[ids.index(after) + 1 :] if after in ids else []

    async def _until(
        self, is_true: Callable[[], bool], within: float, story: Callable[[], str]
    ) -> None:
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: is_true() or self._reading.done())
        except TimeoutError:
            raise TimeoutError(f"{self.user_id} waited {within} s and saw {story()}") from None
        if not is_true():
            self._reading.result()  # raises why it ended


def _text(text: str, kind: str, mention: Sequence[str]) -> dict[str, Any]:
    return {
        "msgtype": kind,
        "body": text,
        "m.mentions": {"user_ids": list(mention)} if mention else {},
    }


def _story(events: Sequence[Event]) -> str:
    return "".join(f"\n  {e.sender} {e.type} {dict(e.content)}" for e in events) or "nothing"
