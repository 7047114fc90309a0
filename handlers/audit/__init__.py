"""The record of acts: who did what, what was refused to whom, and is it as it was written?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.chain import verify
from bot.content import items, say
from bot.context import Context, only_you
from bot.events import Finished
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Button, Reply
from bot.router import Router
from bot.storage.database import Database
from handlers.audit.finding import Mark, outcome_of, said_of
from handlers.audit.listing import Wanted, found, sources_of, told

router = Router("audit", "See who did what, and what was refused")

READING = "audit verify"


@router.command(
    role=Role.LEAD,
    examples=["", "ticket 42", "@bea", "refused", "since 2d", "ticket claim @bea since 12h"],
    changes=False,
)
def audit(ctx: Context, filters: Rest = Rest("")) -> Reply:
    """Show what people did and what was refused to them, newest first."""
    wanted = Wanted.read(ctx, str(filters))
    rows, more = found(ctx, wanted)
    if not rows:
        return only_you(Reply(say("Nothing like that is recorded.")))
    older = (Button("Older", f"audit {wanted.line} before {rows[-1].id}"),) if more else ()
    shown = (items(told(ctx, row) for row in rows),)
    return only_you(Reply(shown, buttons=older, sources=sources_of(ctx, rows)))


@router.command("verify", role=Role.LEAD, examples=["", "120:3f2a91c04b5d7e80"], changes=False)
def verify_record(ctx: Context, mark: str = "") -> Reply:
    """Find out whether the record is as it was written, and still has a mark you noted."""
    noted = Mark.read(mark) if mark else None
    ctx.errand(READING, {"mark": "" if noted is None else str(noted)})
    return only_you(Reply(say("I am reading the whole record; the result comes here.")))


@router.errand(READING)
async def read_record(services: Mapping[type[Any], Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Compare the whole record with its chain, outside the transaction."""
    database: Database = services[Database]
    finding = await database.read(verify)
    noted = Mark.read(payload["mark"]) if payload["mark"] else None
    wrong = "" if noted is None else await database.read(noted.wrong_in)
    return outcome_of(finding, wrong)


@router.listen(Finished)
def tell_finding(ctx: Context, event: Finished) -> Reply | None:
    """Tell who asked what was found, if they may still know."""
    if event.errand != READING or not ctx.may(verify_record):
        return None
    return only_you(Reply(say(event.error) if event.error else said_of(event.outcome)))


__all__ = ["router"]
