import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.transports.slack.fallback import escape
from bot.transports.slack.reading_text import Spoken, spoken

ME = "UBOT"
NAMES = {"U1": "alice", ME: "Deskside"}


def read(text: str) -> Spoken:
    return spoken(text, ME, NAMES.get)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;@U1&amp;gt;", "&lt;@U1&gt;"),
        ("&lt;@U1&gt; &lt;!channel&gt;", "<@U1> <!channel>"),
        ("ask <@U1>", "ask @alice"),
        ("ask <@U1|al>", "ask @alice"),
        ("ask <@U2|bea>", "ask @bea"),
        ("ask <@U2|@bea>", "ask @bea"),
        ("ask <@W2>", "ask @W2"),
        ("in <#C1|general>", "in #general"),
        ("in <#C1|>", "in #C1"),
        ("in <#C1>", "in #C1"),
        ("hey <!subteam^S1|@it>", "hey @it"),
        ("hey <!subteam^S1|it>", "hey @it"),
        ("hey <!subteam^S1>", "hey @S1"),
        ("<!here> <!here|here> <!channel> <!everyone|x>", "@here @here @channel @everyone"),
        ("<!date^1700000000^{date}|14 Nov 2023>", "14 Nov 2023"),
        ("<!date^1700000000^{date}^https://x.org|14 Nov>", "14 Nov"),
        ("<https://x.org/?a=1&amp;b=2>", "https://x.org/?a=1&b=2"),
        ("<https://x.org|x>", "x (https://x.org)"),
        ("<https://x.org|a &amp; &lt;b&gt;>", "a & <b> (https://x.org)"),
        ("<https://x.org|https://x.org>", "https://x.org"),
        ("<http://x.org|x.org>", "x.org"),
        (
            "<https://good.example|https://evil.example>",
            "https://evil.example (https://good.example)",
        ),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("<mailto:a@b.c>", "a@b.c"),
        ("<mailto:a@b.c|Ann>", "Ann (a@b.c)"),
        ("<tel:+431|+431>", "+431"),
        ("it is :fire: and :partyparrot:", "it is 🔥 and :partyparrot:"),
        (":warning::+1: at 10:30:45", "⚠️👍 at 10:30:45"),
        ("std::x::y host:x:80", "std::x::y host:x:80"),
        ("`:fire: &lt;` ```:fire:\n<https://x.org>```", "`:fire: <` ```:fire:\nhttps://x.org```"),
        ("<https://x.org/:fire:>", "https://x.org/:fire:"),
        ("line one\r\nline two\x00", "line one\nline two"),
        ("", ""),
    ],
)
def test_text_reads_as_it_was_shown(text: str, said: str) -> None:
    assert read(text).text == said


@pytest.mark.parametrize(
    "text",
    ["<>", "<", ">", "a < b > c", "<@>", "<@U1", "@U1>", "<!>", "<#>", "<foo>", "<javascript:x>"],
)
def test_what_is_not_well_formed_stays_text(text: str) -> None:
    assert read(text) == Spoken(text, addressed=False, mentions=())


def test_nested_references_are_read_from_the_inside() -> None:
    assert read("<!subteam^<@U1>>").text == "<!subteam^@alice>"
    assert read("&lt;<@U1>&gt;").text == "<@alice>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@UBOT> help", "help"),
        ("<@UBOT|deskside>: help", "help"),
        ("  <@UBOT>,\n help me", "help me"),
        ("<@UBOT>", ""),
        ("hey <@UBOT>, help", "hey @Deskside, help"),
        ("<@UBOT> <@U1>", "@alice"),
    ],
)
def test_a_mention_of_the_bot_addresses_it_and_a_leading_one_is_dropped(
    text: str, said: str
) -> None:
    assert (read(text).text, read(text).addressed) == (said, True)


@pytest.mark.parametrize("text", ["deskside help", "&lt;@UBOT&gt; help", "<@UBOTS> help", "UBOT"])
def test_nothing_else_addresses_it(text: str) -> None:
    assert not read(text).addressed


def test_others_who_are_mentioned_are_told_once_each_in_order() -> None:
    found = read("<@UBOT> <@U2> and <@U1>, `<@U2>` &lt;@U9&gt; <@U8")
    assert found.mentions == ("U2", "U1")


def test_before_the_bot_knows_itself_nothing_addresses_it() -> None:
    assert spoken("<@UBOT> x", "", NAMES.get) == Spoken("@Deskside x", False, ("UBOT",))


PIECES = (
    *("<", ">", "|", "@", "#", "!", "^", "&", "&amp;", "&lt;", ":", "`", "```", "U1", "UBOT"),
    *("C1", "here", "subteam", "date", "https://", "mailto:", "fire", "::skin-tone-2", "\n", " "),
    *("x", "\x00", "\ud800"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=60))
def test_no_text_is_beyond_reading(text: str) -> None:
    found = read(text)
    assert not {"\x00", "\ud800"} & set(found.text)
    assert ME not in found.mentions


def test_none_of_many_scrambled_texts_is_beyond_reading() -> None:
    dice = random.Random(1)
    for _ in range(10_000):
        text = "".join(dice.choices(PIECES, k=dice.randint(0, 30)))
        assert ME not in read(text).mentions, text


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters=":")))
def test_what_people_typed_comes_back_as_it_was(text: str) -> None:
    assert read(escape(text)) == Spoken(text, addressed=False, mentions=())


@pytest.mark.parametrize("piece", ["<", "<@U1", "`", "```", ":a", "<a|", "&lt", ":fire"])
def test_reading_takes_no_longer_than_the_text_is_long(piece: str) -> None:
    assert len(read(piece * 200_000).text) >= 200_000
