"""Runs Alembic on the connection `bot.storage.migrate` hands it."""

from alembic import context
from sqlmodel import SQLModel

import bot.storage.audit_tables  # noqa: F401 - registers the core's tables for autogenerate

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    include_object=context.config.attributes.get("include_object"),
)
context.run_migrations()
