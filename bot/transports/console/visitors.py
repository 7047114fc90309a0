"""What people do in the room: each act is shown, then told to the bot."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import UserError
from bot.events import (
    Deleted,
    Edited,
    Left,
    Message,
    Pressed,
    Reacted,
    SharedFile,
    Submitted,
)
from bot.transports.console import forms, speech
from bot.transports.console.book import BOT, Entry, direct_room, direct_with, root_of, thread_of
from bot.transports.console.lines import Shown, form_choice
from bot.transports.console.room import Offer, Room, person_named
from bot.transports.console.script import DIRECT


class Visitors:
    """The people of a console room.

    Rooms are named as in a script: `dm` is the direct room of whoever acts. Every act
    returns when it is stored. Acts that cannot be done raise UserError, whose sentence says
    what could be done instead, and change nothing.
    """

    def __init__(self, room: Room) -> None:
        """Let people act in `room`."""
        self._room = room

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who was ever here."""
        return tuple(self._room.book.people)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms that are nobody's own."""
        return tuple(room for room in self._room.book.rooms if direct_with(room) is None)

    def members(self, room: str) -> tuple[str, ...]:
        """Return who is in a room."""
        return tuple(self._room.book.room(room).members)

    async def post(
        self,
        who: str,
        room: str,
        text: str,
        *,
        thread: str | None = None,
        files: Sequence[str] = (),
    ) -> str:
        """Write something; returns the message's number."""
        await self.check(who, room)
        where = self._room.direct(who) if room == DIRECT else room
        if thread is not None:
            await self._entry(who, room, thread)
        said = speech.read(text, self.names)
        attached = f" (attached: {', '.join(files)})" if files else ""
        shown = f"{speech.storable(text)}{attached}".strip()
        number = self._room.add(where, Entry(who), thread, shown)
        await self._room.store(
            Message(
                **self._room.facts(who, where, thread),
                message=number,
                text=said.text,
                addressed=said.addressed,
                direct=room == DIRECT,
                mentions=tuple(person_named(name) for name in said.mentions),
                files=tuple(SharedFile(name) for name in files),
            ),
        )
        return number

    async def edit(self, who: str, room: str, message: str, text: str) -> None:
        """Write one's message anew."""
        where = await self._own(who, room, message)
        facts = self._room.facts(who, where, thread_of(message))
        said = speech.read(text, self.names)
        self._room.out(Shown(where, message, who, speech.storable(text), deed="edited"))
        await self._room.store(Edited(**facts, message=message, text=said.text, number=facts["id"]))

    async def delete(self, who: str, room: str, message: str) -> None:
        """Delete one's message."""
        where = await self._own(who, room, message)
        self._room.book.room(where).entry(message).deleted = True
        self._room.out(Shown(where, message, "", deed="deleted"))
        facts = self._room.facts(who, where, thread_of(message))
        await self._room.store(Deleted(**facts, message=message))

    async def react(
        self, who: str, room: str, message: str, emoji: str, *, added: bool = True
    ) -> None:
        """Put an emoji on a message, or take one's own off it."""
        entry, where = await self._entry(who, room, message), self._where(who, room)
        if added == ((who, emoji) in entry.reactions):
            msg = f"{who} has {'already put' if added else 'not put'} {emoji} on message {message}."
            raise UserError(msg)
        if added:
            entry.reactions.append((who, emoji))
        else:
            entry.reactions.remove((who, emoji))
        deed = "reaction" if added else "reaction removed"
        self._room.out(Shown(where, message, who, emoji, entry.only, deed, told=True))
        facts = self._room.facts(who, where, thread_of(message))
        await self._room.store(Reacted(**facts, message=message, emoji=emoji, added=added))

    async def press(
        self,
        who: str,
        room: str,
        label: str,
        *,
        thread: str | None = None,
        message: str | None = None,
    ) -> None:
        """Press the newest button with that label in a room, a thread or under a message."""
        offer = await self._offer(who, room, label, thread, message)
        if offer.form is not None:
            syntax = form_choice(offer.form).typed
            msg = f"[{offer.label}] is a form: answer it as {offer.label} {syntax}"
            raise UserError(msg)
        await self._room.store(
            Pressed(
                **self._room.facts(who, offer.room, thread_of(offer.message)),
                message=offer.message,
                line=offer.line,
                direct=room == DIRECT,
            )
        )

    async def fill(
        self,
        who: str,
        room: str,
        title: str,
        answers: forms.Answers,
        *,
        thread: str | None = None,
        message: str | None = None,
    ) -> None:
        """Fill in the newest form of that title there; tells `who` when a field is missing."""
        offer = await self._offer(who, room, title, thread, message)
        if offer.form is None:
            msg = f"[{offer.label}] is no form: press it as {who}@{room}> {offer.label}"
            raise UserError(msg)
        filled = forms.fill(offer.form, tuple((a, speech.storable(b)) for a, b in answers))
        if gaps := forms.missing(offer.form, filled):
            names = " and ".join(field.label for field in gaps)
            text = f"[{offer.form.title}] was not sent: fill in {names}."
            self._room.out(Shown(offer.room, "", BOT, text, only=who))
            return
        conversation = None if room == DIRECT else root_of(offer.message)
        facts = self._room.facts(who, offer.room, conversation)
        await self._room.store(
            Submitted(**facts, command=offer.line, answers=filled, direct=room == DIRECT)
        )

    async def join(self, who: str, room: str) -> None:
        """Come into a room; somebody nobody knew becomes known."""
        await self._room.opened()
        self._check_room(room, direct=False)
        if who.casefold() == BOT.casefold():
            msg = f"{BOT} is the bot, and in every room."
            raise UserError(msg)
        if who in self.members(room):
            msg = f"{who} is in {room} already."
            raise UserError(msg)
        if who not in self.names:
            self._room.introduce(who)
        self._room.enter(who, room)
        self._room.out(Shown(room, "", who, "joined", told=True))
        await self._room.store()

    async def leave(self, who: str, room: str) -> None:
        """Leave a room."""
        self._check_room(room, direct=False)
        await self.check(who, room)
        self._room.book.room(room).members.remove(who)
        self._room.out(Shown(room, "", who, "left", told=True))
        await self._room.store(Left(**self._room.facts(who, room)))

    async def check(self, who: str, room: str, message: str | None = None) -> None:
        """Raise UserError unless somebody can be in a room, or see a message of it."""
        if message is not None:
            await self._entry(who, room, message)
        await self._room.opened()
        if who not in self.names:
            msg = (
                f"There is no {who} here; there are {', '.join(self.names)}. "
                f"To let somebody in: {who} joins {self.rooms[0]}."
            )
            raise UserError(msg)
        self._check_room(room)
        if room != DIRECT and who not in self.members(room):
            msg = f"{who} is not in {room}. To let them in: {who} joins {room}."
            raise UserError(msg)

    def _where(self, who: str, room: str) -> str:
        return direct_room(who) if room == DIRECT else room

    def _check_room(self, room: str, *, direct: bool = True) -> None:
        known = (*self.rooms, DIRECT) if direct else self.rooms
        if room not in known:
            msg = f"There is no room {room}; there are {', '.join(known)}."
            raise UserError(msg)

    async def _entry(self, who: str, room: str, number: str) -> Entry:
        await self.check(who, room)
        where = self._where(who, room)
        book = self._room.book.rooms.get(where)
        entry = book.entry(number) if book is not None and book.has(number) else None
        if entry is None or entry.only not in (None, who):
            msg = f"There is no message {number} in {room}."
            raise UserError(msg)
        if entry.deleted:
            msg = f"Message {number} in {room} is deleted."
            raise UserError(msg)
        return entry

    async def _own(self, who: str, room: str, number: str) -> str:
        author = (await self._entry(who, room, number)).author
        if author not in (who, ""):
            msg = f"Message {number} in {room} is not {who}'s but {author}'s."
            raise UserError(msg)
        return self._where(who, room)

    async def _offer(
        self, who: str, room: str, label: str, thread: str | None, message: str | None
    ) -> Offer:
        await self.check(who, room)
        if thread is not None:
            await self._entry(who, room, thread)
        labels: dict[str, None] = {}
        where = self._where(who, room)
        async for offer in self._room.offers(who, where, thread, message):
            if offer.label.casefold() == label.casefold():
                return offer
            labels[f"[{offer.label}]"] = None
        spot = room if thread is None else f"{room}/{thread}"
        there = f"there are {', '.join(labels)}" if labels else "there is none to press"
        msg = f"There is no button [{label}] in {spot} for {who}; {there}."
        raise UserError(msg)
