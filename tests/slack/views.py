"""Modals and home pages: views.*.

https://docs.slack.dev/reference/methods/views.open, views.push, views.update and views.publish
"""

from __future__ import annotations

import json
import secrets

from tests.slack import shapes
from tests.slack.calls import Call, Refusal, method
from tests.slack.records import Json, Trigger, View
from tests.slack.validation import check_view
from tests.slack.workspace import Workspace

LARGEST = 250 * 1024  # "greater than 250kb", each of the pages
MOST_PUSHED = 3  # views.push: "Currently the limit is 3"


@method("views.open", tier=4)
def open_view(call: Call) -> Json:
    """Open a modal for whom the trigger is of."""
    given = _given(call, "modal")
    trigger = _trigger(call)
    number = call.workspace.new_id("V")
    view = View(number, trigger.user, given, _hash(call.workspace), number)
    call.workspace.views[view.id] = view
    return {"view": shapes.view(call.workspace, view)}


@method("views.push", tier=4)
def push(call: Call) -> Json:
    """Put a modal onto the one in which the trigger was given."""
    given = _given(call, "modal")
    trigger = _trigger(call)
    below = call.workspace.views.get(trigger.view)
    if below is None or not below.is_open:
        raise Refusal("not_found")
    if len(stack(call.workspace, below.root_id)) >= MOST_PUSHED:
        raise Refusal("push_limit_reached")
    view = View(call.workspace.new_id("V"), trigger.user, given, _hash(call.workspace), "")
    view.root_id, view.previous_id = below.root_id, below.id
    call.workspace.views[view.id] = view
    return {"view": shapes.view(call.workspace, view)}


def stack(workspace: Workspace, root: str) -> list[View]:
    """Return the modals that lie on one another, the lowest first."""
    return [view for view in workspace.views.values() if view.root_id == root and view.is_open]


@method("views.update", tier=4)
def update(call: Call) -> Json:
    """Put something else into a modal that is open."""
    named = call.text("view_id"), call.text("external_id")
    given = _given(call, "modal", but=named[0])
    view = _find(call.workspace, *named)
    _replace(call, view, given)
    return {"view": shapes.view(call.workspace, view)}


@method("views.publish", tier=4)
def publish(call: Call) -> Json:
    """Put up somebody's home page."""
    user = call.text("user_id")
    if user not in call.workspace.users:
        metadata = {"messages": ["invalid `user_id`"]}
        raise Refusal("invalid_arguments", response_metadata=metadata)
    given = _given(call, "home")
    view = call.workspace.homes.get(user)
    if view is None:
        number = call.workspace.new_id("V")
        view = View(number, user, given, _hash(call.workspace), number)
        call.workspace.homes[user] = view
    else:
        _replace(call, view, given)
    return {"view": shapes.view(call.workspace, view)}


def _find(workspace: Workspace, number: str, external: str) -> View:
    if number:
        view = workspace.views.get(number)
    else:
        open_ones = (view for view in workspace.views.values() if view.is_open)
        named = (v for v in open_ones if external and v.view.get("external_id") == external)
        view = next(named, None)
    if view is None or not view.is_open:
        raise Refusal("not_found")
    return view


def _replace(call: Call, view: View, given: Json) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise Refusal("hash_conflict")
    view.view, view.hash = given, _hash(call.workspace)


def _given(call: Call, kind: str, but: str = "") -> Json:
    view = call.json("view", "invalid_arguments")
    if isinstance(view, dict) and len(json.dumps(view)) > LARGEST:
        raise Refusal("view_too_large")
    found = check_view(view)
    if not found and view.get("type") != kind:
        found = [f"[ERROR] must be a valid enum value: {kind} [json-pointer:/view/type]"]
    if found:
        raise Refusal("invalid_arguments", response_metadata={"messages": found})
    external = view.get("external_id")
    for other in call.workspace.views.values():
        same = external and other.is_open and other.view.get("external_id") == external
        if same and other.id != but and call.text("external_id") != external:
            raise Refusal("duplicate_external_id")
    return dict(view)


def _trigger(call: Call) -> Trigger:
    trigger = call.workspace.use_trigger(call.required("trigger_id"))
    if isinstance(trigger, str):
        raise Refusal(trigger)
    return trigger


def _hash(workspace: Workspace) -> str:
    return f"{workspace.seconds()}.{secrets.token_hex(4)}"
