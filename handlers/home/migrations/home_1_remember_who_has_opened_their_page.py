"""Remember who has opened their page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "home_1"
down_revision = None
branch_labels = ("home",)
depends_on = "bot_1"


def upgrade() -> None:
    op.create_table(
        "home_page",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_home_page_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_home_page")),
    )
