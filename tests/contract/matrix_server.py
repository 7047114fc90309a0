"""A homeserver that misbehaves on demand, for what a real Synapse will not do when asked.

It keeps no rooms: it gives the answers it was told to give, remembers what was asked, and
carries out a repeated transaction once.
"""

import asyncio
import json
import re
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


_STATE = re.compile(r"/rooms/(?P<room>[^/]+)/state/(?P<kind>[^/]+)/?$")


def _is_pinned(content: Any) -> bool:
    """Tell whether it is https://spec.matrix.org/v1.16/client-server-api/#mroompinned_events."""
    pinned = content.get("pinned")
    return isinstance(pinned, list) and all(isinstance(each, str) for each in pinned)


_STATES: dict[str, Callable[[Any], bool]] = {
    "m.room.pinned_events": _is_pinned,
    # https://spec.matrix.org/v1.16/client-server-api/#mroomtopic
    "m.room.topic": lambda content: isinstance(content.get("topic"), str),
}


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
        media: what was uploaded, by address: file name, type, bytes.
        state: what a room says of itself, by room and type of event.
        forbidden: types of state events for which the bot's power does not suffice.
        answers: what endpoints answer, by the end of their path; 404 without.
    """

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[Asked] = []
        self.posted: dict[str, Any] = {}
        self.media: dict[str, tuple[str, str, bytes]] = {}
        self.state: dict[tuple[str, str], Any] = {}
        self.forbidden: set[str] = set()
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
            json.loads(content) if content and "/media/" not in request.path else content or None,
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
        if request.path.endswith("/media/v3/upload"):
            return self._upload(asked, request)
        if (found := _STATE.search(request.path)) and found["kind"] in _STATES:
            return self._state(asked, found["room"], found["kind"])
        if request.method == "PUT" or request.path.endswith(("/leave", "/invite")):
            return web.json_response({})
        if "/join/" in request.path:
            return web.json_response({"room_id": request.path.rpartition("/")[2]})
        for path, answer in self.answers.items():
            if request.path.endswith(path):
                return web.json_response(answer(asked) if callable(answer) else answer)
        return web.json_response({"errcode": "M_NOT_FOUND", "error": "Not found."}, status=404)

    def _upload(self, asked: Asked, request: web.Request) -> web.Response:
        # https://spec.matrix.org/v1.16/client-server-api/#post_matrixmediav3upload
        if asked.method != "POST" or not asked.token:
            return _error(401, "M_MISSING_TOKEN")
        address = f"mxc://fake.test/media{len(self.media)}"
        self.media[address] = (asked.query.get("filename", ""), request.content_type, asked.body)
        return web.json_response({"content_uri": address})

    def _state(self, asked: Asked, room: str, kind: str) -> web.Response:
        # https://spec.matrix.org/v1.16/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey
        if asked.method == "GET":
            if (room, kind) not in self.state:
                return _error(404, "M_NOT_FOUND")
            return web.json_response(self.state[room, kind])
        if kind in self.forbidden:
            return _error(403, "M_FORBIDDEN")
        if asked.method != "PUT" or not _STATES[kind](asked.body):
            return _error(400, "M_BAD_JSON")
        self.state[room, kind] = asked.body
        return web.json_response({"event_id": f"$state{len(self.asked)}"})

    def _post(self, asked: Asked) -> web.Response:
        transaction = asked.path.rpartition("/")[2]
        # https://spec.matrix.org/v1.16/client-server-api/#mfile: `body` and `url` are required
        if asked.body.get("msgtype") == "m.file" and not (
            isinstance(asked.body.get("body"), str) and asked.body.get("url") in self.media
        ):
            return _error(400, "M_BAD_JSON")
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


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"errcode": code, "error": "No."}, status=status)


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
