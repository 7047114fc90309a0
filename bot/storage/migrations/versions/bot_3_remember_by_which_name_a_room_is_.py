"""Remember by which name a room is configured."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "bot_3"
down_revision = "bot_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default gives existing rows their value; the next start fills it in.
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("configured_as", sa.String(), nullable=False, server_default="")
        )
