"""What people did and were refused is recorded, shown to leads, and every later change shows."""

from dataclasses import replace

import pytest

from bot.chain import verify
from bot.people import Role
from bot.plan import Plan
from handlers.audit import listing
from handlers.conversations import Keeping
from tests.desk import Desk
from tests.room.conftest import OpenDesk

TEXTS = "SELECT before || after || reason || salt FROM audit ORDER BY id"
OPEN = "!ticket open my laptop will not start"


def with_lead(plan: Plan) -> Plan:
    """Let lea be a lead, and keep messages for ten days and the record for twenty."""
    keeping = Keeping(messages=10, events=5, audit=20, rooms={})
    services = {**plan.services, Keeping: keeping}
    return replace(plan, roles={Role.LEAD: ("lea",)}, services=services)


@pytest.fixture
async def led(open_desk: OpenDesk) -> Desk:
    """A desk with a lead, in which a ticket has been opened and claimed."""
    desk = await open_desk(with_lead)
    await desk.says("alice", OPEN)
    await desk.presses("bea", "Claim", room="staff")
    return desk


async def answer(desk: Desk, said: str, who: str = "lea") -> str:
    """Return what somebody is answered in a direct message."""
    await desk.says(who, said, room="dm")
    return desk.last("dm", who)


async def verdict(desk: Desk) -> str:
    return await answer(desk, "audit verify")


async def acts(desk: Desk, filters: str = "") -> list[str]:
    """Return what the record shows of filters, without number and time."""
    text = await answer(desk, f"audit {filters}")
    return [line.split(" · ", 2)[2] for line in text.removesuffix(" [Older]").splitlines()]


async def test_acts_stand_there_with_what_was_and_what_is(led: Desk) -> None:
    await led.says("bea", "!ticket resolve 1 a new battery", room="staff")
    assert await acts(led, "ticket 1") == [
        "bea (agent) in #staff · ticket resolve ticket 1 · open, bea → solved, bea: a new battery",
        "bea (agent) in #staff · ticket claim ticket 1 · new → open, bea",
        "alice (employee) in #support · ticket open ticket 1 · new: my laptop will not start",
    ]


async def test_refusals_stand_there_with_their_reason(led: Desk) -> None:
    await led.says("alice", "!ticket claim 1")
    await led.says("dan", "!ticket claim 1", room="staff")
    await led.says("eve", "!ticket reopen 1")
    assert await acts(led, "refused") == [
        "eve (employee) in #support · ticket reopen ticket 1 · refused: Only alice or IT"
        " can reopen #1.",
        "dan (agent) in #staff · ticket claim ticket 1 · refused: bea has #1 already."
        " “ticket assign #1 me” takes it over.",
        "alice (employee) in #support · ticket claim ticket 1 · refused: Only agents can do that"
        " (ticket claim); you are an employee.",
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("!ticket claim 1 2 7", [("1", "refused"), ("2", "done"), ("7", "refused")]),
        ("!ticket claim 1 7", [("1", "refused"), ("7", "refused")]),
    ],
)
async def test_of_several_each_is_recorded(
    led: Desk, said: str, found: list[tuple[str, str]]
) -> None:
    await led.says("alice", "!ticket open my screen is black")
    await led.says("dan", said, room="staff")
    rows = led.rows("SELECT object, outcome FROM audit WHERE id > 3 ORDER BY id")
    assert rows == [(f"ticket {number}", outcome) for number, outcome in found]


@pytest.mark.parametrize(
    "said",
    [
        *("ticket claim", "ticket claim x", "tickt claim 1", "help bananas", "faq show bananas"),
        *('maintenance plan "x" --at never --for 2h', "ticket list", "hello"),
    ],
)
async def test_what_is_malformed_or_only_looked_at_is_not_recorded(led: Desk, said: str) -> None:
    await led.says("bea", said, room="dm")
    assert led.rows("SELECT count(*) FROM audit") == [(2,)]


async def test_looking_at_what_is_not_theirs_is_recorded(led: Desk) -> None:
    await led.says("eve", "ticket show 7", room="dm")
    await led.says("eve", "audit", room="dm")
    assert led.rows("SELECT act, object, outcome FROM audit WHERE id > 2") == [
        ("ticket show", "ticket 7", "refused"),
        ("audit", "", "refused"),
    ]


async def test_emoji_edits_and_deletions_are_acts_too(led: Desk) -> None:
    message = await led.says("alice", "my screen is black")
    await led.reacts("alice", "🎫", message)
    await led.edits("alice", message, "my screen is green")
    await led.reacts("dan", "✅", led.visible("staff")[-1].id, room="staff")
    assert [line.split(" · ", 1)[1] for line in await acts(led, "ticket 2")] == [
        "ticket resolve ticket 2 · new → solved, dan",
        "edit ticket 2 · my screen is black → my screen is green",
        "ticket open ticket 2 · new: my screen is black",
    ]
    await led.deletes("alice", message)
    assert led.rows("SELECT act, before, after FROM audit WHERE id > 5") == [("delete", "", "")]


async def test_notices_and_answers_stand_there(led: Desk) -> None:
    await led.says("bea", '!maintenance plan "mail" --at "saturday 22:00" --for 2h')
    await led.says("bea", "!maintenance cancel 1")
    await led.says("bea", "!maintenance cancel 1")
    await led.says("alice", "!faq how do I reset my password")
    await led.presses("alice", "Solved")
    assert led.rows("SELECT act, object, before, after, outcome FROM audit WHERE id > 2") == [
        ("maintenance plan", "maintenance 1", "", "planned for #support", "done"),
        ("maintenance cancel", "maintenance 1", "planned", "cancelled", "done"),
        ("maintenance cancel", "maintenance 1", "", "", "refused"),
        ("faq solved", "answer 1", "given", "solved", "done"),
    ]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("@bea", [5, 3, 2]),
        ("ticket", [4, 3, 2, 1]),
        ("ticket claim", [4, 2]),
        ("ticket claim refused", [4]),
        ("ticket #1 done", [3, 2, 1]),
        ("since 2h", [6, 5]),
        ("@bea since 2h", [5]),
        ("before 3", [2, 1]),
    ],
)
async def test_filters_choose(led: Desk, filters: str, numbers: list[int]) -> None:
    await led.says("bea", "!ticket resolve 1", room="staff")
    await led.says("alice", "!ticket claim 1")
    await led.advances(hours=3)
    await led.says("bea", "!announce The canteen is open", room="staff")
    await led.says("alice", "!announce No, it is not")
    shown = (await answer(led, f"audit {filters}")).splitlines()
    assert [int(text.split()[1]) for text in shown] == numbers


@pytest.mark.parametrize("filters", ["since yesterday", "before noon", "before", "@nobody"])
async def test_a_filter_that_cannot_be_read_is_explained(led: Desk, filters: str) -> None:
    assert "·" not in await answer(led, f"audit {filters}")


async def test_there_may_be_nothing_of_a_kind(led: Desk) -> None:
    assert await answer(led, "audit ticket 99") == "Nothing like that is recorded."


async def test_older_acts_are_a_button_away(led: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    await led.says("bea", "!ticket resolve 1", room="staff")
    assert len(await acts(led, "ticket 1")) == 2
    await led.presses("lea", "Older", room="dm")
    assert "ticket open" in led.last("dm", "lea")
    assert "Older" not in led.last("dm", "lea")


async def test_only_who_asked_sees_the_record(led: Desk) -> None:
    await led.says("lea", "!audit")
    assert "ticket claim" in led.last("support", "lea")
    assert not any("ticket claim" in text for text in led.texts("support", "alice"))


async def test_an_act_that_was_taken_back_leaves_no_hole(probed: Desk) -> None:
    said = ("!probe ping", "!probe poison", "!probe colour plaid", "!probe poison", "!probe ping")
    await probed.tells(*(probed.message("alice", each) for each in said))
    found = await probed.bot.database.read(verify)
    assert (found.count, found.number, found.wrong) == (3, 3, "")
    assert probed.rows("SELECT outcome FROM audit ORDER BY id") == [
        ("done",),
        ("refused",),
        ("done",),
    ]


async def test_the_chain_goes_on_after_a_restart(led: Desk) -> None:
    await led.restarts()
    await led.says("bea", "!ticket resolve 1", room="staff")
    said = await verdict(led)
    assert said.startswith("Verified 3 acts from Mon 5 Jan 2026 09:00 CET to Mon 5 Jan 2026 09:00")


async def test_an_empty_record_is_sound(open_desk: OpenDesk) -> None:
    assert (await verdict(await open_desk(with_lead))).startswith("The record is empty")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET object = 'ticket 2' WHERE id = 2", "Act 2 is not what was written"),
        ("UPDATE audit SET at = '2025-01-01 00:00:00' WHERE id = 1", "Act 1 is not what was"),
        ("UPDATE audit SET after = 'open, dan' WHERE id = 2", "The texts of act 2 are not what"),
        ("UPDATE audit SET after = 'x', salt = '' WHERE id = 2", "The texts of act 2 are not"),
        ("DELETE FROM audit WHERE id = 2", "Act 2 is missing."),
        ("DELETE FROM audit_source; DELETE FROM audit WHERE id = 1", "Act 1 is missing."),
        ("DELETE FROM audit WHERE id = 3", "Act 3 is missing from the end."),
        ("DELETE FROM audit WHERE id > 1", "Acts 2 to 3 are missing from the end."),
        ("UPDATE audit SET id = 4 WHERE id = 3", "Act 3 is missing from the end."),
        ("UPDATE audit_chain SET last_hash = 'x'", "Act 3 does not end the record"),
        ("UPDATE audit_chain SET last = 2", "Act 2 does not end the record"),
        ("DELETE FROM audit_chain", "The table audit_chain is empty"),
        (
            "INSERT INTO audit SELECT 4, at, person_id, role, room_id, act, object, outcome,"
            " before, after, reason, salt, digest, hash FROM audit WHERE id = 3",
            "Act 4 stands after the end of the record",
        ),
        (
            "UPDATE audit SET id = -1 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
            "UPDATE audit SET id = 3 WHERE id = -1",
            "Act 2 is not what was written, or not where it was written.",
        ),
    ],
)
async def test_whatever_is_changed_behind_its_back_shows(
    led: Desk, statement: str, said: str
) -> None:
    await led.says("bea", "!ticket resolve 1", room="staff")
    await led.stops()
    for each in statement.split(";"):
        led.changes(each)
    await led.starts()
    shown = await verdict(led)
    assert shown.startswith("The record is not as it was written.")
    assert said in shown
    assert "look in the newest backup" in shown


async def test_acts_go_on_whatever_was_put_there(led: Desk) -> None:
    await led.stops()
    led.changes(
        "INSERT INTO audit SELECT 3, at, person_id, role, room_id, act, object, outcome, before,"
        " after, reason, salt, digest, hash FROM audit WHERE id = 2"
    )
    await led.starts()
    await led.says("bea", "!ticket resolve 1", room="staff")
    assert "solved by bea" in led.card(1)
    assert "Act 3 is not what was written" in await verdict(led)


async def test_a_mark_shows_later_that_the_record_is_the_same(led: Desk) -> None:
    mark = (await verdict(led)).rpartition(" ")[2].strip("`")
    await led.says("bea", "!ticket resolve 1", room="staff")
    assert (await answer(led, f"audit verify {mark}")).startswith("Verified 3 acts")


async def test_a_mark_shows_that_the_record_was_made_anew(led: Desk) -> None:
    number, _, hashed = (await verdict(led)).rpartition(" ")[2].strip("`").partition(":")
    other = f"{number}:{hashed[::-1]}"
    assert "Act 2 had another mark" in await answer(led, f"audit verify {other}")
    assert "Act 9, whose mark you noted, is missing." in await answer(
        led, f"audit verify 9:{hashed}"
    )
    assert "is no mark" in await answer(led, "audit verify 2")


async def test_what_is_erased_leaves_the_record_whole(led: Desk) -> None:
    message = await led.says("bea", "!ticket resolve 1 sunshine", room="staff")
    await led.says("alice", "!ticket reopen 1")
    await led.says("lea", "audit ticket 1", room="dm")
    await led.deletes("bea", message, room="staff")
    assert not any("sunshine" in text for text in led.texts("dm", "lea"))
    assert b"sunshine" not in led.stored_bytes()
    assert [bool(text) for (text,) in led.rows(TEXTS)] == [True, True, False, False, False]
    assert (await verdict(led)).startswith("Verified 5 acts")
    assert "ticket reopen ticket 1 · (erased)" in (await acts(led, "@alice"))[0]


async def test_what_a_refusal_quotes_is_erased_with_it(led: Desk) -> None:
    said = '!maintenance plan "x" --at "saturday 22:00" --for 2h --rooms sunshine'
    message = await led.says("bea", said)
    assert "sunshine" in (await acts(led, "refused"))[0]
    await led.deletes("bea", message)
    assert b"sunshine" not in led.stored_bytes()
    assert (await acts(led, "refused"))[0].endswith("refused: (erased)")


async def test_texts_go_with_the_messages_they_quote(led: Desk) -> None:
    await led.advances(days=12)
    assert [bool(text) for (text,) in led.rows(TEXTS)] == [False, True]
    assert led.rows("SELECT count(*) FROM audit_source") == [(0,)]
    assert (await verdict(led)).startswith("Verified 2 acts")


async def test_old_acts_are_dropped_and_the_rest_still_holds(led: Desk) -> None:
    mark = (await verdict(led)).rpartition(" ")[2].strip("`")
    await led.advances(days=19)
    await led.says("bea", "!ticket resolve 1", room="staff")
    await led.advances(days=3)
    assert led.rows("SELECT id FROM audit") == [(3,)]
    assert (await answer(led, f"audit verify {mark}")).startswith("Verified 1 act from")
    assert "is older than what is kept" in await answer(led, f"audit verify 1:{'0' * 16}")
    await led.advances(days=19)
    assert (await verdict(led)).startswith("The record is empty")


async def test_what_is_put_before_the_beginning_shows(led: Desk) -> None:
    await led.advances(days=22)
    await led.says("bea", "!ticket resolve 1", room="staff")
    await led.stops()
    led.changes("UPDATE audit SET id = 2 WHERE id = 3")
    await led.starts()
    assert "Act 2 stands before the beginning of the record" in await verdict(led)
