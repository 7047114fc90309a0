"""Every scope of the app is needed: without it Slack refuses where the table says it would."""

from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from bot.transports.slack.scopes import EVENTS, FEATURES, METHODS, REASONS
from tests.slack.app import Json, SocketApp
from tests.slack.manifest import check
from tests.slack.server import SlackDouble
from tests.unit.slack.test_manifest import made

CALLS = [(method, scope) for method, scopes in METHODS.items() for scope in scopes]
USES = [
    (use, scope) for table in (EVENTS, FEATURES) for use, all_ in table.items() for scope in all_
]
KINDS = {
    "channels": "public_channel",
    "groups": "private_channel",
    "im": "im",
    "mpim": "mpim",
}


@pytest.fixture
async def app() -> AsyncIterator[SocketApp]:
    """An app with every scope, which limits do not stop."""
    async with (
        SlackDouble(SystemClock(), limited=False, scopes=list(REASONS)) as slack,
        SocketApp(slack) as app,
    ):
        yield app


async def called(app: SocketApp, method: str, scope: str) -> Json:
    """Call a method about the kind of conversation a scope is for."""
    workspace = app.slack.workspace
    alice, bea = app.slack.person("alice").id, app.slack.person("bea").id
    kind = scope.partition(":")[0]
    rooms = {
        "groups": lambda: workspace.add_channel("staff", [alice], private=True),
        "im": lambda: workspace.direct(workspace.bot_user, alice),
        "mpim": lambda: workspace.direct(workspace.bot_user, alice, bea),
    }
    room = rooms.get(kind, lambda: workspace.add_channel("support", [alice]))()
    ts = app.slack.person("alice").write(room.id, "My screen is black")
    arguments = {"channel": room.id, "ts": ts, "types": KINDS.get(kind), "users": alice}
    more = {"user": alice, "topic": "All is well", "timestamp": ts, "text": "Hello", "name": "eyes"}
    return await app.call(method, **arguments, **more)


@pytest.mark.parametrize(("method", "scope"), CALLS)
async def test_a_method_is_refused_without_its_scope(
    app: SocketApp, method: str, scope: str
) -> None:
    assert (await called(app, method, scope)).get("error") != "missing_scope"
    app.slack.workspace.tokens[app.slack.bot_token].scopes.remove(scope)
    answer = await called(app, method, scope)
    assert answer["error"] == "missing_scope"
    assert app.slack.refusals[-1][:2] == (method, "missing_scope")


@pytest.mark.parametrize(("use", "scope"), USES)
def test_a_manifest_is_refused_without_the_scope_of_what_it_asks_for(use: str, scope: str) -> None:
    manifest = made()
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    # Of some events either scope is enough, each for its kind of channel.
    scopes[:] = [each for each in scopes if each not in {**EVENTS, **FEATURES}[use]]
    assert f"missing_scope: {use} need" in "; ".join(check(manifest))
    assert scope not in scopes


def test_each_scope_is_tried() -> None:
    assert {scope for _, scope in (*CALLS, *USES)} == set(REASONS)
