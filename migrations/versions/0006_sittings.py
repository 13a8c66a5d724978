"""Sittings, their append-only answers, leases, extensions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sittings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "started",
                "submitted",
                "settled",
                name="sitting_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=False),
        sa.Column("late_ms", sa.BigInteger(), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'settled' AND settled_at IS NOT NULL AND record IS NOT NULL) OR (state <> 'settled' AND settled_at IS NULL AND record IS NULL)",
            name=op.f("ck_sittings_settled"),
        ),
        sa.CheckConstraint(
            "state = 'settled' OR (state = 'submitted') = (submitted_ms IS NOT NULL)",
            name=op.f("ck_sittings_submitted"),
        ),
        sa.CheckConstraint("deadline_ms > started_ms AND late_ms >= deadline_ms", name=op.f("ck_sittings_deadline")),
        sa.CheckConstraint("lease > 0", name=op.f("ck_sittings_lease")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidates.id"], name=op.f("fk_sittings_candidate_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_sittings_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_sittings_candidate_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_sittings_ref")),
    )
    with op.batch_alter_table("sittings") as batch_op:
        batch_op.create_index("ix_sittings_state_deadline_ms", ["state", "deadline_ms"], unique=False)

    op.create_table(
        "answer_conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("writer", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_answer_conflicts_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_conflicts")),
    )
    with op.batch_alter_table("answer_conflicts") as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_conflicts_sitting_id"), ["sitting_id"], unique=False)

    op.create_table(
        "answer_events",
        sa.Column("sitting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("writer", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("answered_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_answer_events_seq")),
        sa.CheckConstraint("slot >= 0", name=op.f("ck_answer_events_slot")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_answer_events_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "writer", "seq", name=op.f("pk_answer_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=True),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_extensions_reason")),
        sa.CheckConstraint("(sitting_id IS NULL) <> (shift_id IS NULL)", name=op.f("ck_extensions_one_target")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 240", name=op.f("ck_extensions_minutes")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_extensions_by_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_extensions_shift_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_extensions_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    with op.batch_alter_table("extensions") as batch_op:
        batch_op.create_index(batch_op.f("ix_extensions_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extensions_sitting_id"), ["sitting_id"], unique=False)

    op.create_table(
        "sitting_leases",
        sa.Column("sitting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=26), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("device <> ''", name=op.f("ck_sitting_leases_device")),
        sa.CheckConstraint("number > 0", name=op.f("ck_sitting_leases_number")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_sitting_leases_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "number", name=op.f("pk_sitting_leases")),
    )


def downgrade() -> None:
    op.drop_table("sitting_leases")
    with op.batch_alter_table("extensions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_extensions_sitting_id"))
        batch_op.drop_index(batch_op.f("ix_extensions_shift_id"))

    op.drop_table("extensions")
    op.drop_table("answer_events")
    with op.batch_alter_table("answer_conflicts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_conflicts_sitting_id"))

    op.drop_table("answer_conflicts")
    with op.batch_alter_table("sittings") as batch_op:
        batch_op.drop_index("ix_sittings_state_deadline_ms")

    op.drop_table("sittings")
