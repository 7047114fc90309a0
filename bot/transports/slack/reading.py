"""What does an event of Slack's Events API tell?

https://docs.slack.dev/reference/events. The ids of messages, edits and deletions are made
of channel and time stamp, so that one read in the history is the one an event told of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.clock import Clock
from bot.events import (
    Event,
    Joined,
    Left,
    Opened,
    Place,
    Reacted,
    RoomChanged,
    Unknown,
)
from bot.transports.slack import emoji, ids
from bot.transports.slack.directory import Directory
from bot.transports.slack.messages import Account, MessageReader
from bot.transports.wire import Object, object_of, text_of, texts_of


@dataclass(frozen=True)
class Envelope:
    """What stands around an event.

    Attributes:
        id: Slack's id of it, the same in every redelivery.
        at: when Slack sent it.
    """

    id: str
    at: datetime


@dataclass
class EventReader:
    """Reads events; pure but for what it learns about people on the way."""

    me: Account
    directory: Directory
    clock: Clock
    messages: MessageReader

    def read(self, body: Object) -> Sequence[Event]:
        """Read the body of an event callback; what is not known becomes an Unknown."""
        event = object_of(body, "event")
        kind = text_of(event, "type")
        wrapped = self._envelope(body)
        reader = KINDS.get(kind)
        found = None if reader is None else reader(self, event, wrapped)
        if found is None:
            name = kind if kind != "message" else f"message {text_of(event, 'subtype')}".strip()
            return (self._unknown(name or "nothing", wrapped),)
        return found

    def _envelope(self, body: Object) -> Envelope:
        seconds = body.get("event_time")
        at = self.clock.now()
        if isinstance(seconds, int) and 0 < seconds < 1 << 33:
            at = datetime.fromtimestamp(seconds, UTC)
        return Envelope(text_of(body, "event_id") or f"none:{at.isoformat()}", at)

    def _unknown(self, name: str, wrapped: Envelope) -> Unknown:
        team = ids.place(self.me.team, self.me.team)
        me = ids.person(self.me.team, self.me.user)
        return Unknown(id=wrapped.id, place=team, person=me, at=wrapped.at, name=name[:100])

    def _place(self, channel: str) -> Place:
        return ids.place(self.me.team, channel)

    def message(
        self,
        event: Object,
        wrapped: Envelope,  # noqa: ARG002 - as every reader has it
    ) -> Sequence[Event] | None:
        """Read a message in any of its subtypes."""
        channel = text_of(event, "channel")
        if text_of(event, "channel_type") == "im" and (user := text_of(event, "user")):
            self.directory.homes[user] = channel
        return self.messages.read(event, channel)

    def reaction(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read an emoji put on a message, or taken off."""
        item, user = object_of(event, "item"), text_of(event, "user")
        channel, message = text_of(item, "channel"), text_of(item, "ts")
        if user in ("", self.me.user) or not (channel and ids.is_stamp(message)):
            return ()
        name = text_of(event, "reaction")
        self.messages.seen[channel, message, name, user] = None
        return (
            Reacted(
                id=wrapped.id,
                place=self._place(channel),
                person=self.directory.person(user),
                at=ids.moment(text_of(event, "event_ts")) or wrapped.at,
                message=message,
                emoji=emoji.to_character(name) or f":{name}:",
                added=text_of(event, "type") == "reaction_added",
            ),
        )

    def membership(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read who has come into a channel, or gone."""
        user, channel = text_of(event, "user"), text_of(event, "channel")
        if not (user and channel):
            return None
        kind = Joined if text_of(event, "type") == "member_joined_channel" else Left
        return (
            kind(
                id=wrapped.id,
                place=self._place(channel),
                person=self.directory.person(user, text_of(event, "team")),
                at=wrapped.at,
                bot=user == self.me.user,
            ),
        )

    def gone(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read that the bot can write in a channel no more, or again."""
        channel = text_of(event, "channel") or text_of(object_of(event, "channel"), "id")
        if not channel:
            return None
        kind = Joined if text_of(event, "type").endswith("_unarchive") else Left
        me = ids.person(self.me.team, self.me.user)
        there = self._place(channel)
        return (kind(id=wrapped.id, place=there, person=me, at=wrapped.at, bot=True),)

    def renamed(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read a channel's new name."""
        channel = object_of(event, "channel")
        if not text_of(channel, "id"):
            return None
        return (self.room_changed(channel, wrapped.id, wrapped.at),)

    def room_changed(self, channel: Object, id_: str, at: datetime) -> RoomChanged:
        """Tell of a channel object, https://docs.slack.dev/reference/objects/conversation-object."""
        name = text_of(channel, "name")
        direct = channel.get("is_im") is True
        user = text_of(channel, "user") if direct else self.me.user
        if direct:
            self.directory.homes[user] = text_of(channel, "id")
        return RoomChanged(
            id=id_,
            place=self._place(text_of(channel, "id")),
            person=self.directory.person(user),
            at=at,
            name=name or None,
            direct=direct or None,
            aliases=(f"#{name}", name) if name else (),
        )

    def moved(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read that a channel has another id now."""
        old, new = text_of(event, "old_channel_id"), text_of(event, "new_channel_id")
        if not (old and new):
            return None
        me = ids.person(self.me.team, self.me.user)
        there = self._place(old)
        return (RoomChanged(id=wrapped.id, place=there, person=me, at=wrapped.at, replaced_by=new),)

    def profile(
        self,
        event: Object,
        wrapped: Envelope,  # noqa: ARG002 - as every reader has it
    ) -> Sequence[Event] | None:
        """Read what a person is called now, and where they are."""
        changed = self.directory.learn(object_of(event, "user"))
        return None if changed is None else (changed,)

    def group(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read who belongs to a user group now: its id is the place."""
        group = text_of(event, "subteam_id")
        if not group:
            return None
        return [
            kind(
                id=f"{wrapped.id}:{user}",
                place=self._place(group),
                person=self.directory.person(user),
                at=wrapped.at,
            )
            for kind, key in ((Joined, "added_users"), (Left, "removed_users"))
            for user in texts_of(event, key)
        ]

    def opened(self, event: Object, wrapped: Envelope) -> Sequence[Event] | None:
        """Read that somebody looks at the bot's own page."""
        user, channel = text_of(event, "user"), text_of(event, "channel")
        if not (user and channel) or text_of(event, "tab") not in ("", "home"):
            return ()
        self.directory.homes[user] = channel
        person = self.directory.person(user)
        return (Opened(id=wrapped.id, place=self._place(channel), person=person, at=wrapped.at),)


KINDS: dict[str, Callable[[EventReader, Object, Envelope], Sequence[Event] | None]] = {
    "message": EventReader.message,
    "app_mention": EventReader.message,
    "reaction_added": EventReader.reaction,
    "reaction_removed": EventReader.reaction,
    "member_joined_channel": EventReader.membership,
    "member_left_channel": EventReader.membership,
    "channel_left": EventReader.gone,
    "group_left": EventReader.gone,
    "channel_archive": EventReader.gone,
    "group_archive": EventReader.gone,
    "channel_deleted": EventReader.gone,
    "group_deleted": EventReader.gone,
    "channel_unarchive": EventReader.gone,
    "group_unarchive": EventReader.gone,
    "channel_rename": EventReader.renamed,
    "group_rename": EventReader.renamed,
    "channel_id_changed": EventReader.moved,
    "user_change": EventReader.profile,
    "team_join": EventReader.profile,
    "subteam_members_changed": EventReader.group,
    "app_home_opened": EventReader.opened,
}
