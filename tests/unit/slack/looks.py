"""How a post looks on Slack, all of it, in JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from bot.replies import Post
from bot.transports.slack.markup import Look
from bot.transports.slack.modals import modal
from bot.transports.slack.posts import render

LOOK = Look(ZoneInfo("Europe/Berlin"), "T1", direct=False)


def look_of(post: Post) -> dict[str, Any]:
    """Return the messages a post becomes, and the modal of its form."""
    form = post.form
    return {
        "messages": [asdict(saying) for saying in render(post, LOOK)],
        "modal": form and modal(form, callback_id=form.command, private_metadata=""),
    }
