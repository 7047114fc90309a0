"""Drop what nobody reads: what is due has no rule of its own, and a delivery waits in memory."""

from __future__ import annotations

from alembic import op

revision = "bot_8"
down_revision = "bot_7"
branch_labels = None
depends_on = None

UNREAD = {"schedule": ("zone", "rule", "version"), "outbox": ("late", "next_at")}


def upgrade() -> None:
    for table, columns in UNREAD.items():
        for column in columns:
            # Not in a batch, which would copy the table and make each index anew.
            op.drop_column(table, column)
