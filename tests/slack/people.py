"""What a person does in Slack, and what they see there."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.slack import acts, emoji, markup
from tests.slack.records import Channel, Ephemeral, File, Json, Message, User
from tests.slack.workspace import Workspace


@dataclass(frozen=True)
class Seen:
    """A message on someone's screen; `shown` is what they read, `text` what notifications say."""

    ts: str
    user: str
    text: str
    shown: str
    thread: str = ""
    subtype: str = ""
    is_ephemeral: bool = False
    is_edited: bool = False
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    files: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()


class PersonThere:
    """Someone in front of Slack; channels are given by name or id.

    Their client makes names with @ and #, addresses and emoji live, as people are used to.
    """

    def __init__(self, workspace: Workspace, id: str) -> None:  # noqa: A002 - Slack's word
        self.workspace = workspace
        self.id = id

    @property
    def user(self) -> User:
        """Return who they are."""
        return self.workspace.users[self.id]

    @property
    def direct(self) -> Channel:
        """Return their conversation with the bot."""
        return self.workspace.direct(self.workspace.bot_user, self.id)

    # Writing.

    def write(
        self,
        channel: str,
        text: str,
        thread: str | None = None,
        broadcast: bool = False,
        files: Iterable[tuple[str, bytes]] = (),
    ) -> str:
        """Write a message, in a thread of `thread`, and return its ts."""
        place = self._place(channel)
        shared = [self.upload(name, content) for name, content in files]
        stored = markup.typed(self.workspace, text)
        message = Message(
            self.workspace.new_ts(), place.id, self.id, stored, self.user.team_id, thread or ""
        )
        message.blocks, message.files = markup.rich_text(stored), shared
        if self.user.is_bot:
            message.bot_id, message.app_id = self.user.bot_id, "A0OTHER"
        else:
            message.client_msg_id = str(uuid.uuid4())
        if shared:
            message.subtype = "file_share"
        if broadcast:
            message.subtype = "thread_broadcast"
        acts.post(self.workspace, place, message)
        return message.ts

    def call_webhook(self, channel: str, text: str) -> str:
        """Let a program write that is nobody: its messages have no user.

        https://docs.slack.dev/reference/events/message/bot_message
        """
        place = self.workspace.channel_named(channel)
        message = Message(self.workspace.new_ts(), place.id, "", markup.sent(text), "")
        message.subtype, message.bot_id, message.username = "bot_message", "B0HOOK", "alerts"
        acts.post(self.workspace, place, message)
        return message.ts

    def dm(self, text: str, thread: str | None = None) -> str:
        """Write to the bot alone."""
        return self.write(self.direct.id, text, thread)

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file and return its id; it is shared with a message."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(
            self.workspace.new_id("F"), name, name, kind, self.id, self.workspace.seconds(), content
        )
        file.is_complete = True
        self.workspace.files[file.id] = file
        return file.id

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Write one's message anew."""
        message = self._mine(channel, ts)
        stored = markup.typed(self.workspace, text)
        seconds = f"{self.workspace.seconds()}.000000"
        acts.change(
            self.workspace,
            self._place(channel),
            message,
            text=stored,
            blocks=markup.rich_text(stored),
            edited={"user": self.id, "ts": seconds},
        )

    def delete(self, channel: str, ts: str) -> None:
        """Take one's message back."""
        acts.delete(self.workspace, self._place(channel), self._mine(channel, ts))

    def react(self, channel: str, ts: str, name: str) -> None:
        """Put an emoji on a message, by its name or character."""
        acts.react(self.workspace, *self._there(channel, ts), self.id, _emoji(name))

    def unreact(self, channel: str, ts: str, name: str) -> None:
        """Take one's emoji off again."""
        acts.unreact(self.workspace, *self._there(channel, ts), self.id, _emoji(name))

    def pin(self, channel: str, ts: str) -> None:
        """Pin a message."""
        acts.pin(self.workspace, *self._there(channel, ts), self.id)

    # Coming, going, and being someone.

    def join(self, channel: str) -> None:
        """Join a channel."""
        acts.join(self.workspace, self.workspace.channel_named(channel), self.id)

    def leave(self, channel: str) -> None:
        """Leave a channel."""
        acts.leave(self.workspace, self._place(channel), self.id)

    def invite(self, channel: str, user: str) -> None:
        """Bring somebody (by id, the bot, too) into a channel."""
        acts.join(self.workspace, self._place(channel), user, inviter=self.id)

    def remove(self, channel: str, user: str) -> None:
        """Put somebody (by id, the bot, too) out of a channel."""
        acts.leave(self.workspace, self._place(channel), user)

    def set_topic(self, channel: str, topic: str) -> None:
        """Say what a channel is about."""
        acts.set_topic(self.workspace, self._place(channel), self.id, topic)

    def rename_channel(self, channel: str, name: str) -> None:
        """Give a channel another name."""
        acts.rename(self.workspace, self._place(channel), self.id, name)

    def archive(self, channel: str, *, back: bool = False) -> None:
        """Close a channel, or open it again."""
        acts.archive(self.workspace, self._place(channel), self.id, back=back)

    def rename(self, real_name: str, display_name: str = "") -> None:
        """Go by another name."""
        self.change(real_name=real_name, display_name=display_name)

    def change(self, **profile: object) -> None:
        """Change one's profile: `tz`, `email`, `deleted`, …"""
        acts.change_user(self.workspace, self.user, **profile)

    # Seeing.

    def sees(self, channel: str, thread: str | None = None) -> list[Seen]:
        """Return what stands in a channel, or in a thread there, the oldest first.

        A channel shows the beginnings of threads and what was sent to the channel, too.
        """
        place = self._place(channel)
        seen = [_seen(self.workspace, message) for message in self._messages(place, thread)]
        seen += [_seen_alone(self.workspace, one) for one in self._ephemerals(place, thread)]
        return sorted(seen, key=lambda one: one.ts)

    def _messages(self, place: Channel, thread: str | None) -> Iterator[Message]:
        for message in place.messages.values():
            in_thread = thread is not None and thread in (message.thread_ts, message.ts)
            in_channel = not message.is_reply or message.subtype == "thread_broadcast"
            if in_thread if thread is not None else in_channel:
                yield message

    def _ephemerals(self, place: Channel, thread: str | None) -> Iterator[Ephemeral]:
        """Go through those for this person; a thread that is none yet shows none.

        https://docs.slack.dev/reference/methods/chat.postEphemeral
        """
        for one in self.workspace.ephemerals:
            mine = one.user == self.id and one.channel == place.id
            active = not one.thread_ts or self.workspace.replies(place, one.thread_ts)
            if mine and active and one.thread_ts == (thread or ""):
                yield one

    def _place(self, channel: str) -> Channel:
        place = self.workspace.channel_named(channel)
        if self.id not in place.members:
            raise AssertionError(f"{self.user.name} is not in {channel}")
        return place

    def _there(self, channel: str, ts: str) -> tuple[Channel, Message]:
        place = self._place(channel)
        return place, place.messages[ts]

    def _mine(self, channel: str, ts: str) -> Message:
        message = self._there(channel, ts)[1]
        if message.user != self.id:
            raise AssertionError(f"{ts} is not by {self.user.name}")
        return message


def _emoji(name: str) -> str:
    plain = emoji.CHARACTERS.get(name, name.strip(":"))
    return emoji.ALIASES.get(plain, plain)


def _seen(workspace: Workspace, message: Message) -> Seen:
    return Seen(
        message.ts,
        message.user,
        message.text,
        _shown(workspace, message.text, message.blocks),
        message.thread_ts,
        message.subtype,
        is_edited=message.edited is not None,
        blocks=tuple(message.blocks),
        attachments=tuple(message.attachments),
        files=tuple(workspace.files[number].title for number in message.files),
        reactions=tuple(message.reactions),
    )


def _seen_alone(workspace: Workspace, one: Ephemeral) -> Seen:
    shown = _shown(workspace, one.text, one.blocks)
    return Seen(
        one.ts, "", one.text, shown, one.thread_ts, is_ephemeral=True, blocks=tuple(one.blocks)
    )


def _shown(workspace: Workspace, text: str, blocks: list[Json]) -> str:
    """Return what is read: blocks stand in the text's place."""
    return markup.read_blocks(workspace, blocks) if blocks else markup.read(workspace, text)
