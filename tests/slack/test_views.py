"""Modals and home pages: https://docs.slack.dev/reference/methods/views.open and so on."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import ManualClock
from tests.slack.asking import error, refused
from tests.slack.people import PersonThere
from tests.slack.records import Json
from tests.slack.server import SlackDouble


def modal(title: str = "Report", **more: Any) -> Json:
    named = {"type": "plain_text", "text": title}
    return {"type": "modal", "title": named, "blocks": [{"type": "divider"}], **more}


HOME: Json = {"type": "home", "blocks": [{"type": "divider"}]}


@pytest.fixture
def trigger(slack: SlackDouble, alice: PersonThere) -> str:
    """What Alice's act gave the app."""
    return slack.workspace.new_trigger(alice.id)


async def test_a_modal_is_opened_for_whom_the_trigger_is_of(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, trigger: str
) -> None:
    view = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    assert view["root_view_id"] == view["id"]
    assert slack.workspace.views[view["id"]].user == alice.id


async def test_a_trigger_is_good_once(client: AsyncWebClient, trigger: str) -> None:
    await client.views_open(trigger_id=trigger, view=modal())
    again = client.views_open(trigger_id=trigger, view=modal())
    assert await error(again) == "exchanged_trigger_id"


async def test_a_trigger_dies_after_three_seconds(
    client: AsyncWebClient, clock: ManualClock, trigger: str
) -> None:
    # docs.slack.dev/interactivity/handling-user-interaction
    clock.advance(timedelta(seconds=3, milliseconds=1))
    opening = client.views_open(trigger_id=trigger, view=modal())
    assert await error(opening) == "expired_trigger_id"


async def test_a_trigger_of_three_seconds_is_good(
    client: AsyncWebClient, clock: ManualClock, trigger: str
) -> None:
    clock.advance(timedelta(seconds=3))
    assert (await client.views_open(trigger_id=trigger, view=modal()))["ok"]


async def test_a_trigger_nobody_gave_is_invalid(client: AsyncWebClient) -> None:
    opening = client.views_open(trigger_id="1.2.abc", view=modal())
    assert await error(opening) == "invalid_trigger_id"


async def test_what_is_wrong_with_a_view_is_told(client: AsyncWebClient, trigger: str) -> None:
    answer = await refused(client.views_open(trigger_id=trigger, view=modal("x" * 25)))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"]


async def test_a_view_that_is_refused_leaves_the_trigger_good(
    client: AsyncWebClient, trigger: str
) -> None:
    await refused(client.views_open(trigger_id=trigger, view=HOME))
    assert (await client.views_open(trigger_id=trigger, view=modal()))["ok"]


async def test_a_view_may_be_too_large(client: AsyncWebClient, trigger: str) -> None:
    section = {"type": "section", "text": {"type": "plain_text", "text": "x" * 2999}}
    opening = client.views_open(trigger_id=trigger, view=modal(blocks=[section] * 90))
    assert await error(opening) == "view_too_large"


async def test_an_external_id_is_used_once(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, trigger: str
) -> None:
    await client.views_open(trigger_id=trigger, view=modal(external_id="form-1"))
    other = slack.workspace.new_trigger(alice.id)
    again = client.views_open(trigger_id=other, view=modal(external_id="form-1"))
    assert await error(again) == "duplicate_external_id"


async def test_a_modal_is_updated_by_either_id(client: AsyncWebClient, trigger: str) -> None:
    opened = await client.views_open(trigger_id=trigger, view=modal(external_id="form-1"))
    by_id = await client.views_update(view_id=opened["view"]["id"], view=modal("Two"))
    assert by_id["view"]["title"]["text"] == "Two"
    await client.views_update(view_id=opened["view"]["id"], view=modal(external_id="form-1"))
    named = await client.views_update(external_id="form-1", view=modal(external_id="form-1"))
    assert named["view"]["id"] == opened["view"]["id"]


async def test_an_old_hash_is_a_conflict(client: AsyncWebClient, trigger: str) -> None:
    opened = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    named = {"view_id": opened["id"], "hash": opened["hash"]}
    await client.views_update(**named, view=modal("Two"))
    assert await error(client.views_update(**named, view=modal("Three"))) == "hash_conflict"


async def test_a_closed_modal_is_not_found(
    client: AsyncWebClient, slack: SlackDouble, trigger: str
) -> None:
    opened = await client.views_open(trigger_id=trigger, view=modal())
    slack.workspace.views[opened["view"]["id"]].is_open = False
    updating = client.views_update(view_id=opened["view"]["id"], view=modal())
    assert await error(updating) == "not_found"
    assert await error(client.views_update(external_id="none", view=modal())) == "not_found"


async def test_modals_lie_three_deep(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, trigger: str
) -> None:
    below = (await client.views_open(trigger_id=trigger, view=modal()))["view"]
    root = below["id"]
    for _ in range(2):
        again = slack.workspace.new_trigger(alice.id, view=below["id"])
        pushed = (await client.views_push(trigger_id=again, view=modal()))["view"]
        assert (pushed["root_view_id"], pushed["previous_view_id"]) == (root, below["id"])
        below = pushed
    again = slack.workspace.new_trigger(alice.id, view=below["id"])
    pushing = client.views_push(trigger_id=again, view=modal())
    assert await error(pushing) == "push_limit_reached"


async def test_nothing_is_pushed_where_no_modal_is(client: AsyncWebClient, trigger: str) -> None:
    assert await error(client.views_push(trigger_id=trigger, view=modal())) == "not_found"


async def test_a_home_page_is_published_for_one_person(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere
) -> None:
    first = (await client.views_publish(user_id=alice.id, view=HOME))["view"]
    again = await client.views_publish(user_id=alice.id, view=HOME, hash=first["hash"])
    assert again["view"]["id"] == first["id"] == slack.workspace.homes[alice.id].id
    stale = client.views_publish(user_id=alice.id, view=HOME, hash=first["hash"])
    assert await error(stale) == "hash_conflict"


async def test_a_home_page_is_of_somebody(client: AsyncWebClient) -> None:
    answer = await refused(client.views_publish(user_id="U0NOBODY", view=HOME))
    assert answer["response_metadata"]["messages"] == ["invalid `user_id`"]


async def test_a_modal_is_no_home_page(client: AsyncWebClient, alice: PersonThere) -> None:
    publishing = client.views_publish(user_id=alice.id, view=modal())
    assert await error(publishing) == "invalid_arguments"
