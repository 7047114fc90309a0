"""Notices: announcements now, and maintenance told, begun and ended by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.asking import Preparation
from bot.content import Block, Content, Text, Time, fields, heading, items, paragraph, say
from bot.context import Act, Context
from bot.errors import UserError
from bot.hooks import Hooks, PagePart
from bot.parameters import Phrase, Rest
from bot.people import Member, Role
from bot.replies import Button, Lane, Reply
from bot.rooms import RoomInfo
from bot.router import Router
from bot.schedule import Due
from bot.storage.tables import table_of
from bot.times import Duration, When, get_ready
from handlers.notices.tables import NoticeRoom, NoticeRow

announcements = Router("announce", "Tell the support rooms something")
maintenance = Router("maintenance", "Plan maintenance; its start and end are told on time")

LATE_AFTER = timedelta(minutes=2)
SHOWN_ON_PAGE = 10

_NOTICE = table_of(NoticeRow)
_ROOMS = table_of(NoticeRoom)


@announcements.command(role=Role.AGENT, examples=["The new printer is on floor 3"])
def announce(ctx: Context, text: Rest) -> Iterator[Reply]:
    """Tell every support room something, now."""
    rooms = _chosen(ctx, "")
    notice_id = _store(ctx, "announcement", "posted", str(text), rooms, None, None)
    for room in rooms:
        yield Reply(
            (paragraph(Text("📣 "), Text(str(text))),),
            to=room.place,
            key=f"notice/{notice_id}",
            lane=Lane.BROADCAST,
        )
    yield Reply(say(f"Told {_listed(rooms)}."))


async def load_times(_preparation: Preparation, _rest: str) -> None:
    """Load what reads times before the transaction, which others wait for."""
    await asyncio.to_thread(get_ready)


@maintenance.command(
    "plan",
    role=Role.AGENT,
    prepare=load_times,
    examples=['"mail server upgrade" --at "saturday 22:00" --for 2h'],
)
def plan(
    ctx: Context, title: Phrase, *, at: When, for_: Duration, rooms: str = "", prepared: None = None
) -> Iterator[Reply]:
    """Plan maintenance: it is announced now, and its start and end when they come."""
    del prepared  # only that it is loaded matters
    chosen = _chosen(ctx, rooms)
    ends = at.at + for_.delta
    notice_id = _store(ctx, "maintenance", "planned", str(title), chosen, at.at, ends)
    ctx.at(at.at, "maintenance start", str(notice_id))
    ctx.at(ends, "maintenance end", str(notice_id))
    for room in chosen:
        yield Reply(
            _card("Planned maintenance", str(title), at.at, ends),
            to=room.place,
            key=f"notice/{notice_id}",
            lane=Lane.BROADCAST,
        )
    yield Reply(
        say(
            f"Maintenance {notice_id} is planned from ",
            Time(at.at),
            " to ",
            Time(ends),
            f" and announced in {_listed(chosen)}.",
        ),
        buttons=(Button("Cancel it", f"maintenance cancel {notice_id}"),),
    )
    yield from ctx.use(Hooks).changed(ctx, ctx.person.id)


@maintenance.command("list", examples=[""], changes=False)
def list_planned(ctx: Context) -> Reply:
    """List the maintenance that is planned or under way."""
    shown = _unfinished(ctx)
    return Reply((shown,) if shown is not None else say("No maintenance is planned."))


def on_page(act: Act, _: Member) -> PagePart | None:
    """Return the maintenance that is planned or under way, for a page of the bot."""
    shown = _unfinished(act, SHOWN_ON_PAGE)
    return None if shown is None else PagePart((heading("Maintenance"), shown))


def _unfinished(act: Act, limit: int | None = None) -> Block | None:
    rows = act.unit.connection.execute(
        select(_NOTICE)
        .where(_NOTICE.c.kind == "maintenance", _NOTICE.c.state.in_(("planned", "started")))
        .order_by(_NOTICE.c.starts_at)
        .limit(limit)
    ).all()
    if not rows:
        return None
    return items(
        (
            Text(f"{row.id}: {row.text}, "),
            Time(row.starts_at),
            Text(" to "),
            Time(row.ends_at),
            Text(" (under way)" if row.state == "started" else ""),
        )
        for row in rows
    )


@maintenance.command("cancel", role=Role.AGENT, examples=["3"])
def cancel(ctx: Context, number: int) -> Iterator[Reply]:
    """Cancel planned maintenance; everybody who was told of it is told."""
    row = _planned(ctx, number)
    _set_state(ctx, number, "cancelled")
    ctx.audit(f"maintenance {number}", row.state, "cancelled")
    ctx.cancel("maintenance start", str(number))
    ctx.cancel("maintenance end", str(number))
    yield _edited(row, number, "Cancelled maintenance")
    ctx.withdraw(_begun_key(number))
    rooms = _rooms_of(ctx, number, untold=ctx.withdraw(f"notice/{number}"))
    for room in rooms:
        yield _told(room, "The maintenance ", row.text, " is cancelled.")
    told = f"told {_listed(rooms)}" if rooms else "nobody had to be told"
    yield Reply(say(f"Cancelled; {told}."))
    yield from ctx.use(Hooks).changed(ctx, ctx.person.id)


@maintenance.due("maintenance start")
def start(act: Act, due: Due) -> Iterator[Reply]:
    """Tell the rooms that maintenance has begun."""
    number = int(due.key)
    row = _notice(act, number)
    if row is None or row.state != "planned" or row.ends_at <= act.now:
        return
    _set_state(act, number, "started")
    yield _edited(row, number, "Maintenance under way")
    for room in _rooms_of(act, number):
        if _is_late(act, due):
            begun: tuple[str | datetime, ...] = (" began at ", due.at, " (I was away then)")
        else:
            begun = (" has begun",)
        told = _told(
            room, "The maintenance ", row.text, *begun, "; it should end at ", row.ends_at, "."
        )
        yield replace(told, key=_begun_key(number), expires=row.ends_at)


@maintenance.due("maintenance end")
def finish(act: Act, due: Due) -> Iterator[Reply]:
    """Tell the rooms that maintenance is over."""
    number = int(due.key)
    row = _notice(act, number)
    if row is None or row.state not in ("planned", "started"):
        return
    _set_state(act, number, "finished")
    yield _edited(row, number, "Finished maintenance")
    for room in _rooms_of(act, number):
        if _is_late(act, due):
            yield _told(room, "The maintenance ", row.text, " was to end at ", due.at, ".")
        else:
            yield _told(room, "The maintenance ", row.text, " is finished.")


def _is_late(act: Act, due: Due) -> bool:
    return act.now - due.at > LATE_AFTER


def _chosen(ctx: Context, names: str) -> list[RoomInfo]:
    known = ctx.rooms("support")
    if not names:
        if not known:
            msg = "I am in no support room yet, so there is nobody to tell."
            raise UserError(msg)
        return known
    by_name = {room.name.lstrip("#").casefold(): room for room in known}
    by_name |= {room.place.room.casefold(): room for room in known}
    chosen = []
    for name in names.split(","):
        room = by_name.get(name.strip().lstrip("#").casefold())
        if room is None:
            msg = f"I know no support room “{name.strip()}”; there is {_listed(known)}."
            raise UserError(msg)
        chosen.append(room)
    return list(dict.fromkeys(chosen))


def _store(
    ctx: Context,
    kind: str,
    state: str,
    text: str,
    rooms: list[RoomInfo],
    starts: datetime | None,
    ends: datetime | None,
) -> int:
    notice_id = ctx.unit.connection.execute(
        _NOTICE.insert().returning(_NOTICE.c.id),
        {
            "kind": kind,
            "state": state,
            "text": text,
            "author_id": ctx.person.id,
            "starts_at": starts,
            "ends_at": ends,
            "created_at": ctx.now,
        },
    ).scalar_one()
    ctx.unit.connection.execute(
        _ROOMS.insert(), [{"notice_id": notice_id, "room_id": room.id} for room in rooms]
    )
    ctx.audit(f"{kind} {notice_id}", "", f"{state} for {_listed(rooms)}")
    return int(notice_id)


def _notice(act: Act, number: int) -> Any:
    return act.unit.connection.execute(select(_NOTICE).where(_NOTICE.c.id == number)).first()


def _planned(ctx: Context, number: int) -> Any:
    ctx.audit(f"maintenance {number}")
    row = _notice(ctx, number)
    if row is None or row.kind != "maintenance":
        msg = f"There is no maintenance {number}. “maintenance list” shows what is planned."
        raise UserError(msg)
    if row.state not in ("planned", "started"):
        msg = f"Maintenance {number} is {row.state} already."
        raise UserError(msg)
    return row


def _set_state(act: Act, number: int, state: str) -> None:
    act.unit.connection.execute(update(_NOTICE).where(_NOTICE.c.id == number).values(state=state))


def _begun_key(number: int) -> str:
    return f"notice/{number}/begun"


def _rooms_of(
    act: Act, number: int, *, untold: Collection[int | None] = frozenset()
) -> list[RoomInfo]:
    ids = act.unit.connection.execute(
        select(_ROOMS.c.room_id).where(_ROOMS.c.notice_id == number).order_by(_ROOMS.c.room_id)
    ).scalars()
    found = dict.fromkeys(act.room_by_id(room_id) for room_id in ids if room_id not in untold)
    return [room for room in found if room.joined]


def _card(state: str, title: str, starts: datetime, ends: datetime) -> Content:
    return (
        heading(f"🛠 {state}: {title}"),
        fields([("From", Time(starts)), ("To", Time(ends))]),
    )


def _edited(row: Any, number: int, state: str) -> Reply:
    return Reply(
        _card(state, row.text, row.starts_at, row.ends_at),
        key=f"notice/{number}",
        edit=True,
    )


def _told(room: RoomInfo, *parts: str | datetime) -> Reply:
    shown = [Time(part) if isinstance(part, datetime) else Text(part) for part in parts]
    return Reply((paragraph(*shown),), to=room.place, lane=Lane.BROADCAST)


def _listed(rooms: list[RoomInfo]) -> str:
    return ", ".join(f"#{room.name.lstrip('#')}" for room in rooms)


__all__ = ["announcements", "maintenance", "on_page"]
