import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import (
    Code,
    Content,
    Emphasis,
    Link,
    Mention,
    Paragraph,
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
)
from bot.events import Person
from bot.replies import Button, Form, Post
from bot.transports.matrix.markup import render
from bot.transports.matrix.posts import LIMIT, Look, contents, edit, reactions
from bot.transports.matrix.splitting import split
from bot.transports.text import is_link
from tests.unit.contents import any_content

UTC_ZONE = ZoneInfo("UTC")
ROOM = Look(UTC_ZONE, direct=False)
DIRECT = Look(UTC_ZONE, direct=True)
ALICE = Person("matrix", "x.org", "@alice:x.org")
TAGS = {"p", "br", "strong", "em", "code", "pre", "a", "ul", "ol", "li", "blockquote", "h4"}

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "<a href='javascript:x'>y</a>",
    "</code></pre><b>x",
    "&lt;b&gt;",
    "@room",
    "https://matrix.to/#/@eve:x",
    "<mx-reply>x</mx-reply>",
    "\x00\x1b[31m\u202e",
]


class Tags(HTMLParser):
    """Collects tags, checks that they close, and keeps the text and links."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.links += [value or "" for _, value in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


content = any_content(ALICE, XSS)


def html_of(*parts: Any) -> str:
    return render((paragraph(*parts),), UTC_ZONE).html


@settings(max_examples=60)
@given(content)
def test_only_safe_tags_come_out_whatever_goes_in(made: Content) -> None:
    found = Tags(render(made, UTC_ZONE).html)
    assert found.tags <= TAGS
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in found.links)


@pytest.mark.parametrize("hostile", XSS)
def test_what_people_wrote_is_shown_as_they_wrote_it(hostile: str) -> None:
    found = Tags(html_of(hostile))
    assert (found.tags, found.links) == ({"p"}, [])
    assert found.text == render(say(hostile), UTC_ZONE).body


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://x.org/?a=1&b=2", True),
        ("mailto:a@x.org", True),
        ("HTTP://x.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//x.org", False),
        ("https:", False),
        ("https://x.org/a b", False),
        ("java\nscript:x", False),
        ("https://[x", False),
        ("https://x.org/" + "a" * 3000, False),
    ],
)
def test_only_web_and_mail_addresses_become_links(url: str, allowed: bool) -> None:
    assert is_link(url) is allowed
    assert ("<a " in html_of(Link("text", url))) is allowed


def test_every_kind_of_content_has_its_form() -> None:
    made = (
        heading("Title"),
        paragraph("a < b\nc ", Strong("s"), Emphasis("e"), Verbatim("v")),
        items(["one", "two\nlines"], numbered=True),
        items(["x"]),
        Code("a = 1\n"),
        Quote(spans("said\nbefore")),
        fields([("State", Link("open", "https://x.org"))]),
    )
    rendered = render(made, UTC_ZONE)
    assert rendered.body == (
        "Title\n\na < b\nc sev\n\n1. one\n2. two\n   lines\n\n• x\n\n```\na = 1\n```\n\n"
        "> said\n> before\n\nState: open (https://x.org)"
    )
    assert rendered.html == (
        "<h4>Title</h4><p>a &lt; b<br>c <strong>s</strong><em>e</em><code>v</code></p>"
        "<ol><li>one</li><li>two<br>lines</li></ol><ul><li>x</li></ul>"
        "<pre><code>a = 1\n</code></pre><blockquote>said<br>before</blockquote>"
        '<p><strong>State:</strong> <a href="https://x.org">open</a></p>'
    )


def test_times_are_shown_in_the_configured_zone() -> None:
    at = Time(datetime(2026, 1, 5, 21, tzinfo=UTC))
    assert render((paragraph(at),), ZoneInfo("Europe/Berlin")).body == "Mon 5 Jan 2026 22:00 CET"


def test_somebody_of_another_service_is_named_and_not_linked() -> None:
    other = Mention(Person("slack", "T1", "U1"), "Carol")
    [made] = contents(Post((paragraph(other),)), ROOM, late=False, thread=None)
    assert made["formatted_body"] == "<p>Carol</p>"
    assert made["m.mentions"] == {}


def test_a_mention_is_a_link_and_notifies() -> None:
    [made] = contents(Post((paragraph(Mention(ALICE, "A<b>")),)), ROOM, late=False, thread=None)
    assert made["m.mentions"] == {"user_ids": ["@alice:x.org"]}
    assert made["formatted_body"] == (
        '<p><a href="https://matrix.to/#/@alice:x.org">A&lt;b&gt;</a></p>'
    )


def test_every_event_is_a_notice_and_says_whom_it_notifies() -> None:
    post = Post((paragraph("word " * 20_000),))
    for made in contents(post, ROOM, late=False, thread="$root"):
        assert made["msgtype"] == "m.notice"
        assert made["m.mentions"] == {}
        assert made["m.relates_to"]["event_id"] == "$root"
        assert made["m.relates_to"]["is_falling_back"] is True


def test_buttons_are_shown_as_they_are_typed_in_that_place() -> None:
    post = Post(
        say("Ticket 42"), (Button("Claim", "ticket claim 42", "👀"), Button("Help", "help"))
    )
    [room] = contents(post, ROOM, late=False, thread=None)
    [direct] = contents(post, DIRECT, late=False, thread=None)
    assert room["body"] == "Ticket 42\n\n👀 Claim: !ticket claim 42\nHelp: !help"
    assert direct["body"] == "Ticket 42\n\n👀 Claim: ticket claim 42\nHelp: help"
    assert "<code>!help</code>" in room["formatted_body"]


def test_a_form_is_a_command_to_type() -> None:
    post = Post(say("?"), form=Form("Open a ticket", "ticket open", ()))
    [made] = contents(post, ROOM, late=False, thread=None)
    assert made["body"].endswith("Open a ticket: !ticket open")


def test_at_most_two_reactions_are_offered() -> None:
    buttons = [Button("a", "a"), *(Button(e, e, e) for e in "👀✅🚨")]
    assert reactions(Post(say("x"), tuple(buttons))) == ("👀", "✅")


def test_what_is_late_says_so() -> None:
    [made] = contents(Post(say("Now")), ROOM, late=True, thread=None)
    assert made["body"] == "(late)\n\nNow"


def test_an_edit_replaces_the_text_and_notifies_nobody_anew() -> None:
    made = edit(Post((paragraph(Mention(ALICE, "Alice")),)), ROOM, late=False, target="$1")
    assert made["m.relates_to"] == {"rel_type": "m.replace", "event_id": "$1"}
    assert made["m.new_content"]["body"] == "Alice"
    assert (made["body"], made["m.mentions"]) == ("* Alice", {})


def test_an_edit_that_is_too_long_says_that_it_is_cut() -> None:
    made = edit(Post(say("word " * 20_000)), ROOM, late=False, target="$1")
    assert "shortened" in made["m.new_content"]["body"]
    assert len(json.dumps(made)) < 60_000


@pytest.mark.parametrize(
    "long",
    [
        paragraph("word " * 9_000),
        paragraph("<&>" * 9_000),
        paragraph("\n\n".join("line " * 50 for _ in range(200))),
        paragraph("x" * 40_000),
        paragraph("👩🏽‍🚒🇩🇪é" * 3_000),
        paragraph(*[Strong("bold ")] * 4_000),
        paragraph(Link("t" * 40_000, "https://x.org")),
        paragraph("a", Mention(ALICE, "n" * 40_000), "b"),
        paragraph(*[Mention(ALICE, "Alice")] * 2_000),
        Code("code < line\n" * 3_000),
        Code("<" * 40_000),
        Quote(spans("said\n" * 9_000)),
        items(["item " * 20] * 800, numbered=True),
        items(["item " * 9_000]),
        fields([("Name", spans("value " * 9_000))] * 2),
        heading("h" * 40_000),
    ],
    ids=range(16),
)
def test_every_part_of_a_long_post_is_small_and_whole(long: Any) -> None:
    made = contents(
        Post((paragraph("first"), long, paragraph("last"))), ROOM, late=False, thread=None
    )
    assert len(made) > 1 or len(str(long)) < 60_000
    for part in made:
        Tags(part["formatted_body"])
        assert len(part["body"].encode()) + len(part["formatted_body"].encode()) <= LIMIT
        assert len(json.dumps(part, ensure_ascii=False).encode()) < 60_000
    assert (made[0]["body"][:5], made[-1]["body"][-4:]) == ("first", "last")


# While every part was found by rendering all the rest it took longer than a test may.
@pytest.mark.parametrize("block", [paragraph, lambda text: Code(text)])
def test_the_work_of_splitting_grows_with_the_text_alone(block: Any) -> None:
    made = contents(Post((block("word & é\n" * 100_000),)), ROOM, late=False, thread=None)
    assert len(made) > 100


@settings(max_examples=60)
@given(content, st.integers(400, 900))
def test_splitting_loses_no_character(made: Content, limit: int) -> None:
    parts = split(made, UTC_ZONE, limit)
    whole = "".join(render(part, UTC_ZONE).body for part in parts)
    paragraphs = [block for block in made if isinstance(block, Paragraph)]
    texts = [span.text for block in paragraphs for span in block.spans if isinstance(span, Text)]
    for span_text in texts:
        wanted = render(say(span_text), UTC_ZONE).body
        assert "".join(wanted.split()) in "".join(whole.split())
