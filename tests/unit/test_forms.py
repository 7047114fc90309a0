"""Forms: what a command still needs, what is wrong with answers, which gestures there are."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.compose import routers
from bot.context import Context
from bot.forms import form_of, problems
from bot.parameters import Rest
from bot.replies import LARGEST_ATTACHMENT, Attachment, Field, Form, Post, post_codec
from bot.router import Commands, Router, Shortcut
from bot.times import Duration
from handlers.tickets.tickets import Ticket

FIELDS = (
    Field("size", "Size", choices=("small", "large")),
    Field("count", "How many"),
    Field("wait", "How long", optional=True),
    Field("text", "Why", multiline=True),
)


def shop() -> Commands:
    """Return the commands of a shop."""
    router = Router("shop", "Buy things")

    @router.command("buy", form=Form("Buy", "shop buy", FIELDS), aliases=["get"])
    def buy(
        _: Context,
        count: int,
        text: Rest,
        *,
        size: Literal["small", "large"],
        wait: Duration | None = None,
        fast: bool = False,
    ) -> None:
        """Buy things."""

    @router.command("return")
    def bring_back(_: Context, ticket: Ticket) -> None:
        """Bring one back."""

    return Commands([router])


GOOD = (("size", "Large"), ("count", "3"), ("text", "for fun\nand more"))


def test_a_form_asks_for_what_its_command_does_not_say() -> None:
    asked = form_of(shop(), "get 3 --size small")
    assert asked == Form("Buy", "shop buy 3 --size small", (FIELDS[2], FIELDS[3]))


def test_a_command_that_says_everything_asks_for_nothing() -> None:
    assert form_of(shop(), "shop buy 3 --size small --wait 2h for fun") is None


@pytest.mark.parametrize("line", ["", "shop", "shop return", "shop buy three", 'shop buy "x'])
def test_what_has_no_form_asks_for_nothing(line: str) -> None:
    assert form_of(shop(), line) is None


def test_good_answers_have_no_problems() -> None:
    assert problems(shop(), "shop buy", GOOD) == {}
    assert problems(shop(), "shop buy 3 --size small for fun", ()) == {}


def test_every_field_s_problem_is_told_at_once() -> None:
    answers = (("size", "huge"), ("count", "many"), ("wait", "long"), ("text", "  "))
    found = problems(shop(), "shop buy", answers)
    assert found.pop("text").startswith("Please fill in")
    assert found == {
        "size": "“huge” is not one of small, large.",
        "count": "“many” is not a number.",
        "wait": "“long” is not a duration. Write for example 90m, 2h or 1h30m.",
    }


def test_what_is_missing_is_named_by_its_label() -> None:
    found = problems(shop(), "shop buy", ())
    assert list(found) == ["size", "count", "text"]
    assert "How many" in found["count"]


def test_what_is_wrong_with_the_command_stands_under_no_field() -> None:
    assert "is not a number" in problems(shop(), "shop buy three", GOOD)[""]
    assert "I do not know" in problems(shop(), "cook", GOOD)[""]


def test_an_answer_to_no_field_is_no_problem() -> None:
    assert problems(shop(), "shop buy", (*GOOD, ("colour", "red"))) == {}


def test_what_a_conversation_may_imply_is_not_missing() -> None:
    assert problems(shop(), "shop return", ()) == {}
    assert "is not a ticket number" in problems(shop(), "shop return", (("ticket", "x"),))["ticket"]


def test_a_form_that_asks_for_what_its_command_does_not_take_fails_at_import() -> None:
    router = Router("shop", "Buy things")
    with pytest.raises(TypeError, match="asks for price, which it does not take"):

        @router.command("buy", form=Form("Buy", "shop buy", (Field("price", "Price"),)))
        def buy(_: Context, thing: str) -> None:
            """Buy a thing."""


def test_a_ticket_is_opened_by_two_shortcuts_and_a_form() -> None:
    commands = Commands(routers())
    assert list(commands.shortcuts()) == [
        Shortcut("Open a ticket", "ticket open", on_message=False),
        Shortcut("Open a ticket from this", "ticket open", on_message=True),
    ]
    assert form_of(commands, "ticket open") == commands.match("ticket open").command.form
    assert list(problems(commands, "ticket open", ())) == ["problem"]


def test_a_form_reads_the_same_from_what_was_typed_whatever_its_length() -> None:
    assert form_of(Commands(routers()), "ticket open " + "very " * 10_000) is not None


def test_an_attachment_has_a_largest_size() -> None:
    Attachment("x", "text/plain", b"x" * LARGEST_ATTACHMENT)
    with pytest.raises(ValueError, match=r"x.md has 5\.0 MB; an attachment has 5 MB at most"):
        Attachment("x.md", "text/plain", b"x" * (LARGEST_ATTACHMENT + 1))


def test_an_attachment_comes_back_the_same() -> None:
    post = Post((), attachments=(Attachment("x", "a/b", bytes(range(256))),))
    assert post_codec.validate_json(post_codec.dump_json(post)) == post
