"""What does a post become on Matrix: the contents of its events?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.content import Content, Emphasis, Paragraph, Span, Text, Verbatim, mentioned, say
from bot.replies import Button, Post
from bot.transports.matrix import ids
from bot.transports.matrix.homeserver import Upload
from bot.transports.matrix.markup import render
from bot.transports.matrix.splitting import split

# An event may have 65,536 bytes (https://spec.matrix.org/v1.16/client-server-api/#size-limits);
# JSON escapes can double what is counted here, and an edit holds its text twice.
LIMIT = 16_000
_FALLBACK = 4_000  # characters of an edit that clients without edits see
_REACTIONS = 2

PREFIX = "!"
_LATE = "(late)"
_CUT = "(shortened: the whole text does not fit into an edited message)"


@dataclass(frozen=True, slots=True)
class Look:
    """How things are shown in a place: with typed commands as they must be typed there."""

    zone: tzinfo
    direct: bool

    @property
    def prefix(self) -> str:
        """What stands before a command."""
        return "" if self.direct else PREFIX


def contents(post: Post, look: Look, *, late: bool, thread: str | None) -> list[dict[str, Any]]:
    """Return the contents of the events a post becomes, in order."""
    return in_thread([_message(part, look) for part in _parts(post, look, late=late)], thread)


def file(stored: Upload, address: str) -> dict[str, Any]:
    """Return the content that shares a file. https://spec.matrix.org/v1.16/client-server-api/#mfile"""
    return {
        "msgtype": "m.file",
        "body": stored.name,
        "filename": stored.name,
        "url": address,
        "info": {"mimetype": stored.media_type, "size": len(stored.data)},
        "m.mentions": {},
    }


def in_thread(found: list[dict[str, Any]], thread: str | None) -> list[dict[str, Any]]:
    """Return contents with what puts them into a thread, if they belong into one."""
    if thread is not None:
        for content in found:
            # https://spec.matrix.org/v1.16/client-server-api/#fallback-for-unthreaded-clients
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": thread},
            }
    return found


def edit(post: Post, look: Look, *, late: bool, target: str) -> dict[str, Any]:
    """Return the content that replaces an earlier post; one event, so it may be cut.

    https://spec.matrix.org/v1.16/client-server-api/#event-replacements
    """
    parts = _parts(post, look, late=late)
    shown = parts[0] if len(parts) == 1 else (*parts[0], Paragraph((Emphasis(_CUT),)))
    new = _message(shown, look)
    return {
        "msgtype": "m.notice",
        "body": f"* {new['body']}"[:_FALLBACK],
        # Who was mentioned before is not notified again.
        "m.mentions": {},
        "m.new_content": new,
        "m.relates_to": {"rel_type": "m.replace", "event_id": target},
    }


def reactions(post: Post) -> tuple[str, ...]:
    """Return the emoji the bot puts under a post itself: those of its first buttons."""
    emoji = [button.emoji for button in post.buttons if button.emoji]
    return tuple(dict.fromkeys(emoji))[:_REACTIONS]


def _parts(post: Post, look: Look, *, late: bool) -> list[Content]:
    content = post.content
    if late:
        content = (Paragraph((Emphasis(_LATE),)), *content)
    buttons = post.buttons
    if post.form is not None:
        buttons = (*buttons, Button(post.form.title, post.form.command))
    if buttons:
        content = (*content, _twins(buttons, look))
    return split(content or say(" "), look.zone, LIMIT - 200)


def _twins(buttons: tuple[Button, ...], look: Look) -> Paragraph:
    """Return what is typed instead of pressing, a line a button."""
    spans: list[Span] = []
    for button in buttons:
        mark = f"{button.emoji} " if button.emoji else ""
        spans.append(Text(f"\n{mark}{button.label}: " if spans else f"{mark}{button.label}: "))
        spans.append(Verbatim(f"{look.prefix}{button.line}"))
    return Paragraph(tuple(spans))


def _message(content: Content, look: Look) -> dict[str, Any]:
    rendered = render(content, look.zone)
    users = [person.user for person in mentioned(content) if person.transport == ids.NAME]
    return {
        # https://spec.matrix.org/v1.16/client-server-api/#mnotice: what bots say
        "msgtype": "m.notice",
        "body": rendered.body,
        "format": "org.matrix.custom.html",
        "formatted_body": rendered.html,
        # Always there, else names in the text would notify people by older rules:
        # https://spec.matrix.org/v1.16/client-server-api/#user-and-room-mentions
        "m.mentions": {"user_ids": users} if users else {},
    }
