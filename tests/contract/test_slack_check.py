"""`deskside check` on Slack: a sentence for each thing that is wrong, with what to do."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot import check as whole
from bot.clock import ManualClock, SystemClock
from bot.compose import NO_SERVICE
from bot.config import Config, DatabaseSettings, PeopleSettings, RoomSettings
from bot.storage.migrate import migrate
from bot.transports.report import Report
from bot.transports.slack.check import check
from bot.transports.slack.scopes import REASONS
from bot.transports.slack.settings import SlackSettings
from tests.slack.faults import Fault
from tests.slack.server import SlackDouble


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """A workspace with the rooms #support and #staff, in which the bot is."""
    async with SlackDouble(SystemClock(), scopes=list(REASONS)) as double:
        for name in ("support", "staff"):
            double.workspace.add_channel(name, [double.person("alice").id], private=name == "staff")
        yield double


ROOMS = ("#support", "staff")


def settings_for(slack: SlackDouble, **more: object) -> SlackSettings:
    values: dict[str, object] = {
        "bot_token": SecretStr(slack.bot_token),
        "app_token": SecretStr(slack.app_token),
        "signing_secret": SecretStr(slack.signing_secret),
        "team_id": slack.workspace.team_id,
        "api_url": slack.api_url,
    }
    return SlackSettings.model_validate(values | more)


async def wrong(
    slack: SlackDouble,
    *,
    rooms: Sequence[str] = ROOMS,
    people: Sequence[str] = (),
    **more: object,
) -> list[str]:
    return (await check(settings_for(slack, **more), rooms, people)).wrong


async def test_a_good_set_up_is_in_order(slack: SlackDouble) -> None:
    assert await check(settings_for(slack), ROOMS, ()) == Report()


# Tokens


async def test_a_token_that_is_not_accepted_says_where_to_get_one(slack: SlackDouble) -> None:
    (said,) = await wrong(slack, bot_token="xoxb-none")
    assert "Slack does not accept bot_token (auth.test: invalid_auth): copy the Bot User" in said


async def test_tokens_that_are_swapped_are_told_apart(slack: SlackDouble) -> None:
    said = await wrong(slack, bot_token=slack.app_token, app_token=slack.bot_token)
    assert [sentence.partition(":")[0] for sentence in said[:2]] == [
        "bot_token is of another kind",
        "app_token is of another kind",
    ]


async def test_an_app_token_of_another_kind_is_named_once(slack: SlackDouble) -> None:
    (said,) = await wrong(slack, app_token=slack.bot_token)
    assert "app_token is of another kind: make an app-level token" in said


async def test_the_token_of_a_person_is_none_of_a_bot(slack: SlackDouble) -> None:
    slack.workspace.bot_id = ""
    (said,) = await wrong(slack)
    assert "bot_token is that of a person: copy the Bot User OAuth Token" in said


async def test_an_app_token_without_its_scope_says_so(slack: SlackDouble) -> None:
    slack.workspace.tokens[slack.app_token].scopes.clear()
    (said,) = await wrong(slack)
    assert "app_token may not open sockets: make one with the scope connections:write" in said


async def test_an_app_token_that_is_not_accepted_says_so(slack: SlackDouble) -> None:
    (said,) = await wrong(slack, app_token="xapp-none")
    assert "No socket can be opened with app_token (apps.connections.open: invalid_auth)" in said


async def test_in_http_mode_no_socket_is_opened_and_the_address_is_left_to_people(
    slack: SlackDouble,
) -> None:
    report = await check(settings_for(slack, mode="http", path="/desk"), ROOMS, ())
    assert slack.calls("apps.connections.open") == []
    assert report.wrong == []
    (note,) = report.notes
    assert "let Slack verify the Request URL in Event Subscriptions" in note
    assert "must end in /desk;" in note


async def test_a_token_that_has_ended_is_not_renewed_by_a_look(slack: SlackDouble) -> None:
    slack.workspace.tokens[slack.bot_token].expires = slack.clock.now()
    rotating = {"refresh_token": "xoxe-1-a", "client_id": "1.2", "client_secret": "s"}
    (said,) = (await check(settings_for(slack, **rotating), ROOMS, ())).wrong
    assert "bot_token has come to its end" in said
    assert slack.calls("oauth.v2.access") == []


async def test_a_slack_that_cannot_be_reached_is_no_fault_of_the_token(slack: SlackDouble) -> None:
    (said,) = await wrong(slack, api_url="http://127.0.0.1:9/api")
    assert said.startswith("http://127.0.0.1:9/api/ does not answer as Slack does (auth.test: ")
    assert "check the network, api_url" in said


async def test_a_socket_that_cannot_be_asked_for_is_tried_again(slack: SlackDouble) -> None:
    slack.fail(Fault.RESET, "apps.connections.open")
    (said,) = await wrong(slack)
    assert said.startswith("Whether a socket can be opened cannot be asked (")


# The workspace


async def test_the_workspace_is_told_where_none_is_set(slack: SlackDouble) -> None:
    report = await check(settings_for(slack, team_id=""), ROOMS, ())
    assert report.wrong == []
    (note,) = report.notes
    assert f'The workspace is Example Ltd: with team_id = "{slack.workspace.team_id}"' in note


async def test_another_workspace_than_the_tokens_is_named_with_the_right_one(
    slack: SlackDouble,
) -> None:
    (said,) = await wrong(slack, team_id="T0OTHER")
    assert f'The app is installed in Example Ltd: set team_id = "{slack.workspace.team_id}"' in said


@pytest.mark.parametrize(("seconds", "sentences"), [(40, 1), (-40, 1), (5, 0)])
async def test_a_clock_that_is_off_is_noticed(
    slack: SlackDouble, seconds: float, sentences: int
) -> None:
    clock = ManualClock(SystemClock().now() + timedelta(seconds=seconds))
    said = (await check(settings_for(slack), ROOMS, (), clock)).wrong
    assert len(said) == sentences
    assert all("This machine's clock differs from Slack's by " in each for each in said)


# Scopes


@pytest.mark.parametrize("scope", sorted(REASONS))
async def test_each_missing_scope_is_named_with_what_it_is_for(
    slack: SlackDouble, scope: str
) -> None:
    slack.workspace.tokens[slack.bot_token].scopes.remove(scope)
    said = await wrong(slack)
    assert said[0].startswith(f"The app lacks scopes: {scope} (to {REASONS[scope]}). Put what")


async def test_all_missing_scopes_are_named_together(slack: SlackDouble) -> None:
    slack.workspace.tokens[slack.bot_token].scopes -= {"commands", "chat:write"}
    (said,) = await wrong(slack)
    assert said.startswith("The app lacks scopes: chat:write (to answer), commands (to offer")


# Rooms


async def test_a_room_without_the_bot_says_what_to_type(slack: SlackDouble) -> None:
    channel = slack.workspace.channel_named("support")
    channel.members.remove(slack.workspace.bot_user)
    for named in ("#support", channel.id):
        (said,) = await wrong(slack, rooms=[named, "#staff"])
        assert said == f"{named}: the bot is not in it: type `/invite @deskside` there."


async def test_a_room_that_is_not_there_or_private_says_so(slack: SlackDouble) -> None:
    slack.workspace.add_channel("secret", [slack.person("alice").id], private=True, bot=False)
    for named in ("#helpdesk", "#secret"):
        (said,) = await wrong(slack, rooms=[named])
        assert said.startswith(f"{named}: there is no such room that the bot can see: correct")
        assert "where it is private, type `/invite @deskside` in it" in said


async def test_an_archived_room_says_so(slack: SlackDouble) -> None:
    slack.workspace.channel_named("support").is_archived = True
    (said,) = await wrong(slack)
    assert said == "#support is archived: unarchive it, or take it out of the configuration."


async def test_a_name_that_several_rooms_have_asks_for_the_id(slack: SlackDouble) -> None:
    # A channel shared by another organisation keeps its name: docs.slack.dev/apis/slack-connect
    other = slack.workspace.add_channel("support", [])
    (said,) = await wrong(slack, rooms=["#support"])
    assert said.startswith("#support is the name of several rooms: name the one you mean by its")
    assert f'"{other.id}"' in said


async def test_a_room_named_twice_is_noticed(slack: SlackDouble) -> None:
    id_ = slack.workspace.channel_named("support").id
    (said,) = await wrong(slack, rooms=["#support", id_])
    assert said == f"#support and {id_} are the same room: keep one of them."


async def test_a_room_whose_members_have_a_role_is_looked_at_too(slack: SlackDouble) -> None:
    (said,) = await wrong(slack, people=["#helpers", "@bea:example.org", "#it:example.org", "U1"])
    assert said.startswith("#helpers: there is no such room")


async def test_every_page_of_rooms_is_read(slack: SlackDouble) -> None:
    slack.workspace.page_limit = 1
    assert await wrong(slack) == []
    assert len(slack.calls("users.conversations")) == 2


@pytest.mark.parametrize(
    ("error", "remedy"), [("missing_scope", "install it again"), ("fatal_error", "try again")]
)
async def test_rooms_that_cannot_be_read_are_said_once(
    slack: SlackDouble, error: str, remedy: str
) -> None:
    slack.fail(Fault.ERROR, "users.conversations", error=error)
    (said,) = await wrong(slack)
    assert said.startswith(f"The rooms cannot be read (users.conversations: {error}): ")
    assert said.endswith(f"{remedy}.")


# User groups


async def test_user_groups_are_looked_up(slack: SlackDouble) -> None:
    group = slack.workspace.add_group("agents", [slack.person("bea").id])
    (said,) = await wrong(slack, people=[group.id, "S0NONE"])
    assert said == (
        "people: there is no user group S0NONE: copy its id from the group's page, More, or "
        "take it out."
    )


@pytest.mark.parametrize(("fault", "word"), [(Fault.ERROR, "fatal_error"), (Fault.RESET, "again")])
async def test_a_user_group_that_cannot_be_read_says_so(
    slack: SlackDouble, fault: Fault, word: str
) -> None:
    slack.fail(fault, "usergroups.users.list", error="fatal_error")
    (said,) = await wrong(slack, people=["S0AGENTS"])
    assert said.startswith("people: who is in S0AGENTS cannot be read (usergroups.users.list: ")
    assert word in said


# Settings


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"posts_per_second": 5}, "posts_per_second is 5, but a room takes one message a second"),
        ({"history_per_minute": 60}, "history_per_minute is 60, more than Slack promises: set it"),
        ({"history_limit": 10}, "history_limit is 10, less than one page of history: set it to "),
    ],
)
async def test_paces_slack_does_not_allow_are_named(
    slack: SlackDouble, more: dict[str, object], sentence: str
) -> None:
    (said,) = (await check(settings_for(slack, **more), ROOMS, ())).wrong
    assert said.startswith(sentence)


# The whole


async def test_the_whole_check_names_the_service(slack: SlackDouble, tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    migrate(url)
    config = Config(
        database=DatabaseSettings(url=url),
        rooms=(
            RoomSettings(transport="slack", id="#support", kind="support"),
            RoomSettings(transport="slack", id="#none", kind="staff"),
        ),
        people=PeopleSettings(agents=("S0NONE",)),
        slack=settings_for(slack, team_id=""),
    )
    report = await whole.check(config)
    assert [said.partition(" there is")[0] for said in report.wrong] == [
        "slack: #none:",
        "slack: people:",
    ]
    assert [said[:22] for said in report.notes] == ["slack: The workspace is"[:22]]


async def test_a_room_on_a_service_that_is_not_configured_is_noticed(slack: SlackDouble) -> None:
    config = Config(rooms=(RoomSettings(id="#it", kind="staff"),), slack=settings_for(slack))
    found = (await whole.check(config)).wrong
    assert (
        "rooms: #it is meant on matrix, for which there is no section; set its "
        'transport = "slack", or take it out.'
    ) in found


async def test_without_a_service_both_are_offered() -> None:
    report = await whole.check(Config())
    assert NO_SERVICE in report.wrong
    assert "[slack]" in NO_SERVICE
    assert "[matrix]" in NO_SERVICE
