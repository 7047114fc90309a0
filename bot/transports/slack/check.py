"""Will the bot work in this workspace? What `deskside check` says of Slack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.clock import Clock, SystemClock
from bot.errors import SendFailure, TransportError
from bot.transports.report import Report
from bot.transports.slack import scopes
from bot.transports.slack.api import Api
from bot.transports.slack.check_rooms import check_groups, check_rooms
from bot.transports.slack.refusals import Refusal
from bot.transports.slack.settings import SlackSettings
from bot.transports.slack.tokens import Tokens
from bot.transports.wire import Object, text_of

_SKEW = timedelta(seconds=30)
# https://docs.slack.dev/authentication/tokens
_BOT_TOKEN = ("xoxb-", "xoxe.xoxb-")
_APP_TOKEN = ("xapp-",)
# https://docs.slack.dev/apis/web-api/rate-limits: one message a second and channel; history
# is of tier 3, fifty and more a minute.
_POSTS_PER_SECOND = 1
_HISTORY_PER_MINUTE = 50


async def check(
    settings: SlackSettings,
    rooms: Sequence[str],
    people: Iterable[str],
    clock: Clock | None = None,
) -> Report:
    """Look at everything that can be seen from here.

    Args:
        settings: the bot's part of the configuration.
        rooms: the ids or names of the rooms it is to work in.
        people: the ids of those who have a role, rooms and user groups among them.
        clock: of this machine.
    """
    clock = clock or SystemClock()
    # A renewal would use up the refresh token, whose successor only a running desk keeps.
    settings = settings.model_copy(update={"refresh_token": None})
    api = Api(settings, clock, Tokens(settings, clock))
    report = Report([*_kinds_of_tokens(settings), *_paces(settings)], list(_by_hand(settings)))
    try:
        await _ask(api, settings, report, clock, (rooms, sorted(set(people))))
    finally:
        await api.close()
    return report


async def _ask(
    api: Api,
    settings: SlackSettings,
    report: Report,
    clock: Clock,
    named: tuple[Sequence[str], Sequence[str]],
) -> None:
    try:
        who = await api.call("auth.test")
    except TransportError as error:
        report.wrong.append(_not_let_in(settings, error))
        return
    _workspace(settings, who, report)
    report.wrong += _clocks(api.date, clock.now())
    report.wrong += _scopes(api.scopes)
    if settings.mode == "socket":
        report.wrong += await _socket(api, settings)
    rooms, people = named
    name = text_of(who, "user")
    report.wrong += await check_rooms(api, name, rooms, people)
    report.wrong += await check_groups(api, people)


def _kinds_of_tokens(settings: SlackSettings) -> Iterator[str]:
    if not settings.bot_token.get_secret_value().startswith(_BOT_TOKEN):
        yield (
            "bot_token is of another kind: copy the Bot User OAuth Token, which begins with "
            "xoxb-, from OAuth & Permissions of the app."
        )
    if settings.mode == "socket" and not _is_app_token(settings):
        yield (
            "app_token is of another kind: make an app-level token, which begins with xapp-, "
            "with the scope connections:write in Basic Information of the app."
        )


def _paces(settings: SlackSettings) -> Iterator[str]:
    if settings.posts_per_second > _POSTS_PER_SECOND:
        yield (
            f"posts_per_second is {settings.posts_per_second:g}, but a room takes one message a "
            "second: set it to 1, or answers will wait for longer."
        )
    if settings.history_per_minute > _HISTORY_PER_MINUTE:
        yield (
            f"history_per_minute is {settings.history_per_minute:g}, more than Slack promises: "
            "set it to 50, or to 1 for an app distributed outside the Marketplace."
        )
    if settings.history_limit < settings.history_page:
        yield (
            f"history_limit is {settings.history_limit}, less than one page of history: set it "
            f"to history_page ({settings.history_page}) or more."
        )


def _by_hand(settings: SlackSettings) -> Iterator[str]:
    if settings.mode == "http":
        yield (
            "Whether Slack reaches this machine cannot be seen from here: while Deskside runs, "
            "let Slack verify the Request URL in Event Subscriptions of the app, which must end "
            f"in {settings.path}; whether signing_secret is right shows there too."
        )


def _not_let_in(settings: SlackSettings, error: TransportError) -> str:
    if isinstance(error, Refusal) and error.code == "token_expired":
        return (
            "bot_token has come to its end, as tokens of an app with token rotation do: a desk "
            "that ran before goes on with the newer one it keeps; for a new one, install the "
            "app again and copy both tokens."
        )
    if error.failure in (SendFailure.REFUSED, SendFailure.PERMANENT):
        return (
            f"Slack does not accept bot_token ({error}): copy the Bot User OAuth Token anew from "
            "OAuth & Permissions of the app, or install the app again."
        )
    return (
        f"{settings.api_url} does not answer as Slack does ({error}): check the network, api_url "
        "and the proxy if there is one."
    )


def _workspace(settings: SlackSettings, who: Object, report: Report) -> None:
    team, name = text_of(who, "team_id"), text_of(who, "team")
    if not text_of(who, "bot_id"):
        report.wrong.append(
            "bot_token is that of a person: copy the Bot User OAuth Token, not the User OAuth "
            "Token, from OAuth & Permissions of the app."
        )
    if not settings.team_id:
        report.notes.append(
            f'The workspace is {name}: with team_id = "{team}" the start asks Slack once less.'
        )
    elif settings.team_id != team:
        report.wrong.append(
            f'The app is installed in {name}: set team_id = "{team}", or install it in '
            f"{settings.team_id} and use that token."
        )


def _clocks(date: str | None, now: datetime) -> Iterator[str]:
    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return
    if theirs.tzinfo is not None and abs(theirs - now) > _SKEW:
        yield (
            f"This machine's clock differs from Slack's by {abs(theirs - now).total_seconds():.0f} "
            "seconds, and after five minutes no request of Slack counts as genuine: let it "
            "keep time by NTP."
        )


def _scopes(granted: str | None) -> Iterator[str]:
    if granted is None:
        return  # what needs one says so when it is called
    lacking = scopes.missing(granted.replace(" ", "").split(","))
    if lacking:
        which = ", ".join(f"{scope} (to {scopes.REASONS[scope]})" for scope in lacking)
        yield (
            f"The app lacks scopes: {which}. Put what `deskside slack manifest` prints into App "
            "Manifest of the app, then install it again."
        )


async def _socket(api: Api, settings: SlackSettings) -> list[str]:
    """See whether a socket could be opened; https://docs.slack.dev/reference/methods/apps.connections.open."""
    assert settings.app_token is not None
    try:
        await api.call_as(settings.app_token.get_secret_value(), "apps.connections.open")
    except Refusal as error:
        if error.code == "missing_scope":
            return [
                "app_token may not open sockets: make one with the scope connections:write in "
                "Basic Information, App-Level Tokens, of the app."
            ]
        if error.code == "not_allowed_token_type" and not _is_app_token(settings):
            return []  # was said already
        return [
            f"No socket can be opened with app_token ({error}): copy it anew from Basic "
            "Information, App-Level Tokens, and see that Socket Mode is on."
        ]
    except TransportError as error:
        return [f"Whether a socket can be opened cannot be asked ({error}): try again."]
    return []


def _is_app_token(settings: SlackSettings) -> bool:
    token = settings.app_token
    return token is not None and token.get_secret_value().startswith(_APP_TOKEN)
