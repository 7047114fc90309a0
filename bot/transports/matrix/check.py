"""Will the bot work on this homeserver? What `deskside check` says of Matrix."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.clock import Clock, SystemClock
from bot.errors import SendFailure, TransportError
from bot.transports.matrix.homeserver import Homeserver, path
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.wire import text_of, texts_of

_MOST_ROOMS = 50  # that are looked at one by one
_SKEW = timedelta(seconds=30)


async def check(settings: MatrixSettings, clock: Clock | None = None) -> list[str]:
    """Return a sentence for each thing that is wrong; an empty list when all is well."""
    clock = clock or SystemClock()
    homeserver = Homeserver(settings, clock)
    try:
        return await _check(homeserver, clock)
    finally:
        await homeserver.close()


async def _check(homeserver: Homeserver, clock: Clock) -> list[str]:
    settings = homeserver.settings
    try:
        who = await homeserver.get(path("account", "whoami"))
    except TransportError as error:
        return [_unreachable(settings, error)]
    findings = _account(settings, who.get("user_id"), who.get("device_id"))
    findings += _clocks(homeserver.date, clock.now())
    findings += await _rooms(homeserver)
    findings += await _limits(homeserver)
    if not settings.invite_from:
        findings.append(
            "invite_from is empty, so every invite is declined; name the people, "
            "servers or rooms that may bring the bot in."
        )
    return findings


def _unreachable(settings: MatrixSettings, error: TransportError) -> str:
    if error.failure is SendFailure.REFUSED:
        return (
            f"{settings.homeserver} does not accept the bot's access ({error}); "
            "make a new access token, or correct the password."
        )
    return (
        f"{settings.homeserver} does not answer as a homeserver ({error}); check the "
        "address, and the proxy if there is one."
    )


def _account(settings: MatrixSettings, user: object, device: object) -> list[str]:
    findings = []
    if user != settings.user_id:
        findings.append(
            f"The access token is that of {user}; set user_id to it, or use a token of "
            f"{settings.user_id}."
        )
    if device is not None and device != settings.device_id:
        findings.append(
            f"The access token belongs to device {device}; set device_id to it, so that "
            "a new login keeps the device and nothing is posted twice."
        )
    return findings


def _clocks(date: str | None, now: datetime) -> list[str]:
    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return []
    if theirs.tzinfo is None or abs(theirs - now) < _SKEW:
        return []
    return [
        f"The homeserver's clock differs from this machine's by "
        f"{abs(theirs - now).total_seconds():.0f} seconds; let both keep time by NTP."
    ]


async def _rooms(homeserver: Homeserver) -> list[str]:
    try:
        rooms = texts_of(await homeserver.get(path("joined_rooms")), "joined_rooms")
        encrypted = [room for room in rooms[:_MOST_ROOMS] if await _is_encrypted(homeserver, room)]
    except TransportError as error:
        return [f"The joined rooms cannot be read ({error}); try again."]
    if not rooms:
        return ["The bot is in no room yet; invite it to the support room."]
    return [
        f"Room {room} is encrypted, where the bot cannot read; use a room without encryption."
        for room in encrypted
    ]


async def _is_encrypted(homeserver: Homeserver, room: str) -> bool:
    try:
        answer = await homeserver.get(path("rooms", room, "state", "m.room.encryption", ""))
    except TransportError as error:
        if error.failure is SendFailure.PERMANENT:
            return False
        raise
    return bool(text_of(answer, "algorithm"))


async def _limits(homeserver: Homeserver) -> list[str]:
    """Ask Synapse, which tells it to its administrators only.

    https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#get-status-of-ratelimit
    """
    settings = homeserver.settings
    account = path(settings.user_id).rpartition("/")[2]
    try:
        answer = await homeserver.get(f"/_synapse/admin/v1/users/{account}/override_ratelimit")
    except TransportError:
        if settings.exempt_from_limits:
            return []
        return [
            "Whether the server rate limits the bot cannot be seen from here. Synapse "
            "allows one message in five seconds: have its administrator set override_ratelimit "
            "for the bot, then set exempt_from_limits."
        ]
    exempt = answer.get("messages_per_second") == 0
    if exempt == settings.exempt_from_limits:
        return []
    if exempt:
        return ["The server does not rate limit the bot; set exempt_from_limits."]
    return [
        "exempt_from_limits is set, but the server does rate limit the bot; have its "
        "administrator set override_ratelimit."
    ]
