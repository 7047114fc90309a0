"""Say which tickets are urgent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tickets_2"
down_revision = "tickets_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
