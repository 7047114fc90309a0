"""What every transport tells the core, whichever service it reads."""

import asyncio
import gc

from bot.content import say
from bot.events import Deleted, Edited, Message, Pressed, Reacted
from bot.replies import Button, Post
from bot.transport import Action
from tests.contract.driver import Ability, Driver, Fault, delivery, need

CLAIM = Button("Claim", "ticket claim 1", "👀")


def texts(driver: Driver) -> list[str]:
    return [message.text for message in driver.intake.all(Message)]


async def heard(driver: Driver, said: str) -> Message:
    return await driver.intake.see(Message, lambda message: message.text == said)


async def test_what_is_written_is_stored_once_with_its_writer(driver: Driver) -> None:
    async with driver.running():
        written = await driver.write("My printer is on fire")
        message = await driver.intake.see(Message)
    assert (message.message, message.text) == (written, "My printer is on fire")
    assert (message.place, message.person) == (driver.place, driver.person)
    assert message.at.tzinfo is not None


async def test_what_is_written_in_a_thread_has_its_place_there(driver: Driver) -> None:
    async with driver.running():
        root = await driver.write("help")
        await driver.write("more", thread=root)
        message = await heard(driver, "more")
    assert message.place == driver.place.in_thread(root)


async def test_a_direct_message_is_told_as_such(driver: Driver) -> None:
    async with driver.running():
        await driver.write("to all")
        await driver.write_directly("to you")
        to_you = await heard(driver, "to you")
    assert (await heard(driver, "to all")).direct is False
    assert to_you.direct
    assert to_you.place.room != driver.place.room


async def test_a_shared_file_is_told_by_its_name(driver: Driver) -> None:
    async with driver.running():
        await driver.share("photo.png", "look")
        message = await heard(driver, "look")
    assert [file.name for file in message.files] == ["photo.png"]


async def test_text_is_told_as_it_was_written(driver: Driver) -> None:
    text = "<b>&amp; *x* `y` @room\n[Claim] !z 🏴‍☠️ \u202eback"
    async with driver.running():
        await driver.write(text)
        message = await driver.intake.see(Message)
    assert message.text == text


async def test_text_that_no_database_takes_is_told_without_what_it_refuses(driver: Driver) -> None:
    async with driver.running():
        await driver.write("a\0b\ud83dc")
        message = await driver.intake.see(Message)
    assert "\0" not in message.text
    assert message.text.encode()[:1] == b"a"


async def test_changes_are_events_of_their_own(driver: Driver) -> None:
    async with driver.running():
        written = await driver.write("!clsoe")
        await driver.edit(written, "!close")
        await driver.react(written, "👀")
        await driver.delete(written)
        await driver.intake.see(Deleted)
    kinds = [type(event) for event in driver.intake.events if event.about]
    assert kinds == [Message, Edited, Reacted, Deleted]
    assert {event.about for event in driver.intake.events if event.about} == {written}


async def test_every_edit_of_a_message_counts(driver: Driver) -> None:
    async with driver.running():
        written = await driver.write("one")
        for text in ("two", "three"):
            await driver.edit(written, text)
        await driver.intake.see(Edited, lambda event: event.text == "three")
    edits = driver.intake.all(Edited)
    assert [event.text for event in edits] == ["two", "three"]
    assert len({event.revision for event in edits}) == 2


async def test_a_button_stands_for_its_command(driver: Driver) -> None:
    async with driver.running() as transport:
        post = Post(say("New"), (CLAIM,))
        sent = await transport.send(delivery(driver, post=post))
        driver.intake.posts[sent.message] = post
        await driver.press(sent.message, CLAIM)
        pressed = await driver.intake.see(Pressed)
    assert (pressed.message, pressed.line) == (sent.message, CLAIM.line)
    assert (pressed.person, pressed.place) == (driver.person, driver.place)


async def test_a_button_seen_by_one_person_alone_can_be_pressed(driver: Driver) -> None:
    async with driver.running() as transport:
        post = Post(say("New"), (CLAIM,))
        sent = await transport.send(delivery(driver, post=post, person=driver.person, private=True))
        driver.intake.posts[sent.message] = post
        await driver.press(sent.message, CLAIM, alone=True)
        assert (await driver.intake.see(Pressed)).line == CLAIM.line


async def test_what_the_bot_does_itself_is_no_event(driver: Driver) -> None:
    async with driver.running() as transport:
        sent = await transport.send(delivery(driver))
        for more in (
            {"action": Action.EDIT},
            {"action": Action.REACT, "emoji": "👀", "post": None},
        ):
            await transport.send(delivery(driver, target=sent.message, **more))
        written = await driver.write("after")
        await heard(driver, "after")
    assert [event.about for event in driver.intake.events if event.about] == [written]


async def test_what_another_bot_writes_is_marked_as_such(driver: Driver) -> None:
    need(driver, Ability.RUN_PROGRAMS)
    async with driver.running():
        await driver.run_program("!ticket open rain")
        assert (await driver.intake.see(Message)).automated


async def test_a_room_is_told_in_its_order(driver: Driver) -> None:
    said = [str(number) for number in range(30)]
    async with driver.running():
        root = await driver.write("root")
        for text in said:
            await driver.write(text, thread=root if int(text) % 3 == 0 else None)
        await heard(driver, said[-1])
    assert texts(driver) == ["root", *said]


async def test_the_same_event_told_twice_is_one(driver: Driver) -> None:
    need(driver, Fault.RETELL)
    async with driver.running():
        await driver.write("one")
        driver.make(Fault.RETELL)
        await driver.write("two")
        await heard(driver, "two")
    told = [event.id for batch in driver.intake.batches for event in batch.events if event.about]
    assert len(told) > len(set(told))  # else nothing was told twice
    assert texts(driver) == ["one", "two"]


async def test_nothing_is_acknowledged_before_it_is_stored(driver: Driver) -> None:
    async with driver.running() as transport:
        driver.intake.pause()
        writing = asyncio.create_task(driver.write("one"))
        await driver.intake.asked()
        await transport.typing(driver.place, on=True)  # time enough to say it too early
        assert not driver.acknowledged
        driver.intake.resume()
        await writing
        await heard(driver, "one")
    async with driver.running():
        assert driver.acknowledged


async def test_nothing_is_lost_when_storing_fails(driver: Driver) -> None:
    async with driver.running():
        await driver.write("one")
        await heard(driver, "one")
        driver.intake.fail = 1
        for text in ("two", "three"):
            await driver.write(text)
        await heard(driver, "three")
    assert texts(driver) == ["one", "two", "three"]


async def test_a_transport_cancelled_while_storing_loses_and_repeats_nothing(
    driver: Driver,
) -> None:
    async with driver.running():
        driver.intake.pause()
        writing = asyncio.create_task(driver.write("one"))
        await driver.intake.asked()
    driver.intake.resume()
    await writing
    async with driver.running():
        await driver.write("two")
        for text in ("one", "two"):
            await heard(driver, text)
    assert texts(driver) == ["one", "two"]


async def test_a_cancelled_transport_leaves_nothing_open(driver: Driver) -> None:
    async with driver.running():
        driver.intake.pause()
        writing = asyncio.create_task(driver.write("one"))
        await driver.intake.asked()
    assert not [task for task in asyncio.all_tasks() if "bot/" in repr(task.get_coro())]
    gc.collect()  # what was not closed warns now, and a warning is an error
    driver.intake.resume()
    await writing


async def test_what_is_said_while_the_bot_is_away_is_told_in_order(driver: Driver) -> None:
    need(driver, Ability.WRITE_TO_NOBODY)
    async with driver.running():
        await driver.write("one")
        await heard(driver, "one")
    for text in ("two", "three"):
        await driver.write(text)
    async with driver.running():
        await driver.write("four")
        await heard(driver, "four")
    assert texts(driver) == ["one", "two", "three", "four"]


async def test_after_a_restart_everything_goes_on(driver: Driver) -> None:
    for text in ("one", "two"):
        async with driver.running():
            await driver.write(text)
            await heard(driver, text)
    assert texts(driver) == ["one", "two"]


async def test_nothing_is_lost_when_the_connection_is(driver: Driver) -> None:
    need(driver, Fault.CUT)
    async with driver.running():
        driver.make(Fault.CUT)
        for text in ("one", "two", "three"):
            await driver.write(text)
        await heard(driver, "three")
    assert texts(driver) == ["one", "two", "three"]


async def test_health_tells_whether_it_works(driver: Driver) -> None:
    async with driver.running() as transport:
        await driver.write("hello")
        await driver.intake.see(Message)
        health = transport.health()
    assert health.ok
    assert health.detail.endswith(".")
