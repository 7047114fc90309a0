"""The README's way onto Slack, step by step: its commands, configurations and first question."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.transports.slack.scopes import REASONS
from tests.leash import last_words, spawn
from tests.readme import ROOT, block
from tests.slack.manifest import install
from tests.slack.people import PersonThere, Seen
from tests.slack.records import Channel
from tests.slack.server import SlackDouble

PATIENCE = 40  # seconds
README = (ROOT / "README.md").read_text(encoding="utf-8")


def arguments(marker: str, line: int = 0) -> Sequence[str]:
    """Return the arguments of a command in the README, without where its output goes."""
    program, *rest = block(marker).splitlines()[line].partition(" > ")[0].split()
    assert program == ".venv/bin/deskside"
    return rest


async def deskside(folder: Path, *given: str) -> tuple[int, str]:
    """Run a command to its end; returns its exit code and everything it said."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *given, cwd=folder, stdout=-1, stderr=subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(running.communicate(), PATIENCE)
    assert running.returncode is not None
    return running.returncode, said.decode()


@contextmanager
def serving(folder: Path, *given: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command while the block runs."""
    process = spawn([sys.executable, "-m", "bot", *given], folder / "log", folder=folder)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        # Whatever went wrong, its log says why.
        assert process.returncode == 0, last_words(folder / "log")


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """A workspace in which there is no app yet."""
    async with SlackDouble(SystemClock(), scopes=["none"]) as double:
        yield double


@pytest.fixture
def folder(slack: SlackDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the admin keeps the desk's files; Slack is the double there."""
    secrets = {
        "slack-bot-token": slack.bot_token,
        "slack-app-token": slack.app_token,
        "slack-signing-secret": slack.signing_secret,
    }
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n", encoding="utf-8")
    monkeypatch.setenv("DESKSIDE_SLACK__API_URL", slack.api_url)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return tmp_path


@pytest.fixture
def alice(slack: SlackDouble) -> PersonThere:
    return slack.person("alice")


@pytest.fixture
def rooms(slack: SlackDouble, alice: PersonThere) -> list[Channel]:
    """The two channels of the README, without the bot."""
    add, bea = slack.workspace.add_channel, slack.person("bea").id
    return [
        add("it-support", [alice.id, bea], bot=False),
        add("it-staff", [bea], private=True, bot=False),
    ]


def invite(slack: SlackDouble, rooms: Sequence[Channel]) -> None:
    for room in rooms:
        slack.person("bea").invite(room.id, slack.workspace.bot_user)


def answered(slack: SlackDouble, room: Channel, asked: str) -> Callable[[], bool]:
    """Return what tells whether the bot has answered in a message's thread."""
    bot = slack.workspace.bot_user
    return lambda: any(each.user == bot for each in slack.workspace.replies(room, asked))


async def use_the_desk(slack: SlackDouble, rooms: Sequence[Channel]) -> None:
    """Let people do what the README says they can."""
    support, staff = rooms
    alice, bea, ours = slack.person("alice"), slack.person("bea"), slack.workspace.bot_user
    question = re.search(r"the first question in `#it-support`: `(.*?)`", README)
    assert question is not None
    asked = alice.write(support.id, question[1])
    await slack.until(answered(slack, support, asked), PATIENCE)
    answer = alice.sees(support.id, asked)[-1]
    assert "From the article vpn-does-not-connect" in answer.shown
    await slack.gestures.press(alice, support.id, answer.ts, "👎 Not solved")

    def cards() -> list[Seen]:
        said = bea.sees(staff.id)
        return [each for each in said if each.user == ours and each.shown.startswith("#")]

    await slack.until(cards, PATIENCE)
    await slack.gestures.slash(bea, staff.id, "/ticket", "claim 1")
    await slack.until(lambda: "Bea has it" in cards()[0].shown, PATIENCE)
    await slack.gestures.slash(bea, staff.id, "/desk", "ticket resolve #1 a new profile")

    def is_solved() -> bool:
        return "is solved: a new profile" in alice.sees(support.id, asked)[-1].shown

    await slack.until(is_solved, PATIENCE)
    said = alice.write(support.id, "The printer is jammed again.")
    await slack.gestures.message_shortcut(alice, support.id, said, "ticket open")
    await slack.until(lambda: len(cards()) == 2, PATIENCE)
    alice.react(support.id, alice.write(support.id, "The lift stands still."), "🎫")
    await slack.until(lambda: len(cards()) == 3, PATIENCE)
    await slack.gestures.shortcut(alice, "ticket open")
    await slack.gestures.submit(alice, values={"Problem": "My chair squeaks"})
    await slack.until(lambda: len(cards()) == 4, PATIENCE)
    await ask_alone(slack, alice)


async def ask_alone(slack: SlackDouble, alice: PersonThere) -> None:
    """Look at the bot's page and write to it alone."""
    slack.gestures.open_home(alice)
    await slack.until(lambda: alice.id in slack.workspace.homes, PATIENCE)
    alice.dm("ticket list")
    direct = alice.direct.id
    await slack.until(lambda: "#4" in alice.sees(direct)[-1].shown, PATIENCE)


async def test_the_readme_leads_from_nothing_to_a_working_room(
    slack: SlackDouble, folder: Path, rooms: list[Channel]
) -> None:
    code, printed = await deskside(folder, *arguments("slack manifest"))
    install(slack, json.loads(printed))
    (folder / "deskside.toml").write_text(block("slack config"), encoding="utf-8")
    code, said = await deskside(folder, *arguments("slack check"))
    assert (code, said.count("type `/invite @deskside`")) == (1, 2)
    invite(slack, rooms)
    code, said = await deskside(folder, *arguments("slack check"))
    assert code == 0, said
    assert f'team_id = "{slack.workspace.team_id}"' in said
    with serving(folder, *arguments("slack check", 1)):
        await slack.until(lambda: len(slack.sockets.open) == 2, PATIENCE)
        await use_the_desk(slack, rooms)
    assert "missing_scope" not in {code for _, code, _ in slack.refusals}


async def test_the_readme_leads_to_a_working_room_by_requests_as_well(
    slack: SlackDouble,
    folder: Path,
    rooms: list[Channel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = re.sub(r"\[slack\]\n(?:.+\n)+", "", block("slack config")) + block("slack http")
    (folder / "deskside.toml").write_text(config, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    monkeypatch.setenv("DESKSIDE_WEB__PORT", port)
    _, printed = await deskside(folder, *arguments("slack http manifest"))
    manifest = json.loads(printed)
    install(slack, manifest)
    invite(slack, rooms)
    code, said = await deskside(folder, *arguments("slack check"))
    assert code == 0, said
    assert "let Slack verify the Request URL" in said
    told = manifest["settings"]["event_subscriptions"]["request_url"]
    assert told.startswith("https://desk.example.org/")
    mine = told.replace("https://desk.example.org", f"http://127.0.0.1:{port}")
    with serving(folder, *arguments("slack check", 1)):
        async with asyncio.timeout(PATIENCE):
            while not await slack.http.listen(mine):  # noqa: ASYNC110 - nobody tells when it is up
                await asyncio.sleep(0.1)
        await use_the_desk(slack, rooms)
    assert "missing_scope" not in {code for _, code, _ in slack.refusals}


async def test_the_manifest_says_what_it_lacks(folder: Path) -> None:
    (folder / "deskside.toml").write_text(block("slack http"), encoding="utf-8")
    given = ("slack", "manifest", "--config", "deskside.toml")
    assert await deskside(folder, *given) == (
        1,
        '--url: mode = "http" needs the address Slack sends to, such as https://desk.example.org\n',
    )


def test_the_readme_gives_every_scope_its_reason() -> None:
    shown = re.search(r"<!-- slack scopes -->\n(.*?)\n\n", README, re.DOTALL)
    assert shown is not None
    rows = [f"| `{scope}` | {reason} |" for scope, reason in REASONS.items()]
    assert shown[1].splitlines() == ["| scope | to |", "| --- | --- |", *rows]
