"""Whether Slack would make an app of a manifest, and what such an app is told.

https://docs.slack.dev/reference/app-manifest, and where that page is silent the schema of
https://github.com/slackapi/manifest-schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

Json = Mapping[str, Any]

SECTIONS = {
    "": "_metadata display_information features oauth_config settings",
    "_metadata": "major_version minor_version",
    "display_information": "name description long_description background_color",
    "features": "app_home bot_user shortcuts slash_commands unfurl_domains",
    "features.app_home": "home_tab_enabled messages_tab_enabled messages_tab_read_only_enabled",
    "features.bot_user": "display_name always_online",
    "oauth_config": "redirect_urls scopes",
    "oauth_config.scopes": "bot user",
    "settings": "allowed_ip_address_ranges event_subscriptions interactivity org_deploy_enabled "
    "socket_mode_enabled token_rotation_enabled",
    "settings.event_subscriptions": "request_url bot_events user_events",
    "settings.interactivity": "is_enabled request_url message_menu_options_url",
}
SHORTCUT = {"name": 24, "type": 10, "callback_id": 255, "description": 150}
COMMAND = {"command": 32, "description": 2000, "usage_hint": 1000, "url": 3000}
MOST = {"shortcuts": 10, "slash_commands": 50}
MOST_EVENTS, LONGEST_EVENT = 100, 50
MOST_SCOPES, LONGEST_SCOPE = 255, 50
COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")

# Each event's page names the scopes of which one is needed: docs.slack.dev/reference/events
EITHER = "channels:read groups:read"
NEEDS = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": EITHER,
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "file_shared": "files:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "im_created": "im:read",
    "member_joined_channel": EITHER,
    "member_left_channel": EITHER,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "team_join": "users:read",
    "tokens_revoked": "",
    "user_change": "users:read",
    "user_profile_changed": "users:read",
}
MESSAGES = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


def install(double: SlackDouble, manifest: Json) -> None:
    """Let the app be what a manifest says: its scopes, its events, its gestures.

    Raises:
        ValueError: Slack would refuse the manifest.
    """
    if wrong := check(manifest):
        raise ValueError("; ".join(wrong))
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    double.workspace.tokens[double.bot_token].scopes = scopes
    double.manifest = manifest


def is_told(manifest: Json | None, event: Json) -> bool:
    """Whether the app subscribed to such an event, and may see it; any, without a manifest."""
    if manifest is None:
        return True
    kind = str(event.get("type", ""))
    name = MESSAGES[str(event["channel_type"])] if kind == "message" else kind
    return name in manifest["settings"]["event_subscriptions"]["bot_events"]


def check(manifest: Json) -> list[str]:
    """Return what Slack would not take, a sentence each."""
    return [
        *_unknown_keys(manifest),
        *_names(manifest),
        *_shortcuts(_at(manifest, "features.shortcuts") or []),
        *_commands(manifest),
        *_scopes(manifest),
        *_events(manifest),
        *_modes(manifest),
    ]


def _at(manifest: Json, path: str) -> Any:
    found: Any = manifest
    for key in path.split(".") if path else ():
        found = found.get(key, {}) if isinstance(found, Mapping) else {}
    return found


def _unknown_keys(manifest: Json) -> Iterator[str]:
    for path, known in SECTIONS.items():
        for key in set(_at(manifest, path)) - set(known.split()):
            yield f"{path or 'the manifest'} has no key {key}"


def _text(path: str, value: Any, most: int, least: int = 1) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path} is no text"
    elif not least <= len(value) <= most:
        yield f"{path} has {len(value)} characters, not {least} to {most}"


def _names(manifest: Json) -> Iterator[str]:
    about = _at(manifest, "display_information")
    yield from _text("display_information.name", about.get("name"), 35)
    yield from _text("display_information.description", about.get("description", "-"), 140)
    long = about.get("long_description")
    if long is not None:
        yield from _text("display_information.long_description", long, 4000, 175)
    if not COLOUR.fullmatch(about.get("background_color", "#000")):
        yield "display_information.background_color is no colour"
    yield from _text("bot_user.display_name", _at(manifest, "features.bot_user.display_name"), 80)


def _entries(kind: str, entries: Iterable[Json], limits: Mapping[str, int]) -> Iterator[str]:
    found = list(entries)
    if len(found) > MOST[kind]:
        yield f"there are {len(found)} {kind}, more than {MOST[kind]}"
    for entry in found:
        for key, most in limits.items():
            if key in entry or key not in ("url", "usage_hint"):
                yield from _text(f"{kind}.{key}", entry.get(key), most)
        for key in entry.keys() - limits.keys() - {"should_escape"}:
            yield f"{kind} has no key {key}"


def _shortcuts(shortcuts: list[Json]) -> Iterator[str]:
    yield from _entries("shortcuts", shortcuts, SHORTCUT)
    for each in shortcuts:
        if each.get("type") not in ("global", "message"):
            yield f"a shortcut is of type {each.get('type')}"
    ids = [(each.get("type"), each.get("callback_id")) for each in shortcuts]
    for double in {each for each in ids if ids.count(each) > 1}:
        yield f"two shortcuts have the callback_id {double[1]}"


def _commands(manifest: Json) -> Iterator[str]:
    commands = _at(manifest, "features.slash_commands") or []
    yield from _entries("slash_commands", commands, COMMAND)
    names = [str(each.get("command")) for each in commands]
    for name in names:
        if not re.fullmatch(r"/[a-z0-9_-]+", name):
            yield f"{name} is no command"
        if names.count(name) > 1:
            yield f"{name} is there twice"


def _scopes(manifest: Json) -> Iterator[str]:
    scopes = _at(manifest, "oauth_config.scopes").get("bot", [])
    if len(scopes) > MOST_SCOPES or len(set(scopes)) < len(scopes):
        yield "there are too many scopes, or one twice"
    for scope in scopes:
        yield from _text("a scope", scope, LONGEST_SCOPE)
    features = _at(manifest, "features")
    for feature in ("slash_commands", "shortcuts"):
        if features.get(feature) and "commands" not in scopes:
            yield f"missing_scope: {feature} need commands"


def _events(manifest: Json) -> Iterator[str]:
    """Go through the subscriptions; Slack adds no scope to a manifest by itself."""
    events = _at(manifest, "settings.event_subscriptions").get("bot_events", [])
    scopes = set(_at(manifest, "oauth_config.scopes").get("bot", []))
    if len(events) > MOST_EVENTS or len(set(events)) < len(events):
        yield "there are too many events, or one twice"
    for event in events:
        yield from _text("an event", event, LONGEST_EVENT)
        needed = NEEDS.get(event)
        if needed is None:
            yield f"there is no event {event}"
        elif needed and not scopes.intersection(needed.split()):
            yield f"missing_scope: {event} needs {needed.replace(' ', ' or ')}"


def _modes(manifest: Json) -> Iterator[str]:
    """Go through the addresses, without which there must be Socket Mode."""
    settings = _at(manifest, "settings")
    addresses = [
        _at(manifest, "settings.event_subscriptions").get("request_url"),
        _at(manifest, "settings.interactivity").get("request_url"),
        *(each.get("url") for each in _at(manifest, "features.slash_commands") or []),
    ]
    if not settings.get("socket_mode_enabled") and None in addresses:
        yield "without Socket Mode each of events, interactivity and commands needs an address"
    for address in addresses:
        if address is not None and not address.startswith("https://"):
            yield f"{address} is no https address"
    if not _at(manifest, "settings.interactivity").get("is_enabled"):
        yield "interactivity is off: buttons and shortcuts would do nothing"
