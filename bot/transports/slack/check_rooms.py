"""Are the rooms and user groups of the configuration there, and can the bot see into them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.errors import TransportError
from bot.transports.slack.api import Api
from bot.transports.slack.refusals import Refusal
from bot.transports.wire import Object, object_of, objects_of, text_of

_KINDS = "public_channel,private_channel"
_PAGE = 200
_MOST_PAGES = 50  # of a workspace's rooms that are looked through


async def check_rooms(
    api: Api, bot: str, rooms: Sequence[str], people: Sequence[str]
) -> Sequence[str]:
    """Return a sentence for each room that is no good.

    Args:
        api: how to ask.
        bot: what the bot is called.
        rooms: the ids or names of rooms it is to work in.
        people: ids of which some may be rooms.
    """
    named = [*rooms, *(each for each in people if _is_room(each))]
    if not named:
        return []
    try:
        ours = await _listed(api, "users.conversations")
        everything = ours
        if any(not _meant(name, ours) for name in named):
            everything = [*ours, *await _listed(api, "conversations.list")]
    except TransportError as error:
        return [f"The rooms cannot be read ({error}): {_remedy(error)}."]
    mine = {text_of(room, "id") for room in ours}
    return [*_same(rooms, everything), *(_each(named, everything, mine, bot))]


def _each(
    named: Sequence[str], everything: Sequence[Object], mine: set[str], bot: str
) -> Iterator[str]:
    for name in dict.fromkeys(named):
        found = _meant(name, everything)
        if not found:
            yield (
                f"{name}: there is no such room that the bot can see: correct the name or the "
                f"id, or, where it is private, type `/invite @{bot}` in it."
            )
        elif len(found) > 1:
            ids = ", ".join(f'"{id_}"' for id_ in found)
            yield f"{name} is the name of several rooms: name the one you mean by its id ({ids})."
        else:
            yield from _one(name, next(iter(found.values())), mine, bot)


def _one(name: str, room: Object, mine: set[str], bot: str) -> Iterator[str]:
    if room.get("is_archived") is True:
        yield f"{name} is archived: unarchive it, or take it out of the configuration."
    elif text_of(room, "id") not in mine:
        yield f"{name}: the bot is not in it: type `/invite @{bot}` there."


def _same(rooms: Sequence[str], everything: Sequence[Object]) -> Iterator[str]:
    known: dict[str, str] = {}
    for name in rooms:
        for id_ in _meant(name, everything):
            if known.setdefault(id_, name) != name:
                yield f"{known[id_]} and {name} are the same room: keep one of them."


def _meant(name: str, rooms: Sequence[Object]) -> dict[str, Object]:
    """Return by id the rooms a name or id means."""
    bare = name.removeprefix("#")
    return {
        text_of(room, "id"): room
        for room in rooms
        if bare in (text_of(room, "id"), text_of(room, "name"))
    }


async def check_groups(api: Api, people: Sequence[str]) -> list[str]:
    """Return a sentence for each user group that cannot be read."""
    found = []
    for group in filter(_is_group, people):
        try:
            # https://docs.slack.dev/reference/methods/usergroups.users.list
            await api.call("usergroups.users.list", usergroup=group)
        except Refusal as error:
            if error.code == "no_such_subteam":
                found.append(
                    f"people: there is no user group {group}: copy its id from the group's page, "
                    "More, or take it out."
                )
            else:
                found.append(
                    f"people: who is in {group} cannot be read ({error}): {_remedy(error)}."
                )
        except TransportError as error:
            found.append(f"people: who is in {group} cannot be read ({error}): try again.")
    return found


def _is_room(name: str) -> bool:
    return (name.startswith("#") and ":" not in name) or _is_id(name, "CG")


def _is_group(name: str) -> bool:
    return _is_id(name, "S")


def _is_id(name: str, letters: str) -> bool:
    return name[:1] in tuple(letters) and len(name) > 1 and name.isalnum() and name.isupper()


def _remedy(error: TransportError) -> str:
    if isinstance(error, Refusal) and error.code == "missing_scope":
        return "give the app that scope and install it again"
    return "try again"


async def _listed(api: Api, method: str) -> list[Object]:
    found: list[Object] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        answer = await api.call(method, types=_KINDS, limit=_PAGE, cursor=cursor or None)
        found += objects_of(answer, "channels")
        cursor = text_of(object_of(answer, "response_metadata"), "next_cursor")
        if not cursor:
            break
    return found
