import pytest

from bot.transports.slack.emoji import picture, to_character, to_name

# What reactions on every service mean to the bot, and what it reacts with.
USED = {
    "ticket": "🎫",
    "eyes": "👀",
    "white_check_mark": "✅",
    "rotating_light": "🚨",
    "lock": "🔒",
    "book": "📖",
    "pushpin": "📌",
    "outbox_tray": "📤",
    "+1": "👍",
    "-1": "👎",
}


@pytest.mark.parametrize(("name", "character"), USED.items())
def test_the_emoji_the_bot_uses_are_known_both_ways(name: str, character: str) -> None:
    assert (to_character(name), to_name(character)) == (character, name)


def test_other_names_of_the_same_emoji_are_known() -> None:
    assert (to_character("thumbsup"), to_character("open_book")) == ("👍", "📖")


def test_names_that_only_slack_has_are_known() -> None:
    assert (to_character("flag-de"), to_name("🇩🇪")) == ("🇩🇪", "de")
    assert to_character("man-shrugging") == "🤷\u200d♂"


def test_a_skin_tone_follows_the_name() -> None:
    assert to_character("wave::skin-tone-3") == "👋🏼"
    assert to_name("👋🏼") == "wave::skin-tone-3"
    assert to_character("ticket::skin-tone-3") == "🎫"


def test_variation_selectors_do_not_matter() -> None:
    assert to_name("⚠️") == to_name("⚠") == "warning"
    assert (to_character("warning"), picture("warning")) == ("⚠", "⚠️")


@pytest.mark.parametrize(
    "name", ["", "partyparrot", "::skin-tone-2", "eyes::skin-tone-9", ":eyes:"]
)
def test_what_a_workspace_has_of_its_own_is_no_character(name: str) -> None:
    assert to_character(name) is None


def test_what_is_no_emoji_has_no_name() -> None:
    assert (to_name("x"), to_name("")) == (None, None)
