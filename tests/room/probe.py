"""A slice that does what no slice should, to see what the core makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.asking import Preparation
from bot.content import say
from bot.context import Act, Context
from bot.errors import UserError
from bot.events import Finished
from bot.parameters import Rest
from bot.people import Role
from bot.plan import Plan
from bot.replies import (
    Attachment,
    Deed,
    Lane,
    Pin,
    Question,
    Reply,
    Topic,
    Unpin,
    Visibility,
    reply,
)
from bot.router import Router
from bot.schedule import Due
from tests.service import place

router = Router("probe", "Try the core")


class Behaviour:
    """How the probe behaves, set by a test; one of the desk's services.

    Attributes:
        due_failures: how often a due handler still fails.
        errand_failures: the same of an errand; below zero it refuses with a sentence.
        runs: what ran, in order.
        waits: set when something waits for `go_on`.
    """

    def __init__(self) -> None:
        self.due_failures = 0
        self.errand_failures = 0
        self.runs: list[str] = []
        self.waits = asyncio.Event()
        self.go_on = asyncio.Event()

    async def wait(self) -> None:
        """Wait as long as the test wants."""
        self.waits.set()
        await self.go_on.wait()

    def joins(self, plan: Plan) -> Plan:
        """Return the plan with the probe in it, behaving like this."""
        services = {**plan.services, Behaviour: self}
        return replace(plan, routers=(*plan.routers, router), services=services)


@router.command("poison")
def poison(_: Context) -> Iterator[Reply]:
    """Say something, then fail."""
    yield Reply(say("never seen"))
    msg = "a secret detail"
    raise RuntimeError(msg)


@router.command("astray")
def astray(_: Context) -> Reply:
    """Answer to a room nobody knows."""
    return Reply(say("never seen"), to=place("nowhere"))


async def fail(_: Preparation, rest: str) -> None:
    """Prepare nothing."""
    raise RuntimeError(rest)


@router.command("unprepared", prepare=fail)
def unprepared(_: Context, prepared: object = None) -> Reply:
    """Fail before the transaction."""
    return Reply(say(f"never seen {prepared}"))


async def think(preparation: Preparation, rest: str) -> str:
    """Wait as long as the test wants."""
    await preparation.services[Behaviour].wait()
    return rest


@router.command("slow", prepare=think)
def slow(_: Context, prepared: str = "") -> Reply:
    """Think for as long as the test wants."""
    return Reply(say(f"at last{prepared}"))


@router.command("ping")
def ping(ctx: Context, text: Rest = Rest("pong")) -> Reply:
    """Answer at once."""
    ctx.use(Behaviour).runs.append(str(text))
    return Reply(say(str(text)))


@router.command("lanes")
def lanes(ctx: Context) -> Iterator[Reply]:
    """Say three things whose order is not theirs."""
    for lane in (Lane.BROADCAST, Lane.CARD, Lane.REPLY):
        yield Reply(say(lane.name), to=ctx.here.place, lane=lane)


@router.command("post")
def post(_: Context, text: Rest) -> Reply:
    """Post something lasting."""
    return Reply(say(str(text)), Visibility.ROOM, key="probe/post")


@router.command("repost")
def repost(_: Context, text: Rest) -> Iterator[Reply]:
    """Edit what was posted, a word at a time."""
    for word in text.split():
        yield Reply(say(word), key="probe/post", edit=True)


@router.command("pin")
def pin(_: Context) -> Iterator[Reply | Deed]:
    """Post something lasting and pin it."""
    yield Reply(say("Look here"), Visibility.ROOM, key="probe/post")
    yield Pin("probe/post")


@router.command("unpin")
def unpin(_: Context) -> Iterator[Deed]:
    """Unpin it."""
    yield Unpin("probe/post")


@router.command("topic")
def topic(ctx: Context, text: Rest) -> Iterator[Deed]:
    """Set the room's topic, a word at a time."""
    for word in text.split():
        yield Topic(ctx.conversation, word)


@router.command("attach")
def attach(_: Context, size: int) -> Reply:
    """Send a file."""
    return Reply(say("Here"), attachments=(Attachment("x.bin", "text/plain", b"\xff" * size),))


@router.command("secretly")
def secretly(_: Context, text: Rest) -> Iterator[Reply]:
    """Say something to the asker alone, in two ways."""
    yield reply(f"here: {text}", visibility=Visibility.ONLY_YOU)
    yield reply(f"there: {text}", visibility=Visibility.DIRECT)


@router.command("colour")
def colour(_: Context, name: Rest = Rest("")) -> Reply:
    """Ask for a colour."""
    if not name:
        return Reply(say("Which colour?"), ask=Question("probe colour"))
    if name == "plaid":
        msg = "Plaid is no colour. Write another."
        raise UserError(msg)
    return Reply(say(f"You like {name}."))


@router.command("thumb")
def thumb(ctx: Context) -> None:
    """Put a thumb on the message."""
    ctx.react("👍")


@router.command("restricted", role=Role.ADMIN)
def restricted(ctx: Context) -> Reply:
    """Do what admins do."""
    ctx.use(Behaviour).runs.append("restricted")
    return Reply(say("done"))


@router.command("later")
def later(ctx: Context, seconds: int) -> Reply:
    """Plan something."""
    ctx.at(ctx.now + timedelta(seconds=seconds), "probe", "one", {"room": ctx.here.id})
    return Reply(say("planned"))


@router.command("fleeting")
def fleeting(ctx: Context, seconds: int) -> Reply:
    """Say what is soon not worth saying."""
    return Reply(say("now or never"), expires=ctx.now + timedelta(seconds=seconds))


@router.command("never")
def never(ctx: Context) -> Reply:
    """Unplan it."""
    ctx.cancel("probe", "one")
    return Reply(say("unplanned"))


@router.due("probe")
def come(act: Act, due: Due) -> Reply:
    """Say that the time has come."""
    behaviour = act.use(Behaviour)
    behaviour.runs.append(f"due {due.at:%H:%M:%S}")
    if behaviour.due_failures:
        behaviour.due_failures -= 1
        msg = "not yet"
        raise RuntimeError(msg)
    return Reply(say("it is time"), to=act.room_by_id(due.payload["room"]).place)


@router.command("errand")
def errand(ctx: Context, text: Rest) -> Reply:
    """Have something slow done."""
    ctx.errand("probe", {"text": str(text)})
    return Reply(say("on it"))


@router.errand("probe")
async def run(services: Mapping[type[Any], Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Do it, as the test wants."""
    behaviour: Behaviour = services[Behaviour]
    behaviour.runs.append("errand")
    if behaviour.errand_failures < 0:
        msg = "The shop is closed."
        raise UserError(msg)
    if behaviour.errand_failures:
        behaviour.errand_failures -= 1
        msg = "the line is dead"
        raise RuntimeError(msg)
    if payload["text"] == "wait":
        await behaviour.wait()
    return {"text": payload["text"].upper()}


@router.listen(Finished)
def finished(_: Context, event: Finished) -> Reply:
    """Say what came of it."""
    return Reply(say(event.error or event.outcome["text"]))
