"""Create the tables of notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notices_1"
down_revision = None
branch_labels = ("notices",)
depends_on = "bot_1"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind != 'maintenance' OR starts_at IS NOT NULL", name=op.f("ck_notice_has_start")
        ),
        sa.CheckConstraint("kind IN ('announcement', 'maintenance')", name=op.f("ck_notice_kind")),
        sa.CheckConstraint(
            "state IN ('posted', 'planned', 'started', 'finished', 'cancelled')",
            name=op.f("ck_notice_state"),
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_notice_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_notice_author_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_table(
        "notice_room",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_room_notice_id_notice")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_notice_room_room_id_room")),
        sa.PrimaryKeyConstraint("notice_id", "room_id", name=op.f("pk_notice_room")),
    )
