"""What does a gesture tell: a slash command, a button, a menu, a shortcut, a filled-in form?

https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.events import Event, Invoked, Person, Place, Pressed, Submitted
from bot.transports.slack import gestures, ids
from bot.transports.slack.directory import Directory
from bot.transports.slack.messages import Account, MessageReader, is_direct
from bot.transports.slack.reading_text import spoken
from bot.transports.wire import EMPTY, Object, object_of, objects_of, text_of

Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A gesture that asks for a form.

    Attributes:
        line: the command whose form it is.
        trigger: with which the form may be opened, for three seconds:
            https://docs.slack.dev/interactivity/handling-user-interaction
        instead: what happened, when the form cannot be opened.
    """

    line: str
    trigger: str
    place: Place
    person: Person
    instead: Event


@dataclass
class GestureReader:
    """Reads gestures; pure but for what it learns about people on the way."""

    me: Account
    directory: Directory
    clock: Clock
    messages: MessageReader
    aliases: Sequence[str] = ()

    def slash(self, body: Object) -> Invoked | None:
        """Read a slash command; an alias such as `/ticket` is the command's first word."""
        user, channel = text_of(body, "user_id"), text_of(body, "channel_id")
        if not (user and channel):
            return None
        command = text_of(body, "command")
        text = spoken(text_of(body, "text"), self.me.user, self.directory.name).text
        if command in self.aliases:
            text = f"{command.removeprefix('/')} {text}".strip()
        return Invoked(
            id=f"slash:{text_of(body, 'trigger_id')}",
            place=ids.place(self.me.team, channel),
            person=self.directory.person(user, text_of(body, "team_id")),
            at=self.clock.now(),
            text=text,
            direct=is_direct(channel),
        )

    def action(self, body: Object) -> Event | Opening | None:
        """Read a press; what asks for a form is an Opening."""
        action = next(iter(objects_of(body, "actions")), EMPTY)
        line, where = gestures.line_of(action), self._where(body)
        if not line or where is None:
            return None
        pressed = self._pressed(body, action, line, where)
        if not gestures.opens_form(action):
            return pressed
        return Opening(line, text_of(body, "trigger_id"), where, pressed.person, pressed)

    def _pressed(self, body: Object, action: Object, line: str, where: Place) -> Pressed:
        container, person = object_of(body, "container"), self._person(body)
        return Pressed(
            id=f"press:{person.user}:{text_of(action, 'action_ts')}:{text_of(action, 'action_id')}",
            place=where,
            person=person,
            at=ids.moment(text_of(action, "action_ts")) or self.clock.now(),
            message=text_of(container, "message_ts"),
            line=line,
            direct=is_direct(where.room),
            alone=container.get("is_ephemeral") is True,
        )

    def _where(self, body: Object) -> Place | None:
        """Return the thread a gesture was made in; in the bot's page, the direct room."""
        container, message = object_of(body, "container"), object_of(body, "message")
        channel = text_of(container, "channel_id") or text_of(object_of(body, "channel"), "id")
        if not channel:
            return self.home(text_of(object_of(body, "user"), "id"))
        thread = text_of(container, "thread_ts") or text_of(message, "thread_ts")
        if is_direct(channel) or thread == text_of(container, "message_ts"):
            thread = ""
        return ids.place(self.me.team, channel, thread)

    def home(self, user: str) -> Place | None:
        """Return the direct room with a user, if it is known already."""
        room = self.directory.homes.get(user)
        return None if room is None else ids.place(self.me.team, room)

    def message_shortcut(self, body: Object) -> Sequence[Event]:
        """Read a gesture on a message: what the message says too, which may be new to us."""
        channel = text_of(object_of(body, "channel"), "id")
        message = object_of(body, "message")
        ts, thread = text_of(message, "ts"), text_of(message, "thread_ts")
        if not (channel and ids.is_stamp(ts)):
            return ()
        invoked = Invoked(
            id=f"shortcut:{text_of(body, 'trigger_id')}",
            place=ids.place(self.me.team, channel, thread if thread != ts else None),
            person=self._person(body),
            at=self.clock.now(),
            text=text_of(body, "callback_id"),
            message=ts,
            direct=is_direct(channel),
        )
        shown = [
            replace(each, id=f"{each.id}:shown", shown=True)
            for each in self.messages.written(message, channel)
        ]
        return (*shown, invoked)

    def shortcut(self, body: Object, where: Place) -> Opening:
        """Read a gesture that can be made anywhere; it is answered in the direct room."""
        line, person = text_of(body, "callback_id"), self._person(body)
        trigger = text_of(body, "trigger_id")
        invoked = Invoked(
            id=f"shortcut:{trigger}",
            place=where,
            person=person,
            at=self.clock.now(),
            text=line,
            direct=True,
        )
        return Opening(line, trigger, where, person, invoked)

    def submitted(self, view: Object, user: Person, answers: Answers) -> Submitted | None:
        """Read a filled-in form; where it was asked for stands in its metadata."""
        where = noted_place(text_of(view, "private_metadata"), self.me.team)
        if where is None:
            return None
        return Submitted(
            id=f"view:{text_of(view, 'id')}",
            place=where,
            person=user,
            at=self.clock.now(),
            command=text_of(view, "callback_id"),
            answers=answers,
            direct=is_direct(where.room),
        )

    def person_of(self, body: Object) -> Person:
        """Return who made a gesture."""
        return self._person(body)

    def _person(self, body: Object) -> Person:
        user = object_of(body, "user")
        return self.directory.person(text_of(user, "id"), text_of(user, "team_id"))


def note_place(place: Place) -> str:
    """Write where a form was asked for into its metadata."""
    return json.dumps({"room": place.room, "thread": place.thread})


def noted_place(metadata: str, team: str) -> Place | None:
    """Read where a form was asked for, or None when the metadata is not ours."""
    try:
        noted = json.loads(metadata)
    except ValueError:
        return None
    if not isinstance(noted, Mapping) or not isinstance(noted.get("room"), str):
        return None
    thread = noted.get("thread")
    return ids.place(team, noted["room"], thread if isinstance(thread, str) else None)
