"""The bot's own page: what concerns whoever opens it, shown anew when that changes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, update

from bot.content import Block, heading, paragraph
from bot.context import Act, Context
from bot.events import Opened
from bot.hooks import Hooks
from bot.people import Role
from bot.replies import Reply, Visibility, reply
from bot.router import Router
from bot.storage.insert import insert_new
from bot.storage.tables import table_of
from handlers.home.tables import HomePage

router = Router("home", "What concerns you, on a page of its own")

_PAGE = table_of(HomePage)


@router.listen(Opened)
def show_page(ctx: Context, _: Opened) -> Reply:
    """Show somebody their page, and remember that it is shown."""
    if not ctx.can(Role.EMPLOYEE):
        return reply("This desk is for the people who work here.", visibility=Visibility.HOME)
    mine = {"person_id": ctx.person.id}
    insert_new(ctx.unit.connection, _PAGE, [mine | {"opened_at": ctx.now}])
    ctx.unit.connection.execute(update(_PAGE).filter_by(**mine).values(opened_at=ctx.now))
    return _page(ctx, ctx.person.id)


def shown_anew(act: Act, person_id: int) -> Iterator[Reply]:
    """Show somebody their page as it is now, if they have ever opened it."""
    opened = select(_PAGE.c.person_id).where(_PAGE.c.person_id == person_id)
    if act.unit.connection.scalar(opened) is not None:
        yield _page(act, person_id)


def _page(act: Act, person_id: int) -> Reply:
    member = act.member(person_id)
    parts = [part for show in act.use(Hooks).home if (part := show(act, member)) is not None]
    blocks: list[Block] = [
        heading("IT desk"),
        paragraph(_how_to_ask(act, member.person.transport)),
    ]
    for part in parts:
        blocks += part.content
    return Reply(
        tuple(blocks),
        Visibility.HOME,
        buttons=tuple(button for part in parts for button in part.buttons),
        form=next((part.form for part in parts if part.form is not None), None),
        person=member.person,
        key=f"home/{person_id}",
        sources=tuple(source for part in parts for source in part.sources),
    )


def _how_to_ask(act: Act, transport: str) -> str:
    rooms = [room for room in act.rooms("support") if room.place.transport == transport]
    named = ", ".join(f"#{room.name.lstrip('#')}" for room in rooms)
    where = f"in {named}, or in a direct message to me" if named else "in a direct message to me"
    return f"Ask anything about IT, in your own words: {where}."


__all__ = ["router", "shown_anew"]
