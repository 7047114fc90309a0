"""The methods chat.*: what the app says.

https://docs.slack.dev/reference/methods/chat.postMessage, chat.update, chat.delete and
chat.postEphemeral, each with its table of errors.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.slack import acts, markup, shapes
from tests.slack.calls import Call, Refusal, method
from tests.slack.limits import POSTS_PER_MINUTE
from tests.slack.records import Channel, Ephemeral, Json, Message
from tests.slack.validation import check_blocks, check_size, check_text
from tests.slack.workspace import Workspace

MOST_ATTACHMENTS = 100
LONGEST_MARKDOWN = 12_000  # "Limit this field to 12,000 characters", chat.postMessage
# https://docs.slack.dev/messaging/message-metadata/: it is JSON, and the type a human readable
# alphanumeric string; the page of the method has metadata_too_large and no size.
LARGEST_METADATA = 8 * 1024
TS = re.compile(r"\d+\.\d{6}")


@dataclass
class Content:
    """What a message is to say, once it was found good."""

    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)


def too_many(call: Call) -> int | None:
    """Return the seconds to wait before a further message may be posted."""
    limits = call.double.limits
    wait = limits.per_channel(call.text("channel"))
    return wait if wait is not None else limits.per_minute("chat.postMessage", POSTS_PER_MINUTE)


@method("chat.postMessage", tier=0, scopes="chat:write")
def post_message(call: Call) -> Json:
    """Post a message."""
    channel = _where(call)
    content = _content(call)
    message = _message(call, channel, content)
    message.metadata = _metadata(call) or None
    message.unfurl = {
        name: call.flag(name) for name in ("unfurl_links", "unfurl_media") if name in call.args
    }
    message.parse = {
        name: call.args[name] for name in ("mrkdwn", "parse", "link_names") if name in call.args
    }
    thread_ts = _thread(call, channel)
    if thread_ts:
        message.thread_ts = thread_ts
        if call.flag("reply_broadcast"):
            message.subtype = "thread_broadcast"
    acts.post(call.workspace, channel, message)
    told = shapes.message(call.workspace, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": told}


def _where(call: Call) -> Channel:
    """Return where to post: an id, a name, or a user, whose conversation with the app it is."""
    value = call.required("channel")
    workspace = call.workspace
    if value in workspace.users:
        return workspace.direct(workspace.bot_user, value)
    named = (c for c in workspace.channels.values() if c.name == value.removeprefix("#") != "")
    channel = workspace.channels.get(value) or next(named, None)
    if channel is None or not call.is_visible(channel):
        raise Refusal("channel_not_found")
    if channel.is_archived:
        raise Refusal("is_archived")
    if not call.is_member(channel) and "chat:write.public" not in call.token.scopes:
        raise Refusal("not_in_channel")
    if channel.posting == "admins":
        raise Refusal("restricted_action_read_only_channel")
    return channel


def _content(call: Call, *, edit: bool = False) -> Content:
    blocks, attachments = _blocks(call), _attachments(call)
    text, markdown = call.text("text"), call.text("markdown_text")
    if markdown:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        if len(markdown) > LONGEST_MARKDOWN:
            raise Refusal("msg_too_long")
        text = markdown
    wrong = check_text(text, edit=edit)
    if wrong and not (wrong == "no_text" and (blocks or attachments)):
        raise Refusal(wrong)
    if blocks and not text.strip():
        # https://docs.slack.dev/reference/methods/chat.postMessage "text": screen readers and
        # notifications have nothing else.
        call.workspace.misuses.append(f"{call.method}: blocks without text")
    stored = markup.sent(text)
    if call.text("parse") == "full" or call.flag("link_names"):
        stored = markup.linked(call.workspace, stored)
    return Content(stored, blocks, attachments)


def _blocks(call: Call) -> list[Json]:
    blocks = call.json("blocks", "invalid_blocks_format")
    if blocks is None or blocks == []:
        return []
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    found = check_blocks(blocks, "messages")
    if found:
        raise Refusal("invalid_blocks", errors=found, response_metadata={"messages": found})
    wrong = check_size(blocks)
    if wrong:
        raise Refusal(wrong)
    return [
        {"block_id": f"b{number}", **block} for number, block in enumerate(blocks)
    ]  # Slack gives an id to those without


def _attachments(call: Call) -> list[Json]:
    attachments = call.json("attachments", "invalid_attachments") or []
    if not isinstance(attachments, list):
        raise Refusal("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    return [{"id": number, **one} for number, one in enumerate(attachments, 1)]


def _metadata(call: Call) -> Json | None:
    """Return the metadata: None when none was given, empty to take it away (chat.update)."""
    metadata = call.json("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata  # type: ignore[no-any-return]
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(kind, str) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not re.fullmatch(r"\w+", kind, re.ASCII) or not all(_is_plain(v) for v in payload.values()):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(metadata)) > LARGEST_METADATA:
        raise Refusal("metadata_too_large")
    return {"event_type": kind, "event_payload": payload}


def _is_plain(value: object) -> bool:
    """Whether a value may stand in a payload: a word, a number, or objects of such.

    https://docs.slack.dev/tools/node-slack-sdk/reference/types/interfaces/MessageMetadata
    """
    if isinstance(value, list):
        return all(isinstance(one, dict) and _is_plain(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(one, str | int | float) for one in value.values())
    return isinstance(value, str | int | float)


def _thread(call: Call, channel: Channel) -> str:
    """Return the thread to post in.

    Slack takes what is no thread's beginning, and shows the message to nobody:
    https://github.com/slackapi/python-slack-sdk/issues/840 and 1116.
    """
    value = call.args.get("thread_ts")
    if value in (None, ""):
        return ""
    parent = channel.messages.get(str(value))
    if not isinstance(value, str) or not TS.fullmatch(value) or parent is None:
        call.workspace.misuses.append(f"{call.method}: thread_ts {value} is no message here")
    elif parent.is_reply:
        call.workspace.misuses.append(f"{call.method}: thread_ts {value} is a reply")
    elif parent.subtype in ("channel_join", "channel_leave"):
        raise Refusal("cannot_reply_to_message")
    return str(value)


def _message(call: Call, channel: Channel, content: Content) -> Message:
    workspace = call.workspace
    message = Message(
        workspace.new_ts(), channel.id, workspace.bot_user, content.text, workspace.team_id
    )
    message.blocks, message.attachments = content.blocks, content.attachments
    message.bot_id, message.app_id = workspace.bot_id, workspace.app_id
    message.bot_profile = shapes.bot_profile(workspace)
    if any(call.text(name) for name in ("username", "icon_emoji", "icon_url")):
        call.need("chat:write.customize")
        message.subtype, message.username = "bot_message", call.text("username")
    return message


@method("chat.update", tier=3, scopes="chat:write")
def update(call: Call) -> Json:
    """Write one of the app's messages anew."""
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.bot_id != call.workspace.bot_id:
        raise Refusal("cant_update_message")
    if channel.is_archived:
        raise Refusal("is_inactive")
    _check_window(call.workspace, message)
    changes = _changes(call, message)
    metadata = _metadata(call)
    if metadata is not None:
        changes["metadata"] = metadata or None
    acts.change(call.workspace, channel, message, **changes)
    told = shapes.message(call.workspace, message, metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


def _check_window(workspace: Workspace, message: Message) -> None:
    if workspace.edit_window is None or message.written is None:
        return
    if workspace.clock.now() - message.written > workspace.edit_window:
        raise Refusal("edit_window_closed")


def _changes(call: Call, message: Message) -> dict[str, Any]:
    """Return what an update changes.

    Blocks that are not given stay only without a text, and an edit by blocks is not marked:
    https://docs.slack.dev/reference/methods/chat.update "blocks".
    """
    content = _content(call, edit=True)
    changes: dict[str, Any] = {}
    if "text" in call.args or "markdown_text" in call.args:
        changes |= {"text": content.text, "blocks": content.blocks}
    if "blocks" in call.args:
        changes["blocks"] = content.blocks
    if "attachments" in call.args:
        changes["attachments"] = content.attachments
    if not content.blocks:
        seconds = f"{call.workspace.seconds()}.000000"
        changes["edited"] = {"user": message.user, "ts": seconds}
    return changes


@method("chat.delete", tier=3, scopes="chat:write")
def delete(call: Call) -> Json:
    """Take one of the app's messages back."""
    channel = call.channel()
    message = call.message(channel, "ts")
    if message.bot_id != call.workspace.bot_id:
        raise Refusal("cant_delete_message")
    acts.delete(call.workspace, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", tier=4, scopes="chat:write")
def post_ephemeral(call: Call) -> Json:
    """Show something to one person alone, if they are there."""
    channel = _where(call)
    user = call.required("user")
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    content = _content(call)
    one = Ephemeral(call.workspace.new_ts(), channel.id, user, content.text, content.blocks)
    one.attachments, one.thread_ts = content.attachments, _thread(call, channel)
    call.workspace.ephemerals.append(one)
    return {"message_ts": one.ts}


def permalink(workspace: Workspace, message: Message) -> str:
    """Return a message's address."""
    stamp = message.ts.replace(".", "")
    return f"https://{workspace.team_domain}.slack.com/archives/{message.channel}/p{stamp}"


@method("chat.getPermalink", tier=0)
def get_permalink(call: Call) -> Json:
    """Return a message's address."""
    channel = call.channel()
    found = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(call.workspace, found)}
