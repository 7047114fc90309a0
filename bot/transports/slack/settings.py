"""How the bot reaches Slack, and what it may do there."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Seconds = Annotated[float, Field(gt=0)]

_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")


class SlackSettings(BaseModel):
    """The Slack part of the configuration.

    Attributes:
        mode: "socket" (the bot connects to Slack; needs `app_token`) or "http" (Slack sends
            requests to `path` of the web server; needs `signing_secret`).
        bot_token: of the app in the workspace. With `refresh_token` it is only the first one.
        app_token: app-level, with the scope connections:write.
        signing_secret: proves that a request comes from Slack.
        refresh_token: for an app with token rotation; needs `client_id` and `client_secret`.
        team_id: of the workspace, `T…`; learned from the token when it is empty.
        commands: slash commands after which any command may be written.
        aliases: slash commands that are a command's first word themselves: `/ticket open …`.
        path: where the web server takes Slack's requests.
        api_url: of the Web API, for a proxy of one's own or a test server.
        proxy: address of an HTTP proxy.
        connections: sockets kept open at once; with two a refresh leaves no gap.
        ping_interval: seconds between signs of life on a socket; without an answer for as
            long again it counts as lost.
        request_timeout: seconds a call may take.
        away_after: seconds without contact after which what is read counts as missed.
        reconcile_every: minutes between two readings of the rooms' history, in which
            events that Slack never sent are found.
        history_per_minute: calls for history Slack allows the app.
        history_page: messages asked for in one of them.
        history_limit: messages of one gap in one room that are read at most.
        posts_per_second: messages a room takes, after a short burst.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["socket", "http"] = "socket"
    bot_token: SecretStr
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    team_id: str = ""
    commands: tuple[str, ...] = ("/desk",)
    aliases: tuple[str, ...] = ("/ticket",)
    path: str = "/slack/events"
    api_url: str = "https://slack.com/api/"
    proxy: str | None = None
    # https://docs.slack.dev/apis/events-api/using-socket-mode: at most ten
    connections: Annotated[int, Field(ge=1, le=10)] = 2
    ping_interval: Seconds = 10
    request_timeout: Seconds = 20
    away_after: Seconds = 60
    reconcile_every: Seconds = 15
    # https://docs.slack.dev/apis/web-api/rate-limits: an app made for one's own workspace; one
    # that is distributed outside the Marketplace is allowed 1 and 15.
    history_per_minute: Annotated[float, Field(gt=0)] = 50
    history_page: Annotated[int, Field(ge=1, le=999)] = 200
    history_limit: Annotated[int, Field(ge=1)] = 10_000
    posts_per_second: Annotated[float, Field(gt=0)] = 1

    @field_validator("bot_token", "app_token", "signing_secret", "client_secret", "refresh_token")
    @classmethod
    def _not_empty(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().strip():
            msg = "it is empty"
            raise ValueError(msg)
        return value

    @field_validator("commands", "aliases")
    @classmethod
    def _slash(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if not _COMMAND.fullmatch(entry):
                msg = f"{entry!r}: expected a slash command such as /desk, in lower case"
                raise ValueError(msg)
        return value

    @field_validator("path")
    @classmethod
    def _path(cls, value: str) -> str:
        if not value.startswith("/"):
            msg = "expected a path such as /slack/events"
            raise ValueError(msg)
        return value

    @field_validator("api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            msg = "expected an address such as https://slack.com/api/"
            raise ValueError(msg)
        return value.rstrip("/") + "/"

    @model_validator(mode="after")
    def _mode_has_its_secret(self) -> Self:
        if self.mode == "socket" and self.app_token is None:
            msg = 'mode = "socket" needs app_token, the app-level token with connections:write'
            raise ValueError(msg)
        if self.mode == "http" and self.signing_secret is None:
            msg = 'mode = "http" needs signing_secret, from the app\'s Basic Information'
            raise ValueError(msg)
        rotation = (self.refresh_token, self.client_secret, self.client_id or None)
        if any(rotation) and not (all(rotation) and self.team_id):
            msg = (
                "token rotation needs refresh_token, client_id, client_secret and team_id together"
            )
            raise ValueError(msg)
        return self
