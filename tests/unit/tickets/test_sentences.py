"""Every sentence that refuses something about tickets, to be read and found helpful."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from handlers.tickets.states import TABLE

HERE = Path(__file__).parents[3]
FOLDER = HERE / "handlers" / "tickets"
REFUSALS = ("UserError", "Refused")

# {} is what is filled in. Who adds one reads it once more: does it say what to do next?
REVIEWED = """
#{} and #{} are linked already. “ticket show #{}” shows it.
#{} cannot be linked to itself. Name another ticket: #number.
#{} cannot go on in itself. Name two: “ticket merge #4 into #7”.
#{} goes on in #{} itself. Name that one instead.
#{} has changed since, so I cannot take that back. “ticket history #{}” shows what was done.
#{} has the priority {} already. There is also {}.
#{} is closed already.
#{} is closed for good. Write in its thread, or open another: “ticket open”.
#{} is not solved, so there is nothing to reopen.
#{} is one ticket. Write what the other is about: “ticket split #{} the printer is broken too”.
#{} is open already. “ticket show #{}” shows how far it is.
#{} is solved already.
#{} is solved already. “ticket reopen #{}” opens it again.
#{} is solved. Reopen it first: “ticket reopen {}”.
#{} is yours already. “ticket release #{}” gives it back.
#{} is {} already. Write one of {}.
#{} would have more than {} tags. Take some off with -word.
#{} {} already. Write +word to add a tag, -word to take one off.
A macro cannot be called “{}”. Choose another short word.
Nobody has #{}, so there is nothing to release.
Only whoever did that can take it back. “ticket history #12” shows who did what.
Only {} or IT can {}.
There is no macro “{}”. “macro list” shows those there are.
There is no ticket #{}. “ticket list” shows those you can see.
There is no view “{}”. {} “ticket view save night unassigned” saves one.
There is no {{}} to fill in. There is {}.
This desk has no targets, so nothing breaches them. Write older:2d instead.
This thread is ticket #{} already: write here what is to be added.
Those are more than {} tickets. Name fewer at once.
What is told about one of #{} and #{} is private. Link them instead: “ticket link #{} #{}”.
Write a short name and filters after it, for example “ticket view save night unassigned urgent”.
Write a word to look for, for example “ticket search printer jam”.
Write what to send: “ticket reply #{} Did you restart it?”.
Write “{}” before “{}”: filters come first.
You have done nothing to a ticket in the last ten minutes. “ticket history #12” shows what was.
You have {} views. “ticket view delete night” deletes one.
{} has #{} already. “ticket assign #{} me” takes it over.
{} has #{} already. “ticket release #{}” takes it off.
{} is not of IT. Name somebody who is in the staff room.
“{}:” is not a filter. {} Text stands in quotes.
“{}:” needs a word right after it, such as {}.
“{}” cannot be taken back. “ticket show #{}” shows what can.
“{}” is more than ten minutes old: change the ticket by hand instead.
“{}” is more than ten years ahead. {}
“{}” is no tag. Write a short word, for example +vpn.
“{}” is not a duration. Write for example {}.
“{}” is not a filter. Did you mean “{}”? Text stands in quotes.
“{}” is not a filter. Write for example “ticket list unassigned”, or “ticket search printer”.
“{}” is not a priority. {}
“{}” is not a ticket number. Write for example #12.
“{}” is not a time I understand. {}
“{}” is over already ({}). {}
“{}” is taken back already. “ticket show #{}” shows it.
“{}” runs backwards. Write {}-{}.
"""


def templates(file: Path) -> Iterator[str]:
    """Yield the sentences a module raises: `msg` where it is raised next."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(body, list):
                for said, raised in pairwise(body):
                    if isinstance(said, ast.Assign) and is_refusal(raised):
                        yield text_of(said.value)


def is_refusal(node: ast.stmt) -> bool:
    """Tell whether a statement raises what is shown to a person."""
    if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
        return False
    return isinstance(node.exc.func, ast.Name) and node.exc.func.id in REFUSALS


def text_of(value: ast.expr) -> str:
    """Return a text with {} for what is filled in."""
    if isinstance(value, ast.JoinedStr):
        return "".join(text_of(each) for each in value.values)
    return str(value.value) if isinstance(value, ast.Constant) else "{}"


def sentences() -> set[str]:
    """Return all of them."""
    found = {text for file in sorted(FOLDER.glob("*.py")) for text in templates(file)}
    found |= {cell.replace("{number}", "{}") for cell in TABLE.values() if isinstance(cell, str)}
    return found


def test_every_sentence_was_reviewed() -> None:
    assert sorted(sentences()) == sorted(REVIEWED.strip().splitlines())


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_every_sentence_says_what_to_do_or_that_it_is_done(sentence: str) -> None:
    first, _, hint = sentence.partition(". ")
    helps = (": ", "such as", "instead", "nothing to", "already", "Only ", "Write ")
    assert sentence.endswith((".", "{}"))
    assert hint or any(word in first for word in helps)
