"""Reads Markdown that we wrote (articles) into neutral content."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.content import (
    Block,
    Code,
    Content,
    Emphasis,
    Heading,
    Items,
    Link,
    Paragraph,
    Quote,
    Span,
    Spans,
    Strong,
    Text,
    Verbatim,
)

_PARSER = MarkdownIt("commonmark", {"html": False})


def from_markdown(text: str) -> Content:
    """Return Markdown as content; what content cannot show (images, HTML) becomes its text."""
    return tuple(_blocks(SyntaxTreeNode(_PARSER.parse(text))))


def _blocks(parent: SyntaxTreeNode) -> list[Block]:
    found: list[Block] = []
    for node in parent.children:
        match node.type:
            case "heading":
                found.append(Heading(_inline(node)))
            case "paragraph":
                found.append(Paragraph(_inline(node)))
            case "bullet_list" | "ordered_list":
                lines = tuple(_item(item) for item in node.children)
                found.append(Items(lines, numbered=node.type == "ordered_list"))
            case "fence" | "code_block":
                found.append(Code(node.content.rstrip("\n")))
            case "blockquote":
                found.append(Quote(_item(node)))
            case "hr":
                pass
            case _:
                found.append(Paragraph((Text(node.content),)))
    return found


def _item(node: SyntaxTreeNode) -> Spans:
    """Flatten an item's paragraphs and nested lists into one run of spans."""
    spans: list[Span] = []
    for index, child in enumerate(node.children):
        if index:
            spans.append(Text("\n"))
        if child.type in ("bullet_list", "ordered_list"):
            for number, item in enumerate(child.children):
                spans.extend((Text("\n" if number else ""), Text("– "), *_item(item)))
        elif child.type in ("fence", "code_block"):
            spans.append(Verbatim(child.content.rstrip("\n")))
        else:
            spans.extend(_inline(child))
    return tuple(spans)


def _inline(node: SyntaxTreeNode) -> Spans:
    spans: list[Span] = []
    for inline in node.children:
        for child in inline.children:
            spans.extend(_span(child))
    return tuple(spans)


def _span(node: SyntaxTreeNode) -> list[Span]:
    match node.type:
        case "text":
            return [Text(node.content)]
        case "softbreak":
            return [Text(" ")]
        case "hardbreak":
            return [Text("\n")]
        case "code_inline":
            return [Verbatim(node.content)]
        case "strong":
            return [Strong(_plain(node))]
        case "em":
            return [Emphasis(_plain(node))]
        case "link":
            return [Link(_plain(node), str(node.attrs.get("href", "")))]
        case _:
            return [Text(_plain(node) or node.content)]


def _plain(node: SyntaxTreeNode) -> str:
    if not node.children:
        return " " if node.type == "softbreak" else node.content
    return "".join(_plain(child) for child in node.children)
