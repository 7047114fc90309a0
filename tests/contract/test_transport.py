"""What every transport promises the core, whichever service it speaks to."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.content import say
from bot.errors import SendFailure, TransportError
from bot.events import Deleted, Edited, Message, Reacted
from bot.replies import Lane, Post
from bot.transport import Action, Delivery, Promise, Transport
from tests.contract.driver import WAIT, Driver, Fault
from tests.contract.matrix_driver import MatrixDriver
from tests.contract.matrix_server import MatrixServer


@pytest.fixture(params=["matrix"])
async def driver() -> AsyncIterator[Driver]:
    async with MatrixServer() as server:
        yield MatrixDriver(server)


def delivery(driver: Driver, text: str = "Hello", **more: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": secrets.token_hex(16),
        "action": Action.POST,
        "place": driver.place,
        "post": Post(say(text)),
        "lane": Lane.REPLY,
        "created": datetime.now(UTC),
    }
    return Delivery(**values | more)


def need(driver: Driver, fault: Fault) -> None:
    if fault not in driver.faults:
        pytest.skip(f"this service knows no {fault.name}")


async def texts(driver: Driver) -> list[str]:
    return [shown.text for shown in await driver.seen()]


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
        message = await driver.intake.see(Message, lambda event: event.text == "more")
    assert message.place == driver.place.in_thread(root)


async def test_changes_are_events_of_their_own(driver: Driver) -> None:
    async with driver.running():
        written = await driver.write("!clsoe")
        await driver.edit(written, "!close")
        await driver.react(written, "👀")
        await driver.delete(written)
        await driver.intake.see(Deleted)
    kinds = [type(event) for event in driver.intake.events]
    assert [k for k in kinds if k in (Message, Edited, Reacted, Deleted)] == [
        Message,
        Edited,
        Reacted,
        Deleted,
    ]
    assert {event.about for event in driver.intake.events if event.about} == {written}


async def test_what_is_said_while_the_bot_is_away_is_told_in_order(driver: Driver) -> None:
    async with driver.running():
        await driver.write("one")
        await driver.intake.see(Message)
    for text in ("two", "three"):
        await driver.write(text)
    async with driver.running():
        await driver.write("four")
        await driver.intake.see(Message, lambda event: event.text == "four")
    assert [m.text for m in driver.intake.all(Message)] == ["one", "two", "three", "four"]


async def test_nothing_is_lost_when_storing_fails(driver: Driver) -> None:
    async with driver.running():
        await driver.write("one")
        await driver.intake.see(Message)
        driver.intake.fail = 1
        await driver.write("two")
        await driver.intake.see(Message, lambda event: event.text == "two")


async def test_nothing_is_lost_when_the_connection_is(driver: Driver) -> None:
    need(driver, Fault.CUT)
    async with driver.running():
        driver.make(Fault.CUT)
        for text in ("one", "two", "three"):
            await driver.write(text)
        await driver.intake.see(Message, lambda event: event.text == "three")
    assert [m.text for m in driver.intake.all(Message)] == ["one", "two", "three"]


async def test_a_post_appears_where_it_belongs(driver: Driver) -> None:
    async with driver.running() as transport:
        root = await driver.write("help")
        await driver.intake.see(Message)
        await transport.send(delivery(driver, place=driver.place.in_thread(root)))
    [shown] = await driver.seen()
    assert "Hello" in shown.text
    assert shown.thread == root


async def test_a_post_can_be_edited_and_deleted(driver: Driver) -> None:
    async with driver.running() as transport:
        sent = await transport.send(delivery(driver, "before"))
        await transport.send(delivery(driver, "after", action=Action.EDIT, target=sent.message))
        [shown] = await driver.seen()
        await transport.send(delivery(driver, action=Action.DELETE, target=sent.message, post=None))
    assert (shown.id, "after" in shown.text, "before" in shown.text) == (sent.message, True, False)
    assert await driver.seen() == []


async def test_a_reaction_can_be_put_twice(driver: Driver) -> None:
    async with driver.running() as transport:
        written = await driver.write("help")
        await driver.intake.see(Message)
        for _ in range(2):
            await transport.send(
                delivery(driver, action=Action.REACT, target=written, emoji="👀", post=None)
            )


async def test_what_is_for_one_person_is_seen_by_nobody_else(driver: Driver) -> None:
    async with driver.running() as transport:
        await transport.send(delivery(driver, "secret", person=driver.person, private=True))
    assert not [text for text in await texts(driver) if "secret" in text]
    [alone] = await driver.seen_alone()
    assert "secret" in alone.text


async def test_the_bots_own_posts_are_no_events(driver: Driver) -> None:
    async with driver.running() as transport:
        await transport.send(delivery(driver))
        await driver.write("after")
        await driver.intake.see(Message, lambda event: event.text == "after")
    assert len(driver.intake.all(Message)) == 1


async def test_the_same_delivery_twice_is_shown_once_where_that_is_promised(
    driver: Driver,
) -> None:
    async with driver.running() as transport:
        post = delivery(driver)
        assert await repeat(transport, post) is True
    assert len(await driver.seen()) == 1


async def repeat(transport: Transport, post: Delivery) -> bool:
    """Send and, if the promise allows it, send again; tell whether the ids agree."""
    first = await transport.send(post)
    if transport.promise(post) is not Promise.IDEMPOTENT:
        return True
    return (await transport.send(post)).message == first.message


@pytest.mark.parametrize("fault", [Fault.LIMIT, Fault.LIMIT_OTHERWISE])
async def test_a_limit_is_told_with_its_wait(driver: Driver, fault: Fault) -> None:
    need(driver, fault)
    async with driver.running() as transport:
        driver.make(fault)
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery(driver))
    assert caught.value.failure is SendFailure.RETRY
    assert caught.value.retry_after == timedelta(seconds=WAIT)
    assert await driver.seen() == []


async def test_a_lost_answer_is_unknown_and_repeated_as_promised(driver: Driver) -> None:
    need(driver, Fault.LOSE)
    async with driver.running() as transport:
        driver.make(Fault.LOSE)
        post = delivery(driver)
        with pytest.raises(TransportError) as caught:
            await transport.send(post)
        if transport.promise(post) is Promise.IDEMPOTENT:
            await transport.send(post)
    assert caught.value.failure is SendFailure.UNKNOWN
    assert len(await driver.seen()) == 1


async def test_a_refusal_is_permanent(driver: Driver) -> None:
    need(driver, Fault.REFUSE)
    async with driver.running() as transport:
        driver.make(Fault.REFUSE)
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery(driver))
    assert caught.value.failure is SendFailure.PERMANENT


async def test_health_tells_whether_it_works(driver: Driver) -> None:
    async with driver.running() as transport:
        await driver.write("hello")
        await driver.intake.see(Message)
        health = transport.health()
    assert health.ok
    assert health.detail.endswith(".")


async def test_typing_is_of_no_consequence(driver: Driver) -> None:
    async with driver.running() as transport:
        for on in (True, False):
            await transport.typing(driver.place, on=on)
