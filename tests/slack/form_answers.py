"""What becomes of a form when the app has answered it: https://docs.slack.dev/surfaces/modals."""

from __future__ import annotations

import secrets

from tests.slack.records import Json, View
from tests.slack.validation import check_view
from tests.slack.workspace import Workspace

MOST_VIEWS = 3  # on each other: the page above


def follow(workspace: Workspace, stack: list[View], form: View, said: Json) -> str:
    """Do with a form what the app answered; return what is wrong with the answer, if anything.

    `stack` are the forms in front of the person, `form` the one that was sent. A wrong answer
    changes nothing: the client shows an error and keeps the form.
    """
    wrong = _wrong(stack, form, said)
    if wrong:
        return wrong
    match said.get("response_action"):
        case None:
            form.is_open = False
        case "clear":
            for view in stack:
                view.is_open = False
        case "update":
            form.view, form.hash = said["view"], _hash(workspace)
        case "push":
            id = workspace.new_id("V")  # noqa: A001 - Slack's word
            pushed = View(id, form.user, said["view"], _hash(workspace), form.root_id, form.id)
            workspace.views[id] = pushed
    return ""


def _wrong(stack: list[View], form: View, said: Json) -> str:
    match said.get("response_action"):
        case None if said:
            return f"an answer without response_action: {sorted(said)}"
        case "errors":
            return _wrong_errors(form, said.get("errors"))
        case "update" | "push" as word:
            is_full = word == "push" and len(stack) >= MOST_VIEWS
            return "; ".join(check_view(said.get("view"))) or ("too many views" if is_full else "")
        case None | "clear":
            return ""
    return f"an unknown response_action: {said['response_action']}"


def _wrong_errors(form: View, errors: object) -> str:
    """Say what is wrong with the errors for a form: they stand at blocks with inputs.

    https://docs.slack.dev/surfaces/modals#displaying_errors
    """
    if not isinstance(errors, dict) or not errors:
        return "errors must name blocks"
    fields = {block.get("block_id") for block in form.view["blocks"] if block["type"] == "input"}
    strange = [name for name in errors if name not in fields]
    empty = [name for name, text in errors.items() if not isinstance(text, str) or not text]
    return f"no input blocks: {strange}; no words: {empty}" if strange or empty else ""


def _hash(workspace: Workspace) -> str:
    return f"{workspace.seconds()}.{secrets.token_hex(4)}"
