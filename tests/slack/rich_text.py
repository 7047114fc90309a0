"""The rich_text block: what is formatted without markup.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block, and a page for each element under
https://docs.slack.dev/reference/block-kit/block-elements/ (rich-text-section-element,
rich-text-list-element, date-element …). Slack publishes no lengths for them; that a text may not be
empty is known (https://github.com/Sorunome/mx-puppet-slack/issues/49).
"""

from __future__ import annotations

from tests.slack.composition import ADDRESS, ID
from tests.slack.schema import Check, Shape, boolean, integer, items, matching, string, typed


def _styles(*names: str) -> Check:
    return Shape(optional=dict.fromkeys(names, boolean))


# https://docs.slack.dev/tools/node-slack-sdk/reference/types/interfaces/RichTextStyleable
STYLE = _styles("bold", "italic", "strike", "code", "underline")
# Of what names someone or something, and of dates: the same without `code`, and highlights.
MENTION_STYLE = _styles("bold", "italic", "strike", "highlight", "client_highlight", "unlink")
DATE_STYLE = _styles("bold", "italic", "strike", "highlight", "client_highlight", "underline")
BORDER = integer(0, 1)

TEXT = Shape({"text": string()}, {"style": STYLE})
LINK = Shape({"url": ADDRESS}, {"text": string(), "unsafe": boolean, "style": STYLE})
INLINE: dict[str, Check] = {
    "text": TEXT,
    "link": LINK,
    "emoji": Shape({"name": string()}, {"unicode": string(), "style": MENTION_STYLE}),
    "user": Shape({"user_id": string()}, {"style": MENTION_STYLE}),
    "channel": Shape({"channel_id": string()}, {"style": MENTION_STYLE}),
    "usergroup": Shape({"usergroup_id": string()}, {"style": MENTION_STYLE}),
    "broadcast": Shape({"range": string(choices=("here", "channel", "everyone"))}),
    "color": Shape({"value": matching(lambda text: text.startswith("#"), "a color")}),
    # A timestamp must be a number: https://github.com/soxtoby/SlackNet/issues/239
    "date": Shape(
        {"timestamp": integer(0), "format": matching(lambda text: "{" in text, "a template")},
        {"timezone": string(), "url": ADDRESS, "fallback": string(), "style": DATE_STYLE},
    ),
}
SECTION = Shape({"elements": items(typed(INLINE))})
RICH_TEXT = Shape(
    {
        "elements": items(
            typed(
                {
                    "rich_text_section": SECTION,
                    "rich_text_list": Shape(
                        {
                            "style": string(choices=("bullet", "ordered")),
                            "elements": items(typed({"rich_text_section": SECTION})),
                        },
                        {"indent": integer(0, 8), "offset": integer(0), "border": BORDER},
                    ),
                    # "text and link" only: …/interfaces/RichTextPreformatted beside the above
                    "rich_text_preformatted": Shape(
                        {"elements": items(typed({"text": TEXT, "link": LINK}))},
                        {"border": BORDER, "language": string()},
                    ),
                    "rich_text_quote": Shape(
                        {"elements": items(typed(INLINE))}, {"border": BORDER}
                    ),
                }
            )
        )
    },
    {"block_id": ID},
)
