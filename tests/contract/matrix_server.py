"""A homeserver that misbehaves on demand, for what a real Synapse will not do when asked.

It keeps no rooms: it gives the answers it was told to give, remembers what was asked, and
carries out a repeated transaction once.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

ME = "@desk:fake.test"
ALICE = "@alice:fake.test"
ROOM = "!room:fake.test"
TOKEN = "the-token"

Answer = Mapping[str, Any]
Fault = Callable[["MatrixServer", web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    token: str


class MatrixServer:
    """A context manager; `address` is its URL.

    Attributes:
        asked: every request, in order.
        posted: the contents sent to rooms, by transaction id, each once.
        answers: what endpoints answer, by the end of their path; 404 without.
    """

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[Asked] = []
        self.posted: dict[str, Any] = {}
        self.answers: dict[str, Any] = {
            "/account/whoami": {"user_id": ME, "device_id": "DESKSIDE"},
            "/login": {"access_token": "another-token", "user_id": ME, "device_id": "DESKSIDE"},
            "/account_data/m.direct": {},
        }
        self._syncs: list[Any] = []
        self.outlook: Answer = {}  # to a sync that asks for no members
        self._faults: list[tuple[str, Fault]] = []
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    # What it is told to do.

    async def tell(self, answer: Any = None, **rooms: Any) -> None:
        """Answer a sync with this, after those told before, as often as it is asked again.

        `next_batch` is added. Bytes are sent as they are, once.
        """
        async with self._news:
            self._syncs.append(answer if answer is not None else {"rooms": rooms})
            self._news.notify_all()

    async def say(self, *events: Answer, room: str = ROOM, **timeline: Any) -> None:
        """Answer the next sync with these events of a room."""
        await self.tell(join={room: {"timeline": {"events": list(events), **timeline}}})

    def repeat(self) -> None:
        """Answer a sync with what was told last once more."""
        self._syncs.append(self._syncs[-1])

    @property
    def read_to_the_end(self) -> bool:
        """The last sync asks for what follows everything that was told."""
        asked = [asked.query.get("since") for asked in self.calls("/sync")]
        return asked[-1] == f"s{len(self._syncs)}"

    def fail(self, path: str, *faults: Fault) -> None:
        """Let the next requests whose path contains `path` fail, one fault each."""
        self._faults += [(path, fault) for fault in faults]

    async def until(self, is_true: Callable[[], bool], within: float = 10) -> None:
        """Wait until something holds that depends on what was asked."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(is_true)

    def calls(self, path: str) -> list[Asked]:
        """Return the requests whose path contains `path`."""
        return [asked for asked in self.asked if path in asked.path]

    # How it answers.

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        asked = Asked(
            request.method,
            request.path,
            dict(request.query),
            json.loads(content) if content else None,
            token,
        )
        async with self._news:
            self.asked.append(asked)
            self._news.notify_all()
        for number, (path, fault) in enumerate(self._faults):
            if path in request.path:
                del self._faults[number]
                return await fault(self, request)
        return await self.answer(request)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as a homeserver would."""
        asked = self.asked[-1]
        if request.path.endswith("/sync"):
            return await self._sync(asked.query)
        if "/send/" in request.path or "/redact/" in request.path:
            return self._post(asked)
        if request.method == "PUT" or request.path.endswith(("/leave", "/invite")):
            return web.json_response({})
        if "/join/" in request.path:
            return web.json_response({"room_id": request.path.rpartition("/")[2]})
        for path, answer in self.answers.items():
            if request.path.endswith(path):
                return web.json_response(answer(asked) if callable(answer) else answer)
        return web.json_response({"errcode": "M_NOT_FOUND", "error": "Not found."}, status=404)

    def _post(self, asked: Asked) -> web.Response:
        transaction = asked.path.rpartition("/")[2]
        self.posted.setdefault(transaction, asked.body)
        number = list(self.posted).index(transaction)
        return web.json_response({"event_id": f"$posted{number}"})

    async def _sync(self, query: Mapping[str, str]) -> web.Response:
        if "since" not in query and "m.room.member" not in query.get("filter", ""):
            return web.json_response({"next_batch": "unused", **self.outlook})
        at = 0
        if "since" in query:
            at = int(query["since"].removeprefix("s")) if query["since"][1:].isdigit() else 0
            async with self._news:
                await self._news.wait_for(lambda: len(self._syncs) > at)
        if at >= len(self._syncs):
            return web.json_response({"next_batch": "s0"})
        answer = self._syncs[at]
        if isinstance(answer, bytes):
            del self._syncs[at]
            return web.Response(body=answer, content_type="application/json")
        return web.json_response({"next_batch": f"s{at + 1}", **answer})


def refuse(
    status: int, code: str = "", *, headers: Mapping[str, str] | None = None, **body: Any
) -> Fault:
    """Answer with an error."""

    async def fault(_: MatrixServer, __: web.Request) -> web.Response:
        if not code:
            return web.Response(text="<html>Oops</html>", status=status, headers=headers)
        return web.json_response({"errcode": code, **body}, status=status, headers=headers)

    return fault


async def truncate(server: MatrixServer, request: web.Request) -> web.StreamResponse:
    """Begin an answer and close the connection in the middle of it."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"next_batch": "s99", "rooms"')
    assert request.transport is not None
    request.transport.close()
    del server
    return response


async def lose(server: MatrixServer, request: web.Request) -> web.StreamResponse:
    """Do what was asked, and close the connection without an answer."""
    await server.answer(request)
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def hang(_: MatrixServer, __: web.Request) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def text(body: object, number: object = 1, **more: Any) -> dict[str, Any]:
    """Make an event in which Alice writes something."""
    content = {"msgtype": "m.text", "body": body, **more.pop("content", {})}
    return event("m.room.message", content, number, **more)


def event(kind: str, content: Any, number: object = 1, **more: Any) -> dict[str, Any]:
    """Make an event by Alice."""
    return {
        "type": kind,
        "event_id": f"${number}",
        "sender": ALICE,
        "origin_server_ts": 1_700_000_000_000,
        "content": content,
        **more,
    }


def member(user: str, membership: str, number: object = 1, **more: Any) -> dict[str, Any]:
    """Make a member event; `before` is the earlier membership."""
    before = more.pop("before", None)
    unsigned = {"prev_content": {"membership": before}} if before else {}
    content = {"membership": membership, **more.pop("content", {})}
    made = event("m.room.member", content, number, state_key=user, unsigned=unsigned, sender=user)
    return {**made, **more}
