"""Keep internal words to staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tickets_5"
down_revision = "tickets_4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("ticket_word")  # nothing was written there yet
    op.create_table(
        "ticket_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_word_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("word", "ticket_id", "internal", name=op.f("pk_ticket_word")),
    )
    with op.batch_alter_table("ticket_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_word_ticket_id"), ["ticket_id"], unique=False)
