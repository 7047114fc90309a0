"""What the app must be allowed in Slack, and why: for each scope what would not work without.

Which method and which event needs which scope stands on its own page of
https://docs.slack.dev/reference/methods and https://docs.slack.dev/reference/events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_PAGE = "https://docs.slack.dev/reference/"

# Each scope the app asks for, and what for, in the words of the README.
REASONS: Mapping[str, str] = {
    "app_mentions:read": "hear that somebody calls the bot by its name",
    "channels:history": "read what is said in public channels, and what was said meanwhile",
    "channels:read": "find public channels by name, and see who is in them",
    "channels:write.topic": "set the topic of a public channel",
    "chat:write": "answer",
    "commands": "offer slash commands and shortcuts",
    "files:write": "attach files to answers",
    "groups:history": "read what is said in private channels, and what was said meanwhile",
    "groups:read": "find the private channels the bot is in, and see who is in them",
    "groups:write.topic": "set the topic of a private channel",
    "im:history": "read what people write to the bot alone",
    "im:read": "find the conversations people have with the bot alone",
    "im:write": "write to one person alone",
    "mpim:history": "read what is said in group conversations somebody adds the bot to",
    "mpim:read": "find those group conversations",
    "pins:write": "pin and unpin messages of the bot",
    "reactions:read": "take an emoji on a message for a command, such as 🎫",
    "reactions:write": "put emoji on messages",
    "usergroups:read": "give the members of a user group their role",
    "users:read": "know people's names, time zones and workspaces",
}

# The methods that are called with the bot's token, and the scopes each needs here: which
# of them in one call depends on what kind of conversation it is about.
METHODS: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.info": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.members": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.setTopic": ("channels:write.topic", "groups:write.topic"),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "pins.add": ("pins:write",),
    "pins.remove": ("pins:write",),
    "reactions.add": ("reactions:write",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
}
# Those that are called with another token, or none.
OTHER_METHODS: Mapping[str, tuple[str, ...]] = {
    "apps.connections.open": ("connections:write",),
    "oauth.v2.access": (),
}

# What the app is to be told of, and the scopes without which Slack does not.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": ("channels:read", "groups:read"),
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "subteam_members_changed": ("usergroups:read",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
}

# Parts of the app itself: https://docs.slack.dev/interactivity/implementing-slash-commands and
# https://docs.slack.dev/interactivity/implementing-shortcuts
FEATURES: Mapping[str, tuple[str, ...]] = {
    "slash_commands": ("commands",),
    "shortcuts": ("commands",),
}


def page(use: str) -> str:
    """Return the documentation of a method or an event."""
    if use in EVENTS:
        return f"{_PAGE}events/{use}"
    return f"{_PAGE}methods/{use}"


def missing(granted: Iterable[str]) -> list[str]:
    """Return the scopes the app has not been given."""
    return sorted(REASONS.keys() - set(granted))
