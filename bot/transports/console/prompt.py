"""The console for whoever sits at the terminal: reads lines, shows the room, keeps its time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo
from typing import Any

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import get_app_session
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style
from prompt_toolkit.utils import is_dumb_terminal

from bot.clock import ManualClock, monotonic
from bot.errors import DesksideError, UserError
from bot.plain import moment
from bot.replies import Field, Form
from bot.transports.console import forms, paint
from bot.transports.console.book import direct_with
from bot.transports.console.lines import Choice, Shown
from bot.transports.console.play import Desk, perform
from bot.transports.console.script import DIRECT, Act, Fill, Post, Press, Spot, Wait
from bot.transports.console.typed import Command, Number, Word, complete, read
from bot.transports.console.visitors import Visitors

_TICK_SECONDS = 0.25
_PATIENCE_SECONDS = 3.0  # for the answers to a line, before the next can be typed

_keys = KeyBindings()


@_keys.add("c-c")
def _clear(event: KeyPressEvent) -> None:
    if event.current_buffer.text:
        event.current_buffer.reset()
    else:
        event.app.exit(exception=KeyboardInterrupt)


class Prompt:
    """Reads what is typed as one person at a time, and shows what everybody sees.

    Args:
        clock: moved along with real time, and ahead by `/wait`.
        zone: in which times are shown.
    """

    def __init__(self, clock: ManualClock, zone: tzinfo) -> None:
        """See the class."""
        self._clock = clock
        self._zone = zone
        self._here = Spot("alice")
        self._style = Style.from_dict(paint.STYLE)
        self._buttons: dict[tuple[str, str], Shown] = {}  # by message, the last shown last
        self._jumping = asyncio.Lock()

    def show(self, shown: Shown) -> None:
        """Show a message above the prompt."""
        key = (shown.room, shown.number)
        if shown.choices or shown.deed in ("edited", "deleted"):
            self._buttons.pop(key, None)
        if shown.choices:
            self._buttons[key] = shown
        self._print(paint.message(shown, _columns()))

    def welcome(self, staff: Sequence[str], kept: str) -> None:
        """Say what this is, what to try, and where the room is stored."""
        self._print(paint.welcome(self._here.who, staff, kept, _columns()))

    def tell_time(self) -> None:
        """Say what time it is in the room."""
        self._hint(f"It is {moment(self._clock.now(), self._zone)}.")

    async def run(self, people: Visitors, desk: Desk) -> None:
        """Read lines until the end is typed."""
        with patch_stdout():
            session: PromptSession[str] = PromptSession(
                style=self._style,
                completer=_Names(people),
                complete_while_typing=False,
                key_bindings=_keys,
                erase_when_done=True,
                bottom_toolbar=self._toolbar,
                refresh_interval=10.0,
            )
            async with asyncio.TaskGroup() as group:
                clock = group.create_task(self._flow())
                await self._read(session, people, desk, group)
                clock.cancel()

    async def _read(
        self,
        session: PromptSession[str],
        people: Visitors,
        desk: Desk,
        group: asyncio.TaskGroup,
    ) -> None:
        while True:
            try:
                line = await session.prompt_async(lambda: FormattedText(paint.prompt(self._here)))
                meant = read(line, self._here, people.names, people.rooms)
                if meant == Command(Word.QUIT):
                    return
                if isinstance(meant, Command):
                    await self._command(meant, people)
                elif (act := await self._act(meant, people)) is not None:
                    await self._patiently(group, self._perform(act, people, desk))
            except EOFError:
                return
            except KeyboardInterrupt:
                self._hint("Ctrl-D leaves.")
            except UserError as error:
                self._print(paint.problem(str(error), _columns()))

    async def _patiently(self, group: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> None:
        # Shown before the next line is typed, unless it takes too long for that.
        await asyncio.wait([group.create_task(work)], timeout=_PATIENCE_SECONDS)

    async def _perform(self, act: Act, people: Visitors, desk: Desk) -> None:
        try:
            if isinstance(act, Wait):
                async with self._jumping:
                    await perform(act, people, desk)
                self.tell_time()
            else:
                await perform(act, people, desk)
        except DesksideError as error:
            self._print(paint.problem(str(error), _columns()))

    async def _act(self, meant: Act | Number | None, people: Visitors) -> Act | None:
        if not isinstance(meant, Number):
            return meant
        for shown in reversed(self._buttons.values()):
            if self._is_mine(shown, people):
                if meant.number > len(shown.choices):
                    break
                return await self._choose(shown, shown.choices[meant.number - 1])
        return Post(self._here, meant.text)

    async def _choose(self, shown: Shown, choice: Choice) -> Act | None:
        room = shown.room if direct_with(shown.room) is None else DIRECT
        spot = Spot(self._here.who, room)
        if choice.form is None:
            return Press(spot, choice.label, shown.number)
        answers = await self._ask(choice.form)
        return None if answers is None else Fill(spot, choice.form.title, answers, shown.number)

    async def _ask(self, form: Form) -> tuple[tuple[str, str], ...] | None:
        session: PromptSession[str] = PromptSession(style=self._style, key_bindings=_keys)
        self._hint(f"{form.title}: Ctrl-D gives it up.")
        try:
            return tuple([(each.label, await self._answer(session, each)) for each in form.fields])
        except (EOFError, KeyboardInterrupt):
            return None

    async def _answer(self, session: PromptSession[str], field: Field) -> str:
        while True:
            answer = await session.prompt_async(paint.question(field))
            if not (problem := forms.problem(field, answer)):
                return answer.strip()
            self._print(paint.problem(problem, _columns()))

    async def _command(self, command: Command, people: Visitors) -> None:
        match command:
            case Command(Word.AS, who):
                self._here = await self._spot_of(who, people)
            case Command(Word.IN, room):
                await people.check(self._here.who, room)
                self._here = Spot(self._here.who, room)
            case Command(Word.THREAD, message):
                self._here = await self._thread(message, people)
            case Command(Word.MAIN):
                self._here = replace(self._here, thread=None)
            case Command(Word.PEOPLE):
                for room in people.rooms:
                    self._hint(f"#{room}: {', '.join(people.members(room))}")
            case _:
                self._print(paint.help_page(_columns()))

    async def _spot_of(self, who: str, people: Visitors) -> Spot:
        await people.check(who, DIRECT)
        if self._here.room == DIRECT or who in people.members(self._here.room):
            return replace(self._here, who=who)
        rooms = [room for room in people.rooms if who in people.members(room)]
        return Spot(who, rooms[0] if rooms else DIRECT)

    async def _thread(self, message: str, people: Visitors) -> Spot:
        spot = replace(self._here, thread=message.partition(".")[0])
        if spot.room == DIRECT:
            msg = "A direct message has no threads."
            raise UserError(msg)
        await people.check(spot.who, spot.room, spot.thread)
        return spot

    def _is_mine(self, shown: Shown, people: Visitors) -> bool:
        who, whose = self._here.who, direct_with(shown.room)
        in_room = who in people.members(shown.room) if whose is None else who == whose
        return in_room and shown.only in (None, who)

    async def _flow(self) -> None:
        """Move the room's clock with real time."""
        last = monotonic()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            async with self._jumping:
                now = monotonic()
                self._clock.advance(timedelta(seconds=now - last))
                last = now

    def _toolbar(self) -> FormattedText:
        now = moment(self._clock.now(), self._zone)
        return FormattedText([("", paint.toolbar(now, _columns()))])

    def _hint(self, sentence: str) -> None:
        self._print(paint.hint(sentence, _columns()))

    def _print(self, fragments: paint.Fragments) -> None:
        if is_dumb_terminal():
            sys.stdout.write(f"{paint.plain(fragments)}\n")
            sys.stdout.flush()
        else:
            print_formatted_text(FormattedText(fragments), style=self._style)


def _columns() -> int:
    return get_app_session().output.get_size().columns


class _Names(Completer):
    """Completes people, rooms and commands."""

    def __init__(self, people: Visitors) -> None:
        self._people = people

    def get_completions(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002 - always the same
    ) -> Iterable[Completion]:
        """Yield what the text before the cursor may become."""
        before = document.text_before_cursor
        length, names = complete(before, self._people.names, self._people.rooms)
        for name in names:
            yield Completion(name, start_position=-length)
