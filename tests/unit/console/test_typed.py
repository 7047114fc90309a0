from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.transports.console.script import Act, Delete, Edit, Move, Post, Press, React, Spot, Wait
from bot.transports.console.typed import Command, Number, Word, complete, read

HERE = Spot("alice", "support", "3")
PEOPLE = ("alice", "bea")
ROOMS = ("support", "staff")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (" my vpn is down ", Post(HERE, "my vpn is down")),
        ("!help", Post(HERE, "!help")),
        ("#12 is still open", Post(HERE, "#12 is still open")),
        ("note: it is urgent", Post(HERE, "note: it is urgent")),
        ("me@example.org: my mail", Post(HERE, "me@example.org: my mail")),
        ("wait, what?", Post(HERE, "wait, what?")),
        ("wait for me", Post(HERE, "wait for me")),
        ("wait soon", Post(HERE, "wait soon")),
        ("alice leaves early", Post(HERE, "alice leaves early")),
        ("bea, can you help?", Post(HERE, "bea, can you help?")),
        ("-1 2", Post(HERE, "-1 2")),
        ("100", Post(HERE, "100")),
        ("12", Number(12, "12")),
        ("wait 2h", Wait(timedelta(hours=2))),
        ("/wait 2H", Wait(timedelta(hours=2))),
        ("Bea: hi", Post(Spot("bea"), "hi")),
        ("bea@staff> Claim", Press(Spot("bea", "staff"), "Claim")),
        ("+🎫 3", React(Spot("alice"), "3", "🎫", added=True)),
        ("alice edit 3: new", Edit(Spot("alice"), "3", "new")),
        ("alice@support delete 3", Delete(Spot("alice"), "3")),
        ("erin joins #support", Move("erin", "support", joins=True)),
        ("/as Bea", Command(Word.AS, "bea")),
        ("/in #staff", Command(Word.IN, "staff")),
        ("/Main", Command(Word.MAIN)),
        ("  ", None),
    ],
)
def test_a_line_at_the_prompt_means(line: str, meant: Act | Command | Number | None) -> None:
    assert read(line, HERE, PEOPLE, ROOMS) == meant


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/hlep", "There is no /hlep. Did you mean /help?"),
        ("/xyzzy", "/help lists what there is"),
        ("/", "There is no /."),
        ("/as", "Say which, as in /as bea"),
        ("/wait soon", "is no duration"),
        ("bea edit it", "is no act"),
        ("erin@staff>", "the label of a button"),
    ],
)
def test_a_line_that_means_nothing_says_what_would(line: str, expected: str) -> None:
    with pytest.raises(UserError, match=expected):
        read(line, HERE, PEOPLE, ROOMS)


@given(st.text() | st.text().map("/{}".format) | st.text().map("bea@staff{}".format))
def test_any_line_is_understood_or_refused(line: str) -> None:
    with suppress(UserError):
        assert (read(line, HERE, PEOPLE, ROOMS) is None) == (not line.strip())


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("/t", (1, ["thread"])),
        ("/as ", (0, ["alice", "bea"])),
        ("/as B", (1, ["bea"])),
        ("/in #s", (1, ["support", "staff"])),
        ("/in d", (1, ["dm"])),
        ("bea@st", (2, ["staff"])),
        ("be", (2, ["bea"])),
        ("thank you @d", (1, ["deskside"])),
        ("thank you a", (0, [])),
    ],
)
def test_names_are_completed(text: str, completed: tuple[int, list[str]]) -> None:
    assert complete(text, PEOPLE, ROOMS) == completed
