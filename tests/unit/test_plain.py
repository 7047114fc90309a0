import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import (
    Block,
    Code,
    Emphasis,
    Link,
    Mention,
    Quote,
    Strong,
    Time,
    Verbatim,
    fields,
    heading,
    items,
    paragraph,
    spans,
)
from bot.events import Person
from bot.plain import moment, one_name, terminal_safe, to_plain

BERLIN = ZoneInfo("Europe/Berlin")
NINE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def read(*blocks: Block) -> str:
    return to_plain(blocks, BERLIN)


def test_spans_of_every_kind_read_as_a_sentence() -> None:
    said = paragraph(
        "Ask ",
        Mention(Person("t", "w", "U1"), "bea"),
        ", ",
        Strong("now"),
        " or ",
        Emphasis("soon"),
        ", with ",
        Verbatim("!help"),
    )
    assert read(said) == "Ask @bea, now or soon, with `!help`"


def test_a_link_shows_where_it_leads() -> None:
    link = Link("the guide", "https://example.com/g")
    assert read(paragraph("See ", link)) == "See the guide (https://example.com/g)"


def test_a_link_that_is_its_own_text_is_shown_once() -> None:
    url = "https://example.com/g"
    assert read(paragraph(Link(url, url), " ", Link("", url))) == f"{url} {url}"


def test_a_time_is_shown_in_the_zone_with_its_name() -> None:
    assert read(paragraph("At ", Time(NINE))) == "At Mon 5 Jan 2026 09:00 CET"


def test_a_zone_without_a_name_shows_its_distance_from_utc() -> None:
    assert moment(NINE, ZoneInfo("Asia/Dubai")) == "Mon 5 Jan 2026 12:00 UTC+04"


def test_blocks_stand_on_lines_of_their_own() -> None:
    said = read(heading("VPN"), paragraph("It is down."), Code("ping vpn\nroute -n\n"))
    assert said == "VPN\nIt is down.\n    ping vpn\n    route -n"


def test_lists_are_marked_and_their_second_lines_indented() -> None:
    assert read(items(["one\nmore", "two"])) == "• one\n  more\n• two"
    assert read(items(["one", "two"], numbered=True)) == "1. one\n2. two"


def test_short_fields_share_a_line() -> None:
    assert read(fields([("Status", "open"), ("For", "alice")])) == "Status: open · For: alice"


def test_long_fields_have_a_line_each() -> None:
    assert read(fields([("Problem", "x" * 100), ("For", "a\nb")])) == (
        f"Problem: {'x' * 100}\nFor: a\n  b"
    )


def test_every_line_of_a_quote_is_marked() -> None:
    assert read(Quote(spans("one\rtwo\u2028three"))) == "> one\n> two\n> three"


def test_an_escape_sequence_becomes_visible() -> None:
    assert terminal_safe("a\x1b[2Jb\x7f\x9b") == "a␛[2Jb␡\N{REPLACEMENT CHARACTER}"


def test_line_breaks_of_every_kind_become_one() -> None:
    assert terminal_safe("a\r\nb\rc\vd\x85e\u2029f\n") == "a\nb\nc\nd\ne\nf\n"


def test_characters_that_turn_text_around_are_dropped() -> None:
    assert terminal_safe("a\u202eb\u2066c\u200fd") == "abcd"


def test_an_emoji_of_several_characters_stays_whole() -> None:
    assert terminal_safe("👩\u200d💻 ✔\ufe0f") == "👩\u200d💻 ✔\ufe0f"


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_reaches_a_terminal_with_controls_in_it(text: str) -> None:
    shown = terminal_safe(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"]
    assert shown.encode() is not None
    assert terminal_safe(shown) == shown


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("Alice  Liddell", "Alice Liddell"),
        ("bea\nIT: your ticket is solved", "bea IT: your ticket is solved"),
        ("\u202emoc.live", "moc.live"),
        ("be\u200ba\u00ad\x1b[2J", "bea[2J"),
        ("Andre\u0301", "Andr\u00e9"),
        ("\u200b\u2060 ", ""),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_a_name_is_one_short_line_that_hides_nothing(called: str, shown: str) -> None:
    assert one_name(called) == shown
    assert one_name(shown) == shown
