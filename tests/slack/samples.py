"""Short ways to write Block Kit down."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(words: str | int) -> Json:
    return {"type": "plain_text", "text": "x" * words if isinstance(words, int) else words}


def mrkdwn(words: str | int) -> Json:
    return {**plain(words), "type": "mrkdwn"}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("Hello"), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Claim"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(n: int = 0, **more: Any) -> Json:
    return {"text": plain(f"Option {n}"), "value": f"v{n}", **more}


def options(count: int) -> list[Json]:
    return [option(n) for n in range(count)]


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": options(2), **more}


def multi(**more: Any) -> Json:
    return {"type": "multi_static_select", "options": options(2), **more}


def field(element: Json | None = None, **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "action_id": "what"}
    return {"type": "input", "label": plain("What is wrong?"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    shown = list(blocks) or [section()]
    return {
        "type": "modal",
        "title": plain("Ticket"),
        "submit": plain("Open"),
        "blocks": shown,
    } | more


def confirm(**more: Any) -> Json:
    words = {"title": "Sure?", "text": "It is final.", "confirm": "Yes", "deny": "No"}
    return {name: plain(text) for name, text in words.items()} | more


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def rich_section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A chart"}
WORD = {"type": "text", "text": "word"}
