"""The methods conversations.* but for what was said there: which there are, who is in them.

https://docs.slack.dev/reference/methods/conversations.info and its neighbours.
"""

from __future__ import annotations

from tests.slack import acts, shapes
from tests.slack.calls import Call, Refusal, method, paged
from tests.slack.records import Channel, Json

READS = "channels:read groups:read im:read mpim:read"
TYPES = {"public_channel": "channel", "private_channel": "group", "mpim": "mpim", "im": "im"}
DEFAULT, MOST = 100, 999
LONGEST_TOPIC = 250
MOST_USERS = 8
TOPIC_SCOPES = {
    "channel": ("channels:manage", "channels:write.topic"),
    "group": ("groups:write", "groups:write.topic"),
    "mpim": ("mpim:write", "mpim:write.topic"),
}


@method("conversations.info", tier=3, scopes=READS)
def info(call: Call) -> Json:
    """Return a channel."""
    channel = call.channel("read")
    count = call.flag("include_num_members")
    return {"channel": shapes.channel(call.workspace, channel, count=count)}


@method("conversations.list", tier=2, scopes=READS)
def list_all(call: Call) -> Json:
    """Return the channels the app may know of."""
    found = [c for c in call.workspace.channels.values() if call.is_visible(c)]
    return _listed(call, found)


@method("users.conversations", tier=3, scopes=READS)
def of_user(call: Call) -> Json:
    """Return the channels somebody is in: the bot, or another, as far as the bot knows of them."""
    user = call.user().id if call.text("user") else call.workspace.bot_user
    everything = call.workspace.channels.values()
    return _listed(call, [c for c in everything if user in c.members and call.is_visible(c)])


def _listed(call: Call, channels: list[Channel]) -> Json:
    kinds = _kinds(call)
    wanted = [channel for channel in channels if channel.kind in kinds]
    if call.flag("exclude_archived"):
        wanted = [channel for channel in wanted if not channel.is_archived]
    found = sorted(wanted, key=_id)
    page, cursor = call.page(found, _id, call.limit(DEFAULT, MOST))
    told = [shapes.channel(call.workspace, channel, listed=True) for channel in page]
    return paged({"channels": told}, cursor)


def _kinds(call: Call) -> list[str]:
    names = (call.text("types") or "public_channel").split(",")
    if any(name.strip() not in TYPES for name in names):
        raise Refusal("invalid_types")
    kinds = [TYPES[name.strip()] for name in names]
    for kind in kinds:
        call.need({"channel": "channels:read", "group": "groups:read"}.get(kind, f"{kind}:read"))
    return kinds


def _id(channel: Channel) -> str:
    return channel.id


@method("conversations.members", tier=4, scopes=READS)
def members(call: Call) -> Json:
    """Return the ids of those in a channel."""
    channel = call.channel("read")
    page, cursor = call.page(sorted(channel.members), str, call.limit(DEFAULT, MOST))
    return paged({"members": page}, cursor)


@method("conversations.open", tier=3, scopes="im:write mpim:write channels:manage groups:write")
def open_direct(call: Call) -> Json:
    """Open a conversation with people."""
    workspace = call.workspace
    if call.text("channel"):
        channel = call.channel()
        if not channel.is_direct:
            raise Refusal("method_not_supported_for_channel_type")
        return _opened(call, channel, is_new=False)
    users = [user.strip() for user in call.text("users").split(",") if user.strip()]
    _check_users(call, users)
    known = set(workspace.channels)
    channel = workspace.direct(workspace.bot_user, *users)
    return _opened(call, channel, is_new=channel.id not in known)


def _check_users(call: Call, users: list[str]) -> None:
    if not users:
        raise Refusal("users_list_not_supplied")
    if len(users) > MOST_USERS:
        raise Refusal("too_many_users")
    if any(user not in call.workspace.users for user in users):
        raise Refusal("user_not_found")
    if any(call.workspace.users[user].deleted for user in users):
        raise Refusal("user_disabled")
    if users == [call.workspace.bot_user]:
        raise Refusal("not_enough_users")
    call.need("im:write" if len(users) == 1 else "mpim:write")


def _opened(call: Call, channel: Channel, *, is_new: bool) -> Json:
    answer: Json = {"channel": {"id": channel.id}}
    if call.flag("return_im"):
        answer["channel"] = shapes.channel(call.workspace, channel)
    return answer if is_new else {"no_op": True, "already_open": True, **answer}


@method("conversations.join", tier=3, scopes="channels:join")
def join(call: Call) -> Json:
    """Join a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refusal("is_archived")
    if call.is_member(channel):
        told = shapes.channel(call.workspace, channel)
        metadata = {"warnings": ["already_in_channel"]}
        return {"channel": told, "warning": "already_in_channel", "response_metadata": metadata}
    acts.join(call.workspace, channel, call.workspace.bot_user)
    return {"channel": shapes.channel(call.workspace, channel)}


@method(
    "conversations.setTopic",
    tier=2,
    scopes=" ".join(scope for kind in TOPIC_SCOPES.values() for scope in kind),
)
def set_topic(call: Call) -> Json:
    """Say what a channel is about."""
    topic = call.required("topic")
    channel = call.channel()
    if channel.kind == "im":
        raise Refusal("method_not_supported_for_channel_type")
    call.need(*TOPIC_SCOPES[channel.kind])
    if channel.is_archived:
        raise Refusal("is_archived")
    if not call.is_member(channel):
        raise Refusal("not_in_channel")
    if len(topic) > LONGEST_TOPIC:
        raise Refusal("too_long")
    acts.set_topic(call.workspace, channel, call.workspace.bot_user, topic)
    return {"channel": shapes.channel(call.workspace, channel)}
