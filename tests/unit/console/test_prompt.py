from __future__ import annotations

import asyncio
from datetime import UTC, timedelta

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.clock import ManualClock
from bot.content import say
from bot.demo import MEMBERS, Scene
from bot.events import Event, Message, Submitted
from bot.replies import Button, Field, Form, Post
from bot.transport import Action, Delivery
from bot.transports.console import ConsoleTransport, paint, prompt
from bot.transports.console.lines import Choice, Shown
from bot.transports.console.prompt import Prompt, _Names
from tests.unit.console.echo import Echo, open_echo
from tests.unit.console.stage import NINE, delivery

LEAVE = "\x04"


class Screen(Prompt):
    """A prompt whose screen can be read."""

    def __init__(self) -> None:
        self.clock = ManualClock(NINE)
        self.text = ""
        super().__init__(self.clock, UTC)

    def _print(self, fragments: paint.Fragments) -> None:
        super()._print(fragments)
        self.text += "".join(text for _, text in fragments) + "\n"


class Sitting:
    """Somebody at the prompt of an echo's room."""

    def __init__(self) -> None:
        self.screen = Screen()
        transport = ConsoleTransport(self.screen.clock, MEMBERS, self.screen.show)
        self.scene = Scene(transport, self.screen.clock, "", "UTC")
        self.posts: list[Delivery] = []
        self.events: list[Event] = []

    async def type(self, *typed: str, end: str = LEAVE) -> str:
        """Type lines (Enter included), then leave; returns the screen."""
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            async with open_echo(self.scene) as echo:
                await self.scene.transport.opened()
                for post in self.posts:
                    await self.scene.transport.send(post)
                keys.send_text("".join(f"{line}\r" for line in typed) + end)
                await self.screen.run(self.scene.transport.people, echo)
                self.events = echo.events
        return self.screen.text


@pytest.fixture
def sitting() -> Sitting:
    return Sitting()


async def test_the_first_lines_say_who_one_is_and_what_to_try(sitting: Sitting) -> None:
    sitting.screen.welcome(("bea", "dan"), "demo.db")
    shown = sitting.screen.text
    assert "You are alice, an employee; bea and dan are IT staff." in shown
    assert "my vpn is down" in shown
    assert "kept in demo.db" in shown


async def test_a_dumb_terminal_is_given_words_alone(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    sitting.screen.welcome(("bea", "dan"), "demo.db")
    shown = capsys.readouterr().out
    assert shown.startswith("Deskside: an IT support room")
    assert "\x1b" not in shown


async def test_what_is_typed_is_said_and_answered(sitting: Sitting) -> None:
    shown = await sitting.type("my vpn is down")
    assert "[support 1] alice: my vpn is down\n" in shown
    assert "[support 1.1] Deskside: You said my vpn is down\n    1 [Solved] !faq solved 1" in shown


async def test_a_number_presses_the_button_beside_it(sitting: Sitting) -> None:
    assert "Deskside: Pressed: faq solved 1" in await sitting.type("hi", "1")


async def test_a_number_without_a_button_is_said(sitting: Sitting) -> None:
    shown = await sitting.type("7", "2")
    assert "[support 1] alice: 7" in shown
    assert "[support 2] alice: 2" in shown


async def test_a_number_never_presses_what_one_cannot_see(sitting: Sitting) -> None:
    shown = await sitting.type("/as bea", "/in staff", "a card", "/as alice", "1")
    assert "[support 1] alice: 1" in shown


async def test_one_can_be_somebody_else_somewhere_else(sitting: Sitting) -> None:
    shown = await sitting.type("/as bea", "/in staff", "hello", "/thread 1", "more", "/main", "end")
    assert "[staff 1] bea: hello" in shown
    assert "[staff 1.2] bea: more" in shown
    assert "[staff 2] bea: end" in shown


async def test_whoever_is_not_in_a_room_is_moved_to_one_of_theirs(sitting: Sitting) -> None:
    shown = await sitting.type("/as bea", "/in staff", "/as alice", "hello", "/in dm", "psst")
    assert "[support 1] alice: hello" in shown
    assert "[dm alice 1] alice: psst" in shown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/in staff", "alice is not in staff"),
        ("/as erin", "There is no erin here"),
        ("/as @erin", "There is no erin here"),
        ("/wait soon", "“soon” is no duration: write 90s, 15m, 2h, 1h30m, 3d or 1w."),
        ("/thread 9", "There is no message 9"),
        ("/nothing", "There is no /nothing"),
        ("bea@staff> Claim", "There is no button [Claim]"),
    ],
)
async def test_what_cannot_be_done_is_told_and_the_prompt_goes_on(
    sitting: Sitting, line: str, expected: str
) -> None:
    shown = await sitting.type(line, "still here")
    assert expected in shown
    assert "[support 1] alice: still here" in shown


async def test_a_direct_message_has_no_threads(sitting: Sitting) -> None:
    assert "has no threads" in await sitting.type("/in dm", "psst", "/thread 1")


async def test_time_can_be_let_pass(sitting: Sitting) -> None:
    shown = await sitting.type("hi", "wait 2h", "/wait 1d")
    assert "Deskside: It is 10:00" in shown
    assert "It is Tue 6 Jan 2026 10:00 UTC." in shown


async def test_the_console_lists_its_commands_and_people(sitting: Sitting) -> None:
    shown = await sitting.type("/help", "/people", "/quit", end="")
    assert "/thread 3" in shown
    assert "bea@staff> Claim" in shown
    assert "#staff: bea, dan" in shown


async def test_control_c_clears_the_line(sitting: Sitting) -> None:
    shown = await sitting.type("secret\x03hello")
    assert "[support 1] alice: hello\n" in shown


async def test_control_c_on_an_empty_line_says_how_to_leave(sitting: Sitting) -> None:
    shown = await sitting.type("\x03hello")
    assert "Ctrl-D leaves.\n[support 1] alice: hello\n" in shown


async def test_a_form_is_asked_field_by_field(sitting: Sitting) -> None:
    fields = (Field("problem", "Problem"), Field("urgent", "Urgent", choices=("yes", "no")))
    form = Form("Open a ticket", "ticket open", fields)
    sitting.posts.append(delivery("", post=Post(say("Well?"), form=form), only="alice"))
    shown = await sitting.type("1", "vpn", "no")
    (submitted,) = [event for event in sitting.events if isinstance(event, Submitted)]
    assert submitted.answers == (("problem", "vpn"), ("urgent", "no"))
    assert "Open a ticket: Ctrl-D gives it up." in shown


async def test_a_field_is_asked_again_until_its_answer_fits(sitting: Sitting) -> None:
    urgent = Field("urgent", "Urgent", choices=("yes", "no"), optional=True)
    form = Form("Open a ticket", "ticket open", (Field("problem", "Problem"), urgent))
    sitting.posts.append(delivery(post=Post(say("Well?"), form=form)))
    shown = await sitting.type("1", " ", "vpn", "maybe", "Yes ")
    (submitted,) = [event for event in sitting.events if isinstance(event, Submitted)]
    assert submitted.answers == (("problem", "vpn"), ("urgent", "yes"))
    assert "Problem must be filled in; Ctrl-D gives it up." in shown
    assert "Urgent: “maybe” cannot be chosen; it is one of yes, no." in shown


@pytest.mark.parametrize("key", [LEAVE, "\x03"])
async def test_a_form_can_be_given_up(sitting: Sitting, key: str) -> None:
    form = Form("Open a ticket", "ticket open", (Field("problem", "Problem"),))
    sitting.posts.append(delivery(post=Post(say("Well?"), form=form)))
    shown = await sitting.type("1", end=key + "hello\r" + LEAVE)
    assert "alice: hello" in shown
    assert not [event for event in sitting.events if isinstance(event, Submitted)]


async def test_an_edit_takes_the_buttons_of_the_message_with_it(sitting: Sitting) -> None:
    button = Post(say("Well?"), (Button("Solved", "faq solved 1"),))
    sitting.posts = [
        delivery(id="a", post=button),
        delivery(id="b", action=Action.EDIT, target="1", post=Post(say("Done."))),
    ]
    assert "[support 2] alice: 1" in await sitting.type("1")


async def test_an_answer_that_takes_long_does_not_hold_up_the_prompt(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()

    async def slow(echo: Echo) -> None:
        if any(isinstance(event, Message) and event.text == "stop" for event in echo.events):
            done.set()
        await done.wait()

    monkeypatch.setattr(prompt, "_PATIENCE_SECONDS", 0)
    monkeypatch.setattr(Echo, "idle", slow)
    assert "alice: stop" in await sitting.type("slow", "stop")


async def test_the_clock_goes_on_by_itself(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt, "_TICK_SECONDS", 0)
    before = sitting.screen.clock.now()
    await sitting.type("hi", "ho", "hm")
    passed = sitting.screen.clock.now() - before
    assert timedelta() < passed < timedelta(minutes=1)


def test_a_message_is_painted_with_its_buttons_numbered() -> None:
    shown = Shown("dm-alice", "1", "Deskside", "a\nb", choices=(Choice("Go", "go 1"),))
    fragments = paint.message(shown)
    assert "".join(text for _, text in fragments) == (
        "[dm alice 1] Deskside: a\n    b\n    1 [Go] go 1"
    )


def test_nobody_speaks_in_a_deletion() -> None:
    assert paint.message(Shown("staff", "1", "", deed="deleted")) == [
        ("class:room.staff", "[staff 1 deleted]"),
        ("", ""),
    ]


def test_names_are_offered_to_the_terminal() -> None:
    people = ConsoleTransport(ManualClock(NINE), MEMBERS, lambda _: None).people
    found = _Names(people).get_completions(Document("/t"), CompleteEvent())
    assert [(c.text, c.start_position) for c in found] == [("thread", -1)]


def test_long_lines_are_folded_under_their_beginning() -> None:
    text = f"{'word ' * 8}\n1. {'point ' * 8}\n    {'code ' * 8}\nhttp://{'x' * 40}"
    folded = "".join(text for _, text in paint.message(Shown("staff", "1", "bea", text), 40))
    assert folded.splitlines() == [
        "[staff 1] bea: word word word word word",
        "    word word word",
        "    1. point point point point point",
        "       point point point",
        "        code code code code code code code code",
        f"    http://{'x' * 40}",
    ]
