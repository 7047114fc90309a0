"""Keep what a support team does with a ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tickets_4"
down_revision = "tickets_3"
branch_labels = None
depends_on = None

CHECKS = {
    "state": "state IN ('new', 'open', 'waiting for requester', 'waiting for third party', "
    "'solved', 'closed')",
    "open_has_assignee": "assignee_id IS NOT NULL OR state IN ('new', 'solved', 'closed')",
    "priority": "priority BETWEEN 0 AND 3",
    "solved_has_time": "(state IN ('solved', 'closed')) = (solved_at IS NOT NULL)",
    "closed_has_time": "(state = 'closed') = (closed_at IS NOT NULL)",
    "merged_is_closed": "merged_into IS NULL OR state = 'closed'",
}


def upgrade() -> None:
    op.create_table(
        "ticket_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_reading")),
    )
    op.create_table(
        "ticket_view",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ticket_view_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "name", name=op.f("pk_ticket_view")),
    )
    op.create_table(
        "ticket_macro",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ticket_macro_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ticket_macro_room_id_room")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ticket_macro")),
    )
    with op.batch_alter_table("ticket_macro", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ticket_macro_room_id_message"), ["room_id", "message"], unique=False
        )

    op.create_table(
        "ticket_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("undo", sa.Text(), nullable=True),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["ticket_history.id"],
            name=op.f("fk_ticket_history_first_id_ticket_history"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_ticket_history_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_ticket_history_room_id_room")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_history_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_history")),
    )
    with op.batch_alter_table("ticket_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_history_first_id"), ["first_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_history_person_id_id"), ["person_id", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_history_room_id_message"), ["room_id", "message"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ticket_history_ticket_id_id"), ["ticket_id", "id"], unique=False
        )

    op.create_table(
        "ticket_link",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ticket_id < other_id", name=op.f("ck_ticket_link_older_first")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["ticket.id"], name=op.f("fk_ticket_link_other_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_link_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name=op.f("pk_ticket_link")),
    )
    with op.batch_alter_table("ticket_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_link_other_id"), ["other_id"], unique=False)

    op.create_table(
        "ticket_tag",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_tag_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name=op.f("pk_ticket_tag")),
    )
    with op.batch_alter_table("ticket_tag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_tag_tag"), ["tag"], unique=False)

    op.create_table(
        "ticket_word",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_word_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("word", "ticket_id", name=op.f("pk_ticket_word")),
    )
    with op.batch_alter_table("ticket_word", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_word_ticket_id"), ["ticket_id"], unique=False)

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="2", nullable=False))
        batch_op.add_column(sa.Column("queue", sa.String(), server_default="", nullable=False))
        for time in ("snoozed_until", "closed_at", "first_response_at"):
            batch_op.add_column(sa.Column(time, sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("merged_into", sa.Integer(), nullable=True))
    op.execute("UPDATE ticket SET priority = 0 WHERE urgent")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_column("urgent")
        for name in ("state", "open_has_assignee", "solved_has_time"):
            batch_op.drop_constraint(op.f(f"ck_ticket_{name}"), type_="check")
        for name, holds in CHECKS.items():
            batch_op.create_check_constraint(op.f(f"ck_ticket_{name}"), holds)
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_merged_into_ticket"), "ticket", ["merged_into"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_ticket_assignee_id"), ["assignee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_merged_into"), ["merged_into"], unique=False)
        unsolved = sa.text("solved_at IS NULL")
        batch_op.create_index(
            "ix_ticket_unsolved",
            ["priority", "id"],
            unique=False,
            sqlite_where=unsolved,
            postgresql_where=unsolved,
        )
