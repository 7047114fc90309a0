"""What happens in a workspace, whoever does it: the change, and the events that tell of it.

Each event's page is https://docs.slack.dev/reference/events/ and its name, a message's subtype
after a further message/.
"""

from __future__ import annotations

import copy

from tests.slack import markup, shapes
from tests.slack.records import Channel, Json, Message, User, UserGroup
from tests.slack.workspace import Workspace

TOMBSTONE = "This message was deleted."  # as history has it where replies stand below


def post(workspace: Workspace, channel: Channel, message: Message) -> Message:
    """Put a message into a conversation."""
    message.written = workspace.clock.now()
    channel.messages[message.ts] = message
    if message.is_reply:
        channel.threads.setdefault(message.thread_ts, []).append(message.ts)
    for number in message.files:
        _share(workspace, channel, message, number)
    told = shapes.message(workspace, message)
    told |= _strangers(workspace, message.user)
    workspace.tell(told | _place(channel, message.ts), channel)
    is_mention = markup.mentions(message.text, workspace.bot_user)
    if (
        is_mention
        and not message.bot_id
        and not channel.is_direct
        and message.subtype in MENTIONING
    ):
        mention = {name: told[name] for name in told if name not in ("subtype", "channel_type")}
        named = {**mention, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        workspace.tell(named, channel)
    return message


MENTIONING = ("", "thread_broadcast", "file_share")


def _place(channel: Channel, ts: str) -> Json:
    return {"channel": channel.id, "event_ts": ts, "channel_type": channel.kind}


def _strangers(workspace: Workspace, user: str) -> Json:
    """Return what is told of someone from another workspace: docs.slack.dev/apis/slack-connect."""
    found = workspace.users.get(user)
    if found is None or found.team_id == workspace.team_id:
        return {}
    return {"user_team": found.team_id, "source_team": found.team_id, "team": found.team_id}


def _share(workspace: Workspace, channel: Channel, message: Message, number: str) -> None:
    file = workspace.files[number]
    file.channels.append(channel.id)
    share: Json = {"ts": message.ts, "channel_name": channel.name, "team_id": channel.team_id}
    if message.thread_ts:
        share["thread_ts"] = message.thread_ts
    file.shares.setdefault(channel.id, []).append(share)
    told = {
        "type": "file_shared",
        "channel_id": channel.id,
        "file_id": file.id,
        "user_id": file.user,
        "file": {"id": file.id},
        "event_ts": workspace.event_ts(),
    }
    workspace.tell(told, channel)


def change(workspace: Workspace, channel: Channel, message: Message, **changes: object) -> None:
    """Change a message, however: what its author wrote, or a preview that Slack adds to it."""
    before = copy.deepcopy(shapes.message(workspace, message))
    for name, value in changes.items():
        setattr(message, name, value)
    _changed(workspace, channel, message, before)


def _changed(workspace: Workspace, channel: Channel, message: Message, before: Json) -> None:
    ts = workspace.new_ts()
    told = {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": shapes.message(workspace, message) | _strangers(workspace, message.user),
        "previous_message": before,
        "ts": ts,
    }
    workspace.tell(told | _place(channel, ts), channel)


def delete(workspace: Workspace, channel: Channel, message: Message) -> None:
    """Take a message away; where replies stand below it, a tombstone remains."""
    before = copy.deepcopy(shapes.message(workspace, message))
    message.pinned = False
    if message.ts in channel.pins:
        channel.pins.remove(message.ts)
    if workspace.replies(channel, message.ts):
        grave = Message(message.ts, channel.id, "USLACKBOT", TOMBSTONE, message.team)
        grave.thread_ts, grave.subtype, grave.more = message.ts, "tombstone", {"hidden": True}
        channel.messages[message.ts] = grave
        _changed(workspace, channel, grave, before)
        return
    del channel.messages[message.ts]
    ts = workspace.new_ts()
    told = {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": message.ts,
        "previous_message": before,
        "ts": ts,
    }
    workspace.tell(told | _place(channel, ts), channel)


def react(workspace: Workspace, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Put an emoji on a message; False when it is there already."""
    users = message.reactions.setdefault(name, [])
    if user in users:
        return False
    users.append(user)
    workspace.tell(_reaction(workspace, "reaction_added", message, user, name), channel)
    return True


def unreact(workspace: Workspace, channel: Channel, message: Message, user: str, name: str) -> bool:
    """Take one's emoji away; False when there is none."""
    users = message.reactions.get(name, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del message.reactions[name]
    workspace.tell(_reaction(workspace, "reaction_removed", message, user, name), channel)
    return True


def _reaction(workspace: Workspace, kind: str, message: Message, user: str, name: str) -> Json:
    item = {"type": "message", "channel": message.channel, "ts": message.ts}
    by = {"user": user, "reaction": name, "item_user": message.user}
    return {"type": kind, **by, "item": item, "event_ts": workspace.event_ts()}


def pin(workspace: Workspace, channel: Channel, message: Message, user: str) -> None:
    """Pin a message."""
    message.pinned = True
    channel.pins.append(message.ts)
    workspace.tell(_pinned(workspace, "pin_added", channel, message, user), channel)


def unpin(workspace: Workspace, channel: Channel, message: Message, user: str) -> None:
    """Take a pin off."""
    message.pinned = False
    channel.pins.remove(message.ts)
    workspace.tell(_pinned(workspace, "pin_removed", channel, message, user), channel)


def _pinned(workspace: Workspace, kind: str, channel: Channel, message: Message, user: str) -> Json:
    item = {
        "type": "message",
        "channel": channel.id,
        "created": workspace.seconds(),
        "created_by": user,
        "message": shapes.message(workspace, message),
    }
    told: Json = {"type": kind, "user": user, "channel_id": channel.id, "item": item}
    return {**told, "event_ts": workspace.event_ts()}


def note(workspace: Workspace, channel: Channel, user: str, subtype: str, text: str) -> Message:
    """Put into a conversation what Slack writes there about someone."""
    team = workspace.users[user].team_id
    message = Message(workspace.new_ts(), channel.id, user, text, team, subtype=subtype)
    return post(workspace, channel, message)


def join(workspace: Workspace, channel: Channel, user: str, inviter: str = "") -> None:
    """Let someone in."""
    if user in channel.members:
        return
    channel.members.append(user)
    team = workspace.users[user].team_id
    if team != workspace.team_id and team not in channel.connected_teams:
        channel.connected_teams.append(team)
    note(workspace, channel, user, "channel_join", f"<@{user}> has joined the channel")
    told = _membership(workspace, "member_joined_channel", channel, user)
    workspace.tell({**told, "inviter": inviter} if inviter else told, channel)


def leave(workspace: Workspace, channel: Channel, user: str) -> None:
    """Let someone out; a bot that leaves is told so in an event of its own."""
    if user not in channel.members:
        return
    if user == workspace.bot_user:
        kind = "channel_left" if channel.kind == "channel" else "group_left"
        channel.members.remove(user)
        gone = {"type": kind, "channel": channel.id, "actor_id": user}
        workspace.tell({**gone, "event_ts": workspace.event_ts()})
        return
    note(workspace, channel, user, "channel_leave", f"<@{user}> has left the channel")
    channel.members.remove(user)
    workspace.tell(_membership(workspace, "member_left_channel", channel, user), channel)


def _membership(workspace: Workspace, kind: str, channel: Channel, user: str) -> Json:
    return {
        "type": kind,
        "user": user,
        "channel": channel.id,
        "channel_type": "C" if channel.kind == "channel" else "G",
        "team": workspace.users[user].team_id,
        "event_ts": workspace.event_ts(),
    }


def set_topic(workspace: Workspace, channel: Channel, user: str, topic: str) -> None:
    """Say what a channel is about."""
    channel.topic = {"value": topic, "creator": user, "last_set": workspace.seconds()}
    message = Message(workspace.new_ts(), channel.id, user, "", workspace.team_id)
    message.subtype, message.more = "channel_topic", {"topic": topic}
    message.text = f"set the channel topic: {topic}"
    post(workspace, channel, message)


def rename(workspace: Workspace, channel: Channel, user: str, name: str) -> None:
    """Give a channel another name."""
    channel.previous_names.append(channel.name)
    old, channel.name = channel.name, name
    message = Message(workspace.new_ts(), channel.id, user, "", workspace.team_id)
    message.subtype, message.more = "channel_name", {"old_name": old, "name": name}
    message.text = f'has renamed the channel from "{old}" to "{name}"'
    post(workspace, channel, message)
    kind = "channel_rename" if channel.kind == "channel" else "group_rename"
    renamed = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    told = {"type": kind, "channel": renamed, "event_ts": workspace.event_ts()}
    workspace.tell(told, _told_to_members(channel))


def archive(workspace: Workspace, channel: Channel, user: str, *, back: bool = False) -> None:
    """Close a channel, or open it again."""
    channel.is_archived = not back
    kind = f"{channel.kind}_{'unarchive' if back else 'archive'}"
    told = {"type": kind, "channel": channel.id, "user": user, "event_ts": workspace.event_ts()}
    workspace.tell(told, _told_to_members(channel))


def _told_to_members(channel: Channel) -> Channel | None:
    """Return what narrows an event down to those in it: what happens to a public one all know."""
    return None if channel.kind == "channel" else channel


def change_user(workspace: Workspace, user: User, **changes: object) -> None:
    """Change who someone is: a name, a time zone, deleted."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.updated = workspace.seconds()
    told = user.as_json(home=workspace.team_id)
    event: Json = {"type": "user_change", "user": told, "cache_ts": user.updated}
    workspace.tell({**event, "event_ts": workspace.event_ts()})


def change_group(workspace: Workspace, group: UserGroup, users: list[str]) -> None:
    """Change who is in a group of people."""
    added = [user for user in users if user not in group.users]
    removed = [user for user in group.users if user not in users]
    group.users, group.updated = list(users), workspace.seconds()
    told: Json = {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "team_id": workspace.team_id,
        "date_previous_update": group.updated,
        "date_update": group.updated,
        "added_users": added,
        "added_users_count": len(added),
        "removed_users": removed,
        "removed_users_count": len(removed),
        "event_ts": workspace.event_ts(),
    }
    workspace.tell(told)
