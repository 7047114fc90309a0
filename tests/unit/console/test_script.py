from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.transports.console.script import (
    Act,
    Delete,
    Edit,
    Fill,
    Line,
    Move,
    Post,
    Press,
    React,
    ScriptError,
    Spot,
    Wait,
    parse,
)

ALICE = Spot("alice")
BEA_IN_STAFF = Spot("bea", "staff")


@pytest.mark.parametrize(
    ("line", "act"),
    [
        ("alice: my vpn is down", Post(ALICE, "my vpn is down")),
        ("Alice@#Support: hi: there", Post(ALICE, "hi: there")),
        ("bea@staff: a > b", Post(BEA_IN_STAFF, "a > b")),
        ("alice@dm: wait 2h", Post(Spot("alice", "dm"), "wait 2h")),
        ("alice@support/3: me too", Post(Spot("alice", "support", "3"), "me too")),
        ("wait: what?", Post(Spot("wait"), "what?")),
        ("bea@staff> Claim", Press(BEA_IN_STAFF, "Claim")),
        ("bea@staff> [Not solved]", Press(BEA_IN_STAFF, "Not solved")),
        ("alice@support/3> Solved", Press(Spot("alice", "support", "3"), "Solved")),
        ("alice@support +🎫 3", React(ALICE, "3", "🎫", added=True)),
        ("alice -👍🏽 3.1", React(ALICE, "3.1", "👍", added=False)),
        ("alice +❤️ 3", React(ALICE, "3", "❤", added=True)),
        ("alice +1️⃣ 3", React(ALICE, "3", "1⃣", added=True)),
        ("alice@support edit 3: my mail", Edit(ALICE, "3", "my mail")),
        ("alice@support edit 3.12 : my mail", Edit(ALICE, "3.12", "my mail")),
        ("alice@support delete 3", Delete(ALICE, "3")),
        ("alice@support attaches photo.png: look", Post(ALICE, "look", ("photo.png",))),
        ("alice attaches a b.png, c.png", Post(ALICE, "", ("a b.png", "c.png"))),
        ("erin joins support", Move("erin", "support", joins=True)),
        ("erin leaves #staff", Move("erin", "staff", joins=False)),
        ("wait 90s", Wait(timedelta(seconds=90))),
        ("  WAIT 1h30m  ", Wait(timedelta(minutes=90))),
        ("wait 1w2d", Wait(timedelta(days=9))),
    ],
)
def test_a_line_asks_for_an_act(line: str, act: Act) -> None:
    assert parse(line) == (Line(1, act),)


def test_a_form_is_answered_field_by_field() -> None:
    (line,) = parse(r"alice@dm> Open a ticket {Problem: a: b\; c; Urgent: no;}")
    answers = (("Problem", "a: b; c"), ("Urgent", "no"))
    assert line.act == Fill(Spot("alice", "dm"), "Open a ticket", answers)


def test_comments_and_blank_lines_count_but_do_nothing() -> None:
    assert parse("# hello\r\n\r\n\talice: hi\rwait 1s\n") == (
        Line(3, Post(ALICE, "hi")),
        Line(4, Wait(timedelta(seconds=1))),
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("hello", "is no act"),
        ("alice hello", "is no act"),
        ("3: hi", "is no act"),
        ("alice@support# hi", "is no act"),
        ("alice:  ", "what is said is missing"),
        ("alice@support edit 3:", "the new text is missing"),
        ("alice@support/3.1: hi", "named by the message that began it"),
        ("alice@support/: hi", "named by the message that began it"),
        ("alice@dm/1: hi", "has no threads"),
        ("alice@support/3 delete 3", "name the message alone"),
        ("bea@staff>", "the label of a button"),
        ("bea@staff> Open {Problem}", "write {Field: answer"),
        ("alice@support +ticket 3", "is no emoji"),
        ("alice@support +🎫 3.0", "is no act"),
        ("wait", "90s, 15m, 2h"),
        ("wait soon", "“soon” is no duration"),
        ("wait 999999w", "too long"),
    ],
)
def test_anything_else_is_an_error_that_says_what_to_write(line: str, expected: str) -> None:
    with pytest.raises(ScriptError, match=r"^line 2: ") as error:
        parse(f"alice: hi\n{line}")
    assert expected in error.value.sentence


def test_a_long_line_is_quoted_in_part() -> None:
    with pytest.raises(ScriptError, match=r"x{39}…” is no act"):
        parse("x" * 1000)


_WORDS = st.sampled_from(["alice", "@support", "/3", ":", ">", " ", "+🎫", "3.1", "edit", "{", "}"])


@given(st.lists(_WORDS | st.text(max_size=5)).map("".join) | st.text())
@example("wait \u0661h")
@example("alice> {;}")
def test_any_text_is_parsed_or_refused_by_line(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        numbers = [line.number for line in parse(text)]
    except ScriptError as error:
        numbers = [error.number]
    assert all(1 <= number <= lines for number in numbers)
