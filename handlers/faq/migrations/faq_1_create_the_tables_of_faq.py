"""Create the tables of faq."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "faq_1"
down_revision = None
branch_labels = ("faq",)
depends_on = "bot_1"


def upgrade() -> None:
    op.create_table(
        "faq_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('given', 'solved', 'unsolved')", name=op.f("ck_faq_answer_state")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_faq_answer_person_id_person")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_faq_answer_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_answer")),
    )
    with op.batch_alter_table("faq_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faq_answer_room_id"), ["room_id"], unique=False)
