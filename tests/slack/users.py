"""Who there is: users.*, usergroups.*, bots.info, team.info.

https://docs.slack.dev/reference/methods/users.info and so on.
"""

from __future__ import annotations

from tests.slack import shapes
from tests.slack.calls import Call, Refusal, method, paged
from tests.slack.records import Json, User

MOST = 1000


@method("users.info", tier=4, scopes="users:read")
def info(call: Call) -> Json:
    """Return who someone is."""
    call.required("user")
    return {"user": _told(call, call.user())}


@method("users.list", tier=2, scopes="users:read")
def list_all(call: Call) -> Json:
    """Return everybody the app may know of, also those who left."""
    found = sorted(call.workspace.users.values(), key=_id)
    page, cursor = call.page(found, _id, call.limit(MOST, MOST))
    members = [_told(call, user) for user in page]
    return paged({"members": members, "cache_ts": call.workspace.seconds()}, cursor)


def _told(call: Call, user: User) -> Json:
    with_email = "users:read.email" in call.token.scopes
    told = user.as_json(home=call.workspace.team_id, with_email=with_email)
    return {**told, "locale": user.locale} if call.flag("include_locale") else told


def _id(user: User) -> str:
    return user.id


@method("usergroups.list", tier=2, scopes="usergroups:read")
def groups(call: Call) -> Json:
    """Return the groups of people."""
    users, count = call.flag("include_users"), call.flag("include_count")
    found = call.workspace.groups.values()
    shown = [one for one in found if one.is_enabled or call.flag("include_disabled")]
    told = [shapes.group(call.workspace, one, users=users, count=count) for one in shown]
    return {"usergroups": told}


@method("usergroups.users.list", tier=2, scopes="usergroups:read")
def group_users(call: Call) -> Json:
    """Return who is in a group."""
    group = call.workspace.groups.get(call.required("usergroup"))
    if group is None or not (group.is_enabled or call.flag("include_disabled")):
        raise Refusal("no_such_subteam")
    return {"users": list(group.users)}


@method("bots.info", tier=3, scopes="users:read")
def bot(call: Call) -> Json:
    """Return what stands behind a bot id."""
    wanted = call.text("bot") or call.workspace.bot_id
    user = next((user for user in call.workspace.users.values() if user.bot_id == wanted), None)
    if user is None:
        raise Refusal("bot_not_found")
    told = {
        "id": wanted,
        "deleted": user.deleted,
        "name": user.real_name,
        "updated": user.updated,
        "app_id": call.workspace.app_id if wanted == call.workspace.bot_id else "A0OTHER",
        "user_id": user.id,
        "icons": {},
    }
    return {"bot": told}


@method("team.info", tier=3, scopes="team:read")
def team(call: Call) -> Json:
    """Return the workspace."""
    workspace = call.workspace
    if call.text("team") not in ("", workspace.team_id):
        raise Refusal("team_not_found")
    told = {
        "id": workspace.team_id,
        "name": workspace.team_name,
        "domain": workspace.team_domain,
        "email_domain": "example.com",
        "icon": {"image_default": True},
    }
    return {"team": told}


@method("users.lookupByEmail", tier=3, scopes="users:read.email")
def by_email(call: Call) -> Json:
    """Return whose address this is."""
    email = call.required("email")
    found = next((u for u in call.workspace.users.values() if u.email == email), None)
    if found is None:
        raise Refusal("users_not_found")
    return {"user": _told(call, found)}
