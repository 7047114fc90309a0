"""The bot as a process of its own on the Slack double, and the account of what Alice was told."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.clock import SystemClock
from tests.live.bot_process import BOT, LOOK_AGAIN, DeskProcess
from tests.slack.records import Channel, Message
from tests.slack.server import SlackDouble

BETWEEN = 0.01  # seconds between two messages of a conversation
LONGEST_WAIT = 5.0  # seconds
ROOMS = ("support", "workshop")


class HastyClock(SystemClock):
    """The machine's, but nobody waits long: Slack tells again after seconds, not after minutes."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, LONGEST_WAIT))


class SlackProcess(DeskProcess):
    """The bot on the double."""

    reading = "slack_reading"

    def __init__(self, folder: Path, slack: SlackDouble, mode: str) -> None:
        """Write the configuration, in which what is waited for comes soon.

        Args:
            folder: Where the configuration, the database and the log go.
            slack: Where it works.
            mode: How it listens, "socket" or "http".
        """
        self._slack, self._mode = slack, mode
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}/slack/events"
        settings = {
            "mode": mode,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "api_url": slack.api_url,
            "team_id": slack.workspace.team_id,
            "posts_per_second": 1000,
            "request_timeout": 2,
            "ping_interval": 1,
            "reconcile_every": 0.05,
            "history_per_minute": 100_000,
        }
        kinds = dict.fromkeys(ROOMS, "support") | {"staff": "staff"}
        rooms = [{"transport": "slack", "id": f"#{n}", "kind": kind} for n, kind in kinds.items()]
        super().__init__(folder, {"web": {"port": port}, "slack": settings}, rooms)

    async def start(self, *, program: Sequence[str] = BOT, may_die: bool = False) -> None:
        """Start it and wait until it reads from Slack, or with `may_die` has ended."""
        if self._mode == "socket":
            await super().start(program=program, may_die=may_die)
            return
        self.launch(program=program)
        while self.is_running and not await self._slack.http.listen(self._url):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_AGAIN)  # another process tells no event
        if not may_die:
            await self.stored("SELECT count(*) > 0 FROM cursor WHERE value IS NOT NULL", wanted=1)


class Desk:
    """Alice asks in two rooms by turns; each question is answered in its thread.

    Attributes:
        asked: the messages that have to be answered, in their order, by room.
    """

    def __init__(self, slack: SlackDouble, bot: SlackProcess) -> None:
        self.slack = slack
        self.bot = bot
        self.alice = slack.person("alice")
        channels = [slack.workspace.add_channel(n, [self.alice.id]) for n in (*ROOMS, "staff")]
        self._rooms: list[Channel] = channels[:-1]
        self._staff: Channel = channels[-1]
        self.asked: dict[str, list[str]] = {room.id: [] for room in self._rooms}

    @property
    def total(self) -> int:
        return sum(map(len, self.asked.values()))

    async def ask(self, count: int, before_each: Callable[[], object] = lambda: None) -> None:
        """Report problems, one after the other, without waiting for answers."""
        for _ in range(count):
            room = self._rooms[self.total % len(self._rooms)]
            before_each()
            text = f"!ticket open lamp {self.total + 1} is dark"
            self.asked[room.id].append(self.alice.write(room.id, text))
            await asyncio.sleep(BETWEEN)

    async def caught_up(self) -> None:
        """Wait until the bot has read what it missed."""
        await self.bot.stored("SELECT count(*) FROM gap WHERE filled_at IS NULL", wanted=0)

    # What became of it.

    def _said(self, room: Channel) -> list[Message]:
        mine = self.slack.workspace.bot_user
        return [message for message in room.messages.values() if message.user == mine]

    def _answers(self, room: Channel) -> list[Message]:
        asked = set(self.asked[room.id])
        return [message for message in self._said(room) if message.thread_ts in asked]

    def _cards(self) -> Counter[str]:
        return Counter(m.text for m in self._said(self._staff) if "is dark" in m.text)

    def figures(self) -> str:
        """Say how many questions were lost, and how many were answered more than once."""
        answers = Counter(m.thread_ts for room in self._rooms for m in self._answers(room))
        lost = self.total - len(answers)
        return f"{self.total} questions, lost {lost}, doubled {answers.total() - len(answers)}"

    async def answered(self, within: float = 120) -> None:
        """Wait until everything asked is answered, has its card, and nothing is left to do."""

        def is_told() -> bool:
            threads = {m.thread_ts for room in self._rooms for m in self._answers(room)}
            return len(threads) == self.total <= len(self._cards())

        try:
            await self.bot.until(is_told, within, "for the answers")
        except TimeoutError as error:
            error.add_note(self.figures())
            raise
        await self.bot.stored(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
            " + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'leased', 'unknown'))",
            wanted=0,
            within=within,
        )

    def check(self, *, in_order: bool = True) -> None:
        """Each is stored once and answered once; nothing is left.

        Args:
            in_order: also in the order of its room.
        """
        for room in self._rooms:
            self._check_answers(room, in_order=in_order)
            self._check_stored(room)
        rows = self.bot.rows
        found = rows("SELECT count(*), count(DISTINCT message) FROM ticket")
        assert found == [(self.total, self.total)]
        cards = self._cards()
        assert (len(cards), set(cards.values())) == (self.total, {1})
        # The bot may be told of its own posts while it stops.
        left = {
            message for (message,) in rows("SELECT message FROM inbox WHERE state != 'handled'")
        }
        assert left.isdisjoint(itertools.chain(*self.asked.values()))
        assert rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'merged')") == [(0,)]

    def _check_answers(self, room: Channel, *, in_order: bool) -> None:
        answers, asked = self._answers(room), self.asked[room.id]
        order = [asked.index(message.thread_ts) for message in answers]
        assert (order if in_order else sorted(order)) == list(range(len(asked)))
        numbers = [int(m.text.partition("ticket #")[2].partition(" ")[0]) for m in answers]
        assert numbers == sorted(set(numbers))

    def _check_stored(self, room: Channel) -> None:
        found = self.bot.rows(
            "SELECT message.ref FROM message JOIN room ON room.id = room_id"
            " WHERE room.ref = ? AND person_id IS NOT NULL",
            room.id,
        )
        assert sorted(ref for (ref,) in found) == self.asked[room.id]
