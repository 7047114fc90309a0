"""Let pages, pins and topics out."""

from __future__ import annotations

from alembic import op

revision = "bot_6"
down_revision = "bot_5"
branch_labels = None
depends_on = None

ACTION = "action IN ('post', 'edit', 'delete', 'react', 'home', 'pin', 'unpin', 'topic')"


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_constraint(op.f("ck_outbox_action"), type_="check")
        outbox.create_check_constraint(op.f("ck_outbox_action"), ACTION)
