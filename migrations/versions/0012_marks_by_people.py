"""Answers marked by people: their marks, and which items of a result are such."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("awarded >= 0 AND awarded <= possible", name=op.f("ck_hand_marks_awarded")),
        sa.CheckConstraint("number > 0", name=op.f("ck_hand_marks_number")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_hand_marks_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_hand_marks_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_marks")),
        sa.UniqueConstraint("sitting_id", "slot", "number", name=op.f("uq_hand_marks_sitting_id_slot_number")),
    )
    op.add_column("result_items", sa.Column("by_people", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_result_items_by_people",
        "result_items",
        ["result_id"],
        sqlite_where=sa.text("by_people"),
        postgresql_where=sa.text("by_people"),
    )


def downgrade() -> None:
    op.drop_index("ix_result_items_by_people", "result_items")
    with op.batch_alter_table("result_items") as batch_op:
        batch_op.drop_column("by_people")
    op.drop_table("hand_marks")
