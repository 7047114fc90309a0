"""What is to be said: written with the act that says it, in rows no crash can lose.

A row is `queued` until a sender takes it, then `sent`, `dead` (a permanent refusal:
a dead letter), `unknown` (the service may have it; see `bot.sender`), `merged` (a
newer edit of the same post took its place) or `cancelled`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import select, update

from bot.addresses import direct_with, id_of, person_of, place_of
from bot.clock import Clock, Sequence
from bot.content import Content, say
from bot.events import Place
from bot.questions import Questions
from bot.replies import (
    Deed,
    Lane,
    Pin,
    Post,
    Reaction,
    Reply,
    Topic,
    Visibility,
    post_codec,
)
from bot.storage.tables import MessageRow, OutboxRow, QuoteRow, Room, table_of
from bot.storage.unit import Unit
from bot.transport import Action
from bot.waiting import Waiting, waiting_of

_OUTBOX = table_of(OutboxRow)
_ROOM = table_of(Room)
_QUOTE = table_of(QuoteRow)
_MESSAGE = table_of(MessageRow)

ERASED: Content = say("(Erased: the message this quoted was deleted.)")

_REACHED = select(_ROOM.c.id).where(_ROOM.c.joined, _ROOM.c.replaced_by.is_(None))

INSERT = _OUTBOX.insert()
INSERT_QUOTE = _QUOTE.insert()


class Outbox:
    """Writes deliveries inside an act's transaction and hands them on once it is committed.

    Args:
        owner: names this process, so that a later one can tell what may have been sent.
        offer: called in the event loop with each committed delivery.
    """

    def __init__(
        self,
        clock: Clock,
        sequence: Sequence,
        questions: Questions,
        owner: str,
        offer: Callable[[Waiting], None],
    ) -> None:
        """See the class."""
        self._questions = questions
        self._clock = clock
        self._sequence = sequence
        self._owner = owner
        self._offer = offer

    def new_id(self) -> str:
        """Return an id that no other delivery has ever had; grows with time."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        return f"{milliseconds:012x}{secrets.token_hex(10)}"

    def enqueue(
        self,
        unit: Unit,
        reply: Reply,
        *,
        conversation: Place | None = None,
        room_id: int | None = None,
        person_id: int | None = None,
        direct: bool = False,
    ) -> None:
        """Write what `reply` asks for.

        Args:
            conversation: the thread of the event it answers, if it answers one.
            room_id: the database id of that event's room.
            person_id: who caused the event.
            direct: that room is a direct one.
        """
        if reply.edit:
            self._edit(unit, reply)
            return
        if reply.visibility is Visibility.HOME:
            self._show_home(unit, reply, conversation, person_id)
            return
        private = False
        place, to_person = reply.to or conversation, None
        if reply.to is not None:
            room_id = id_of(unit, reply.to)
        elif reply.visibility is Visibility.DIRECT:
            to_person = id_of(unit, reply.person) if reply.person else person_id
            place, room_id = direct_with(unit, to_person, conversation)
        elif reply.visibility is Visibility.ONLY_YOU and not direct:
            to_person = id_of(unit, reply.person) if reply.person else person_id
            private = True
        elif reply.visibility is Visibility.ROOM and place is not None:
            place = place.main
        if place is None:
            msg = "a reply without an event must say where to (to=, person=) or what it edits"
            raise ValueError(msg)
        row = self._row(Action.POST, reply, place, room_id, to_person)
        row["private"] = private
        self._put(unit, row, reply)
        asked = to_person or person_id
        if reply.ask is not None and room_id is not None and asked is not None:
            key = (room_id, place.thread or "", asked)
            self._questions.ask(unit, key, reply.ask.line, self._clock.now())

    def react(self, unit: Unit, reaction: Reaction, room_id: int) -> None:
        """Put an emoji on a message."""
        row = self._row(Action.REACT, None, reaction.place, room_id, None)
        row |= {"target_message": reaction.message, "emoji": reaction.emoji}
        self._put(unit, row, None)

    def carry_out(self, unit: Unit, deed: Deed) -> None:
        """Pin or unpin the posts of a key, or set a room's topic."""
        if isinstance(deed, Topic):
            said = Reply(say(deed.text), to=deed.place.main)
            row = self._row(Action.TOPIC, said, deed.place.main, id_of(unit, deed.place), None)
            self._put(unit, row, None)
            return
        action = Action.PIN if isinstance(deed, Pin) else Action.UNPIN
        for post in self._posts(unit, deed.key):
            if not post.private:
                place, room_id = place_of(unit, post)
                row = self._row(action, None, place, room_id, post.person_id)
                # Not before the post itself, which may still wait.
                row |= {"lane": max(int(Lane.CARD), post.lane), "target_delivery": post.id}
                self._put(unit, row, None)

    def _show_home(
        self, unit: Unit, reply: Reply, near: Place | None, person_id: int | None
    ) -> None:
        whose = id_of(unit, reply.person) if reply.person else person_id
        place, _ = direct_with(unit, whose, near)
        row = self._row(Action.HOME, reply, replace(place, room="", thread=None), None, whose)
        self._put(unit, row, reply)

    def withdraw(self, unit: Unit, key: str) -> set[int | None]:
        """Send no post of this key that is not sent yet; returns their rooms' ids.

        One that is under way may still arrive, so edit it before it is withdrawn: the edit
        is dropped unless there is something to edit.
        """
        unit.flush()
        posts = (_OUTBOX.c.post_key == key) & (_OUTBOX.c.action == Action.POST)
        unsent = posts & (_OUTBOX.c.state == "queued")
        rows = unit.connection.execute(select(_OUTBOX).where(unsent)).all()
        unit.connection.execute(update(_OUTBOX).where(unsent).values(state="cancelled"))
        for row in rows:
            place, _ = place_of(unit, row)
            waiting = waiting_of(dict(row._mapping), place, None, None, maybe_sent=False)
            unit.after_commit(partial(self._offer, replace(waiting, withdrawn=True)))
        return {row.room_id for row in rows}

    def erase_quotes(self, unit: Unit, room_id: int, message: str) -> None:
        """Erase the text of every delivery that quotes a message, and where it is shown.

        Posts with a key are shown anew by their slices; the others are edited here to
        say that they were erased. What a long one went on in is deleted: an edit does not
        reach that.
        """
        quoting = select(_QUOTE.c.delivery_id).where(
            _QUOTE.c.room_id == room_id, _QUOTE.c.message == message
        )
        rows = unit.connection.execute(select(_OUTBOX).where(_OUTBOX.c.id.in_(quoting))).all()
        if rows:
            unit.erase_traces()
        for row in rows:
            old = post_codec.validate_json(row.post) if row.post else Post(())
            empty = Post(ERASED, old.buttons)
            unit.connection.execute(
                update(_OUTBOX)
                .where(_OUTBOX.c.id == row.id)
                .values(post=post_codec.dump_json(empty).decode())
            )
            place, _ = place_of(unit, row)
            waiting = waiting_of(dict(row._mapping), place, None, empty, maybe_sent=False)
            unit.after_commit(partial(self._offer, replace(waiting, instead=True)))
            unit.connection.execute(
                update(_MESSAGE)
                .where(_MESSAGE.c.room_id == row.room_id, _MESSAGE.c.ref == row.message)
                .values(text="")
            )
            if row.post_key is None and row.action == Action.POST and row.state != "dead":
                self._put(unit, self._edit_row(unit, row, empty), None)
            for further in json.loads(row.rest):
                self._put(unit, self._deletion_row(unit, row, further), None)

    def _edit(self, unit: Unit, reply: Reply) -> None:
        assert reply.key is not None
        for row in self._posts(unit, reply.key):
            edit = self._edit_row(unit, row, reply.post)
            edit["post_key"] = reply.key
            self._put(unit, edit, reply)

    @staticmethod
    def _posts(unit: Unit, key: str) -> Iterable[Any]:
        """Return the rows of the posts of a key that stand somewhere, or will."""
        unit.flush()
        return unit.connection.execute(
            select(_OUTBOX).where(
                _OUTBOX.c.post_key == key,
                _OUTBOX.c.action == Action.POST,
                _OUTBOX.c.state.notin_(("dead", "cancelled")),
                _OUTBOX.c.room_id.is_(None) | _OUTBOX.c.room_id.in_(_REACHED),
            )
        ).all()

    def _edit_row(self, unit: Unit, row: Any, post: Post) -> dict[str, Any]:
        place, room_id = place_of(unit, row)
        made = self._row(Action.EDIT, None, place, room_id, row.person_id)
        return made | {
            "lane": max(int(Lane.CARD), row.lane),  # never before what it edits
            "private": row.private,
            "post": post_codec.dump_json(post).decode(),
            "target_delivery": row.id,
            "_post": post,
        }

    def _deletion_row(self, unit: Unit, row: Any, message: str) -> dict[str, Any]:
        place, room_id = place_of(unit, row)
        made = self._row(Action.DELETE, None, place, room_id, row.person_id)
        return made | {"lane": int(Lane.CARD), "target_message": message}

    def _row(
        self,
        action: Action,
        reply: Reply | None,
        place: Place,
        room_id: int | None,
        person_id: int | None,
    ) -> dict[str, Any]:
        now = self._clock.now()
        lane = Lane.REPLY if reply is None or reply.lane is None else reply.lane
        post = None if reply is None else reply.post
        return {
            "id": self.new_id(),
            "transport": place.transport,
            "workspace": place.workspace,
            "room_id": room_id,
            "thread": place.thread,
            "person_id": person_id,
            "private": False,
            "action": str(action),
            "lane": int(lane),
            "position": self._sequence.next(),
            "post": None if post is None else post_codec.dump_json(post).decode(),
            "post_key": None if reply is None else reply.key,
            "target_delivery": None,
            "target_message": None,
            "emoji": "",
            "state": "queued",
            "attempts": 0,
            "owner": self._owner,
            "rest": "[]",
            "created_at": now,
            "expires_at": None if reply is None else reply.expires,
            "_place": place,
            "_post": post,
        }

    def _put(self, unit: Unit, row: dict[str, Any], reply: Reply | None) -> None:
        place: Place = row.pop("_place")
        post: Post | None = row.pop("_post")
        unit.bulk(INSERT, row)
        for room_id, message in dict.fromkeys(() if reply is None else reply.sources):
            unit.bulk(
                INSERT_QUOTE, {"room_id": room_id, "message": message, "delivery_id": row["id"]}
            )
        person = None if row["person_id"] is None else person_of(unit, row["person_id"])
        waiting = waiting_of(row, place, person, post, maybe_sent=False)
        unit.after_commit(lambda: self._offer(waiting))
