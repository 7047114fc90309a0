"""Files: the three steps of an upload, files.info, and reading one.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import mimetypes
import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack import acts, markup, shapes
from tests.slack.calls import Call, Refusal, invalid, method
from tests.slack.records import Channel, File, Json, Message

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

LONGEST_ALT = 1000
MOST_CHANNELS = 100
LARGEST = 1024**3  # slack.com/help/articles/201330736: "up to 1 GB"
SIGN_IN = "<!DOCTYPE html><html><title>Sign in to Example Ltd | Slack</title></html>"


@method("files.getUploadURLExternal", tier=4, scopes="files:write", takes_json=False)
def get_address(call: Call) -> Json:
    """Return where to send a file's content."""
    name, length = call.required("filename"), call.required("length")
    if not length.isdecimal():
        raise invalid("invalid type: length")
    if int(length) == 0:
        raise Refusal("missing_argument")
    if int(length) > LARGEST:
        raise Refusal("file_upload_size_restricted")
    if len(call.text("alt_txt")) > LONGEST_ALT:
        raise Refusal("alt_txt_too_large")
    workspace = call.workspace
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = File(workspace.new_id("F"), name, name, kind, workspace.bot_user, workspace.seconds())
    file.alt_txt, file.expected_length = call.text("alt_txt"), int(length)
    workspace.files[file.id] = file
    ticket = secrets.token_urlsafe(16)
    call.double.uploads[ticket] = file.id
    return {"upload_url": f"{call.double.base_url}/upload/v1/{ticket}", "file_id": file.id}


@method("files.completeUploadExternal", tier=4, scopes="files:write")
def complete(call: Call) -> Json:
    """Finish an upload, and share it where that is asked for."""
    files = [_uploaded(call, one) for one in _listed(call)]
    places = [_place(call, place) for place in _channels(call)]
    if call.text("thread_ts") and len(places) > 1:
        raise invalid("thread_ts goes with one channel")
    for file in files:
        file.is_complete = True
    for channel in places:
        _share(call, channel, files)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _listed(call: Call) -> list[Any]:
    listed = call.json("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed:
        raise invalid("missing required field: files")
    return listed


def _uploaded(call: Call, one: Any) -> File:
    file = call.workspace.files.get(one.get("id", "")) if isinstance(one, dict) else None
    if file is None or file.is_complete or len(file.content) != file.expected_length:
        raise Refusal("file_not_found")
    file.title = one.get("title") or file.name
    return file


def _channels(call: Call) -> list[str]:
    named = [call.text("channel_id"), *call.text("channels").split(",")]
    channels = list(dict.fromkeys(channel for channel in named if channel))
    if len(channels) > MOST_CHANNELS:
        raise Refusal("channels_limit_exceeded")
    return channels


def _place(call: Call, name: str) -> Channel:
    channel = call.workspace.channels.get(name)
    if channel is None or not call.is_visible(channel):
        raise Refusal("channel_not_found")
    if not call.is_member(channel):
        raise Refusal("not_in_channel")
    if channel.is_archived:
        raise Refusal("posting_to_channel_denied")
    return channel


def _share(call: Call, channel: Channel, files: list[File]) -> None:
    workspace = call.workspace
    text = markup.sent(call.text("initial_comment"))
    message = Message(workspace.new_ts(), channel.id, workspace.bot_user, text, workspace.team_id)
    message.subtype, message.files = "file_share", [file.id for file in files]
    message.bot_id, message.app_id = workspace.bot_id, workspace.app_id
    message.bot_profile = shapes.bot_profile(workspace)
    message.thread_ts = call.text("thread_ts")
    acts.post(workspace, channel, message)


@method("files.info", tier=4, scopes="files:read")
def info(call: Call) -> Json:
    """Return a file that the app can see: its own, or one shared where it is."""
    file = call.workspace.files.get(call.required("file"))
    if file is None or not file.is_complete or not _is_visible(call, file):
        raise Refusal("file_not_found")
    if file.deleted:
        raise Refusal("file_deleted")
    told = shapes.file(call.workspace, file)
    return {"file": told, "comments": [], "response_metadata": {"next_cursor": ""}}


def _is_visible(call: Call, file: File) -> bool:
    places = [call.workspace.channels[place] for place in file.channels]
    return file.user == call.workspace.bot_user or any(map(call.is_visible, places))


def routes(double: SlackDouble) -> list[web.RouteDef]:
    """Return where contents go and come from."""

    async def upload(request: web.Request) -> web.Response:
        file = double.workspace.files.get(double.uploads.pop(request.match_info["ticket"], ""))
        if file is None:
            return web.Response(status=404, text="Not Found")
        content = await _content(request)
        if len(content) != file.expected_length:
            return web.Response(status=400, text="length mismatch")
        file.content = content
        await double.note()
        return web.Response(text=f"OK - {len(content)}")

    async def read(request: web.Request) -> web.Response:
        """Give a content to whom may read it; others get a page to sign in, with 200.

        https://docs.slack.dev/reference/objects/file-object#auth
        """
        header = request.headers.get("Authorization", "")
        token = double.workspace.tokens.get(header.removeprefix("Bearer "))
        file = double.workspace.files.get(request.match_info["file"].partition("-")[2])
        good = token and not token.is_revoked and "files:read" in token.scopes
        if file is None or not good:
            return web.Response(text=SIGN_IN, content_type="text/html")
        return web.Response(body=file.content, content_type=file.mimetype)

    return [
        web.post("/upload/v1/{ticket}", upload),
        web.get("/files-pri/{file}/{name}", read),
        web.get("/files-pri/{file}/download/{name}", read),
    ]


async def _content(request: web.Request) -> bytes:
    """Return what was sent: as it is, or as the one file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
