"""Which fields Slack's events and payloads have, written down page by page.

`must` are the fields of the example on the page. `may` are those that only its other public
examples show, both recorded from Slack: the templates of
https://github.com/slackapi/java-slack-sdk/tree/main/json-logs and the scenarios of
https://github.com/slackapi/bolt-python/tree/main/tests/scenario_tests. A field in neither was
made up.
"""

from __future__ import annotations

from dataclasses import dataclass

EVENTS = "https://docs.slack.dev/reference/events/"
PAYLOADS = "https://docs.slack.dev/reference/interaction-payloads/"


@dataclass(frozen=True)
class Page:
    """The fields of what a page documents."""

    url: str
    must: frozenset[str]
    may: frozenset[str] = frozenset()

    def problems(self, told: object) -> list[str]:
        """Return what is missing and what was made up."""
        assert isinstance(told, dict)
        missing = [f"missing: {name}" for name in sorted(self.must - told.keys())]
        return missing + [f"unknown: {name}" for name in sorted(told.keys() - self.must - self.may)]


def page(name: str, must: str, may: str = "", *, base: str = EVENTS) -> Page:
    """Write a page down; fields are separated by spaces."""
    return Page(base + name, frozenset(must.split()), frozenset(may.split()))


# Every message that somebody wrote, of whichever subtype.
WRITTEN = (
    "event_ts channel_type team client_msg_id blocks attachments thread_ts parent_user_id "
    "files upload display_as_bot bot_id app_id bot_profile user_team source_team "
    "reply_count reply_users_count latest_reply reply_users is_locked subscribed edited "
)

MESSAGES: dict[str, Page] = {
    "": page("message", "type channel user text ts", WRITTEN),
    "message_changed": page(
        "message/message_changed",
        "type subtype hidden channel ts message",
        "previous_message event_ts channel_type",
    ),
    "message_deleted": page(
        "message/message_deleted",
        "type subtype hidden channel ts deleted_ts",
        "previous_message event_ts channel_type",
    ),
    "thread_broadcast": page(
        "message/thread_broadcast",
        "type subtype text user ts thread_ts root blocks client_msg_id channel event_ts "
        "channel_type",
        WRITTEN,
    ),
    "file_share": page(
        "message/file_share", "type subtype text ts user files upload channel", WRITTEN
    ),
    "bot_message": page(
        "message/bot_message", "type subtype ts text bot_id username channel", f"{WRITTEN} icons"
    ),
    "me_message": page("message/me_message", "type subtype channel user text ts", WRITTEN),
    "channel_join": page(
        "message/channel_join", "type subtype ts user text channel", f"{WRITTEN} inviter"
    ),
    "channel_leave": page("message/channel_leave", "type subtype ts user text channel", WRITTEN),
    "channel_topic": page(
        "message/channel_topic", "type subtype ts user topic text channel", WRITTEN
    ),
    "channel_purpose": page(
        "message/channel_purpose", "type subtype ts user purpose text channel", WRITTEN
    ),
    "channel_name": page(
        "message/channel_name", "type subtype ts user old_name name text channel", WRITTEN
    ),
    "channel_archive": page(
        "message/channel_archive", "type subtype ts text user channel", f"{WRITTEN} members"
    ),
    # No page; as https://docs.slack.dev/reference/methods/conversations.history shows it.
    "huddle_thread": page(
        "message", "type subtype ts user text room channel", f"{WRITTEN} permalink no_notifications"
    ),
}
# The page: "missing the subtype field when dispatched over the Events API".
REPLIED = page(
    "message/message_replied", "type message hidden channel event_ts ts", "subtype channel_type"
)

OTHERS: dict[str, Page] = {
    "app_mention": page("app_mention", "type user text ts channel event_ts", WRITTEN),
    "reaction_added": page("reaction_added", "type user reaction item_user item event_ts"),
    "reaction_removed": page("reaction_removed", "type user reaction item_user item event_ts"),
    "pin_added": page("pin_added", "type user channel_id item event_ts", "item_user pin_count"),
    "member_joined_channel": page(
        "member_joined_channel", "type user channel channel_type team", "inviter event_ts"
    ),
    "member_left_channel": page(
        "member_left_channel", "type user channel channel_type team", "event_ts"
    ),
    "channel_left": page("channel_left", "type channel", "actor_id event_ts"),
    "channel_rename": page("channel_rename", "type channel", "event_ts"),
    "channel_archive": page("channel_archive", "type channel user", "is_moved event_ts"),
    "channel_unarchive": page("channel_unarchive", "type channel user", "event_ts"),
    "channel_deleted": page("channel_deleted", "type channel", "actor_id event_ts"),
    "user_change": page("user_change", "type user", "cache_ts event_ts"),
    "user_profile_changed": page("user_profile_changed", "type user cache_ts event_ts"),
    "team_join": page("team_join", "type user", "cache_ts event_ts"),
    "im_created": page("im_created", "type user channel", "event_ts"),
    "subteam_updated": page("subteam_updated", "type subteam", "event_ts"),
    "subteam_members_changed": page(
        "subteam_members_changed",
        "type subteam_id team_id date_previous_update date_update added_users added_users_count "
        "removed_users removed_users_count",
        "event_ts",
    ),
    "app_home_opened": page("app_home_opened", "type user channel event_ts tab", "view"),
    "file_shared": page("file_shared", "type channel_id file_id user_id file event_ts"),
    "tokens_revoked": page("tokens_revoked", "type tokens", "event_ts"),
    "app_uninstalled": page("app_uninstalled", "type", "event_ts"),
}

WRAPPER = page(
    "#callback-field",
    "token team_id api_app_id event type event_id event_time authorizations event_context "
    "is_ext_shared_channel",
    "context_team_id context_enterprise_id enterprise_id",
    base="https://docs.slack.dev/apis/events-api",
)
AUTHORIZATION = page(
    "#authorizations",
    "enterprise_id team_id user_id is_bot is_enterprise_install",
    base="https://docs.slack.dev/apis/events-api",
)
RATE_LIMITED = page("app_rate_limited", "token type team_id minute_rate_limited api_app_id")
VERIFICATION = page("url_verification", "token challenge type")

SOCKETS = "https://docs.slack.dev/apis/events-api/using-socket-mode"
HELLO = page("", "type connection_info num_connections debug_info", base=SOCKETS)
GOODBYE = page("", "type reason debug_info", "num_connections connection_info", base=SOCKETS)
ENVELOPE = page(
    "",
    "payload envelope_id type accepts_response_payload",
    "retry_attempt retry_reason",
    base=SOCKETS,
)

COMMAND = page(
    "implementing-slash-commands",
    "token team_id team_domain channel_id channel_name user_id user_name command text "
    "response_url trigger_id api_app_id",
    "enterprise_id enterprise_name is_enterprise_install",
    base="https://docs.slack.dev/interactivity/",
)
ACTED = "type team user api_app_id token trigger_id container actions"
IN_MESSAGE = page(
    "block_actions-payload",
    f"{ACTED} channel message response_url state",
    "enterprise is_enterprise_install",
    base=PAYLOADS,
)
IN_EPHEMERAL = page(
    "block_actions-payload",
    f"{ACTED} channel response_url",
    "enterprise is_enterprise_install state",
    base=PAYLOADS,
)
IN_VIEW = page(
    "block_actions-payload", f"{ACTED} view", "enterprise is_enterprise_install", base=PAYLOADS
)
BUTTON = page(
    "block_actions-payload",
    "action_id block_id text value type action_ts",
    "style placeholder",
    base=PAYLOADS,
)
SHORTCUT = page(
    "shortcuts-interaction-payload",
    "type token action_ts team user callback_id trigger_id",
    "enterprise is_enterprise_install",
    base=PAYLOADS,
)
MESSAGE_ACTION = page(
    "shortcuts-interaction-payload",
    "type token action_ts team user channel callback_id trigger_id response_url message message_ts",
    "enterprise is_enterprise_install",
    base=PAYLOADS,
)
SUBMISSION = page(
    "view-interactions-payload",
    "type team user view",
    "api_app_id token trigger_id response_urls enterprise is_enterprise_install",
    base=PAYLOADS,
)
CLOSED = page(
    "view-interactions-payload",
    "type team user api_app_id view is_cleared",
    "token enterprise is_enterprise_install",
    base=PAYLOADS,
)
VIEW = page(
    "view-interactions-payload",
    "id type title submit blocks private_metadata callback_id state hash",
    "team_id clear_on_close notify_on_close submit_disabled close previous_view_id root_view_id "
    "app_id external_id app_installed_team_id bot_id",
    base=PAYLOADS,
)
