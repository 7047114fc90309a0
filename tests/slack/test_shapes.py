"""The answers have the fields that the examples of the documentation have.

The page of each: https://docs.slack.dev/reference/methods/ and the method's name.
"""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.people import PersonThere
from tests.slack.records import Channel
from tests.slack.server import SlackDouble


def fields(names: str) -> set[str]:
    return set(names.split())


CHANNEL = fields(
    "id name is_channel is_group is_im is_mpim is_private created is_archived is_general unlinked "
    "name_normalized is_shared is_frozen is_org_shared is_pending_ext_shared pending_shared "
    "context_team_id updated parent_conversation creator is_ext_shared shared_team_ids "
    "pending_connected_team_ids topic purpose properties previous_names"
)
# In a list there are no context_team_id and properties, but:
LISTED = fields("is_member num_members")
DIRECT = fields("id created is_im is_org_shared user is_user_deleted priority")
MESSAGE = fields("type user text ts")
# has_2fa is told to administrators alone.
USER = fields(
    "id team_id name deleted color real_name tz tz_label tz_offset profile is_admin is_owner "
    "is_primary_owner is_restricted is_ultra_restricted is_bot updated is_app_user"
)
PROFILE = fields(
    "avatar_hash status_text status_emoji real_name display_name real_name_normalized "
    "display_name_normalized email image_24 image_32 image_48 image_72 image_192 image_512 team"
)
VIEW = fields(
    "id team_id type title close submit blocks private_metadata callback_id external_id state hash "
    "clear_on_close notify_on_close root_view_id previous_view_id app_id bot_id"
)
# Without what images alone have.
FILE = fields(
    "id created timestamp name title mimetype filetype pretty_type user editable size mode "
    "is_external external_type is_public public_url_shared display_as_bot username url_private "
    "url_private_download permalink permalink_public comments_count is_starred shares channels "
    "groups ims has_rich_preview"
)
GROUP = fields(
    "id team_id is_usergroup name description handle is_external date_create date_update "
    "date_delete auto_type created_by updated_by deleted_by prefs user_count"
)


def missing(told: Any, documented: set[str]) -> set[str]:
    return documented - set(told)


async def test_chat_answers_as_documented(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    posted = await client.chat_postMessage(channel=room.id, text="-")
    assert set(posted.data) == fields("ok channel ts message")
    assert not missing(posted["message"], fields("text bot_id type ts"))
    updated = await client.chat_update(channel=room.id, ts=posted["ts"], text="--")
    assert set(updated.data) == fields("ok channel ts text message")
    deleted = await client.chat_delete(channel=room.id, ts=posted["ts"])
    assert set(deleted.data) == fields("ok channel ts")
    alone = await client.chat_postEphemeral(channel=room.id, user=alice.id, text="-")
    assert set(alone.data) == fields("ok message_ts")


async def test_history_answers_as_documented(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    ts = alice.write("it", "One")
    answer = await client.conversations_history(channel=room.id)
    assert set(answer.data) == fields("ok messages has_more pin_count")
    assert not missing(answer["messages"][0], MESSAGE)
    alice.write("it", "Two")
    paged = await client.conversations_history(channel=room.id, limit=1, latest="now")
    assert set(paged.data) == {*answer.data, "latest", "response_metadata"}
    alice.write("it", "Below", thread=ts)
    thread = (await client.conversations_replies(channel=room.id, ts=ts))["messages"]
    assert not missing(thread[0], MESSAGE | fields("thread_ts reply_count subscribed"))
    assert not missing(thread[1], MESSAGE | fields("thread_ts parent_user_id"))


async def test_conversations_answer_as_documented(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    assert not missing((await client.conversations_info(channel=room.id))["channel"], CHANNEL)
    direct = alice.direct.id
    listed = (await client.conversations_list(types="public_channel,im"))["channels"]
    told = {channel["id"]: channel for channel in listed}
    assert not missing(told[room.id], CHANNEL | LISTED)
    assert set(told[direct]) == DIRECT
    members = await client.conversations_members(channel=room.id)
    assert set(members.data) == fields("ok members response_metadata")


async def test_people_answer_as_documented(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere
) -> None:
    alice.change(email="alice@example.com")
    user = (await client.users_info(user=alice.id))["user"]
    assert not missing(user, USER)
    assert not missing(user["profile"], PROFILE)
    assert set((await client.users_list()).data) == fields("ok members cache_ts response_metadata")
    slack.workspace.add_group("agents")
    groups = (await client.usergroups_list(include_count=True))["usergroups"]
    assert set(groups[0]) == GROUP
    bot = (await client.bots_info())["bot"]
    assert set(bot) == fields("id deleted name updated app_id user_id icons")
    team = (await client.team_info())["team"]
    assert set(team) == fields("id name domain email_domain icon")


async def test_marks_answer_as_documented(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    ts = alice.write("it", "One")
    alice.react("it", ts, "eyes")
    got = await client.reactions_get(channel=room.id, timestamp=ts)
    assert set(got.data) == fields("ok type message channel")
    assert not missing(got["message"], MESSAGE | fields("team reactions permalink"))
    assert set(got["message"]["reactions"][0]) == fields("name users count")


async def test_views_answer_as_documented(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere
) -> None:
    title = {"type": "plain_text", "text": "Report"}
    trigger = slack.workspace.new_trigger(alice.id)
    blocks = [{"type": "divider"}]
    modal = {"type": "modal", "title": title, "blocks": blocks}
    opened = (await client.views_open(trigger_id=trigger, view=modal))["view"]
    assert not missing(opened, VIEW)
    home = await client.views_publish(user_id=alice.id, view={"type": "home", "blocks": blocks})
    assert not missing(home["view"], VIEW - {"title"})


async def test_files_answer_as_documented(client: AsyncWebClient, alice: PersonThere) -> None:
    promised = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    assert set(promised.data) == fields("ok upload_url file_id")
    alice.write(alice.direct.id, "", files=[("b.txt", b"b")])
    number = list(alice.workspace.files)[-1]
    told = await client.files_info(file=number)
    assert set(told.data) == fields("ok file comments response_metadata")
    assert not missing(told["file"], FILE)


async def test_tokens_answer_as_documented(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert not missing(answer.data, fields("ok url team user team_id user_id bot_id"))
