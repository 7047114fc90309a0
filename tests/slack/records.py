"""What a workspace consists of, and how Slack tells it: people, channels, messages, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass
class User:
    """Someone with an account; a guest of Slack Connect has the team of their own workspace.

    https://docs.slack.dev/reference/objects/user-object
    """

    id: str
    name: str
    team_id: str
    real_name: str = ""
    display_name: str = ""
    tz: str = "Europe/Berlin"
    locale: str = "en-GB"
    email: str = ""
    is_bot: bool = False
    deleted: bool = False
    is_admin: bool = False
    is_stranger: bool = False  # a foreigner the bot shares no channel with
    bot_id: str = ""
    updated: int = 0

    def as_json(self, *, home: str, with_email: bool = False) -> Json:
        """Return what users.info tells an app of the team `home`."""
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "team": self.team_id,
            "title": "",
            "avatar_hash": "",
            "status_text": "",
            "status_emoji": "",
        }
        sizes = (24, 32, 48, 72, 192, 512)
        profile |= {f"image_{size}": "https://example.com/face.png" for size in sizes}
        if with_email and self.email:
            profile["email"] = self.email
        if self.is_bot:
            profile |= {"bot_id": self.bot_id, "api_app_id": ""}
        told: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "color": "9f69e7",
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if self.deleted:
            return told
        told |= {"real_name": self.real_name, "tz": self.tz, "tz_label": self.tz, "tz_offset": 3600}
        told |= {"is_admin": self.is_admin, "is_owner": False, "is_primary_owner": False}
        told |= {"is_restricted": False, "is_ultra_restricted": False}
        if self.team_id != home:
            told["is_stranger"] = self.is_stranger
        return told


@dataclass
class Channel:
    """A place to write in.

    `kind` is what Slack calls the type: channel, group (private), im or mpim.
    https://docs.slack.dev/reference/objects/conversation-object
    """

    id: str
    name: str
    kind: str
    creator: str
    created: int
    team_id: str
    members: list[str] = field(default_factory=list)
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    is_archived: bool = False
    connected_teams: list[str] = field(default_factory=list)
    posting: str = "all"  # or "admins": who may post here
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)  # the replies, by what began them
    pins: list[str] = field(default_factory=list)
    previous_names: list[str] = field(default_factory=list)
    updated: int = 0

    @property
    def is_direct(self) -> bool:
        """Whether it has no name and nobody joins it."""
        return self.kind in ("im", "mpim")

    def with_whom(self, user: str) -> str:
        """Return the other one in a direct conversation."""
        return next((member for member in self.members if member != user), user)


@dataclass
class Message:
    """Something written; `text` as Slack stores it, with &, < and > escaped.

    https://docs.slack.dev/reference/events/message
    """

    ts: str
    channel: str
    user: str
    text: str
    team: str
    thread_ts: str = ""
    subtype: str = ""
    client_msg_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    bot_id: str = ""
    app_id: str = ""
    bot_profile: Json | None = None
    username: str = ""
    icons: Json | None = None
    edited: Json | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    unfurl: Json = field(default_factory=dict)  # the flags it was posted with
    parse: Json = field(default_factory=dict)  # mrkdwn, parse, link_names
    more: Json = field(default_factory=dict)  # what its subtype adds
    written: datetime | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread and did not begin it."""
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass
class Ephemeral:
    """Something one person alone is shown, until they reload; no history has it."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str = ""


@dataclass
class File:
    """Something uploaded: https://docs.slack.dev/reference/objects/file-object."""

    id: str
    name: str
    title: str
    mimetype: str
    user: str
    created: int
    content: bytes = b""
    channels: list[str] = field(default_factory=list)
    shares: dict[str, list[Json]] = field(default_factory=dict)
    alt_txt: str = ""
    is_complete: bool = False
    expected_length: int = 0
    deleted: bool = False


@dataclass
class View:
    """A modal or a home page: https://docs.slack.dev/reference/objects/view-object."""

    id: str
    user: str
    view: Json  # as the app gave it
    hash: str
    root_id: str
    previous_id: str = ""
    is_open: bool = True


@dataclass
class UserGroup:
    """A group of people that can be mentioned as one (`<!subteam^S…>`)."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    is_enabled: bool = True
    updated: int = 0


@dataclass
class Token:
    """What an app shows to be let in; `kind` is bot, app (xapp) or config."""

    value: str
    kind: str
    scopes: set[str]
    expires: datetime | None = None
    is_revoked: bool = False


@dataclass
class Trigger:
    """The right to open a modal, given with an act of a person."""

    id: str
    user: str
    born: datetime
    is_used: bool = False
    view: str = ""  # the modal it was pressed in


@dataclass
class ResponseUrl:
    """The right to answer an act of a person without a token."""

    key: str
    user: str
    channel: str
    born: datetime
    uses: int = 0
    message_ts: str = ""  # of the message whose button was pressed
    is_ephemeral: bool = False  # what was pressed is
    thread_ts: str = ""
