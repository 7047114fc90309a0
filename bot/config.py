"""What can be configured: a TOML file, overridden by the environment, checked as a whole."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.errors import ConfigError
from bot.transports.matrix.settings import MatrixSettings
from bot.transports.slack.settings import SlackSettings

ENVIRONMENT = "DESKSIDE_"
SECRETS = (
    ("matrix", "access_token"),
    ("matrix", "password"),
    ("slack", "bot_token"),
    ("slack", "app_token"),
    ("slack", "signing_secret"),
    ("slack", "client_secret"),
    ("slack", "refresh_token"),
    ("database", "url"),
)
NEEDED = {"access_token", "bot_token", "app_token", "signing_secret"}  # one of them, by mode


class Section(BaseModel):
    """A part of the configuration; keys it does not know are errors, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(Section):
    """The bot itself."""

    name: Annotated[str, Field(min_length=1, max_length=40)] = "Deskside"
    zone: str = "Europe/Berlin"

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = "expected an IANA time zone such as Europe/Berlin"
            raise ValueError(msg)
        return value


class DatabaseSettings(Section):
    """Where everything is kept."""

    url: str = "sqlite:///deskside.db"


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class WebSettings(Section):
    """The HTTP server for health checks and Slack's requests; port 0 switches it off."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class KnowledgeSettings(Section):
    """Articles, and how sure an answer must be (probabilities)."""

    folder: str = ""
    sure: Annotated[float, Field(gt=0, le=1)] = 0.8
    unsure: Annotated[float, Field(gt=0, le=1)] = 0.35

    @model_validator(mode="after")
    def _order(self) -> KnowledgeSettings:
        if self.unsure > self.sure:
            msg = "unsure must not be above sure"
            raise ValueError(msg)
        return self


class RoomSettings(Section):
    """A room the bot works in, by the service's id of it or an alias."""

    transport: Literal["matrix", "slack", "console"] = "matrix"
    id: Annotated[str, Field(min_length=1)]
    kind: Literal["support", "staff"]
    retention_days: Annotated[int, Field(ge=1)] | None = None


class PeopleSettings(Section):
    """Who has which role, by the service's ids; whoever is in a staff room is an agent."""

    employees: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    home: tuple[str, ...] = ()


class RetentionSettings(Section):
    """How long things are kept; a room's own `retention_days` goes before."""

    messages_days: Annotated[int, Field(ge=1)] = 730
    events_days: Annotated[int, Field(ge=1)] = 30
    audit_days: Annotated[int, Field(ge=1)] = 3650


class Config(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    desk: DeskSettings = DeskSettings()
    database: DatabaseSettings = DatabaseSettings()
    log: LogSettings = LogSettings()
    web: WebSettings = WebSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    people: PeopleSettings = PeopleSettings()
    retention: RetentionSettings = RetentionSettings()
    commands: dict[str, Literal["employee", "agent", "lead", "admin"]] = {}
    rooms: tuple[RoomSettings, ...] = ()
    matrix: MatrixSettings | None = None
    slack: SlackSettings | None = None

    @model_validator(mode="after")
    def _requests_can_come(self) -> Config:
        if self.slack is not None and self.slack.mode == "http" and self.web.port == 0:
            msg = 'slack.mode = "http" needs the web server: set web.port'
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is given: what is around a demo or a test is not meant for it."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def load(file: Path, *, secrets: bool = True) -> Config:
    """Read the configuration.

    A secret may stand in a file of its own: `access_token_file = "path"` (relative to
    the configuration) instead of `access_token`.

    Args:
        file: where it stands.
        secrets: read them; without, something else stands for each, also for those that
            nobody has yet.

    Raises:
        ExceptionGroup: of ConfigError, one for each thing that is wrong.
    """
    data = _read(file)
    problems = _secrets_from_files(file, data) if secrets else _without_secrets(data)

    class FromFile(Config):
        model_config = SettingsConfigDict(
            env_prefix=ENVIRONMENT, env_nested_delimiter="__", extra="forbid", frozen=True
        )

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *sources: Any, **named: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            """Let the environment go before the file."""
            del settings_cls, sources
            return named["env_settings"], named["init_settings"]

    if problems:
        raise ExceptionGroup("the configuration cannot be used", problems)
    try:
        return FromFile(**data)
    except ValidationError as error:
        found = [_problem(file, detail) for detail in error.errors()]
        raise ExceptionGroup("the configuration cannot be used", found) from error
    except SettingsError as error:
        found = [_unreadable(error)]
        raise ExceptionGroup("the configuration cannot be used", found) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        expected = "there is no such file; begin with a copy of config.example.toml"
    except IsADirectoryError:
        expected = "it is a folder; name the TOML file in it"
    except OSError as error:
        expected = f"it cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        expected = "it is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        expected = f"it is not valid TOML: {error}"
    raise ExceptionGroup("the configuration cannot be used", [ConfigError(str(file), "", expected)])


def _secrets_from_files(file: Path, data: dict[str, Any]) -> list[ConfigError]:
    problems = []
    for section, key in SECRETS:
        table = data.get(section)
        if not isinstance(table, dict) or f"{key}_file" not in table:
            continue
        named = table.pop(f"{key}_file")
        where = f"{section}.{key}_file"
        if key in table:
            problems.append(ConfigError(str(file), where, f"{key} is set too; keep one of them"))
            continue
        path = file.parent / os.path.expandvars(str(named))
        try:
            table[key] = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            problems.append(ConfigError(str(file), where, f"{path} cannot be read ({reason})"))
    return problems


def _without_secrets(data: dict[str, Any]) -> list[ConfigError]:
    """Put something in the place of every secret a service needs, or that is named."""
    for section, key in SECRETS:
        table = data.get(section)
        if isinstance(table, dict) and (table.pop(f"{key}_file", None) or key in NEEDED):
            table.setdefault(key, "-")
    slack = data.get("slack")
    if isinstance(slack, dict) and "refresh_token" in slack:
        data["slack"] = {"client_id": "-", "client_secret": "-", "team_id": "-"} | slack
    return []


def _problem(file: Path, detail: Any) -> ConfigError:
    key = ".".join(str(part) for part in detail["loc"])
    variable = f"{ENVIRONMENT}{key.replace('.', '__').upper()}"
    source = variable if variable in os.environ else str(file)
    match detail["type"]:
        case "extra_forbidden":
            expected = "there is no such key; config.example.toml shows every one"
        case "missing":
            expected = "it is required"
        case "value_error":
            expected = str(detail["ctx"]["error"])
        case _:
            expected = f"{detail['msg'][0].lower()}{detail['msg'][1:]}"
    return ConfigError(source, key, expected)


def _unreadable(error: SettingsError) -> ConfigError:
    """Say which variable should have held JSON; the error itself names only the section."""
    named = re.search(r'field "(\w+)"', str(error))
    section = named[1] if named else ""
    whole = f"{ENVIRONMENT}{section}".upper()
    if section == "rooms":
        expected = 'expected JSON, such as [{"id": "#it:example.org", "kind": "support"}]'
        return ConfigError(whole, section, expected)
    for name, value in sorted(os.environ.items()):
        prefix, _, key = name.rpartition("__")
        if prefix.upper() == whole and key.lower() in _LISTS and not _is_json(value):
            expected = 'expected a list in JSON, such as ["one", "two"]'
            return ConfigError(name, f"{section}.{key.lower()}", expected)
    expected = f"it is a section; set its keys one by one, as {whole}__KEY"
    return ConfigError(whole, section, expected)


_LISTS = {
    key
    for section in (PeopleSettings, MatrixSettings, SlackSettings)
    for key, field in section.model_fields.items()
    if get_origin(field.annotation) is tuple
}


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
