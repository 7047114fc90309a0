"""What does the bot's own page show?

https://docs.slack.dev/reference/views/home-tab-views
"""

from __future__ import annotations

from bot.content import paragraph
from bot.replies import Post
from bot.transports.slack import limits
from bot.transports.slack.buttons import actions, twins
from bot.transports.slack.markup import Json, Look, block_of, clean
from bot.transports.slack.posts import first_of, fits

_BUTTONS = 8  # blocks that are kept free for them


def home(post: Post, look: Look) -> Json:
    """Return the view of a post; it is one page, so what does not fit is left out."""
    content = clean((*post.content, *twins(post.buttons, look)))
    blocks = first_of(content, look, limits.VIEW_BLOCKS - _BUTTONS).blocks
    for block in actions(post.buttons, post.form):
        if fits(blocks, block, limits.VIEW_BLOCKS):
            blocks.append(block)
    # A view without a block is refused.
    return {"type": "home", "blocks": blocks or [block_of(paragraph("…"), look)]}
