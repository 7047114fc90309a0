"""Who the app is: auth.test, oauth.v2.access, apps.connections.open, api.test.

https://docs.slack.dev/reference/methods/auth.test and so on.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta

from tests.slack.calls import Call, Refusal, method
from tests.slack.faults import Fault
from tests.slack.records import Json

LIFE = timedelta(hours=12)  # docs.slack.dev/authentication/using-token-rotation


@method("api.test", tier=4, kind="")
def api_test(call: Call) -> Json:
    """Answer what it was asked, and fail when it is asked to."""
    args = {name: value for name, value in call.args.items() if name != "token"}
    if call.text("error"):
        raise Refusal(call.text("error"), args=args)
    return {"args": args}


@method("auth.test", tier=0)
def auth_test(call: Call) -> Json:
    """Say whose token it is."""
    workspace = call.workspace
    return {
        "url": f"https://{workspace.team_domain}.slack.com/",
        "team": workspace.team_name,
        "user": workspace.users[workspace.bot_user].name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier=3, scopes="connections:write", kind="app")
def open_connection(call: Call) -> Json:
    """Promise a socket: its address is good for one connection."""
    if call.double.failures.take("apps.connections.open", Fault.REFUSED):
        raise Refusal("invalid_auth")
    return {"url": call.double.sockets.ticket()}


@method("oauth.v2.access", tier=4, kind="", takes_json=False)
def refresh(call: Call) -> Json:
    """Give a new token for a refresh token, which is used up by that.

    https://docs.slack.dev/authentication/using-token-rotation: "The refresh token is then revoked".
    """
    _check_client(call)
    if call.text("grant_type") != "refresh_token":
        raise Refusal("invalid_grant_type")
    workspace = call.workspace
    old = workspace.refresh_tokens.pop(call.text("refresh_token"), None)
    if old is None:
        raise Refusal("invalid_refresh_token")
    token = workspace.add_token("bot", workspace.tokens[old].scopes, LIFE)
    again = f"xoxe-1-{secrets.token_hex(12)}"
    workspace.refresh_tokens[again] = token.value
    return {
        "access_token": token.value,
        "expires_in": int(LIFE.total_seconds()),
        "refresh_token": again,
        "token_type": "bot",
        "scope": ",".join(sorted(token.scopes)),
        "bot_user_id": workspace.bot_user,
        "app_id": workspace.app_id,
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _check_client(call: Call) -> None:
    """Refuse a client that does not show itself, in the form or as HTTP asks for it."""
    known = call.text("client_id"), call.text("client_secret")
    if not known[0]:
        known = _basic(call.double.asked[-1].headers.get("Authorization", ""))
    if known[0] != call.double.client_id:
        raise Refusal("invalid_client_id")
    if known[1] != call.double.client_secret:
        raise Refusal("bad_client_secret")


def _basic(header: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = decoded.partition(":")
    return name, secret
