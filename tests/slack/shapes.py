"""How the Web API and events tell what a workspace consists of."""

from __future__ import annotations

from typing import Any

from tests.slack.records import Channel, File, Json, Message, UserGroup, View
from tests.slack.workspace import Workspace


def message(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """Return a message as history has it.

    https://docs.slack.dev/reference/methods/conversations.history
    """
    told: Json = {"type": "message", "text": message.text, "ts": message.ts}
    told |= _kept(
        message, "user", "subtype", "client_msg_id", "team", "bot_id", "app_id", "bot_profile"
    )
    told |= _kept(message, "username", "icons", "blocks", "attachments", "edited")
    if message.files:
        told["files"] = [file(workspace, workspace.files[number]) for number in message.files]
        told |= {"upload": False, "display_as_bot": False}
    if message.reactions:
        told["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if message.pinned:
        told["pinned_to"] = [message.channel]
    if metadata and message.metadata:
        told["metadata"] = message.metadata
    return {**told, **_thread(workspace, message), **message.more}


def _kept(record: object, *names: str) -> Json:
    return {name: value for name in names if (value := getattr(record, name))}


def _thread(workspace: Workspace, message: Message) -> Json:
    channel = workspace.channels[message.channel]
    if message.is_reply:
        parent = channel.messages.get(message.thread_ts)
        told = {"thread_ts": message.thread_ts}
        return {**told, "parent_user_id": parent.user} if parent else told
    replies = workspace.replies(channel, message.ts)
    if not replies:
        return {"thread_ts": message.thread_ts} if message.thread_ts else {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users[:5],
        "is_locked": False,
        "subscribed": False,
    }


def bot_profile(workspace: Workspace) -> Json:
    """Return what stands beside a message of the app."""
    return {
        "id": workspace.bot_id,
        "app_id": workspace.app_id,
        "name": workspace.users[workspace.bot_user].real_name,
        "icons": {},
        "deleted": False,
        "updated": 0,
        "team_id": workspace.team_id,
    }


def channel(
    workspace: Workspace, channel: Channel, *, listed: bool = False, count: bool = False
) -> Json:
    """Return a conversation as conversations.info, or `listed` as conversations.list tells it.

    https://docs.slack.dev/reference/objects/conversation-object
    """
    if channel.kind == "im":
        told = _direct(workspace, channel, listed=listed)
    else:
        told = _named(workspace, channel)
    if count or (listed and not channel.is_direct):
        told["num_members"] = len(channel.members)
    return told


def _direct(workspace: Workspace, channel: Channel, *, listed: bool) -> Json:
    other = channel.with_whom(workspace.bot_user)
    told: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_im": True,
        "is_org_shared": False,
        "user": other,
        "priority": 0,
    }
    if listed:
        return {**told, "is_user_deleted": workspace.users[other].deleted}
    return {**told, "is_archived": channel.is_archived, "is_open": True, "last_read": "0"}


def _named(workspace: Workspace, channel: Channel) -> Json:
    shared = bool(channel.connected_teams)
    teams = [channel.team_id, *channel.connected_teams]
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_general": False,
        "unlinked": 0,
        "name_normalized": channel.name,
        "is_shared": shared,
        "is_frozen": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "context_team_id": workspace.team_id,
        "updated": channel.updated or channel.created * 1000,
        "creator": channel.creator,
        "is_ext_shared": shared,
        "shared_team_ids": teams,
        "pending_connected_team_ids": [],
        "is_member": workspace.bot_user in channel.members,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "previous_names": list(channel.previous_names),
        "parent_conversation": None,
        "properties": {},
    }


def file(workspace: Workspace, file: File) -> Json:
    """Return a file: https://docs.slack.dev/reference/objects/file-object."""
    if file.deleted:
        return {"id": file.id, "mode": "tombstone"}
    private = f"{workspace.address}/files-pri/{workspace.team_id}-{file.id}/{file.name}"
    told: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "pretty_type": file.name.rpartition(".")[2].upper(),
        "user": file.user,
        "user_team": workspace.users[file.user].team_id,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(place.startswith("C") for place in file.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": private,
        "url_private_download": private.replace(f"/{file.name}", f"/download/{file.name}"),
        "permalink": f"{workspace.address}/files/{file.user}/{file.id}/{file.name}",
        "permalink_public": f"{workspace.address}/public/{file.id}",
        "comments_count": 0,
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }
    return told | _shares(file)


def _shares(file: File) -> Json:
    public = {place: list(of) for place, of in file.shares.items() if place.startswith("C")}
    private = {place: list(of) for place, of in file.shares.items() if not place.startswith("C")}
    shares = {name: of for name, of in (("public", public), ("private", private)) if of}
    return {
        "shares": shares,
        "channels": [place for place in file.channels if place.startswith("C")],
        "groups": [place for place in file.channels if place.startswith("G")],
        "ims": [place for place in file.channels if place.startswith("D")],
    }


def view(workspace: Workspace, view: View, state: Json | None = None) -> Json:
    """Return a view as it is told after it was opened, and with what is done in it.

    https://docs.slack.dev/reference/methods/views.open
    """
    given: dict[str, Any] = {"submit": None, "close": None, **view.view}
    told = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **given,
    }
    return {
        **told,
        "id": view.id,
        "team_id": workspace.team_id,
        "state": state or {"values": {}},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id or None,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }


def group(workspace: Workspace, group: UserGroup, *, users: bool, count: bool) -> Json:
    """Return a group of people: https://docs.slack.dev/reference/objects/usergroup-object."""
    told: Json = {
        "id": group.id,
        "team_id": workspace.team_id,
        "is_usergroup": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": group.updated,
        "date_update": group.updated,
        "date_delete": 0 if group.is_enabled else group.updated,
        "auto_type": None,
        "created_by": workspace.bot_user,
        "updated_by": workspace.bot_user,
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }
    if users:
        told["users"] = list(group.users)
    if count:
        told["user_count"] = len(group.users)
    return told
