"""What happens in Slack more rarely than `acts` have it: huddles, other bots, the app's own end.

Each event's page is https://docs.slack.dev/reference/events/ and its name, a message's subtype
after a further message/. What is told is told as `workspace.tell` tells everything.
"""

from __future__ import annotations

from typing import Any

from tests.slack import acts, shapes
from tests.slack.records import Channel, Json, Message, User, UserGroup
from tests.slack.workspace import Workspace

SLACKBOT = "USLACKBOT"


def complete(workspace: Workspace, event: Json) -> Json:
    """Add to an event what Slack knows of the place: a broadcast reply shows its thread's root.

    https://docs.slack.dev/reference/events/message/thread_broadcast
    """
    if event.get("subtype") != "thread_broadcast" or "root" in event:
        return event
    root = workspace.message(event["channel"], event["thread_ts"])
    return {**event, "root": shapes.message(workspace, root)} if root else event


# Messages.


def say_me(workspace: Workspace, channel: Channel, user: User, text: str) -> Message:
    """Write what one does: /me yawns."""
    message = Message(workspace.new_ts(), channel.id, user.id, text, user.team_id)
    message.subtype = "me_message"
    return acts.post(workspace, channel, message)


def write_as_integration(workspace: Workspace, channel: Channel, name: str, text: str) -> Message:
    """Write as a classic integration: there is no user at all."""
    ts, team = workspace.new_ts(), workspace.team_id
    message = Message(ts, channel.id, "", text, team, subtype="bot_message", username=name)
    message.bot_id = workspace.new_id("B")
    return acts.post(workspace, channel, message)


def write_as_app(workspace: Workspace, channel: Channel, user: User, text: str) -> Message:
    """Write as another app, whose bot is `user`: no subtype, but bot_id and bot_profile."""
    bot_id, app_id = user.bot_id or workspace.new_id("B"), workspace.new_id("A")
    message = Message(workspace.new_ts(), channel.id, user.id, text, user.team_id)
    message.bot_id, message.app_id = bot_id, app_id
    message.bot_profile = {
        **shapes.bot_profile(workspace),
        "id": bot_id,
        "app_id": app_id,
        "name": user.name,
    }
    return acts.post(workspace, channel, message)


def begin_huddle(workspace: Workspace, channel: Channel, user: User) -> Message:
    """Begin to talk: Slackbot writes so, without a word of text.

    Undocumented; as conversations.history has it.
    """
    message = Message(workspace.new_ts(), channel.id, SLACKBOT, "", workspace.team_id)
    message.subtype = "huddle_thread"
    room: Json = {
        "id": workspace.new_id("R"),
        "name": "",
        "created_by": user.id,
        "date_start": workspace.seconds(),
        "date_end": 0,
        "participants": [user.id],
        "participant_history": [user.id],
        "channels": [channel.id],
        "has_ended": False,
        "call_family": "huddle",
    }
    message.more = {"room": room, "no_notifications": False, "permalink": "", "channel": channel.id}
    return acts.post(workspace, channel, message)


def tell_replied(workspace: Workspace, channel: Channel, root: Message) -> None:
    """Tell that a thread has a reply, without the subtype.

    "This event is missing the subtype field when dispatched over the Events API", says its page.
    """
    told = shapes.message(workspace, root)
    replies = workspace.replies(channel, root.ts)
    told["replies"] = [{"user": reply.user, "ts": reply.ts} for reply in replies]
    ts = workspace.new_ts()
    event: Json = {"type": "message", "message": told, "hidden": True, "channel": channel.id}
    workspace.tell({**event, "event_ts": ts, "ts": ts, "channel_type": channel.kind}, channel)


def note_archived(workspace: Workspace, channel: Channel, user: User) -> Message:
    """Write into a channel that it was archived, as Slack does beside the event."""
    return acts.note(workspace, channel, user.id, "channel_archive", "archived the channel")


def set_purpose(workspace: Workspace, channel: Channel, user: User, purpose: str) -> Message:
    """Say what a channel is for."""
    channel.purpose = {"value": purpose, "creator": user.id, "last_set": workspace.seconds()}
    message = Message(workspace.new_ts(), channel.id, user.id, "", workspace.team_id)
    message.subtype, message.more = "channel_purpose", {"purpose": purpose}
    message.text = f"set the channel description: {purpose}"
    return acts.post(workspace, channel, message)


# Channels, people, groups.


def delete_channel(workspace: Workspace, channel: Channel, user: User) -> None:
    """Delete a channel."""
    del workspace.channels[channel.id]
    kind = "channel_deleted" if channel.kind == "channel" else "group_deleted"
    _tell(workspace, kind, channel=channel.id, actor_id=user.id)


def open_direct(workspace: Workspace, user: User) -> Channel:
    """Open the conversation of someone and the bot."""
    channel = workspace.direct(workspace.bot_user, user.id)
    _tell(workspace, "im_created", user=user.id, channel=shapes.channel(workspace, channel))
    return channel


def join_team(workspace: Workspace, name: str) -> User:
    """Let somebody new into the workspace."""
    user = workspace.add_user(name)
    told = user.as_json(home=workspace.team_id)
    _tell(workspace, "team_join", user=told, cache_ts=workspace.seconds())
    return user


def tell_profile(workspace: Workspace, user: User) -> None:
    """Tell of a changed profile as the newer of two events does."""
    told = user.as_json(home=workspace.team_id)
    _tell(workspace, "user_profile_changed", user=told, cache_ts=workspace.seconds())


def tell_group(workspace: Workspace, group: UserGroup) -> None:
    """Tell of a changed group of people, with everyone in it."""
    told = shapes.group(workspace, group, users=True, count=True)
    _tell(workspace, "subteam_updated", subteam=told)


# The app itself.


def revoke_tokens(workspace: Workspace) -> None:
    """Take the bot's tokens back."""
    for token in workspace.tokens.values():
        token.is_revoked = token.is_revoked or token.kind == "bot"
    _tell(workspace, "tokens_revoked", tokens={"oauth": [], "bot": [workspace.bot_user]})


def uninstall(workspace: Workspace) -> None:
    """Remove the app from the workspace; its tokens go with it."""
    revoke_tokens(workspace)
    _tell(workspace, "app_uninstalled")


def _tell(workspace: Workspace, kind: str, **fields: Any) -> None:
    workspace.tell({"type": kind, **fields, "event_ts": workspace.event_ts()})
