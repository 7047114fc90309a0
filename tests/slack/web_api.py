"""The Web API over HTTP: who asks, whether they may, what they are answered, or not.

https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack import chat, conversations, files, history, marks, tokens, users, views
from tests.slack.calls import METHODS, Call, Method, Refusal, invalid
from tests.slack.chat import too_many
from tests.slack.faults import Failure, Fault
from tests.slack.files import routes as file_routes
from tests.slack.limits import DISTRIBUTED_PER_MINUTE, PER_MINUTE, SPECIAL_PER_MINUTE
from tests.slack.records import Json, Token

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

# Importing them declares their methods.
MODULES = (chat, conversations, files, history, marks, tokens, users, views)

HERE = (
    Fault.LOSE,
    Fault.HANG,
    Fault.RESET,
    Fault.SERVER_ERROR,
    Fault.GARBAGE,
    Fault.LIMIT,
    Fault.LIMIT_NO_HEADER,
    Fault.ERROR,
)
CARRIED_OUT = (Fault.LOSE, Fault.GARBAGE)
PAGE = "<html><head><title>Server Error</title></head><body>Oops</body></html>"
READING = ("conversations.history", "conversations.replies")


def routes(double: SlackDouble) -> list[web.RouteDef]:
    """Return where the Web API answers."""

    async def serve(request: web.Request) -> web.StreamResponse:
        return await _serve(double, request)

    return [web.route("*", "/api/{method}", serve), *file_routes(double)]


async def _serve(double: SlackDouble, request: web.Request) -> web.StreamResponse:
    name = request.match_info["method"]
    args, warning = await _arguments(request, METHODS.get(name))
    await double.note_call(name, args, request.headers)
    failure = double.failures.take(name, *HERE)
    response: web.StreamResponse
    if failure is None:
        response = _respond(double, request, name, args, warning)
    else:
        response = await _fail(double, request, failure, (name, args, warning))
    await double.note()
    return response


async def _arguments(
    request: web.Request, method: Method | None
) -> tuple[dict[str, Any], str | None]:
    """Return the arguments, of the address and of the body, and a warning, if any.

    JSON that a method does not take is not looked at: docs.slack.dev/apis/web-api#posting-json.
    Nor is a token in the address or in JSON: docs.slack.dev/apis/web-api#authentication.
    """
    args: dict[str, Any] = {name: v for name, v in request.query.items() if name != "token"}
    if request.content_type == "application/json" and request.can_read_body:
        if method is not None and not method.takes_json:
            return args, None
        body = await request.read()
        try:
            given = json.loads(body)
        except ValueError:
            return {**args, "": "invalid_json"}, None
        if not isinstance(given, dict):
            return {**args, "": "json_not_object"}, None
        given.pop("token", None)
        return args | given, None if request.charset else "missing_charset"
    if request.method == "POST":
        form = await request.post()
        args |= {name: value for name, value in form.items() if isinstance(value, str)}
        if request.charset and form:
            return args, "superfluous_charset"
    return args, None


def _respond(
    double: SlackDouble,
    request: web.Request,
    name: str,
    args: Mapping[str, Any],
    warning: str | None = None,
) -> web.Response:
    """Carry a call out as Slack would."""
    try:
        method, token = _admit(double, request, name, args)
        call = Call(double, name, args, token)
        wait = _too_many(double, method, call)
        if wait is not None:
            return _limited(wait)
        answer: Json = {"ok": True, **method.answer(call)}
    except Refusal as refusal:
        double.refusals.append((name, refusal.code, str(refusal.more.get("needed", ""))))
        return web.json_response({"ok": False, "error": refusal.code, **refusal.more})
    if warning:
        metadata = answer.get("response_metadata", {})
        answer |= {"warning": warning, "response_metadata": {**metadata, "warnings": [warning]}}
    headers = {
        "X-OAuth-Scopes": ",".join(sorted(token.scopes)),
        "X-Accepted-OAuth-Scopes": ",".join(method.scopes),
    }
    return web.json_response(answer, headers=headers)


def _admit(
    double: SlackDouble, request: web.Request, name: str, args: Mapping[str, Any]
) -> tuple[Method, Token]:
    if "" in args:
        raise Refusal(args[""])
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method", req_method=name)
    if request.method not in ("GET", "POST"):
        raise invalid("unsupported verb")
    if method.kind == "":
        return method, Token("", "", set())
    header = request.headers.get("Authorization", "")
    given = header.removeprefix("Bearer ") if header.startswith("Bearer ") else ""
    token = _token(double, given or str(args.get("token") or ""))
    if method.kind not in ("any", token.kind):
        raise Refusal("not_allowed_token_type")
    if method.scopes and not token.scopes.intersection(method.scopes):
        provided = ",".join(sorted(token.scopes))
        raise Refusal("missing_scope", needed=method.scopes[0], provided=provided)
    return method, token


def _token(double: SlackDouble, value: str) -> Token:
    """Return a token that is good; the errors are those of every method's page."""
    if not value:
        raise Refusal("not_authed")
    token = double.workspace.tokens.get(value)
    if token is None:
        raise Refusal("invalid_auth")
    if token.is_revoked:
        raise Refusal("token_revoked")
    if double.workspace.is_expired(token):
        raise Refusal("token_expired")
    if double.workspace.users[double.workspace.bot_user].deleted:
        raise Refusal("account_inactive")
    return token


def _too_many(double: SlackDouble, method: Method, call: Call) -> int | None:
    if not double.is_limited:
        return None
    if method.name == "chat.postMessage":
        return too_many(call)
    allowed = PER_MINUTE.get(method.tier, SPECIAL_PER_MINUTE)
    if method.name in READING and double.workspace.is_distributed:
        allowed = DISTRIBUTED_PER_MINUTE
    return double.limits.per_minute(method.name, allowed)


def _limited(wait: int | None) -> web.Response:
    headers = {} if wait is None else {"Retry-After": str(wait)}
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers=headers)


async def _fail(
    double: SlackDouble, request: web.Request, failure: Failure, asked: tuple[str, Any, Any]
) -> web.StreamResponse:
    """Let a call fail as it was asked for; what its `Fault` says happens, or happens not."""
    fault, details = failure.fault, failure.details
    if fault in CARRIED_OUT or details.get("carried_out"):
        _respond(double, request, *asked)
        await double.note()
    if fault is Fault.ERROR:
        error = details.get("error", "internal_error")
        return web.json_response({"ok": False, "error": error, **details.get("more", {})})
    if fault is Fault.LIMIT:
        return _limited(details.get("retry_after", 1))
    if fault is Fault.LIMIT_NO_HEADER:
        return _limited(None)
    if fault is Fault.SERVER_ERROR:
        return web.Response(text=PAGE, status=details.get("status", 503), content_type="text/html")
    if fault is Fault.GARBAGE:
        return web.Response(text="upstream connect error", content_type="text/plain")
    if fault is Fault.HANG:
        await double.over.wait()
    _drop(request, reset=fault is Fault.RESET)
    return web.Response()


def _drop(request: web.Request, *, reset: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
