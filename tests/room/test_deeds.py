"""What is done beside saying something: pins, topics, files."""

from bot.events import Message
from tests.desk import Desk
from tests.service import Fault, place


async def test_a_lasting_post_is_pinned_and_unpinned(probed: Desk) -> None:
    await probed.says("alice", "!probe pin")
    assert probed.service.pinned["support"] == {"2"}
    await probed.says("alice", "!probe unpin")
    assert probed.service.pinned["support"] == set()


async def test_a_pin_waits_for_its_post_also_over_a_restart(probed: Desk) -> None:
    probed.service.faults.extend([Fault.BUSY] * 3)
    await probed.says("alice", "!probe pin")
    assert probed.service.pinned == {}
    await probed.restarts()
    await probed.advances(minutes=10)
    assert probed.service.pinned["support"] == {"2"}


async def test_a_post_that_could_not_be_said_is_not_pinned(probed: Desk) -> None:
    probed.service.faults.append(Fault.REFUSE)
    await probed.says("alice", "!probe pin")
    await probed.says("alice", "!probe unpin")
    assert probed.service.pinned == {}


async def test_nothing_is_pinned_where_there_is_no_post(probed: Desk) -> None:
    await probed.says("alice", "!probe unpin")
    assert probed.service.attempts == []


async def test_a_pinned_post_is_still_what_its_buttons_are_pressed_on(probed: Desk) -> None:
    await probed.says("alice", "!probe pin")
    post = await probed.service.intake.sent_message(place("support"), "2")
    assert post is not None


async def test_of_topics_that_wait_the_newest_is_set(probed: Desk) -> None:
    await probed.says("alice", "!probe topic one two three")
    assert probed.service.topics == {"support": "three"}
    assert len(probed.service.attempts) < 3


async def test_a_topic_is_nothing_that_was_said(probed: Desk) -> None:
    await probed.says("alice", "!probe topic lunch")
    assert probed.rows("SELECT count(*) FROM message WHERE person_id IS NULL") == [(0,)]
    assert probed.texts("support") == []


async def test_a_file_arrives_as_it_was_also_after_a_restart(probed: Desk) -> None:
    probed.service.faults.append(Fault.BUSY)
    await probed.says("alice", "!probe attach 1000")
    await probed.restarts()
    await probed.advances(minutes=10)
    (file,) = probed.visible("support")[-1].post.attachments
    assert (file.name, file.media_type, file.data) == ("x.bin", "text/plain", b"\xff" * 1000)


async def test_a_file_that_is_too_large_is_no_file(probed: Desk) -> None:
    await probed.says("alice", f"!probe attach {5 * 2**20 + 1}")
    assert "Something went wrong" in probed.last("support")


async def test_slow_work_for_somebody_who_is_nowhere_ends_in_a_direct_message(
    probed: Desk,
) -> None:
    await probed.invokes("alice", "probe errand cables", room="")
    assert probed.texts("dm", "alice") == ["on it", "CABLES"]


async def test_a_question_to_who_gave_a_slash_command_is_answered_in_the_room(
    probed: Desk,
) -> None:
    await probed.invokes("alice", "probe colour")
    assert probed.texts("support", "carol") == []
    await probed.says("carol", "blue")
    await probed.says("alice", "red")
    assert probed.last("support") == "You like red."


async def test_the_threads_of_late_are_known(desk: Desk) -> None:
    first = await desk.says("alice", "my mouse is dead")
    await desk.says("alice", "really", thread=first)
    await desk.advances(hours=1)
    since = desk.clock.now()
    second = await desk.says("carol", "no sound")
    third = await desk.says("carol", "no sight")
    for thread in (third, second):
        await desk.says("carol", "please", thread=thread)
    intake = desk.service.intake
    assert list(await intake.threads(place("support"), since)) == [second, third]
    assert list(await intake.threads(place("nowhere"), since)) == []


async def test_at_most_two_hundred_threads_are_told(desk: Desk) -> None:
    start = desk.clock.now()
    said: list[Message] = [
        desk.message("alice", "well", thread=f"t{number}", automated=True) for number in range(250)
    ]
    await desk.tells(*said)
    threads = list(await desk.service.intake.threads(place("support"), start))
    assert (len(threads), threads[0]) == (200, "t249")
