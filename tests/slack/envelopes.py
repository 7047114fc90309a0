"""What Slack wraps around an event before it hands it to an app.

Over HTTP the wrapped event is the body of a request; a socket wraps it once more.
https://docs.slack.dev/apis/events-api, https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

from tests.slack.records import Channel, Json
from tests.slack.workspace import Workspace

VERIFICATION_TOKEN = "a-deprecated-verification-token"


def event_callback(
    workspace: Workspace, event: Json, channel: Channel | None = None, event_id: str = ""
) -> Json:
    """Wrap an event; one that is delivered again keeps its `event_id`.

    The team is that of who acted, and the authorization names the installation that sees it:
    they differ in channels shared with others (https://docs.slack.dev/apis/slack-connect).
    Field by field: https://docs.slack.dev/apis/events-api#callback-field
    """
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": _team_of(workspace, event),
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or workspace.new_id("Ev"),
        "event_time": _seconds(workspace, event),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.connected_teams),
        "event_context": _context(workspace, event, channel),
    }


def _team_of(workspace: Workspace, event: Json) -> str:
    user = workspace.users.get(event["user"]) if isinstance(event.get("user"), str) else None
    return user.team_id if user else workspace.team_id


def _seconds(workspace: Workspace, event: Json) -> int:
    moment = event.get("event_ts")
    return int(float(moment)) if isinstance(moment, str) else workspace.seconds()


def _context(workspace: Workspace, event: Json, channel: Channel | None) -> str:
    """Return an id nobody should read: https://docs.slack.dev/changelog/2020-09-15-events-api."""
    inside = {"et": event.get("type"), "tid": workspace.team_id, "aid": workspace.app_id}
    if channel:
        inside["cid"] = channel.id
    return f"4-{base64.urlsafe_b64encode(json.dumps(inside).encode()).decode()}"


def url_verification(challenge: str) -> Json:
    """Ask an endpoint to prove that it is Slack's to talk to.

    https://docs.slack.dev/reference/events/url_verification
    """
    return {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}


def app_rate_limited(workspace: Workspace) -> Json:
    """Say that events were dropped: more than 30,000 in an hour. It holds no event.

    https://docs.slack.dev/reference/events/app_rate_limited
    """
    return {
        "token": VERIFICATION_TOKEN,
        "type": "app_rate_limited",
        "team_id": workspace.team_id,
        "minute_rate_limited": workspace.seconds() // 60 * 60,
        "api_app_id": workspace.app_id,
    }


# What goes over a socket: https://docs.slack.dev/apis/events-api/using-socket-mode


def hello(workspace: Workspace, number: int) -> Json:
    """Greet a socket that has connected; `number` counts the app's sockets, this one included."""
    return {
        "type": "hello",
        "num_connections": number,
        "debug_info": {
            "host": "applink-1",
            "build_number": 1,
            "approximate_connection_time": 18060,
        },
        "connection_info": {"app_id": workspace.app_id},
    }


def disconnect(reason: str) -> Json:
    """Announce the end of a socket: warning, refresh_requested, link_disabled …"""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}


def envelope(kind: str, payload: Json, *, answerable: bool) -> Json:
    """Wrap a payload for a socket.

    Only events say how often they were tried: see the envelopes in
    https://github.com/slackapi/python-slack-sdk/blob/main/tests/slack_sdk/socket_mode
    """
    wrapped: dict[str, Any] = {
        "envelope_id": str(uuid.uuid4()),
        "payload": payload,
        "type": kind,
        "accepts_response_payload": answerable,
    }
    if kind == "events_api":
        wrapped |= {"retry_attempt": 0, "retry_reason": ""}
    return wrapped


def again(wrapped: Json, attempt: int, reason: str) -> Json:
    """Wrap the same event once more for its `attempt`th retry."""
    fresh = wrapped | {"envelope_id": str(uuid.uuid4())}
    return fresh | {"retry_attempt": attempt, "retry_reason": reason}
