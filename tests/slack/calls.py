"""One call of the Web API: its arguments, its token, and the list of the methods there are."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.slack.records import Channel, Json, Message, Token, User
from tests.slack.workspace import Workspace

if TYPE_CHECKING:
    from tests.slack.server import SlackDouble

Item = TypeVar("Item")

# Of what a channel is, the scope's first word: https://docs.slack.dev/reference/scopes
SCOPE = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


class Refusal(Exception):
    """Slack says no; `code` is the `error`, `more` further fields of the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more


def invalid(*messages: str) -> Refusal:
    """Refuse arguments as Slack does: what is wrong stands in response_metadata."""
    told = [f"[ERROR] {message}" for message in messages]
    return Refusal("invalid_arguments", response_metadata={"messages": told})


@dataclass
class Call:
    """A call whose token was accepted; `args` are strings when they came as a form."""

    double: SlackDouble
    method: str
    args: Mapping[str, Any]
    token: Token

    @property
    def workspace(self) -> Workspace:
        """Return where it takes effect."""
        return self.double.workspace

    # Arguments.

    def text(self, name: str, default: str = "") -> str:
        """Return a string; a number is taken as one is written."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a string that must be there."""
        if self.args.get(name) in (None, ""):
            raise invalid(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean, written in any of the ways Slack takes."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in ("true", "1")

    def json(self, name: str, otherwise: str) -> Any:
        """Return an argument that is JSON, also within a form; `otherwise` is the error code."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refusal(otherwise) from None

    def limit(self, default: int, most: int) -> int:
        """Return how many of a list are wanted: docs.slack.dev/apis/web-api/pagination."""
        value = self.text("limit") or str(default)
        if not value.isdecimal() or not 0 < int(value) <= most:
            raise Refusal("invalid_limit")
        return min(int(value), self.workspace.page_limit or most)

    # What it is about.

    def need(self, *scopes: str) -> None:
        """Refuse a token that has none of these scopes."""
        if not self.token.scopes.intersection(scopes):
            provided = ",".join(sorted(self.token.scopes))
            raise Refusal("missing_scope", needed=scopes[0], provided=provided)

    def channel(self, use: str = "", name: str = "channel") -> Channel:
        """Return the channel of an argument, if the bot may know of it.

        `use` is the scope's second word that it takes: history, read, …
        """
        value = self.args.get(name)
        channel = self.workspace.channels.get(value) if isinstance(value, str) else None
        if channel is None or not self.is_visible(channel):
            raise Refusal("channel_not_found")
        if use:
            self.need(f"{SCOPE[channel.kind]}:{use}")
        return channel

    def is_visible(self, channel: Channel) -> bool:
        """Whether the bot may know of a channel: a public one, or one it is in."""
        return channel.kind == "channel" or self.workspace.bot_user in channel.members

    def is_member(self, channel: Channel) -> bool:
        """Whether the bot is in a channel."""
        return self.workspace.bot_user in channel.members

    def message(self, channel: Channel, name: str) -> Message:
        """Return the message whose ts an argument has."""
        message = channel.messages.get(self.text(name))
        if message is None or message.subtype == "tombstone":
            raise Refusal("message_not_found")
        return message

    def user(self, name: str = "user") -> User:
        """Return the user of an argument."""
        user = self.workspace.users.get(self.text(name))
        if user is None:
            raise Refusal("user_not_found")
        return user

    def page(
        self, items: Sequence[Item], key: Callable[[Item], str], size: int, *, back: bool = False
    ) -> tuple[list[Item], str]:
        """Return a page of a sorted list and the cursor of the next ("" at the end).

        A cursor stays good when what it pointed at is gone. `back`: sorted downwards.
        """
        start = self._cursor()
        later = [
            item
            for item in items
            if start is None or (key(item) <= start if back else key(item) >= start)
        ]
        following = later[size : size + 1]
        cursor = base64.b64encode(f"next:{key(following[0])}".encode()) if following else b""
        return list(later[:size]), cursor.decode()

    def _cursor(self) -> str | None:
        value = self.text("cursor")
        if not value:
            return None
        try:
            word, _, key = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal("invalid_cursor") from None
        if word != "next":
            raise Refusal("invalid_cursor")
        return key


Answer = Callable[[Call], Json]


@dataclass(frozen=True)
class Method:
    """What the documentation of a method says beside what it does.

    Attributes:
        tier: of the rate limits; 0 for special.
        scopes: one of these is needed.
        kind: of the token; "" for none at all.
    """

    name: str
    tier: int
    answer: Answer
    scopes: tuple[str, ...] = ()
    kind: str = "bot"
    takes_json: bool = True


METHODS: dict[str, Method] = {}


def method(
    name: str, *, tier: int, scopes: str = "", kind: str = "bot", takes_json: bool = True
) -> Callable[[Answer], Answer]:
    """Declare what answers calls of a method; `scopes` are separated by spaces."""

    def declare(answer: Answer) -> Answer:
        METHODS[name] = Method(name, tier, answer, tuple(scopes.split()), kind, takes_json)
        return answer

    return declare


def paged(items: Json, cursor: str) -> Json:
    """Return a list's answer with where it goes on: docs.slack.dev/apis/web-api/pagination."""
    return {**items, "response_metadata": {"next_cursor": cursor}}
