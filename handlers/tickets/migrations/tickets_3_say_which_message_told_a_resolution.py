"""Say which message told a resolution."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tickets_3"
down_revision = "tickets_2"
branch_labels = None
depends_on = None

# The message that a ticket's card was the last to quote for the first time, but for the one it
# was opened by: that is what told the resolution it shows.
TOLD = """
SELECT outbox.post_key, quote.room_id, quote.message
FROM quote JOIN outbox ON outbox.id = quote.delivery_id
WHERE outbox.post_key LIKE 'ticket/%/card'
GROUP BY outbox.post_key, quote.room_id, quote.message
ORDER BY MIN(outbox.position)
"""


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resolution_room_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("resolution_message", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_resolution_room_id_room"), "room", ["resolution_room_id"], ["id"]
        )
    connection = op.get_bind()
    for key, room_id, message in connection.execute(sa.text(TOLD)).all():
        connection.execute(
            sa.text(
                "UPDATE ticket SET resolution_room_id = :room_id, resolution_message = :message "
                "WHERE id = :id AND resolution != '' "
                "AND NOT (room_id = :room_id AND COALESCE(message, '') = :message)"
            ),
            {"id": int(key.split("/")[1]), "room_id": room_id, "message": message},
        )
