"""What did people say, change, take back or react with?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bot.events import Deleted, Edited, Event, Message, Place, Pressed, Reacted
from bot.replies import Post
from bot.transports.matrix import ids, speech
from bot.transports.matrix.envelope import Envelope, Unreadable
from bot.transports.matrix.memory import Memory, Relation, relation
from bot.transports.matrix.rooms import Rooms
from bot.transports.text import bare
from bot.transports.wire import EMPTY, Object, object_of, text_of

Posts = Mapping[str, Post]  # the bot's own, by message id


class Sayings:
    """Turns timeline events into ours. What the bot itself did is only remembered."""

    def __init__(self, me: str, workspace: str, memory: Memory, rooms: Rooms) -> None:
        """Read for the account `me`."""
        self._me = me
        self._workspace = workspace
        self._memory = memory
        self._rooms = rooms
        self._names = speech.names_of(me, "")

    def called(self, display_name: str) -> None:
        """Learn by which name people see the bot."""
        self._names = speech.names_of(self._me, display_name)

    def read(self, event: Envelope, posts: Posts) -> list[Event]:
        """Return what an event means, which may be nothing. Raises Unreadable."""
        match event.type:
            case "m.room.message":
                related = relation(event.content)
                if related.replaces is not None:
                    return self._edited(event, related.replaces)
                return self._message(event, related)
            case "m.reaction":
                return self._reacted(event, posts)
            case "m.room.redaction":
                return self._deleted(event)
            case _:
                return []

    def _message(self, event: Envelope, related: Relation) -> list[Event]:
        direct = self._rooms.is_direct(event.room)
        thread = self._memory.thread_of(event.room, related, direct=direct)
        self._memory.note(event.room, event.id, event.sender, thread)
        if event.sender == self._me or event.redacted:
            return []
        content = event.content
        if not speech.is_saying(content):
            if isinstance(content.get("body"), str):
                return []
            msg = "a message without a body"
            raise Unreadable(msg)
        mentioned = speech.mentioned(content)
        addressed, text = self._heard(content, mentioned, quotes=related.reply is not None)
        return [
            Message(
                id=event.id,
                place=self._place(event, thread),
                person=ids.person(event.sender),
                at=event.at,
                message=event.id,
                text=text,
                addressed=addressed,
                direct=direct,
                mentions=tuple(ids.person(user) for user in mentioned if user != self._me),
                files=speech.files(content),
                automated=_automated(content),
            )
        ]

    def _heard(
        self, content: Object, mentioned: Collection[str], *, quotes: bool
    ) -> tuple[bool, str]:
        """Return whether the bot is addressed, and the text without its leading name."""
        text = speech.words(content, quotes=quotes)
        pill = speech.leading_pill(content, self._me)
        rest = speech.without_address(text, self._me, self._names, pill)
        if rest is not None:
            return True, rest
        return self._me in mentioned or speech.pilled(content, self._me), text

    def _edited(self, event: Envelope, target: str) -> list[Event]:
        # Only the writer's own edits count; where the writer is not known here, the core
        # compares with what it has stored.
        # https://spec.matrix.org/v1.16/client-server-api/#validity-of-replacement-events
        known = self._memory.get(event.room, target)
        if event.sender == self._me or event.redacted:
            return []
        if known is not None and known.sender not in ("", event.sender):
            return []
        content = object_of(event.content, "m.new_content")
        if not isinstance(content.get("body"), str):
            msg = "an edit without a new text"
            raise Unreadable(msg)
        return [
            Edited(
                id=event.id,
                place=self._place(event, known.root if known else None),
                person=ids.person(event.sender),
                at=event.at,
                message=target,
                text=self._heard(content, (), quotes=False)[1],
                number=event.id,
                automated=_automated(content),
            )
        ]

    def _reacted(self, event: Envelope, posts: Posts) -> list[Event]:
        related = relation(event.content)
        emoji = bare(related.key)
        if event.sender == self._me or event.redacted:
            return []
        if related.annotates is None or not emoji:
            msg = "a reaction to nothing, or with nothing"
            raise Unreadable(msg)
        known = self._memory.get(event.room, related.annotates)
        place = self._place(event, known.root if known else None)
        person = ids.person(event.sender)
        post = posts.get(related.annotates)
        for button in post.buttons if post else ():
            if button.emoji and bare(button.emoji) == emoji:
                return [
                    Pressed(
                        id=event.id,
                        place=place,
                        person=person,
                        at=event.at,
                        message=related.annotates,
                        line=button.line,
                        direct=self._rooms.is_direct(event.room),
                    )
                ]
        message = related.annotates
        return [
            Reacted(
                id=event.id, place=place, person=person, at=event.at, message=message, emoji=emoji
            )
        ]

    def _deleted(self, event: Envelope) -> list[Event]:
        target = redacts(event)
        if event.sender == self._me:
            return []
        if not ids.is_event(target):
            msg = "a redaction of nothing"
            raise Unreadable(msg)
        known = self._memory.get(event.room, target)
        return [
            Deleted(
                id=event.id,
                place=self._place(event, known.root if known else None),
                person=ids.person(event.sender),
                at=event.at,
                message=target,
            )
        ]

    def _place(self, event: Envelope, thread: str | None) -> Place:
        return ids.place(self._workspace, event.room, thread)


def redacts(event: Envelope) -> str:
    """Return what a redaction takes away; its place moved with room version 11.

    https://spec.matrix.org/v1.16/rooms/v11/#moving-the-redacts-property-of-mroomredaction-events-to-a-content-property
    """
    return text_of(event.content or EMPTY, "redacts") or text_of(event.raw, "redacts")


def _automated(content: Object) -> bool:
    # https://spec.matrix.org/v1.16/client-server-api/#mnotice: never answered
    return text_of(content, "msgtype") == "m.notice"
