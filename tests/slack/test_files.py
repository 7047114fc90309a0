"""Files, in the steps of https://docs.slack.dev/messaging/working-with-files."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.asking import error
from tests.slack.people import PersonThere
from tests.slack.records import Channel, Json
from tests.slack.server import SlackDouble


async def send(address: str, content: bytes) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(address, data=content) as response,
    ):
        return response.status


async def uploaded(client: AsyncWebClient, content: bytes = b"hello") -> str:
    """Upload a content and return the file's id; it is not complete."""
    promised = await client.files_getUploadURLExternal(filename="log.txt", length=len(content))
    assert await send(promised["upload_url"], content) == 200
    return str(promised["file_id"])


async def complete(client: AsyncWebClient, *files: Json, **args: Any) -> Any:
    params = {"files": json.dumps(files), **args}
    return await client.api_call("files.completeUploadExternal", params=params)


async def test_a_file_is_shared_in_three_steps(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    answer = await client.files_upload_v2(
        channel=room.id, filename="log.txt", content="hello", title="The log", initial_comment="See"
    )
    assert answer["files"] == [{"id": answer["files"][0]["id"], "title": "The log"}]
    seen = alice.sees("it")[-1]
    assert (seen.subtype, seen.text, seen.files) == ("file_share", "See", ("The log",))


async def test_a_file_is_told_with_where_it_is_shared(
    client: AsyncWebClient, alice: PersonThere, room: Channel
) -> None:
    thread = alice.write("it", "Logs?")
    file = await uploaded(client)
    await complete(client, {"id": file}, channel_id=room.id, thread_ts=thread)
    told = (await client.files_info(file=file))["file"]
    share = told["shares"]["public"][room.id][0]
    assert (told["title"], told["size"], share["thread_ts"]) == ("log.txt", 5, thread)
    assert share["ts"] == alice.sees("it", thread)[-1].ts


async def test_a_file_without_a_channel_stays_private(client: AsyncWebClient) -> None:
    file = await uploaded(client)
    await complete(client, {"id": file})
    assert (await client.files_info(file=file))["file"]["channels"] == []


async def test_an_address_to_upload_to_is_good_once(client: AsyncWebClient) -> None:
    promised = await client.files_getUploadURLExternal(filename="log.txt", length=5)
    assert await send(promised["upload_url"], b"hello") == 200
    assert await send(promised["upload_url"], b"hello") == 404


async def test_the_length_must_be_right(client: AsyncWebClient) -> None:
    promised = await client.files_getUploadURLExternal(filename="log.txt", length=5)
    assert await send(promised["upload_url"], b"hello, world") == 400
    completing = complete(client, {"id": promised["file_id"]})
    assert await error(completing) == "file_not_found"


async def test_a_file_is_completed_once(client: AsyncWebClient) -> None:
    file = await uploaded(client)
    await complete(client, {"id": file})
    assert await error(complete(client, {"id": file})) == "file_not_found"


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("missing_argument", {"length": "0"}),
        ("invalid_arguments", {"length": "five"}),
        ("invalid_arguments", {"filename": ""}),
        ("file_upload_size_restricted", {"length": str(2 * 1024**3)}),
        ("alt_txt_too_large", {"alt_txt": "x" * 1001}),
    ],
)
async def test_slack_refuses_an_upload(client: AsyncWebClient, code: str, args: Json) -> None:
    params = {"filename": "log.txt", "length": "5", **args}
    asked = client.api_call("files.getUploadURLExternal", params=params)
    assert await error(asked) == code


@pytest.mark.parametrize(
    ("code", "args"),
    [
        ("invalid_arguments", {"files": "[]"}),
        ("invalid_arguments", {"files": "no JSON"}),
        ("file_not_found", {"files": '[{"id": "F0NONE"}]'}),
        ("channel_not_found", {"channel_id": "C0NOWHERE"}),
        ("not_in_channel", {"channel_id": "RANDOM"}),
        ("posting_to_channel_denied", {"channel_id": "ARCHIVED"}),
        ("channels_limit_exceeded", {"channels": ",".join(f"C{n}" for n in range(101))}),
        ("invalid_arguments", {"channels": "ROOM,OTHER", "thread_ts": "1600000000.000100"}),
    ],
)
async def test_slack_refuses_to_complete(
    client: AsyncWebClient, slack: SlackDouble, room: Channel, code: str, args: dict[str, str]
) -> None:
    add = slack.workspace.add_channel
    archived = add("old")
    archived.is_archived = True
    places = {
        "RANDOM": add("random", bot=False).id,
        "ARCHIVED": archived.id,
        "ROOM": room.id,
        "OTHER": add("other").id,
    }
    given = {
        name: ",".join(places.get(part, part) for part in value.split(","))
        if name.startswith("channel") else value
        for name, value in args.items()
    }  # fmt: skip
    files = json.dumps([{"id": await uploaded(client)}])
    asked = client.api_call("files.completeUploadExternal", params={"files": files, **given})
    assert await error(asked) == code


async def test_a_file_is_known_where_it_is_shared_with_the_bot(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    slack.workspace.add_channel("secret", [alice.id], private=True, bot=False)
    alice.write("secret", "", files=[("plan.txt", b"hush")])
    alice.write("it", "", files=[("log.txt", b"hello")])
    secret, shared = slack.workspace.files
    assert await error(client.files_info(file=secret)) == "file_not_found"
    assert (await client.files_info(file=shared))["file"]["groups"] == []
    slack.workspace.files[shared].deleted = True
    assert await error(client.files_info(file=shared)) == "file_deleted"
    assert room.messages


async def read(address: str, token: str) -> tuple[str, str]:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as got:
        assert got.status == 200
        return got.content_type, await got.text()


async def test_a_content_is_read_with_the_token_and_otherwise_asks_to_sign_in(
    client: AsyncWebClient, slack: SlackDouble, alice: PersonThere, room: Channel
) -> None:
    # docs.slack.dev/reference/objects/file-object: url_private needs the token, files:read
    alice.write(room.id, "", files=[("log.txt", b"hello")])
    file = next(iter(slack.workspace.files))
    told = (await client.files_info(file=file))["file"]
    for address in (told["url_private"], told["url_private_download"]):
        assert await read(address, slack.bot_token) == ("text/plain", "hello")
        kind, text = await read(address, "xoxb-made-up")
        assert kind == "text/html"
        assert "hello" not in text
