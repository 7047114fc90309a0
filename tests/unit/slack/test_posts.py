import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from slack_sdk.models import blocks as models

from bot.content import (
    Block,
    Code,
    Content,
    Emphasis,
    Link,
    Mention,
    Quote,
    Strong,
    Text,
    Time,
    Verbatim,
    fields,
    heading,
    items,
    paragraph,
    say,
    spans,
    spans_of,
)
from bot.events import Person
from bot.replies import Button, Form, Post
from bot.transports.slack.gestures import FORM, MORE, PRESS, is_press, line_of, opens_form
from bot.transports.slack.markup import Json, Look
from bot.transports.slack.posts import Saying, edit, render
from tests.slack.validation import check_blocks, check_size, check_text
from tests.unit.contents import any_content

ROOM = Look(ZoneInfo("Europe/Berlin"), "T1", direct=False)
ALICE = Person("slack", "T1", "U1")

HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<!subteam^S1|@it>",
    "<@U2>",
    "<#C1|general>",
    "<https://evil.example|https://good.example>",
    "<mailto:eve@evil.example|bea>",
    "<!date^1700000000^{date}^https://evil.example|today>",
    "&lt;!channel&gt;",
    "&amp;lt;!everyone&amp;gt;",
    "<<!channel>>",
    "```<!here>```",
    "*_~`>",
    "\n> quoted\n",
    ":tada:",
    "@channel @here @everyone",
    "\x00\x1b[31m\u202e",
    "https://evil.example",
]
# What of a message's text is live: https://docs.slack.dev/messaging/formatting-message-text
LIVE = re.compile(r"<([^<>]*)>")


def values(node: object, key: str) -> Iterator[Any]:
    """Go through every value of a name, however deep."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from values(value, key)
    elif isinstance(node, list):
        for each in node:
            yield from values(each, key)


def is_good(saying: Saying) -> bool:
    """Tell whether Slack takes a message."""
    assert check_blocks(saying.blocks) == []
    assert (check_size(saying.blocks), check_text(saying.text, edit=True)) == (None, None)
    for block in saying.blocks:
        known = models.Block.parse(block)
        assert known is not None
        known.validate_json()
    return True


def shown(sayings: list[Saying]) -> str:
    """Return what the blocks show, without what parts them."""
    return "".join(text for each in sayings for text in _shown(each.blocks))


def _shown(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _shown(each)
    elif isinstance(node, dict):
        text = node.get("text")
        if isinstance(text, str):
            yield text
        elif node.get("type") == "link":
            yield str(node["url"])
        for name in ("elements", "text"):
            yield from _shown(node.get(name)) if not isinstance(text, str) else ()


def only(post: Post, look: Look = ROOM) -> Saying:
    [saying] = render(post, look)
    assert is_good(saying)
    return saying


def rich(*parts: Any) -> list[Json]:
    """Return the elements of a paragraph."""
    [block] = only(Post((paragraph(*parts),))).blocks
    elements: list[Json] = block["elements"][0]["elements"]
    return elements


@settings(max_examples=100, deadline=None)
@given(any_content(ALICE, HOSTILE))
def test_only_what_is_meant_is_live_whatever_goes_in(made: Content) -> None:
    for saying in render(Post(made), ROOM):
        assert is_good(saying)
        for live in LIVE.findall(saying.text):
            assert live == "@U1" or re.fullmatch(
                r"!date\^\d+\^\{date_long_pretty\} \{time\}\|[^|]+", live
            )
        assert set(values(saying.blocks, "type")) <= {
            *("rich_text", "rich_text_section", "rich_text_list", "rich_text_quote", "header"),
            *("rich_text_preformatted", "text", "link", "user", "date", "plain_text"),
        }
        assert set(values(saying.blocks, "user_id")) <= {"U1"}
        for url in values(saying.blocks, "url"):
            assert url.lower().startswith(("http://", "https://", "mailto:"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_wrote_is_text_wherever_it_stands(hostile: str) -> None:
    other = Mention(Person("matrix", "x.org", "@eve:x.org"), hostile)
    inner = (Text(hostile), Strong(hostile), Emphasis(hostile), Verbatim(hostile), other)
    made = (
        heading(hostile),
        paragraph(*inner),
        items([inner, hostile]),
        Quote(inner),
        Code(hostile),
        fields([(hostile, inner)]),
        paragraph(Link(hostile, hostile)),
    )
    buttons = [Button(hostile, f"say {at}") for at in range(12)]
    for saying in render(Post(made, tuple(buttons), Form(hostile, "open", ())), ROOM):
        assert is_good(saying)
        assert LIVE.findall(saying.text) == []
        assert not {"mrkdwn", "user", "broadcast", "usergroup", "channel", "emoji"} & set(
            values(saying.blocks, "type")
        )
        assert set(values(saying.blocks, "emoji")) <= {False}
        assert set(values(saying.blocks, "url")) <= {"https://evil.example"}


def test_the_text_shows_what_people_wrote() -> None:
    assert only(Post(say("a <b> & c"))).text == "a &lt;b&gt; &amp; c"
    assert rich("a <b> & c") == [{"type": "text", "text": "a <b> & c"}]


def test_every_kind_of_content_has_its_form() -> None:
    made = (
        heading("Title"),
        paragraph("a\nb ", Strong("s"), Emphasis("e"), Verbatim("v")),
        items(["one", "two"], numbered=True),
        items(["x"]),
        Code("a = 1\n"),
        Quote(spans("said")),
        fields([("State", Link("open", "https://x.org")), ("By", "bea")]),
    )
    saying = only(Post(made))
    assert saying.text == (
        "Title\na\nb se`v`\n1. one\n2. two\n• x\na = 1\n“said”\n"
        "State: open (https://x.org)\nBy: bea"
    )
    kinds = [block["elements"][0]["type"] for block in saying.blocks[1:]]
    assert kinds == [
        *("rich_text_section", "rich_text_list", "rich_text_list"),
        *("rich_text_preformatted", "rich_text_quote", "rich_text_section"),
    ]
    assert saying.blocks[0]["text"] == {"type": "plain_text", "text": "Title", "emoji": False}


def test_a_field_s_name_stands_out() -> None:
    [block] = only(Post((fields([("State", "open"), ("By", "bea")]),))).blocks
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "State:", "style": {"bold": True}},
        {"type": "text", "text": " open\n"},
        {"type": "text", "text": "By:", "style": {"bold": True}},
        {"type": "text", "text": " bea"},
    ]


def test_a_heading_too_long_for_a_header_or_with_a_link_in_it_stands_out() -> None:
    for title in (heading("t" * 151), heading("t\nt"), heading(Link("t", "https://x.org"))):
        [block] = only(Post((title,))).blocks
        [element] = block["elements"][0]["elements"]
        assert element["style"] == {"bold": True}
    [block] = only(Post((heading("t" * 150),))).blocks
    assert block["type"] == "header"


def test_a_member_of_this_workspace_is_mentioned_and_notified() -> None:
    saying = only(Post((paragraph(Mention(ALICE, "Alice"), ": hi"),)))
    assert saying.text == "<@U1>: hi"
    assert rich(Mention(ALICE, "Alice")) == [{"type": "user", "user_id": "U1"}]


@pytest.mark.parametrize(
    "person",
    [
        Person("slack", "T2", "U1"),
        Person("matrix", "T1", "U1"),
        Person("slack", "T1", "U1> <!channel"),
        Person("slack", "T1", "B1"),
    ],
)
def test_whoever_cannot_be_mentioned_is_named(person: Person) -> None:
    assert rich(Mention(person, "A<b>")) == [{"type": "text", "text": "@A<b>"}]
    assert only(Post((paragraph(Mention(person, "A<b>")),))).text == "@A&lt;b&gt;"


def test_a_time_is_shown_in_the_reader_s_zone() -> None:
    at = Time(datetime(2026, 1, 5, 21, tzinfo=UTC))
    text = "Mon 5 Jan 2026 22:00 CET"
    form = "{date_long_pretty} {time}"
    assert rich(at) == [{"type": "date", "timestamp": 1767646800, "format": form, "fallback": text}]
    assert only(Post((paragraph(at),))).text == f"<!date^1767646800^{form}|{text}>"


def test_a_time_slack_may_not_know_is_text() -> None:
    at = Time(datetime(1920, 1, 5, 21, tzinfo=UTC))
    assert rich(at) == [{"type": "text", "text": "Mon 5 Jan 1920 22:00 CET"}]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://x.org/?a=1&b=2|3", True),
        ("mailto:a@x.org", True),
        ("javascript:alert(1)", False),
        ("slack://open", False),
        ("https://x.org/a b", False),
    ],
)
def test_only_web_and_mail_addresses_become_links(url: str, allowed: bool) -> None:
    [block] = render(Post((paragraph(Link("label", url)),)), ROOM)[0].blocks
    linked = {"type": "link", "url": url, "text": "label"}
    text = {"type": "text", "text": f"label ({url})"}
    assert block["elements"][0]["elements"] == [linked if allowed else text]


def test_buttons_carry_their_command() -> None:
    post = Post(say("x"), (Button("Claim", "ticket claim 42", "👀"), Button("Help", "help")))
    claim, helping = only(post).blocks[-1]["elements"]
    assert claim == {
        "type": "button",
        "action_id": "press:0",
        "text": {"type": "plain_text", "text": "👀 Claim", "emoji": False},
        "value": "ticket claim 42",
    }
    assert (is_press(helping), line_of(helping)) == (True, "help")


def test_a_form_has_a_button_that_tells_itself_apart() -> None:
    form = Form("Open a ticket", "ticket open", ())
    [first, *_, last] = only(Post(say("x"), (Button("Help", "help"),), form)).blocks[-1]["elements"]
    assert (opens_form(first), opens_form(last)) == (False, True)
    assert last["action_id"].startswith(FORM)
    assert (is_press(last), line_of(last)) == (False, "ticket open")


def pressable(sayings: list[Saying]) -> list[tuple[str, str]]:
    """Return label and command of all that can be pressed, in order."""
    found = []
    for saying in sayings:
        for block in saying.blocks:
            for element in block["elements"] if block["type"] == "actions" else ():
                assert element["action_id"].startswith((PRESS, MORE, FORM))
                for each in element.get("options", [element]):
                    found.append((each["text"]["text"], each["value"]))
    return found


@pytest.mark.parametrize("count", [1, 5, 6, 10, 11, 105, 200, 1000])
def test_all_buttons_can_be_reached_in_order(count: int) -> None:
    buttons = tuple(Button(f"Claim {n}", f"ticket claim {n}") for n in range(count))
    sayings = render(Post(say("x"), buttons), ROOM)
    assert all(map(is_good, sayings))
    assert pressable(sayings) == [(button.label, button.line) for button in buttons]
    shown = [e for e in sayings[0].blocks[1]["elements"] if e["type"] == "button"]
    assert len(shown) == min(count, 5)
    assert len(sayings) == 1 or count > 200


def test_a_few_further_buttons_are_under_more() -> None:
    post = Post(say("x"), tuple(Button(f"B{n}", f"b {n}") for n in range(8)))
    menu = only(post).blocks[-1]["elements"][-1]
    assert (menu["type"], menu["action_id"]) == ("overflow", "more:0")
    chosen = {"action_id": "more:0", "selected_option": menu["options"][1]}
    assert (is_press(chosen), line_of(chosen)) == (True, "b 6")


@pytest.mark.parametrize("length", [150, 151, 2000])
def test_a_long_command_has_a_button_wherever_it_stands(length: int) -> None:
    buttons = [Button(f"B{n}", f"{n} ".ljust(length, "x")) for n in range(7)]
    assert pressable(render(Post(say("x"), tuple(buttons)), ROOM)) == [
        (button.label, button.line) for button in buttons
    ]


def test_a_command_that_fits_no_button_is_shown_as_it_is_typed() -> None:
    line = "x" * 2001
    saying = only(Post(say("x"), (Button("Long", line), Button("Help", "help"))))
    assert saying.text == f"x\nLong: `!{line}`"
    assert pressable([saying]) == [("Help", "help")]


def test_the_same_command_twice_is_once_in_a_menu() -> None:
    buttons = tuple(Button(f"B{n}", f"b {n % 6}") for n in range(12))
    sayings = render(Post(say("x"), buttons), ROOM)
    assert pressable(sayings)[5:] == [(f"B{n}", f"b {n % 6}") for n in range(5, 11)]


def test_long_labels_are_cut() -> None:
    buttons = tuple(Button("👩‍🚒 " * 50, f"b {n}") for n in range(9))
    saying = only(Post(say("x"), buttons))
    for label, _ in pressable([saying]):
        assert label.endswith("👩‍🚒…")


def test_what_is_late_says_so() -> None:
    [saying] = render(Post(say("Now")), ROOM, late=True)
    assert saying.text == "(late)\nNow"


def test_a_post_without_words_names_its_buttons() -> None:
    assert only(Post((), (Button("A<", "a"), Button("B", "b")))).text == "A&lt;, B"
    assert render(Post(say(" \x00")), ROOM) == [Saying("…")]


LONG: dict[str, Block] = {
    "words": paragraph("word " * 12_000),
    "sentences": paragraph("One sentence of some words. " * 2_200),
    "lines": paragraph("\n".join("line " * 10 for _ in range(1_200))),
    "no border": paragraph("x" * 60_000),
    "emoji": paragraph("👩🏽‍🚒🇩🇪é👍🏿" * 6_000),
    "chinese": paragraph("密码重置后请重新登录。" * 5_500),
    "arabic": paragraph("أعد تشغيل الحاسوب ثم حاول مرة أخرى. " * 1_700),
    "escapes": paragraph("<&>" * 20_000),
    "bold": paragraph(*[Strong("bold ")] * 12_000),
    "mentions": paragraph(*(Mention(ALICE, "Alice"), Text(" ")) * 3_000),
    "code": Code("code < line\n" * 5_000),
    "quote": Quote(spans("said\n" * 12_000)),
    "numbers": items(["item " * 20] * 600, numbered=True),
    "short items": items(["item"] * 4_000),
    "one item": items(["item " * 12_000]),
    "fields": fields([("Name", spans("value " * 10_000))] * 2),
    "many fields": fields([("Name", "value")] * 2_000),
    "heading": heading("h" * 60_000),
    "links": paragraph(*(Link("label", "https://x.org/"), Text(" ")) * 4_000),
}


@pytest.mark.parametrize("long", LONG.values(), ids=LONG.keys())
def test_every_part_of_a_long_post_is_small(long: Block) -> None:
    post = Post((paragraph("first"), long, paragraph("last")), (Button("Help", "help"),))
    sayings = render(post, ROOM)
    assert 15 < len(sayings) < 70
    assert all(map(is_good, sayings))
    texts = [saying.text for saying in sayings]
    assert (texts[0][:5], texts[-1][-4:]) == ("first", "last")
    assert [saying.blocks[-1]["type"] == "actions" for saying in sayings] == [
        saying is sayings[-1] for saying in sayings
    ]


@pytest.mark.parametrize("name", ["no border", "emoji", "chinese", "arabic", "escapes", "code"])
def test_a_long_text_is_shown_whole_and_in_order(name: str) -> None:
    [whole] = [span.text for span in spans_of((LONG[name],)) if isinstance(span, Text | Verbatim)]
    sayings = render(Post((LONG[name],)), ROOM)
    assert "".join(shown(sayings).split()) == "".join(whole.split())


def test_no_visible_character_is_taken_apart() -> None:
    whole = ("👩🏽\u200d🚒", "🇩🇪", "e\u0301", "👍🏿", "क्षि")
    for saying in render(Post(say("".join(whole) * 4_000)), ROOM):
        for piece in _shown(saying.blocks):
            assert piece.startswith(whole)
            assert piece.endswith(whole)


def test_many_short_blocks_become_several_messages() -> None:
    sayings = render(Post(say("short") * 120), ROOM)
    assert all(map(is_good, sayings))
    assert [len(saying.blocks) for saying in sayings] == [45, 45, 30]


@settings(max_examples=60, deadline=None)
@given(any_content(ALICE, HOSTILE))
def test_blocks_and_text_hold_the_same(made: Content) -> None:
    for saying in render(Post(made), ROOM):
        unescaped = saying.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for element in values(saying.blocks, "text"):
            if isinstance(element, str):
                # Code in the text stands between backticks.
                words = ("".join(each.replace("`", "").split()) for each in (element, unescaped))
                assert next(words) in next(words)


def test_an_edit_is_one_message_that_says_when_it_is_cut() -> None:
    buttons = (Button("Help", "help"),)
    short = Post(say("word"), buttons)
    assert [edit(short, ROOM)] == render(short, ROOM)
    saying = edit(Post(say("word " * 20_000), buttons), ROOM)
    assert is_good(saying)
    assert "shortened" in saying.text
    assert pressable([saying]) == [("Help", "help")]


@pytest.mark.timeout(10)
def test_the_work_of_splitting_grows_with_the_text_alone() -> None:
    sayings = render(Post(say("word & é\n" * 100_000)), ROOM)
    assert len(sayings) > 200


def test_what_is_rendered_is_json() -> None:
    saying = only(Post((heading("x"), fields([("a", "b")]))))
    assert json.loads(json.dumps(saying.blocks)) == saying.blocks
