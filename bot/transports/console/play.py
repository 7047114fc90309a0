"""Does what a script's lines ask for, one after the other, each to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from datetime import timedelta
from typing import Protocol

from bot.errors import UserError
from bot.transports.console.script import (
    Act,
    Delete,
    Edit,
    Fill,
    Line,
    Move,
    Post,
    Press,
    React,
    ScriptError,
    Wait,
)
from bot.transports.console.visitors import Visitors


class Desk(Protocol):
    """The bot behind the room, as far as a play needs it."""

    async def idle(self) -> None:
        """Return once everything that happened is answered, and the answers are shown."""
        ...

    async def advance(self, delta: timedelta) -> None:
        """Let time pass; what falls due on the way happens, in order."""
        ...


async def play(script: Iterable[Line], people: Visitors, desk: Desk) -> AsyncGenerator[Line, None]:
    """Do line after line; yields each when everything it caused is shown.

    Raises:
        ScriptError: a line asks for what cannot be done.
    """
    for line in script:
        try:
            await perform(line.act, people, desk)
        except UserError as error:
            raise ScriptError(line.number, str(error)) from error
        yield line


async def perform(act: Act, people: Visitors, desk: Desk) -> None:
    """Do one thing and wait until everything it caused is shown. Raises UserError."""
    if isinstance(act, Wait):
        await desk.advance(act.duration)
    else:
        await _act(act, people)
    await desk.idle()


async def _act(act: Post | Press | Fill | React | Edit | Delete | Move, people: Visitors) -> None:
    match act:
        case Post(spot, text, files):
            await people.post(spot.who, spot.room, text, thread=spot.thread, files=files)
        case Press(spot, label, message):
            there = {"thread": spot.thread, "message": message}
            await people.press(spot.who, spot.room, label, **there)
        case Fill(spot, title, answers, message):
            there = {"thread": spot.thread, "message": message}
            await people.fill(spot.who, spot.room, title, answers, **there)
        case React(spot, message, emoji, added):
            await people.react(spot.who, spot.room, message, emoji, added=added)
        case Edit(spot, message, text):
            await people.edit(spot.who, spot.room, message, text)
        case Delete(spot, message):
            await people.delete(spot.who, spot.room, message)
        case Move(who, room, joins):
            await (people.join(who, room) if joins else people.leave(who, room))
