"""The app as Slack is to make it: https://docs.slack.dev/reference/app-manifest."""

from __future__ import annotations

from bot.router import Commands, Shortcut
from bot.transports.slack.limits import shortened
from bot.transports.slack.scopes import EVENTS, REASONS
from bot.transports.slack.settings import SlackSettings

Part = dict[str, object]

# https://docs.slack.dev/reference/app-manifest
_NAME = 35  # characters
_DESCRIPTION = 150

ABOUT = "Answers IT questions, keeps tickets and announces maintenance"


def manifest(settings: SlackSettings, name: str, commands: Commands, url: str) -> Part:
    """Return the manifest of the app that these settings are for.

    Args:
        settings: the bot's part of the configuration; its secrets do not matter.
        name: of the app and its bot.
        commands: what people can have done.
        url: where Slack reaches the web server in http mode, such as https://desk.example.org.
    """
    where = {} if settings.mode == "socket" else {"request_url": _endpoint(settings, url)}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {"name": shortened(name, _NAME), "description": ABOUT},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [_shortcut(each, commands) for each in commands.shortcuts()],
            "slash_commands": _slash_commands(settings, url),
        },
        "oauth_config": {"scopes": {"bot": sorted(REASONS)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": False,
            "socket_mode_enabled": settings.mode == "socket",
            "token_rotation_enabled": settings.refresh_token is not None,
        },
    }


def _endpoint(settings: SlackSettings, url: str) -> str:
    return f"{url.rstrip('/')}{settings.path}"


def _shortcut(shortcut: Shortcut, commands: Commands) -> Part:
    does = commands.match(shortcut.line).command.summary
    return {
        "name": shortcut.label,
        "type": "message" if shortcut.on_message else "global",
        "callback_id": shortcut.line,
        "description": shortened(does, _DESCRIPTION),
    }


def _slash_commands(settings: SlackSettings, url: str) -> list[Part]:
    where = {} if settings.mode == "socket" else {"url": _endpoint(settings, url)}
    told = dict.fromkeys(settings.commands, ("Any command of the desk", "help"))
    for alias in settings.aliases:
        first = alias.removeprefix("/")
        told.setdefault(alias, (f"What begins with “{first}”", "the rest of the command"))
    # Escaped, mentions come as ids, which nobody can spoof and which names do not change.
    return [
        {
            "command": command,
            **where,
            "description": description,
            "usage_hint": hint,
            "should_escape": True,
        }
        for command, (description, hint) in told.items()
    ]
