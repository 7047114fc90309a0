"""Makes a desk of a configuration: which transports, slices and services it has."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bot.clock import Clock
from bot.config import Config
from bot.hooks import Hooks
from bot.people import Role
from bot.plan import Plan
from bot.router import Router
from bot.transport import Transport
from handlers import conversations, faq, help, notices, tickets  # noqa: A004 - the slice
from handlers.conversations import Keeping
from handlers.faq import KnowledgeBase


def routers() -> tuple[Router, ...]:
    """Return every slice's router, in the order in which they are asked and listed."""
    return (
        conversations.router,
        faq.router,
        tickets.router,
        notices.announcements,
        notices.maintenance,
        help.router,
    )


def compose(config: Config, transports: list[Transport], clock: Clock) -> Plan:
    """Return what the configuration asks for; blocks while articles are indexed."""
    folder = Path(config.knowledge.folder) if config.knowledge.folder else sample_articles()
    people = config.people
    return Plan(
        database_url=config.database.url,
        transports=transports,
        routers=routers(),
        clock=clock,
        zone=config.desk.zone,
        rooms={(room.transport, room.id): room.kind for room in config.rooms},
        roles={
            Role.EMPLOYEE: people.employees,
            Role.AGENT: people.agents,
            Role.LEAD: people.leads,
            Role.ADMIN: people.admins,
        },
        home={"matrix": people.home or _own_server(config)},
        services={
            KnowledgeBase: KnowledgeBase.from_folder(
                folder, config.knowledge.sure, config.knowledge.unsure
            ),
            Hooks: Hooks(not_helped=tickets.after_no_help, forget=(faq.forget_answers,)),
            Keeping: Keeping(
                config.retention.messages_days,
                config.retention.events_days,
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
    if config.matrix is None:
        return []
    from bot.transports.matrix.transport import MatrixTransport

    return [MatrixTransport(config.matrix.model_copy(update={"zone": config.desk.zone}), clock)]


def sample_articles() -> Path:
    """Return the folder of the articles that come with Deskside."""
    return Path(str(files("knowledge") / "samples"))


def _own_server(config: Config) -> tuple[str, ...]:
    return () if config.matrix is None else (config.matrix.server,)
