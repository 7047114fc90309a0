"""Makes a desk of a configuration: which transports, slices and services it has."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr

from bot.clock import Clock
from bot.config import Config, DeskSettings
from bot.errors import ConfigError
from bot.hooks import Hooks
from bot.people import Role
from bot.permissions import Rules, problems
from bot.plan import Plan
from bot.router import Commands, Router
from bot.transport import Transport
from handlers import audit, conversations, faq, help, home, notices, tickets  # noqa: A004 - the slice
from handlers.conversations import Keeping
from handlers.faq import KnowledgeBase

NO_SERVICE = "No chat service is configured: add a [slack] or a [matrix] section."


def routers() -> tuple[Router, ...]:
    """Return every slice's router, in the order in which they are asked and listed."""
    return (
        conversations.router,
        faq.router,
        tickets.router,
        *tickets.further,
        notices.announcements,
        notices.maintenance,
        home.router,
        audit.router,
        help.router,
    )


def compose(config: Config, transports: list[Transport], clock: Clock) -> Plan:
    """Return what the configuration asks for; blocks while articles are indexed.

    Raises an ExceptionGroup of ConfigError when it asks for what there is not.
    """
    folder = Path(config.knowledge.folder) if config.knowledge.folder else sample_articles()
    return Plan(
        database_url=config.database.url,
        transports=transports,
        routers=routers(),
        clock=clock,
        zone=config.desk.zone,
        rooms={(room.transport, room.id): room.kind for room in config.rooms},
        roles=_roles(config),
        rules=_rules(config),
        home=_home(config),
        services={
            KnowledgeBase: KnowledgeBase.from_folder(
                folder, config.knowledge.sure, config.knowledge.unsure
            ),
            Hooks: Hooks(
                not_helped=tickets.after_no_help,
                forget=(faq.forget_answers,),
                home=(tickets.on_page, notices.on_page),
                changed=home.shown_anew,
            ),
            Keeping: Keeping(
                config.retention.messages_days,
                config.retention.events_days,
                config.retention.audit_days,
                {
                    (room.transport, room.id): room.retention_days
                    for room in config.rooms
                    if room.retention_days is not None
                },
            ),
        },
    )


def transports_of(config: Config, clock: Clock) -> list[Transport]:
    """Return the chat services that are configured."""
    found: list[Transport] = []
    if config.matrix is not None:
        from bot.transports.matrix.transport import MatrixTransport

        settings = config.matrix.model_copy(update={"zone": config.desk.zone})
        named = [room.id for room in config.rooms if room.transport == "matrix"]
        found.append(MatrixTransport(settings, clock, named=named))
    if config.slack is not None:
        from bot.transports.slack.transport import SlackTransport

        named = [room.id for room in config.rooms if room.transport == "slack"]
        named += [name for names in _roles(config).values() for name in names]
        found.append(SlackTransport(config.slack, clock, zone=config.desk.zone, named=named))
    return found


async def identified(config: Config, clock: Clock) -> Config:
    """Return the configuration with what only a chat service knows. Raises TransportError."""
    if config.slack is None or config.slack.team_id:
        return config
    from bot.transports.slack.identity import identified as with_team

    return config.model_copy(update={"slack": await with_team(config.slack, clock)})


def slack_manifest(config: Config | None, url: str) -> dict[str, object]:
    """Return the manifest of the app, by default that of a configuration which says nothing.

    Args:
        config: may lack its secrets.
        url: where Slack reaches the web server.

    Raises:
        ConfigError: it needs a `url`, and this is none that Slack takes.
    """
    from bot.transports.slack.manifest import manifest
    from bot.transports.slack.settings import SlackSettings

    name = DeskSettings().name if config is None else config.desk.name
    settings = None if config is None else config.slack
    settings = settings or SlackSettings(bot_token=SecretStr("-"), app_token=SecretStr("-"))
    if settings.mode == "http" and not url.startswith("https://"):
        expected = (
            'mode = "http" needs the address Slack sends to, such as https://desk.example.org'
        )
        raise ConfigError("--url", "", expected)
    return manifest(settings, name, Commands(routers()), url)


def sample_articles() -> Path:
    """Return the folder of the articles that come with Deskside."""
    return Path(str(files("knowledge") / "samples"))


def _roles(config: Config) -> dict[Role, tuple[str, ...]]:
    people = config.people
    return {
        Role.EMPLOYEE: people.employees,
        Role.AGENT: people.agents,
        Role.LEAD: people.leads,
        Role.ADMIN: people.admins,
    }


def wrong_rules(config: Config) -> list[ConfigError]:
    """Return what is wrong with the rules of commands."""
    found = problems(_least_roles(config), Commands(routers()).all)
    return [ConfigError("commands", f'"{name}"', text) for name, text in found.items()]


def _rules(config: Config) -> Rules:
    if wrong := wrong_rules(config):
        raise ExceptionGroup("the configuration cannot be used", wrong)
    return Rules(_least_roles(config))


def _least_roles(config: Config) -> dict[str, Role]:
    return {name: Role[role.upper()] for name, role in config.commands.items()}


def _home(config: Config) -> dict[str, tuple[str, ...]]:
    """Return by service whose people are employees: a server has a dot, a workspace has none."""
    servers = tuple(name for name in config.people.home if "." in name or ":" in name)
    workspaces = tuple(name for name in config.people.home if name not in servers)
    if not servers and config.matrix is not None:
        servers = (config.matrix.server,)
    if config.slack is not None:
        workspaces = (*workspaces, config.slack.team_id)
    return {"matrix": servers, "slack": workspaces}
