"""What does a post become on Slack: which messages, of which blocks and which text?"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from bot.content import Block, Content, Emphasis, Paragraph, Span
from bot.replies import Post
from bot.transports.slack import limits
from bot.transports.slack.buttons import actions, labels, twins
from bot.transports.slack.fallback import block_text, escape, fallback, span_text
from bot.transports.slack.markup import Json, Look, block_of, clean, span_of
from bot.transports.splitting import split

_LATE = "(late)"
_CUT = "(shortened: the whole text does not fit here)"
_NOTHING = "…"
# A message's text holds all that its blocks do, for those who have it read to them.
_ROOM = limits.FALLBACK - 100
# What blocks may weigh, so that there is room for buttons.
_WEIGHT = 9000


@dataclass(frozen=True, slots=True)
class Saying:
    """One message: its blocks, and the same as text for notifications and screen readers.

    The text is mrkdwn, all in it escaped; send it without `link_names` and `parse`.
    """

    text: str
    blocks: list[Json] = field(default_factory=list)


class Room:
    """How much of a message content takes: of its text, its blocks' weight and their number."""

    around = 100

    def __init__(self, look: Look, blocks: int) -> None:
        """Measure for messages of so many blocks."""
        self._look = look
        self._least = ceil(_ROOM / blocks)

    def block(self, block: Block) -> int:
        """Return the size of a block."""
        text = limits.length(block_text(block, self._look)) + 1
        return max(text, _share(limits.weight(block_of(block, self._look))), self._least)

    def span(self, span: Span) -> int:
        """Return the size of a span."""
        elements = span_of(span, self._look)
        # In a heading each has a style, too.
        weight = limits.weight_of([{"style": {}, **element} for element in elements])
        return max(limits.length(span_text(span, self._look)), _share(weight))


def render(post: Post, look: Look, *, late: bool = False) -> list[Saying]:
    """Return the messages a post becomes, in order; the last ones have the buttons."""
    parts = parts_of(_content(post, look, late=late), look, limits.BLOCKS - 4)
    sayings = [_saying(part, look) for part in parts]
    further = labels(post.buttons, post.form) or _NOTHING
    for block in actions(post.buttons, post.form):
        if not sayings or not fits(sayings[-1].blocks, block):
            sayings.append(Saying(escape(further)))
        sayings[-1].blocks.append(block)
    return sayings or [Saying(_NOTHING)]


def edit(post: Post, look: Look, *, late: bool = False) -> Saying:
    """Return the one message that replaces an earlier post; what does not fit is left out."""
    sayings = render(post, look, late=late)
    if len(sayings) == 1:
        return sayings[0]
    saying = first_of(_content(post, look, late=late), look, limits.BLOCKS - 4)
    for block in actions(post.buttons, post.form):
        if fits(saying.blocks, block):
            saying.blocks.append(block)
    return saying


def parts_of(content: Content, look: Look, blocks: int) -> list[Content]:
    """Cut cleaned content into what fits one message each; none for nothing."""
    return [part for part in split(content, Room(look, blocks), _ROOM) if part]


def first_of(content: Content, look: Look, blocks: int) -> Saying:
    """Return as much of cleaned content as fits into one message, and whether it was cut."""
    parts = parts_of(content, look, blocks)
    if len(parts) < 2:
        return _saying(parts[0], look) if parts else Saying(_NOTHING)
    return _saying((*parts[0], Paragraph((Emphasis(_CUT),))), look)


def fits(blocks: list[Json], block: Json, most: int = limits.BLOCKS) -> bool:
    """Tell whether a message may have one block more."""
    together = sum(limits.weight(each) for each in (*blocks, block))
    return together <= limits.TOGETHER and len(blocks) < most


def _content(post: Post, look: Look, *, late: bool) -> Content:
    mark = (Paragraph((Emphasis(_LATE),)),) if late else ()
    return clean((*mark, *post.content, *twins(post.buttons, look)))


def _saying(content: Content, look: Look) -> Saying:
    blocks = [block_of(block, look) for block in content]
    return Saying(fallback(content, look), blocks)


def _share(weight: int) -> int:
    """Turn weight into the unit in which room is measured."""
    return ceil(weight * _ROOM / _WEIGHT)
