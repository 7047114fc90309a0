"""What a transport remembers of what it has seen has a limit."""

from bot.transports.bounded import Bounded


def test_of_more_than_it_holds_the_oldest_is_forgotten() -> None:
    kept: Bounded[str, int] = Bounded(2)
    for number, name in enumerate("abc"):
        kept[name] = number
    assert list(kept.items()) == [("b", 1), ("c", 2)]


def test_what_is_noted_again_is_the_newest() -> None:
    kept: Bounded[str, int] = Bounded(2)
    for number, name in enumerate("abac"):
        kept[name] = number
    assert list(kept.items()) == [("a", 2), ("c", 3)]
