"""Remember who wrote last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "bot_2"
down_revision = "bot_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tenure_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenure")),
    )
