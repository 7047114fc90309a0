"""Draws Block Kit as HTML, for people to look at: `python -m tests.slack_stories.pages FOLDER`.

Nearly as Slack's clients show it; what a phone's notification says stands above each post.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path

from bot.storage.migrate import migrate
from tests.slack.people import Seen
from tests.slack.records import Json
from tests.slack_stories.scene import Scene, scene

STYLE = """
body { font: 15px/1.47 Lato, Liberation Sans, sans-serif; width: 640px; margin: 24px; }
.post { border: 1px solid #ddd; border-radius: 8px; padding: 12px 16px; margin: 6px 0 24px; }
.phone { color: #666; font-size: 12px; white-space: pre-wrap; }
.header, .title { font-weight: 900; font-size: 18px; margin: 4px 0; }
.button { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 3px 12px;
  margin: 4px 8px 4px 0; font-weight: 700; font-size: 13px; }
.field { border: 1px solid #888; border-radius: 4px; min-height: 24px; padding: 4px; }
.user { color: #1264a3; background: #e8f5fa; }
.bold { font-weight: 700; } .italic { font-style: italic; } .rich { white-space: pre-wrap; }
.code { font-family: monospace; color: #e01e5a; background: #f6f6f6; }
pre { background: #f6f6f6; padding: 8px; white-space: pre-wrap; }
"""


def page(posts: Iterable[tuple[str, str, list[Json]]]) -> str:
    """Return a page of posts: a title, the text of the notification, blocks."""
    parts = [
        f"<h3>{escape(title)}</h3><div class=phone>{escape(text)}</div>"
        f"<div class=post>{''.join(map(_block, blocks))}</div>"
        for title, text, blocks in posts
    ]
    head = f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>"
    return f"{head}{''.join(parts)}"


def _block(block: Json) -> str:
    match block["type"]:
        case "header":
            return f"<div class=header>{escape(block['text']['text'])}</div>"
        case "rich_text":
            return "".join(map(_rich, block["elements"]))
        case "actions":
            return f"<div>{''.join(map(_element, block['elements']))}</div>"
        case "input":
            hint = " (optional)" if block.get("optional") else ""
            label = escape(block["label"]["text"])
            return f"<p><b>{label}</b>{hint}{_element(block['element'])}</p>"
        case _:
            return f"<div>{block}</div>"


def _element(element: Json) -> str:
    options = [escape(each["text"]["text"]) for each in element.get("options", ())]
    match element["type"]:
        case "button":
            return f"<span class=button>{escape(element['text']['text'])}</span>"
        case "overflow":
            return f"<span class=button title='{' / '.join(options)}'>⋯</span>"
        case "plain_text_input":
            return "<div class=field></div>"
        case _:
            return f"<div class=field>{' / '.join(options)} ▾</div>"


def _rich(part: Json) -> str:
    inner = "".join(map(_rich_leaf, part["elements"]))
    match part["type"]:
        case "rich_text_list":
            tag = "ol" if part["style"] == "ordered" else "ul"
            rows = "".join(f"<li>{_rich(each)}</li>" for each in part["elements"])
            return f"<{tag}>{rows}</{tag}>"
        case "rich_text_preformatted":
            return f"<pre>{inner}</pre>"
        case "rich_text_quote":
            return f"<blockquote>{inner}</blockquote>"
        case _:
            return f"<div class=rich>{inner}</div>"


def _rich_leaf(element: Json) -> str:
    styles = " ".join(element.get("style", ())) if isinstance(element.get("style"), dict) else ""
    match element["type"]:
        case "user":
            return f"<span class=user>@{escape(element['user_id'])}</span>"
        case "link":
            return f"<u>{escape(element.get('text') or element['url'])}</u>"
        case "date":
            return f"<span>{escape(element['fallback'])}</span>"
        case "text":
            return f"<span class='{styles}'>{escape(element['text'])}</span>"
        case _:
            return ""


def _shown(title: str, seen: Seen) -> tuple[str, str, list[Json]]:
    return title, seen.text, list(seen.blocks)


async def gallery(desk: Scene) -> list[tuple[str, str, list[Json]]]:
    """Have everything shown once that people see every day."""
    hello = desk.said(desk.alice, "support")[0]
    asked = await desk.says(desk.alice, "My VPN does not connect, what can I do?")
    second = await desk.says(desk.alice, "@deskside the printer hums")
    answer = desk.answers(desk.alice, asked)[-1]
    await desk.presses(desk.alice, "👎 Not solved", answer)
    new = desk.card(1)
    plan = '!maintenance plan "mail server" --at "saturday 22:00" --for 2h'
    planned = await desk.says(desk.bea, plan, "staff")
    notice = desk.last(desk.alice, "support")
    await desk.presses(desk.bea, "👀 Claim", new, "staff")
    claimed = desk.card(1)
    await desk.presses(desk.bea, "✅ Resolve", claimed, "staff")
    await desk.looks_home(desk.alice)
    await desk.after(desk.slack.gestures.shortcut(desk.alice, "ticket open"))
    modal, home = desk.slack.gestures.modal(desk.alice), desk.slack.workspace.homes[desk.alice.id]
    return [
        _shown("Hello", hello),
        _shown("Answer", answer),
        _shown("Another answer", desk.answers(desk.alice, second)[-1]),
        *(_shown("Told", each) for each in desk.answers(desk.alice, asked)[1:]),
        _shown("New card", new),
        _shown("Claimed card", claimed),
        _shown("Solved card", desk.card(1)),
        _shown("Maintenance", notice),
        _shown("Planned", desk.answers(desk.bea, planned, "staff")[-1]),
        ("Form", str(modal.view["title"]["text"]), modal.view["blocks"]),
        ("Home", "", home.view["blocks"]),
    ]


async def main(folder: Path) -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as temporary:
        database = Path(temporary) / "desk.db"
        migrate(f"sqlite:///{database}")
        async with scene(database) as desk:
            html = page(await gallery(desk))
    (folder / "slack.html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
