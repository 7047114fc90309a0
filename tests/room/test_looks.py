"""What handlers say, as it looks on each service: see tests/golden."""

import json
from collections.abc import Awaitable, Callable

import pytest

from bot.replies import Post, post_codec
from bot.transports.slack.homes import home
from tests.desk import Desk
from tests.golden import Album
from tests.service import BOT
from tests.slack.validation import check_blocks, check_view
from tests.unit.slack.looks import LOOK, look_of

LAPTOP = "!ticket open my laptop <b>will not</b> start & smells"
PLAN = '!maintenance plan "mail server upgrade" --at "saturday 22:00" --for 2h'


async def _tickets(desk: Desk, see: Callable[..., None]) -> None:
    await desk.says("alice", "!ticket open")
    see("ticket-form")
    await desk.says("alice", LAPTOP)
    see("ticket-opened")
    see("ticket-card-new", "staff")
    await desk.says("bea", "!ticket list", room="staff")
    see("ticket-list", "staff")
    await desk.presses("bea", "Claim", room="staff")
    see("ticket-card-claimed", "staff", oldest=True)
    see("ticket-claimed-told")
    await desk.says("bea", "!ticket claim 1", room="staff")
    see("ticket-refusal", "staff")
    await desk.says("bea", "!ticket resolve #1 a new battery", room="staff")
    see("ticket-card-solved", "staff", oldest=True)
    see("ticket-solved-told")


async def _answers(desk: Desk, see: Callable[..., None]) -> None:
    await desk.says("alice", "my vpn is down")
    see("answer")
    await desk.presses("alice", "Solved")
    see("answer-solved")
    await desk.says("alice", "what is the airspeed of a swallow", addressed=True)
    see("answer-none")
    await desk.says("alice", "!faq list")
    see("article-list")
    await desk.says("alice", "!faq show phishing")
    see("article")


async def _help(desk: Desk, see: Callable[..., None]) -> None:
    for name, line in (
        ("help", "!help"),
        ("help-topic", "!help ticket"),
        ("help-command", "!help ticket open"),
        ("unknown-command", "!tickt open x"),
        ("forbidden", "!announce free cake"),
    ):
        await desk.says("alice", line)
        see(name)


async def _notices(desk: Desk, see: Callable[..., None]) -> None:
    await desk.says("bea", "!announce The <new> printer is on floor 3", room="staff")
    see("announcement")
    see("announcement-told", "staff")
    await desk.says("bea", PLAN, room="staff")
    see("maintenance-planned")
    see("maintenance-planner", "staff")
    await desk.says("bea", "!maintenance list", room="staff")
    see("maintenance-list", "staff")
    await desk.advances(days=5, hours=13)
    see("maintenance-begun")
    await desk.advances(hours=2)
    see("maintenance-finished")


@pytest.mark.parametrize("chapter", [_tickets, _answers, _help, _notices])
async def test_slack_takes_what_handlers_say(
    desk: Desk, slack_album: Album, chapter: Callable[..., Awaitable[None]]
) -> None:
    def see(name: str, room: str = "support", *, oldest: bool = False) -> None:
        said = [shown.post for shown in desk.visible(room) if shown.who == BOT]
        post = _on_slack(said[0 if oldest else -1])
        look = look_of(post)
        assert [check_blocks(message["blocks"]) for message in look["messages"]] == [[]]
        assert check_view(home(post, LOOK)) == []
        if slack_album.renew:
            slack_album.keep(name, {"post": json.loads(post_codec.dump_json(post)), **look})

    await chapter(desk, see)


def _on_slack(post: Post) -> Post:
    """Return a post whose people are on Slack."""
    text = post_codec.dump_json(post).decode()
    text = text.replace(
        '"transport":"fake","workspace":"home"', '"transport":"slack","workspace":"T1"'
    )
    for name in ("alice", "bea"):
        text = text.replace(f'"user":"{name}"', f'"user":"U{name.upper()}"')
    return post_codec.validate_json(text)
