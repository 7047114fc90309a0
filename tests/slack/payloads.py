"""What Slack tells an app when somebody uses it: commands, buttons, shortcuts, forms."""

from __future__ import annotations

from tests.slack.envelopes import VERIFICATION_TOKEN
from tests.slack.records import Channel, Json, User, View
from tests.slack.workspace import Workspace

NOT_ENTERPRISE: Json = {"is_enterprise_install": False, "enterprise": None}
# What a slash command calls a place without a public name.
NAMELESS = {"im": "directmessage", "mpim": "privategroup", "group": "privategroup"}
# What each element is called where it stands chosen.
CHOSEN = {
    "static_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
}


def team(workspace: Workspace) -> Json:
    """Name the workspace."""
    return {"id": workspace.team_id, "domain": workspace.team_domain}


def actor(user: User) -> Json:
    """Name who did it."""
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}


def place(channel: Channel) -> Json:
    """Name where it was done."""
    return {"id": channel.id, "name": channel.name or NAMELESS.get(channel.kind, "")}


def slash_command(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str, rights: Json
) -> Json:
    """Tell of a command; `rights` are the trigger_id and the response_url.

    https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling
    """
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": channel.id,
        "channel_name": NAMELESS.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        **rights,
    }


def action(element: Json, block_id: str, chosen: object, action_ts: str) -> Json:
    """Tell what was pressed or chosen.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    kind = element["type"]
    told: Json = {"action_id": element["action_id"], "block_id": block_id, "type": kind}
    if kind == "button":
        told |= {name: element[name] for name in ("text", "value", "style") if name in element}
    else:
        told[CHOSEN[kind]] = chosen
    if "placeholder" in element:
        told["placeholder"] = element["placeholder"]
    return told | {"action_ts": action_ts}


def block_actions(workspace: Workspace, user: User, actions: list[Json], trigger: str) -> Json:
    """Tell of a button or a choice; where it stands is added by the next two.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    return {
        "type": "block_actions",
        "user": actor(user),
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger,
        "team": team(workspace),
        **NOT_ENTERPRISE,
        "actions": actions,
    }


def in_message(
    channel: Channel, message: Json, response_url: str, values: Json, *, ephemeral: bool = False
) -> Json:
    """Say in which message; of an ephemeral one Slack tells only where it was.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    told: Json = {
        "container": container,
        "channel": place(channel),
        "state": {"values": values},
        "response_url": response_url,
    }
    return told if ephemeral else told | {"message": message}


def in_view(view: Json) -> Json:
    """Say in which modal or home page; there is no channel and no response_url."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def shortcut(workspace: Workspace, user: User, callback_id: str, trigger: str) -> Json:
    """Tell of a global shortcut: no channel, no message, no response_url.

    https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
    """
    return {
        "type": "shortcut",
        "token": VERIFICATION_TOKEN,
        "action_ts": workspace.new_ts(),
        "team": team(workspace),
        "user": {"id": user.id, "username": user.name, "team_id": user.team_id},
        **NOT_ENTERPRISE,
        "callback_id": callback_id,
        "trigger_id": trigger,
    }


def message_action(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Json,
    callback_id: str,
    rights: Json,
) -> Json:
    """Tell of a shortcut on a message; `rights` are the trigger_id and the response_url.

    https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
    """
    return {
        "type": "message_action",
        "token": VERIFICATION_TOKEN,
        "action_ts": workspace.new_ts(),
        "team": team(workspace),
        "user": actor(user),
        "channel": place(channel),
        **NOT_ENTERPRISE,
        "callback_id": callback_id,
        "message_ts": message["ts"],
        "message": message,
        **rights,
    }


def view_object(workspace: Workspace, view: View, values: Json | None = None) -> Json:
    """Return a modal or home page as Slack tells it: https://docs.slack.dev/reference/views."""
    given = view.view
    told: Json = {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": given["type"],
        "blocks": given["blocks"],
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "state": {"values": values or {}},
        "hash": view.hash,
        "title": given.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": given.get("clear_on_close", False),
        "notify_on_close": given.get("notify_on_close", False),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": view.previous_id or None,
        "root_view_id": view.root_id,
        "app_id": workspace.app_id,
        "external_id": given.get("external_id", ""),
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }
    return told


def view_submission(workspace: Workspace, user: User, view: Json, trigger: str) -> Json:
    """Tell of a form that was sent.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_submission
    """
    return {
        "type": "view_submission",
        "team": team(workspace),
        "user": actor(user),
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger,
        "view": view,
        "response_urls": [],
        **NOT_ENTERPRISE,
    }


def view_closed(workspace: Workspace, user: User, view: Json, *, is_cleared: bool) -> Json:
    """Tell of a form that was left; only those with notify_on_close.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload#view_closed
    """
    return {
        "type": "view_closed",
        "team": team(workspace),
        "user": actor(user),
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "view": view,
        "is_cleared": is_cleared,
        **NOT_ENTERPRISE,
    }
