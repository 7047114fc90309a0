"""Everything a Slack workspace remembers, and who is told when it changes."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from bot.clock import Clock, to_microseconds
from tests.slack.records import (
    Channel,
    Ephemeral,
    File,
    Json,
    Message,
    ResponseUrl,
    Token,
    Trigger,
    User,
    UserGroup,
    View,
)

TEAM = "T0DESKSIDE"
OTHER_TEAM = "T0ELSEWHERE"
APP = "A0DESKSIDE"
BOT = "U0DESKBOT"
BOT_ID = "B0DESKBOT"

TRIGGER_LIFE = timedelta(seconds=3)  # docs.slack.dev/interactivity/handling-user-interaction
RESPONSE_URL_LIFE = timedelta(minutes=30)  # the same page
RESPONSE_URL_USES = 5

Observer = Callable[[Json], None]


class Workspace:
    """People, channels and what they wrote; the acts on it are in `acts`.

    Attributes:
        observers: are called with each event the app may be told of, in order.
        is_distributed: the app is sold outside the Marketplace, so reading history is slow.
        misuses: what Slack let pass although its documentation says not to do it.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.team_id = TEAM
        self.team_name = "Example Ltd"
        self.team_domain = "example"
        self.app_id = APP
        self.bot_user = BOT
        self.bot_id = BOT_ID
        self.is_distributed = False
        self.edit_window: timedelta | None = None  # None: messages may be edited for ever
        self.page_limit: int | None = None  # the most of a list at once, whatever is asked for
        self.pages_forward = False  # history with `oldest` alone begins at the oldest
        self.custom_emoji: set[str] = set()
        self.misuses: list[str] = []
        self.address = ""  # where files are
        self.observers: list[Observer] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.groups: dict[str, UserGroup] = {}
        self.ephemerals: list[Ephemeral] = []
        self.views: dict[str, View] = {}  # modals, by id
        self.homes: dict[str, View] = {}  # home pages, by user
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, str] = {}  # those not used yet, and their access token
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.add_user(
            "deskside", id=BOT, real_name="Deskside", is_bot=True, bot_id=BOT_ID, tz="Etc/UTC"
        )

    # Names and times.

    def new_id(self, kind: str) -> str:
        """Return an id that no one has; `kind` is Slack's letter for it."""
        return f"{kind}0{next(self._numbers):08X}"

    def new_ts(self) -> str:
        """Return the time now as Slack names messages: unique, and later than every other.

        https://docs.slack.dev/messaging/retrieving-messages
        """
        now = to_microseconds(self.clock.now())
        self._last_ts = max(self._last_ts + 100, now)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06}"

    def event_ts(self) -> str:
        """Return the time now as events carry it; it takes no message's place."""
        now = to_microseconds(self.clock.now())
        return f"{now // 1_000_000}.{now % 1_000_000:06}"

    def seconds(self) -> int:
        """Return the time now in whole seconds since 1970."""
        return int(self.clock.now().timestamp())

    # Who is told.

    def tell(self, event: Json, channel: Channel | None = None) -> None:
        """Tell the observers of something the app may see.

        What happens in a channel is told to an app only if its bot is there:
        https://docs.slack.dev/reference/events/message.channels
        """
        if channel is not None and self.bot_user not in channel.members:
            return
        for observer in list(self.observers):
            observer(dict(event))

    # People and places that are there from the beginning; nobody is told of them.

    def add_user(self, name: str, **more: object) -> User:
        """Add someone, by default of this team."""
        values = {"id": self.new_id("U"), "team_id": self.team_id, "real_name": name.title()}
        user = User(name=name, updated=self.seconds(), **{**values, **more})  # type: ignore[arg-type]
        self.users[user.id] = user
        return user

    def add_guest(self, name: str, **more: object) -> User:
        """Add someone of another workspace, met in channels shared with it (Slack Connect)."""
        return self.add_user(name, **{"team_id": OTHER_TEAM, **more})

    def add_channel(
        self, name: str, members: Iterable[str] = (), *, private: bool = False, bot: bool = True
    ) -> Channel:
        """Add a channel with these users (by id) and, unless told otherwise, the bot."""
        kind, letter = ("group", "G") if private else ("channel", "C")
        everyone = [*members, *([self.bot_user] if bot else [])]
        return self._add(self.new_id(letter), name, kind, everyone)

    def direct(self, *users: str) -> Channel:
        """Return the conversation of these users alone, opening it if need be."""
        wanted = set(users)
        for channel in self.channels.values():
            if channel.is_direct and set(channel.members) == wanted:
                return channel
        if len(wanted) <= 2:
            return self._add(self.new_id("D"), "", "im", list(users))
        name = "mpdm-" + "--".join(self.users[user].name for user in users) + "-1"
        return self._add(self.new_id("G"), name, "mpim", list(users))

    def _add(self, id: str, name: str, kind: str, members: list[str]) -> Channel:  # noqa: A002
        creator = members[0] if members else self.bot_user
        channel = Channel(id, name, kind, creator, self.seconds(), self.team_id, members)
        channel.connected_teams = self._strangers(members)
        self.channels[id] = channel
        return channel

    def _strangers(self, members: list[str]) -> list[str]:
        teams = {self.users[member].team_id for member in members} - {self.team_id}
        return sorted(teams)

    def add_group(self, handle: str, users: Iterable[str] = ()) -> UserGroup:
        """Add a group of people."""
        group = UserGroup(self.new_id("S"), handle, handle.title(), list(users))
        self.groups[group.id] = group
        return group

    # Looking up.

    def user_named(self, name: str) -> User:
        """Return who goes by this name, adding them if nobody does."""
        found = next((user for user in self.users.values() if user.name == name), None)
        return found or self.add_user(name)

    def channel_named(self, name: str) -> Channel:
        """Return the channel of this name or id."""
        if name in self.channels:
            return self.channels[name]
        return next(c for c in self.channels.values() if c.name == name.removeprefix("#"))

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message, or None where there is none."""
        found = self.channels.get(channel)
        return found.messages.get(ts) if found else None

    def replies(self, channel: Channel, thread_ts: str) -> list[Message]:
        """Return what was written in a thread after its first message, the oldest first."""
        below = channel.threads.get(thread_ts, [])
        return [channel.messages[ts] for ts in below if ts in channel.messages]

    # The rights that acts of people give.

    def new_trigger(self, user: str, view: str = "") -> str:
        """Return the id with which a modal may be opened once, within three seconds."""
        number = next(self._numbers)
        trigger = Trigger(f"{number}.{number}.{secrets.token_hex(16)}", user, self.clock.now())
        trigger.view = view
        self.triggers[trigger.id] = trigger
        return trigger.id

    def use_trigger(self, id: str) -> Trigger | str:  # noqa: A002
        """Return the trigger, now used, or Slack's error code.

        https://docs.slack.dev/reference/methods/views.open
        """
        trigger = self.triggers.get(id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.is_used:
            return "exchanged_trigger_id"
        if self.clock.now() - trigger.born > TRIGGER_LIFE:
            return "expired_trigger_id"
        trigger.is_used = True
        return trigger

    def new_response_url(self, user: str, channel: str, **more: object) -> ResponseUrl:
        """Return the right to answer an act of `user`; `key` is the last part of its address."""
        key = secrets.token_urlsafe(18)
        right = ResponseUrl(key, user, channel, self.clock.now(), **more)  # type: ignore[arg-type]
        self.response_urls[key] = right
        return right

    def use_response_url(self, key: str) -> ResponseUrl | None:
        """Return the right and count its use, or None when it is used up, too old or unknown.

        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        right = self.response_urls.get(key)
        if right is None or right.uses >= RESPONSE_URL_USES:
            return None
        if self.clock.now() - right.born > RESPONSE_URL_LIFE:
            return None
        right.uses += 1
        return right

    # Tokens.

    def add_token(self, kind: str, scopes: Iterable[str], life: timedelta | None = None) -> Token:
        """Issue a token: `kind` is bot or app; with a `life` it expires (token rotation)."""
        prefix = {"bot": "xoxb", "app": "xapp", "user": "xoxp"}[kind]
        value = f"{prefix}-{next(self._numbers)}-{secrets.token_hex(12)}"
        if life:
            value = f"xoxe.{value}"
        expires = self.clock.now().astimezone(UTC) + life if life else None
        token = Token(value, kind, set(scopes), expires)
        self.tokens[value] = token
        return token

    def revoke_tokens(self) -> None:
        """Take the app out of the workspace: https://docs.slack.dev/reference/events/app_uninstalled."""
        for token in self.tokens.values():
            token.is_revoked = True
        revoked = {"oauth": [], "bot": [self.bot_user]}
        at = self.event_ts()
        self.tell({"type": "tokens_revoked", "tokens": revoked, "event_ts": at})
        self.tell({"type": "app_uninstalled", "event_ts": at})

    def is_expired(self, token: Token, now: datetime | None = None) -> bool:
        """Whether a token that is rotated has come to its end."""
        return token.expires is not None and token.expires <= (now or self.clock.now())
