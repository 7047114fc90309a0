"""The app's manifest: what Slack takes, and neither more nor less than the code uses."""

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import bot.transports.slack
from bot.compose import routers
from bot.router import Commands
from bot.transports.slack.manifest import manifest
from bot.transports.slack.reading import KINDS
from bot.transports.slack.scopes import EVENTS, FEATURES, METHODS, OTHER_METHODS, REASONS, page
from bot.transports.slack.settings import SlackSettings
from tests.slack import web_api  # declares the methods
from tests.slack.calls import METHODS as DOCUMENTED
from tests.slack.manifest import NEEDS, check

COMMANDS = Commands(routers())
SETTINGS = SlackSettings(
    bot_token=SecretStr("-"), app_token=SecretStr("-"), signing_secret=SecretStr("-")
)
HTTP = SETTINGS.model_copy(update={"mode": "http", "refresh_token": SecretStr("-")})
URL = "https://desk.example.org/"
SOURCE = Path(bot.transports.slack.__file__).parent
CALLED = re.compile(r'"([a-z]+(?:\.[a-zA-Z0-9]+)+)"')


def made(settings: SlackSettings = SETTINGS, name: str = "Deskside") -> dict[str, Any]:
    return manifest(settings, name, COMMANDS, URL)


def changed(path: str, value: object) -> Mapping[str, Any]:
    """Return the manifest with something else at a place in it."""
    found = deepcopy(made())
    *above, last = path.split(".")
    there: Any = found
    for key in above:
        there = there[int(key) if key.isdigit() else key]
    there[last] = value
    return found


@pytest.mark.parametrize("settings", [SETTINGS, HTTP], ids=["socket", "http"])
def test_slack_takes_the_manifest(settings: SlackSettings) -> None:
    assert check(made(settings)) == []


def test_a_long_name_is_shortened_where_slack_takes_less() -> None:
    told = made(name="A very long name of a desk, with comma")
    assert check(told) == []
    assert told["features"]["bot_user"]["display_name"].endswith("comma")


def test_in_socket_mode_slack_is_given_no_address() -> None:
    assert made()["settings"]["socket_mode_enabled"] is True
    assert "https://" not in str(made())


def test_in_http_mode_slack_is_told_where_to_send() -> None:
    told = made(HTTP)
    assert told["settings"]["socket_mode_enabled"] is False
    assert str(told).count("'https://desk.example.org/slack/events'") == 4


def test_tokens_rotate_when_a_refresh_token_is_configured() -> None:
    assert made()["settings"]["token_rotation_enabled"] is False
    assert made(HTTP)["settings"]["token_rotation_enabled"] is True


def test_every_slash_command_of_the_configuration_is_offered_with_ids() -> None:
    settings = SETTINGS.model_copy(update={"commands": ("/it", "/help-it"), "aliases": ("/faq",)})
    commands = made(settings)["features"]["slash_commands"]
    assert [each["command"] for each in commands] == ["/it", "/help-it", "/faq"]
    assert all(each["should_escape"] for each in commands)


def test_every_shortcut_stands_for_its_command() -> None:
    told = made()["features"]["shortcuts"]
    assert [(each["type"], each["callback_id"]) for each in told] == [
        ("message" if each.on_message else "global", each.line) for each in COMMANDS.shortcuts()
    ]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("display_information.name", "x" * 36, "name has 36 characters"),
        ("display_information.description", "x" * 141, "description has 141 characters"),
        ("display_information.long_description", "x" * 174, "long_description has 174"),
        ("display_information.background_color", "red", "is no colour"),
        ("features.bot_user.display_name", "", "display_name has 0 characters"),
        ("features.bot_users", {}, "features has no key bot_users"),
        ("features.shortcuts.0.name", "x" * 25, "shortcuts.name has 25"),
        ("features.shortcuts.0.callback_id", "x" * 256, "callback_id has 256"),
        ("features.shortcuts.0.description", "x" * 151, "description has 151"),
        ("features.shortcuts.0.type", "command", "a shortcut is of type command"),
        ("features.shortcuts.1.type", "global", "two shortcuts have the callback_id"),
        ("features.shortcuts", made()["features"]["shortcuts"] * 6, "more than 10"),
        ("features.slash_commands.0.command", "desk", "desk is no command"),
        ("features.slash_commands.0.command", "/ticket", "/ticket is there twice"),
        ("features.slash_commands.0.should_unescape", True, "no key should_unescape"),
        ("oauth_config.scopes.bot", [], "missing_scope: slash_commands need commands"),
        ("settings.event_subscriptions.bot_events", ["message"], "there is no event message"),
        ("settings.event_subscriptions.bot_events", ["app_mention"] * 2, "one twice"),
        ("settings.event_subscriptions.bot_events", ["file_shared"], "file_shared needs files:"),
        ("settings.event_subscriptions.request_url", "http://x", "http://x is no https address"),
        ("settings.socket_mode_enabled", False, "without Socket Mode"),
        ("settings.interactivity.is_enabled", False, "interactivity is off"),
    ],
)
def test_the_tests_slack_refuses_what_slack_refuses(
    path: str, value: object, sentence: str
) -> None:
    assert sentence in "; ".join(check(changed(path, value)))


def test_the_app_is_told_of_what_the_bot_reads_and_of_nothing_else() -> None:
    subscribed = {event.partition(".")[0] for event in EVENTS}
    assert subscribed == set(KINDS)


def test_every_method_that_is_called_is_in_the_table_and_no_other() -> None:
    files = [file for file in SOURCE.glob("*.py") if file.name != "scopes.py"]
    called = {name for file in files for name in CALLED.findall(file.read_text("utf-8"))}
    assert called == METHODS.keys() | OTHER_METHODS.keys()


def test_every_scope_is_needed_and_has_a_reason() -> None:
    needed = {
        scope for table in (METHODS, EVENTS, FEATURES) for use in table.values() for scope in use
    }
    assert needed == REASONS.keys()


@pytest.mark.parametrize("method", sorted(METHODS.keys() | OTHER_METHODS.keys()))
def test_a_method_needs_the_scopes_its_page_names(method: str) -> None:
    ours = {**METHODS, **OTHER_METHODS}[method]
    theirs = DOCUMENTED[method].scopes
    assert web_api.MODULES
    assert set(ours) <= set(theirs)
    assert bool(ours) == bool(theirs)
    assert page(method) == f"https://docs.slack.dev/reference/methods/{method}"


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_needs_the_scopes_its_page_names(event: str) -> None:
    assert set(EVENTS[event]) <= set(NEEDS[event].split())
    assert bool(EVENTS[event]) == bool(NEEDS[event])
    assert page(event) == f"https://docs.slack.dev/reference/events/{event}"
