"""Answers to what somebody did, without a token: to a response_url, or in the acknowledgement.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from tests.slack import acts, markup, shapes
from tests.slack.calls import Refusal
from tests.slack.records import Channel, Ephemeral, Json, Message, ResponseUrl
from tests.slack.validation import check_blocks, check_size, check_text
from tests.slack.workspace import RESPONSE_URL_USES, Workspace

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

KNOWN = {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original"}
ALSO_KNOWN = {"thread_ts", "unfurl_links", "unfurl_media", "metadata", "mrkdwn"}


def routes(double: SlackDouble) -> list[web.RouteDef]:
    """Return where the addresses lead that commands, buttons and shortcuts come with."""

    async def serve(request: web.Request) -> web.Response:
        return await _serve(double, request)

    return [web.post("/{kind:commands|actions|app}/{team}/{key}", serve)]


async def _serve(double: SlackDouble, request: web.Request) -> web.Response:
    key = request.match_info["key"]
    workspace = double.workspace
    known = workspace.response_urls.get(key)
    right = workspace.use_response_url(key)
    if right is None:
        is_used = known is not None and known.uses >= RESPONSE_URL_USES
        return _refuse("used_url" if is_used else "expired_url", 404)
    try:
        said = json.loads(await request.read())
        respond(workspace, right, said)
    except ValueError:
        return _refuse("invalid_payload", 400)
    except Refusal as refusal:
        return _refuse(refusal.code, 400)
    await double.note()
    return web.json_response({"ok": True})


def _refuse(code: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": code}, status=status)


def respond(workspace: Workspace, right: ResponseUrl, said: object) -> None:
    """Do what the app says: replace, delete, show to one person or to all in the channel.

    Raises:
        Refusal: it is not said as Slack wants it.
    """
    if not isinstance(said, dict) or not said.keys() <= KNOWN | ALSO_KNOWN:
        raise Refusal("invalid_payload")
    if not all(isinstance(said.get(f"{verb}_original", False), bool) for verb in VERBS):
        raise Refusal("invalid_payload")
    place = workspace.channels[right.channel]
    if said.get("delete_original"):
        _delete(workspace, place, right)
        return
    content = _content(said)
    if said.get("replace_original") and right.message_ts:
        _replace(workspace, place, right, content)
    elif said.get("response_type", "ephemeral") == "in_channel":
        _post(workspace, place, content, str(said.get("thread_ts", "")))
    elif said.get("response_type", "ephemeral") == "ephemeral":
        thread = str(said.get("thread_ts", "")) or right.thread_ts
        ts = workspace.new_ts()
        alone = Ephemeral(ts, place.id, right.user, content["text"], content["blocks"])
        alone.thread_ts = thread
        workspace.ephemerals.append(alone)
    else:
        raise Refusal("invalid_payload")


VERBS = ("replace", "delete")


def _content(said: Json) -> Json:
    blocks, text = said.get("blocks") or [], str(said.get("text") or "")
    if check_blocks(blocks):
        raise Refusal("invalid_blocks")
    wrong = check_size(blocks) or check_text(text)
    if wrong and not (wrong == "no_text" and (blocks or said.get("attachments"))):
        raise Refusal(wrong)
    return {
        "text": markup.sent(text),
        "blocks": blocks,
        "attachments": said.get("attachments") or [],
    }


def _alone(workspace: Workspace, right: ResponseUrl) -> Ephemeral | None:
    mine = (one for one in workspace.ephemerals if one.user == right.user)
    return next((one for one in mine if one.ts == right.message_ts), None)


def _delete(workspace: Workspace, place: Channel, right: ResponseUrl) -> None:
    alone = _alone(workspace, right)
    message = place.messages.get(right.message_ts)
    if alone is not None:
        workspace.ephemerals.remove(alone)
    elif message is not None:
        acts.delete(workspace, place, message)


def _replace(workspace: Workspace, place: Channel, right: ResponseUrl, content: Json) -> None:
    alone = _alone(workspace, right)
    message = place.messages.get(right.message_ts)
    if alone is not None:
        alone.text, alone.blocks = content["text"], content["blocks"]
        alone.attachments = content["attachments"]
    elif message is not None:
        acts.change(workspace, place, message, **content)


def _post(workspace: Workspace, place: Channel, content: Json, thread_ts: str) -> None:
    message = Message(
        workspace.new_ts(),
        place.id,
        workspace.bot_user,
        team=workspace.team_id,
        thread_ts=thread_ts,
        bot_id=workspace.bot_id,
        app_id=workspace.app_id,
        bot_profile=shapes.bot_profile(workspace),
        **content,
    )
    acts.post(workspace, place, message)
