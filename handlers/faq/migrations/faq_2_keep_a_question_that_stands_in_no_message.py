"""Keep a question that stands in no message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "faq_2"
down_revision = "faq_1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("faq_answer", sa.Column("question", sa.Text(), server_default="", nullable=False))
