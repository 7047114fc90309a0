"""The router: a look-up of words, and the nearest command for those that are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compose import routers
from bot.context import Context
from bot.errors import NearMiss, UserError
from bot.events import Joined, Message
from bot.parameters import Rest
from bot.router import Commands, Router
from bot.words import QUOTES


def shop() -> Router:
    """Return a router with two commands and one of its own name."""
    router = Router("shop", "Buy things")

    @router.command("buy", aliases=["get", "shop order"])
    def buy(_: Context, thing: Rest, *, fast: bool = False) -> None:
        """Buy a thing."""

    @router.command("sell")
    def sell(_: Context, price: int) -> None:
        """Sell one.

        Nobody sees this.
        """

    return router


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("shop buy a pen", "shop buy", "a pen"),
        ("SHOP  Buy\n a  pen ", "shop buy", "a  pen"),
        ("shop order x", "shop buy", "x"),
        ("get x", "shop buy", "x"),
        ("shop sell", "shop sell", ""),
        ('shop buy "x', "shop buy", '"x'),
        *((f"shop buy the {quote}x is it", "shop buy", f"the {quote}x is it") for quote in QUOTES),
    ],
)
def test_a_command_is_found_by_its_words(text: str, name: str, rest: str) -> None:
    match = Commands([shop()]).match(text)
    assert (match.command.name, match.rest) == (name, rest)


@pytest.mark.parametrize("text", ["shop", "shop biy x", "shp buy x", "shp"])
def test_a_near_miss_is_told_from_talk(text: str) -> None:
    with pytest.raises(NearMiss):
        Commands([shop()]).match(text)


@pytest.mark.parametrize("text", ["", "  ", "shops close early", "shop windows are dirty", "what"])
def test_talk_is_no_near_miss(text: str) -> None:
    with pytest.raises(UserError) as refused:
        Commands([shop()]).match(text)
    assert not isinstance(refused.value, NearMiss)


def test_the_usage_shows_options_before_free_text() -> None:
    assert Commands([shop()]).match("get").command.usage == "shop buy [--fast] <thing>"


def test_the_first_sentence_is_the_help() -> None:
    assert Commands([shop()]).match("shop sell").command.summary == "Sell one."


def test_a_button_is_its_command() -> None:
    button = Commands([shop()]).match("shop sell").command.button("Sell", 3, emoji="💰")
    assert (button.label, button.line, button.emoji) == ("Sell", "shop sell 3", "💰")


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two commands are called 'shop buy'"):
        Commands([shop(), shop()])


def test_a_command_without_a_docstring_fails_at_import() -> None:
    router = Router("shop", "Buy things")
    with pytest.raises(TypeError, match="needs a docstring"):

        @router.command("buy")
        def buy(_: Context) -> None:
            pass


def test_a_command_nobody_can_type_fails_at_import() -> None:
    router = Router("shop", "Buy things")
    with pytest.raises(TypeError, match="cannot be typed"):

        @router.command("buy")
        def buy(_: Context, price: float) -> None:
            """Buy a thing."""


def test_listeners_are_asked_in_the_routers_order() -> None:
    first, second = Router("first", ""), Router("second", "")
    heard: list[str] = []
    for router in (first, second):

        @router.listen(Message)
        def hear(*_: Any, name: str = router.name) -> None:
            heard.append(name)

    message: Any = Message.__new__(Message)
    for listener in Commands([first, second]).listeners(message):
        listener.run(None, None)
    joined: Any = Joined.__new__(Joined)
    assert (heard, list(Commands([first]).listeners(joined))) == (["first", "second"], [])


COMMANDS = Commands(routers())


@given(st.text())
def test_any_text_is_matched_or_refused(text: str) -> None:
    try:
        rest = COMMANDS.match(text).rest
    except UserError as refused:
        rest = str(refused)[:0]
    assert rest in text
