"""A Slack with somebody in a room of the bot's, Slack's own client, and the least an app can be."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.app import Line, SocketApp
from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.samples import actions, button, section, select
from tests.slack.server import SlackDouble


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 9, tzinfo=UTC))


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[SlackDouble]:
    async with SlackDouble(clock) as double:
        yield double


@pytest.fixture
def client(slack: SlackDouble) -> AsyncWebClient:
    """The app's client, which tries nothing twice by itself."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def alice(slack: SlackDouble) -> PersonThere:
    return slack.person("alice")


@pytest.fixture
def room(slack: SlackDouble, alice: PersonThere) -> Channel:
    """A room called #it, with Alice and the bot."""
    return slack.workspace.add_channel("it", [alice.id])


@pytest.fixture
async def app(slack: SlackDouble) -> AsyncIterator[SocketApp]:
    async with SocketApp(slack) as app:
        yield app


@pytest.fixture
async def line(app: SocketApp) -> Line:
    return await app.line()


@pytest.fixture
async def card(app: SocketApp, room: Channel) -> str:
    """The ts of a message with a button and a menu."""
    blocks = [
        section(text={"type": "mrkdwn", "text": "#42"}),
        actions(button(action_id="claim", value="42"), select(action_id="prio")),
    ]
    posted = await app.call("chat.postMessage", channel=room.id, text="#42", blocks=blocks)
    return str(posted["ts"])
