"""The contract's driver for Matrix, on the homeserver that misbehaves on demand."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from html.parser import HTMLParser
from typing import Any

from pydantic import SecretStr

from bot.clock import SystemClock
from bot.events import Person, Place
from bot.replies import Button
from bot.transport import Transport
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.matrix.transport import MatrixTransport
from tests.contract.driver import WAIT, Ability, Fault, Shown
from tests.contract.intake import RecordingIntake
from tests.contract.matrix_server import (
    ALICE,
    ME,
    ROOM,
    TOKEN,
    MatrixServer,
    event,
    lose,
    member,
    refuse,
    text,
    truncate,
)

DIRECT = "!direct:fake.test"
ELSEWHERE = "!elsewhere:fake.test"
OTHER_BOT = "@weather:fake.test"


class MatrixDriver:
    """Alice, in a room of the fake homeserver."""

    place = Place("matrix", "fake.test", ROOM)
    nowhere = Place("matrix", "fake.test", ELSEWHERE)
    person = Person("matrix", "fake.test", ALICE)
    faults: Collection[Fault] = tuple(Fault)
    abilities: Collection[Ability] = tuple(Ability)

    def __init__(self, server: MatrixServer) -> None:
        self.intake = RecordingIntake()
        self._server = server
        self._count = 0
        server.fail(ELSEWHERE, refuse(403, "M_FORBIDDEN"))
        server.answers["/createRoom"] = {"room_id": DIRECT}
        server.answers["/state"] = [
            member(ME, "join"),
            member(ALICE, "join"),
            event("m.room.create", {}, state_key="", sender=ME),
        ]

    @property
    def acknowledged(self) -> bool:
        return self._server.read_to_the_end

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Transport]:
        settings = MatrixSettings(
            homeserver=self._server.address, user_id=ME, access_token=SecretStr(TOKEN)
        )
        transport = MatrixTransport(settings, SystemClock())
        before = len(self._server.asked)
        running = asyncio.create_task(transport.run(self.intake))
        try:
            await self._server.until(
                lambda: any("since" in asked.query for asked in self._server.asked[before:])
            )
            yield transport
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await transport.close()

    async def write(self, text_: str, thread: str | None = None) -> str:
        content = {"m.relates_to": {"rel_type": "m.thread", "event_id": thread}} if thread else {}
        return await self._happen(text(text_, content=content))

    async def write_directly(self, text_: str) -> str:
        return await self._happen(text(text_), DIRECT)

    async def share(self, file: str, text_: str) -> str:
        url = "mxc://fake.test/file"
        content = {"msgtype": "m.file", "filename": file, "url": url}
        return await self._happen(text(text_, content=content))

    async def run_program(self, text_: str) -> None:
        notice = text(text_, sender=OTHER_BOT, content={"msgtype": "m.notice"})
        await self._happen(notice)

    async def edit(self, message: str, new: str) -> None:
        content = {
            "m.new_content": {"msgtype": "m.text", "body": new},
            "m.relates_to": {"rel_type": "m.replace", "event_id": message},
        }
        await self._happen(text(f"* {new}", content=content))

    async def delete(self, message: str) -> None:
        await self._happen(event("m.room.redaction", {"redacts": message}))

    async def react(self, message: str, emoji: str) -> None:
        await self._react(message, emoji, ROOM)

    async def press(self, message: str, button: Button, *, alone: bool = False) -> None:
        await self._react(message, button.emoji, DIRECT if alone else ROOM)

    async def _react(self, message: str, emoji: str, room: str) -> None:
        related = {"rel_type": "m.annotation", "event_id": message, "key": emoji}
        await self._happen(event("m.reaction", {"m.relates_to": related}), room)

    async def _happen(self, raw: dict[str, Any], room: str = ROOM) -> str:
        self._count += 1
        name = f"$said{self._count}"
        section: dict[str, Any] = {"timeline": {"events": [raw | {"event_id": name}]}}
        answer: dict[str, Any] = {"rooms": {"join": {room: section}}}
        if room == DIRECT:
            section["state"] = {"events": [member(ME, "join"), member(ALICE, "join")]}
            marks = {"type": "m.direct", "content": {ALICE: [DIRECT]}}
            answer["account_data"] = {"events": [marks]}
        await self._server.tell(answer)
        return name

    async def seen(self) -> list[Shown]:
        return self._shown(ROOM)

    async def seen_alone(self) -> list[Shown]:
        return self._shown(DIRECT)

    def _shown(self, room: str) -> list[Shown]:
        """Apply to each other what was sent to a room: posts, edits and redactions."""
        found: dict[str, Shown] = {}
        ids = {transaction: f"$posted{n}" for n, transaction in enumerate(self._server.posted)}
        for asked in self._server.calls(f"/rooms/{room}/"):
            parts = asked.path.split("/")
            message = ids.get(parts[-1])
            if message is None or message in found:
                continue
            if "redact" in parts:
                found.pop(parts[-2], None)
                continue
            related = asked.body.get("m.relates_to", {})
            if related.get("rel_type") == "m.replace":
                earlier = found[related["event_id"]]
                new = _Screen(asked.body["m.new_content"]["formatted_body"]).text
                found[earlier.id] = Shown(earlier.id, new, earlier.thread)
            elif "m.room.message" in parts:
                screen = _Screen(asked.body["formatted_body"]).text
                found[message] = Shown(message, screen, related.get("event_id"))
        return list(found.values())

    def make(self, fault: Fault) -> None:
        match fault:
            case Fault.CUT:
                self._server.fail("/sync", truncate)
            case Fault.LIMIT:
                headers = {"Retry-After": str(WAIT)}
                self._server.fail("/send/", refuse(429, "M_LIMIT_EXCEEDED", headers=headers))
            case Fault.LIMIT_OTHERWISE:
                self._server.fail(
                    "/send/", refuse(429, "M_LIMIT_EXCEEDED", retry_after_ms=WAIT * 1000)
                )
            case Fault.LOSE:
                self._server.fail("/send/", lose, lose)  # aiohttp itself repeats a PUT once
            case Fault.RETELL:
                self._server.repeat()


class _Screen(HTMLParser):
    """What a client shows of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data
