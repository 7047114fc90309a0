"""What does a message of Slack's tell, in an event or in the history?

https://docs.slack.dev/reference/events/message and its subtypes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

from bot.clock import Clock
from bot.events import Deleted, Edited, Event, Message, Person, Reacted, SharedFile
from bot.transports.bounded import Bounded
from bot.transports.slack import emoji, ids
from bot.transports.slack.directory import Directory
from bot.transports.slack.reading_text import Spoken, spoken
from bot.transports.slack.threads import Threads
from bot.transports.wire import Object, integer_of, object_of, objects_of, text_of, texts_of

# The writer's own words; what else has a subtype tells of a channel's life.
_WRITTEN = ("", "file_share", "thread_broadcast", "me_message", "bot_message")

_REMEMBERED = 20_000  # reactions


@dataclass
class Account:
    """The bot's own account; filled in when it has introduced itself."""

    team: str = ""
    user: str = ""
    bot: str = ""


Reaction = tuple[str, str, str, str]  # room, message, name, user


@dataclass
class MessageReader:
    """Reads messages; pure but for what it learns about people on the way.

    Attributes:
        seen: the history tells of reactions without an id, so those that an event told of
            are remembered.
    """

    me: Account
    directory: Directory
    clock: Clock
    seen: Bounded[Reaction, None] = field(default_factory=lambda: Bounded(_REMEMBERED))
    threads: Threads = field(default_factory=Threads)

    def read(self, event: Object, channel: str) -> Sequence[Event] | None:
        """Read a message event; None when it is of no kind that is known."""
        if not channel:
            return None
        match text_of(event, "subtype"):
            case "message_changed":
                return self._changed(event, channel)
            case "message_deleted":
                return self._deleted(event, channel)
            case subtype if subtype in _WRITTEN:
                return self.written(event, channel)
            case _:
                return None

    def written(self, message: Object, channel: str) -> Sequence[Message]:
        """Read what somebody wrote; nothing when it was the bot."""
        ts = text_of(message, "ts")
        if self._is_own(message) or not ids.is_stamp(ts):
            return ()
        said = self._spoken(message)
        thread = text_of(message, "thread_ts")
        place = ids.place(self.me.team, channel, thread if thread != ts else None)
        self.threads.note(place)
        return (
            Message(
                id=f"{channel}:{ts}",
                place=place,
                person=self._writer(message),
                at=ids.moment(ts) or self.clock.now(),
                message=ts,
                text=said.text,
                addressed=said.addressed,
                direct=is_direct(channel),
                mentions=tuple(self.directory.person(user) for user in said.mentions),
                files=tuple(_file(file) for file in objects_of(message, "files")),
                automated=is_automated(message),
            ),
        )

    def remembered(self, message: Object, channel: str) -> list[Event]:
        """Read a message of the history: what was said, and its edit and reactions since."""
        found: list[Event] = [*self.written(message, channel)]
        if found and (edited := object_of(message, "edited")):
            found += self.edited(message, channel, text_of(edited, "ts"))
        if found:
            found += self._reactions(message, channel)
        return found

    def _changed(self, event: Object, channel: str) -> Sequence[Event]:
        message, before = object_of(event, "message"), object_of(event, "previous_message")
        if text_of(message, "subtype") == "tombstone":  # the root of a thread was deleted
            return (self._gone(message, channel, text_of(event, "event_ts")),)
        # Slack also tells so of previews it adds, and of replies to the message.
        if self._is_own(message) or text_of(message, "text") == text_of(before, "text"):
            return ()
        edited = object_of(message, "edited")
        told_at = text_of(event, "event_ts")
        return self.edited(message, channel, text_of(edited, "ts") or told_at, told_at)

    def edited(
        self, message: Object, channel: str, number: str, told_at: str = ""
    ) -> Sequence[Event]:
        """Read a message that has the text it has since its edit `number`."""
        ts = text_of(message, "ts")
        if not ids.is_stamp(ts):
            return ()
        thread = text_of(message, "thread_ts")
        text = self._spoken(message).text
        at = ids.moment(told_at) or ids.moment(number) or self.clock.now()
        at = max(at, ids.moment(ts) or at)
        # Slack counts edits in whole seconds, in which the message was written or edited, too.
        number = f"{number}-{crc32(text.encode()):08x}"
        return (
            Edited(
                id=f"{channel}:{ts}:edited:{number}",
                place=ids.place(self.me.team, channel, thread if thread != ts else None),
                person=self._writer(message),
                at=at,
                message=ts,
                text=text,
                number=number,
                automated=is_automated(message),
            ),
        )

    def _deleted(self, event: Object, channel: str) -> Sequence[Event]:
        before = object_of(event, "previous_message")
        ts = text_of(event, "deleted_ts") or text_of(before, "ts")
        if not ids.is_stamp(ts):
            return ()
        return (self._gone({**before, "ts": ts}, channel, text_of(event, "event_ts")),)

    def _gone(self, message: Object, channel: str, number: str) -> Deleted:
        ts, thread = text_of(message, "ts"), text_of(message, "thread_ts")
        return Deleted(
            id=f"{channel}:{ts}:deleted",
            place=ids.place(self.me.team, channel, thread if thread != ts else None),
            person=self._writer(message),
            at=ids.moment(number) or self.clock.now(),
            message=ts,
        )

    def _reactions(self, message: Object, channel: str) -> list[Event]:
        ts, at = text_of(message, "ts"), self.clock.now()
        return [
            Reacted(
                id=f"{channel}:{ts}:{name}:{user}",
                place=ids.place(self.me.team, channel),
                person=self.directory.person(user),
                at=at,
                message=ts,
                emoji=emoji.to_character(name) or f":{name}:",
            )
            for reaction in objects_of(message, "reactions")
            if (name := text_of(reaction, "name"))
            for user in texts_of(reaction, "users")
            if user != self.me.user and (channel, ts, name, user) not in self.seen
        ]

    def _is_own(self, message: Object) -> bool:
        user, bot = text_of(message, "user"), text_of(message, "bot_id")
        return bool((user and user == self.me.user) or (bot and bot == self.me.bot))

    def _writer(self, message: Object) -> Person:
        user = text_of(message, "user") or text_of(message, "bot_id") or "USLACKBOT"
        team = text_of(message, "user_team") or text_of(message, "source_team")
        return self.directory.person(user, team)

    def _spoken(self, message: Object) -> Spoken:
        return spoken(text_of(message, "text"), self.me.user, self.directory.name)


def is_direct(channel: str) -> bool:
    """Tell whether only one person and the bot read in a channel, by its id."""
    return channel.startswith("D")


def is_automated(message: Object) -> bool:
    """Tell whether a program wrote a message."""
    return bool(text_of(message, "bot_id")) or text_of(message, "subtype") == "bot_message"


def _file(file: Object) -> SharedFile:
    return SharedFile(
        name=text_of(file, "name") or text_of(file, "title") or "file",
        url=text_of(file, "url_private"),
        size=integer_of(file, "size"),
        media_type=text_of(file, "mimetype"),
    )
