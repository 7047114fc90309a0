"""Markdown of articles becomes neutral content; nothing in it becomes markup by itself."""

from hypothesis import given
from hypothesis import strategies as st

from bot.content import Code, Heading, Items, Link, Quote, Strong, Text, Verbatim, spans_of
from bot.markdown import from_markdown


def test_an_article_is_read() -> None:
    said = from_markdown(
        "# Title\n\nDo **this** and `that`, see [here](https://example.org).\n\n"
        "1. one\n2. two\n   - inner\n\n> quoted\n\n```\ncode\n```\n\n---\n"
    )
    assert [type(block).__name__ for block in said] == [
        "Heading",
        "Paragraph",
        "Items",
        "Quote",
        "Code",
    ]
    assert {Strong("this"), Verbatim("that"), Link("here", "https://example.org")} <= set(
        spans_of(said)
    )


def test_lists_keep_their_kind_and_their_inner_lists() -> None:
    (numbered,) = from_markdown("1. one\n2. two\n   - inner\n")
    assert isinstance(numbered, Items)
    assert numbered.numbered
    assert "".join(span.text for span in numbered.items[1] if isinstance(span, Text)) == (
        "two\n– inner"
    )


def test_html_is_text() -> None:
    said = from_markdown("<b onclick=x>hi</b> <script>")
    assert "".join(span.text for span in spans_of(said) if isinstance(span, Text)) == (
        "<b onclick=x>hi</b> <script>"
    )


def test_blocks_keep_their_text() -> None:
    said = from_markdown("# *a* b\n\n> c\n> d\n\n    code\n")
    assert [type(block) for block in said] == [Heading, Quote, Code]


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    from_markdown(text)
