"""Remember a room's other names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "bot_4"
down_revision = "bot_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.add_column(sa.Column("aliases", sa.String(), server_default="[]", nullable=False))
