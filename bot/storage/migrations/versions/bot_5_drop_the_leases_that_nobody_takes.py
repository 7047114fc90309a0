"""Drop the leases that nobody takes: one process at a time writes (`bot.storage.tenure`)."""

from __future__ import annotations

from alembic import op

revision = "bot_5"
down_revision = "bot_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("inbox", "schedule"):
        for column in ("owner", "leased_until"):
            # Not in a batch, which would copy the table and make each index anew.
            op.drop_column(table, column)
