"""Help: made of the commands themselves, for whoever asks."""

from textwrap import wrap

from tests.desk import Desk


async def test_help_lists_what_there_is(desk: Desk) -> None:
    await desk.says("alice", "!help")
    shown = desk.last("support")
    assert "• `!ticket` – Report a problem and follow it until it is solved" in shown
    assert "announce" not in shown


async def test_staff_see_what_staff_can_do(desk: Desk) -> None:
    await desk.says("bea", "!help", room="staff")
    assert "• `!announce` – Tell the support rooms something" in desk.last("staff")


async def test_help_names_commands_as_they_are_typed_there(desk: Desk) -> None:
    await desk.says("alice", "help ticket", room="dm")
    assert "• `ticket open` – Report a problem" in desk.last("dm", "alice")


async def test_one_command_is_shown_with_usage_and_example(desk: Desk) -> None:
    await desk.says("bea", "!help ticket claim", room="staff")
    assert desk.last("staff") == (
        "`!ticket claim <#number>`\nTake tickets on.\nFor example:\n"
        "• `!ticket claim #42`\n• `!ticket claim 4 7`"
    )


async def test_commands_one_may_not_use_are_not_shown(desk: Desk) -> None:
    await desk.says("alice", "!help ticket claim")
    assert desk.last("support").startswith("There is no help about `!ticket claim`.")


async def test_a_cry_for_help_in_a_direct_message_is_a_question(desk: Desk) -> None:
    await desk.says("alice", "help my laptop smokes", room="dm")
    assert "There is no help about" not in desk.last("dm", "alice")


async def test_help_about_nothing_known_says_so(desk: Desk) -> None:
    await desk.says("alice", "!help bananas")
    assert desk.last("support").startswith(
        "There is no help about “bananas”. Write !help to see what there is."
    )


def lines_of(shown: str) -> int:
    """Count the lines of a text on a phone of 40 columns."""
    return sum(len(wrap(line.replace("`", ""), 40)) for line in shown.splitlines())


async def test_help_about_tickets_fits_a_phone(desk: Desk) -> None:
    await desk.says("alice", "!help ticket")
    assert lines_of(desk.last("support")) <= 20
    await desk.says("bea", "!help ticket", room="staff")
    assert lines_of(desk.last("staff")) <= 40
