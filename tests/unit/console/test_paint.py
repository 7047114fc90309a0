"""What is painted fits the screen, whatever its width."""

from __future__ import annotations

import pytest
from prompt_toolkit.utils import get_cwidth

from bot.replies import Field
from bot.transports.console import paint

WIDTHS = [40, 60, 80, 120]


@pytest.mark.parametrize("columns", WIDTHS)
def test_no_line_of_the_welcome_or_the_help_is_wider_than_the_screen(columns: int) -> None:
    welcome = paint.welcome("alice", ("bea", "dan"), "demo.db", columns)
    page = [*welcome, ("", "\n"), *paint.help_page(columns)]
    assert max(get_cwidth(line) for line in paint.plain(page).splitlines()) <= columns


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_same_words_are_there_at_every_width(columns: int) -> None:
    narrow, wide = (paint.plain(paint.help_page(width)).split() for width in (columns, 0))
    assert narrow == wide


def test_an_explanation_goes_on_below_its_beginning() -> None:
    lines = paint.plain(paint.welcome("alice", ("bea",), "demo.db", 60)).splitlines()
    at = lines.index("  /as bea   /in staff   be somebody else, somewhere else")
    assert lines[at + 1] == "                        (Tab completes)"


def test_an_explanation_stands_below_where_there_is_no_room_beside() -> None:
    lines = paint.plain(paint.help_page(40)).splitlines()
    assert lines[lines.index("  alice@support/3: …") + 1] == "        in the thread of message 3"
    assert "  /main       leave the thread" in lines


def test_a_complaint_is_folded_between_words() -> None:
    assert paint.plain(paint.problem("There is no button [Claim] here.", 24)) == (
        "There is no button\n[Claim] here."
    )


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (18, " Mon 09:00"),
        (24, " Mon 09:00   /help"),
        (40, " Mon 09:00   /help   Ctrl-D leaves"),
        (80, " Mon 09:00   /help   Ctrl-D leaves   Tab completes"),
    ],
)
def test_the_toolbar_says_what_there_is_room_for(columns: int, shown: str) -> None:
    assert paint.toolbar("Mon 09:00", columns) == shown


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        (Field("problem", "Problem"), "Problem: "),
        (Field("urgent", "Urgent", choices=("yes", "no")), "Urgent (yes or no): "),
        (
            Field("urgent", "Urgent", choices=("yes", "no"), optional=True),
            "Urgent (yes or no, optional): ",
        ),
        (Field("note", "Note", optional=True), "Note (optional): "),
    ],
)
def test_a_field_is_asked_for_with_what_may_be_answered(field: Field, asked: str) -> None:
    assert paint.question(field) == asked
