"""Answers questions from the knowledge base: when sure, and otherwise not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.asking import Preparation
from bot.content import Content, Emphasis, Strong, items, paragraph, say
from bot.context import Act, Context
from bot.errors import Refused, UserError
from bot.events import Message
from bot.hooks import Concern, Hooks
from bot.markdown import from_markdown
from bot.parameters import Rest
from bot.people import Role
from bot.replies import Button, Reply
from bot.router import Outcome, Router
from bot.storage.tables import MessageRow, table_of
from handlers.faq.base import KnowledgeBase
from handlers.faq.tables import AnswerRow
from knowledge.articles import Article
from knowledge.search import Hit
from knowledge.text import looks_like_question

router = Router("faq", "Ask the knowledge base")

_ANSWER = table_of(AnswerRow)
_MESSAGE = table_of(MessageRow)


async def rank_command(preparation: Preparation, rest: str) -> tuple[Hit, ...]:
    """Rank articles for `faq …`."""
    return await preparation.services[KnowledgeBase].ask(rest)  # type: ignore[no-any-return]


async def rank_message(preparation: Preparation, event: Message) -> tuple[Hit, ...]:
    """Rank articles for plain talk that may be a question to the desk."""
    spoken_to = event.direct or event.addressed
    if event.automated or not (spoken_to or event.place.thread is None):
        return ()
    if not spoken_to and not looks_like_question(event.text):
        return ()
    return await preparation.services[KnowledgeBase].ask(event.text)  # type: ignore[no-any-return]


@router.command(
    examples=["how do I reset my password"], prepare=rank_command, changes=False, for_talk=True
)
def ask(ctx: Context, question: Rest, prepared: tuple[Hit, ...] = ()) -> Reply:
    """Ask the knowledge base a question."""
    return _answer_or_offer(ctx, str(question), prepared)


@router.listen(Message, prepare=rank_message)
def answer(ctx: Context, event: Message, hits: tuple[Hit, ...]) -> Outcome:
    """Answer plain talk: when sure in a support room, and always when spoken to."""
    if event.automated or not event.text.strip():
        return None
    if event.direct or event.addressed:
        return _answer_or_offer(ctx, event.text, hits) if event.text.strip() else None
    if ctx.here.kind != "support" or ctx.late:
        return None
    base = ctx.use(KnowledgeBase)
    if not hits or hits[0].probability < base.sure:
        return None
    return _answer(ctx, event.text, hits[0])


def _answer_or_offer(ctx: Context, question: str, hits: tuple[Hit, ...]) -> Reply:
    base = ctx.use(KnowledgeBase)
    if hits and hits[0].probability >= base.sure:
        return _answer(ctx, question, hits[0])
    ticket = Button("Open a ticket", f"faq unsolved {_note(ctx, question, '', 0.0)}")
    near = [hit for hit in hits if hit.probability >= base.unsure]
    if near:
        choices = [Button(hit.article.title, f"faq show {hit.article.id}") for hit in near]
        return Reply(say("I am not sure. Is it one of these?"), buttons=(*choices, ticket))
    return Reply(say("I have no answer to that. Shall IT look at it?"), buttons=(ticket,))


def _answer(ctx: Context, question: str, hit: Hit) -> Reply:
    number = _note(ctx, question, hit.article.id, hit.probability)
    return Reply(
        _shown(hit.article, f"{hit.probability:.0%} sure"),
        buttons=(
            Button("Solved", f"faq solved {number}", "👍"),
            Button("Not solved", f"faq unsolved {number}", "👎"),
        ),
    )


def _shown(article: Article, how_sure: str = "") -> Content:
    facts = [f"From the article {article.id}"]
    if article.verified is not None:
        facts.append(f"verified {article.verified:%-d %b %Y}")
    if how_sure:
        facts.append(how_sure)
    return (
        paragraph(Strong(article.title)),
        *from_markdown(article.body),
        paragraph(Emphasis(", ".join(facts))),
    )


def _note(ctx: Context, question: str, article: str, probability: float) -> int:
    message = ctx.event.message if isinstance(ctx.event, Message) else None
    return int(
        ctx.unit.connection.execute(
            _ANSWER.insert().returning(_ANSWER.c.id),
            {
                "room_id": ctx.here.id,
                "message": message,
                "question": "" if message else question,
                "thread": ctx.conversation.thread,
                "person_id": ctx.person.id,
                "article": article,
                "probability": probability,
                "state": "given",
                "given_at": ctx.now,
            },
        ).scalar_one()
    )


@router.command("solved", examples=["3"])
def solved(ctx: Context, answer: int) -> Reply:
    """Say that an answer helped."""
    _settle(ctx, answer, "solved")
    return Reply(say("Good to hear. Ask again any time."))


@router.command("unsolved", examples=["3"])
def not_solved(ctx: Context, answer: int) -> Outcome:
    """Say that an answer did not help: IT gets a ticket with your question."""
    row = _settle(ctx, answer, "unsolved")
    concern = Concern(_question(ctx, row), row.room_id, row.person_id, row.thread, row.message)
    return ctx.use(Hooks).not_helped(ctx, concern)


@router.command("show", examples=["vpn-does-not-connect"], changes=False)
def show(ctx: Context, article: str) -> Reply:
    """Show an article."""
    found = ctx.use(KnowledgeBase).article(article)
    if found is None:
        msg = f"There is no article “{article}”. “faq list” shows their names."
        raise UserError(msg)
    return Reply(_shown(found))


@router.command("list", examples=[""], changes=False)
def list_articles(ctx: Context) -> Reply:
    """List the articles."""
    found = ctx.use(KnowledgeBase).index.articles
    if not found:
        return Reply(say("The knowledge base is empty."))
    return Reply((items(f"{each.id} – {each.title}" for each in found),))


def _settle(ctx: Context, number: int, state: str) -> Any:
    row = ctx.unit.connection.execute(select(_ANSWER).where(_ANSWER.c.id == number)).first()
    if row is None or not (row.room_id == ctx.here.id or _between_us(ctx, row)):
        msg = f"There is no answer {number} here."
        raise Refused(msg)
    if ctx.person.id != row.person_id and not ctx.can(Role.AGENT):
        asker = ctx.member(row.person_id).shown
        msg = f"Only {asker}, who asked, or IT can say whether that helped."
        raise Refused(msg)
    if row.state != "given":
        said = "it helped" if row.state == "solved" else "it did not help"
        msg = f"You said already that {said}."
        raise UserError(msg)
    ctx.unit.connection.execute(
        update(_ANSWER).where(_ANSWER.c.id == number).values(state=state, settled_at=ctx.now)
    )
    ctx.audit(f"answer {number}", row.state, state)
    return row


def _between_us(ctx: Context, row: Any) -> bool:
    """Tell whether an answer was given to whoever asks, where nobody else reads."""
    mine = bool(row.person_id == ctx.person.id)
    return mine and ctx.here.private and ctx.room_by_id(row.room_id).private


def forget_answers(act: Act, room_id: int, before: datetime, limit: int) -> int:
    """Delete the oldest answers given in a room before a time, and return how many."""
    old = (_ANSWER.c.room_id == room_id) & (_ANSWER.c.given_at < before)
    chosen = select(_ANSWER.c.id).where(old).order_by(_ANSWER.c.id).limit(limit)
    gone = act.unit.connection.execute(delete(_ANSWER).where(_ANSWER.c.id.in_(chosen)))
    return int(gone.rowcount)


def _question(ctx: Context, row: Any) -> str:
    if row.question:
        return str(row.question)
    text = ctx.unit.connection.scalar(
        select(_MESSAGE.c.text).where(
            _MESSAGE.c.room_id == row.room_id, _MESSAGE.c.ref == row.message
        )
    )
    return _bare(text or "") or "(the question was deleted)"


def _bare(text: str) -> str:
    """Return a question without the command it was asked by."""
    stripped = text.strip()
    for prefix in ("!faq ", "faq "):
        if stripped.casefold().startswith(prefix):
            return stripped[len(prefix) :].strip()
    return stripped


__all__ = ["KnowledgeBase", "forget_answers", "router"]
