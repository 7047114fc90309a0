"""How the bot reaches its homeserver, and whom it lets in."""

from __future__ import annotations

from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Seconds = Annotated[float, Field(gt=0)]


class MatrixSettings(BaseModel):
    """The Matrix part of the configuration.

    Attributes:
        homeserver: its address, `https://matrix.example.org`.
        user_id: the bot's account, `@desk:example.org`.
        access_token: of that account; with a password it may be missing.
        password: needed where the server ends sessions by itself ("soft logout").
        device_id: kept over restarts: a delivery repeated on another device would show twice.
        invite_from: who may bring the bot into a room: user ids, servers (`:example.org`)
            and room ids. Other invites are declined.
        follow_upgrades: join the room that replaces one the bot is in.
        exempt_from_limits: the server does not rate limit the bot; only then it puts
            reactions under its messages as buttons.
        sync_timeout: seconds the server holds a request while nothing happens.
        request_timeout: seconds any other request may take.
        away_after: seconds without contact after which what is read counts as missed.
        backfill_limit: events of one gap that are read at most.
        backfill_page: events of a gap asked for at once.
        zone: IANA name of the zone in which times are shown.
        proxy: address of an HTTP proxy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    homeserver: str
    user_id: str
    access_token: SecretStr | None = None
    password: SecretStr | None = None
    device_id: str = "DESKSIDE"
    invite_from: tuple[str, ...] = ()
    follow_upgrades: bool = False
    exempt_from_limits: bool = False
    sync_timeout: Seconds = 30
    request_timeout: Seconds = 20
    away_after: Seconds = 60
    backfill_limit: Annotated[int, Field(ge=1)] = 10_000
    backfill_page: Annotated[int, Field(ge=1, le=1000)] = 500
    zone: str = "UTC"
    proxy: str | None = None

    @field_validator("homeserver")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            msg = "expected an address such as https://matrix.example.org"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("user_id")
    @classmethod
    def _account(cls, value: str) -> str:
        local, _, server = value.partition(":")
        if not (local.startswith("@") and len(local) > 1 and server):
            msg = "expected a Matrix user id such as @desk:example.org"
            raise ValueError(msg)
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = "expected an IANA time zone such as Europe/Berlin"
            raise ValueError(msg)
        return value

    @field_validator("invite_from")
    @classmethod
    def _inviters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if entry[:1] not in ("@", ":", "!"):
                msg = f"{entry!r}: expected @user:server, :server or a room id beginning with !"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _some_access(self) -> Self:
        if self.access_token is None and self.password is None:
            msg = "expected an access_token, a password, or both"
            raise ValueError(msg)
        return self

    @property
    def server(self) -> str:
        """The server name of the bot's account."""
        return self.user_id.partition(":")[2]
