from hypothesis import given, settings

from bot.content import Content, heading, items, paragraph, say
from bot.replies import Button, Form, Post
from bot.transports.slack.homes import home
from tests.slack.validation import check_size, check_view
from tests.unit.contents import any_content
from tests.unit.slack.test_posts import ALICE, HOSTILE, ROOM


def test_the_page_shows_content_and_buttons() -> None:
    form = Form("Open a ticket", "ticket open", ())
    view = home(Post((heading("Hello"), items(["one"])), (Button("Help", "help"),), form), ROOM)
    assert view["type"] == "home"
    assert [block["type"] for block in view["blocks"]] == ["header", "rich_text", "actions"]
    assert [each["action_id"] for each in view["blocks"][-1]["elements"]] == ["press:0", "form:1"]


@settings(max_examples=60, deadline=None)
@given(any_content(ALICE, HOSTILE))
def test_slack_takes_any_page(made: Content) -> None:
    assert check_view(home(Post((paragraph("Hello"), *made)), ROOM)) == []


def test_a_page_too_long_says_that_it_is_cut_and_keeps_its_buttons() -> None:
    for made in (say("short") * 300, say("word " * 20_000)):
        view = home(Post(made, (Button("Help", "help"),)), ROOM)
        assert (check_view(view), check_size(view["blocks"])) == ([], None)
        cut, actions = view["blocks"][-2:]
        assert "shortened" in cut["elements"][0]["elements"][0]["text"]
        assert actions["type"] == "actions"


def test_an_empty_page_is_none_that_slack_refuses() -> None:
    assert check_view(home(Post(()), ROOM)) == []
