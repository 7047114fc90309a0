"""What every transport does with what the core sends, whichever service it speaks to."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import SendFailure, TransportError
from bot.events import Message
from bot.transport import Action, Delivery, Promise, Transport
from tests.contract.driver import WAIT, Ability, Driver, Fault, delivery, need


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
    assert await driver.seen() == []
    [alone] = await driver.seen_alone()
    assert "secret" in alone.text


async def test_a_private_post_can_be_edited_where_it_went(driver: Driver) -> None:
    need(driver, Ability.SEE_ALONE_WHAT_CHANGES)
    async with driver.running() as transport:
        alone: dict[str, Any] = {"person": driver.person, "private": True}
        sent = await transport.send(delivery(driver, "before", **alone))
        place = replace(driver.place, room=sent.room or driver.place.room)
        edit: dict[str, Any] = {"action": Action.EDIT, "target": sent.message, "place": place}
        await transport.send(delivery(driver, "after", **alone, **edit))
    assert ["after" in shown.text for shown in await driver.seen_alone()] == [True]
    assert await driver.seen() == []


async def test_a_direct_post_goes_to_the_person_and_can_be_answered(driver: Driver) -> None:
    async with driver.running() as transport:
        nowhere_yet = replace(driver.place, room="")
        sent = await transport.send(delivery(driver, place=nowhere_yet, person=driver.person))
        await driver.write_directly("thanks")
        answer = await driver.intake.see(Message)
    assert ["Hello" in shown.text for shown in await driver.seen_alone()] == [True]
    assert (answer.direct, answer.place.room) == (True, sent.room)


async def test_text_stays_text_whatever_it_looks_like(driver: Driver) -> None:
    hostile = "<b>&amp; <script>x</script> *y* `z` [a](https://b) <@U1> @room &lt;!channel&gt;"
    async with driver.running() as transport:
        await transport.send(delivery(driver, hostile))
    [shown] = await driver.seen()
    assert hostile in shown.text


async def test_a_long_post_arrives_whole_and_in_order(driver: Driver) -> None:
    words = [f"word{number}" for number in range(8_000)]
    async with driver.running() as transport:
        sent = await transport.send(delivery(driver, " ".join(words)))
    seen = await driver.seen()
    assert [shown.id for shown in seen] == [sent.message, *sent.rest]
    assert re.findall(r"word\d+", " ".join(shown.text for shown in seen)) == words


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


async def test_a_refusal_is_permanent_and_holds_up_nothing_else(driver: Driver) -> None:
    async with driver.running() as transport:
        with pytest.raises(TransportError) as caught:
            await transport.send(delivery(driver, place=driver.nowhere))
        await transport.send(delivery(driver))
    assert caught.value.failure is SendFailure.PERMANENT
    assert len(await driver.seen()) == 1


async def test_typing_is_of_no_consequence(driver: Driver) -> None:
    async with driver.running() as transport:
        for on in (True, False):
            await transport.typing(driver.place, on=on)
