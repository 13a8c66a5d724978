"""Results as versions, their parts and items."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=True),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("computed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version = 1 OR (version > 1 AND reason <> '')", name=op.f("ck_results_reason")),
        sa.CheckConstraint("awarded >= 0 AND awarded <= possible", name=op.f("ck_results_awarded")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidates.id"], name=op.f("fk_results_candidate_id")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_results_official_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_results_position_id")),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_results_round_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_results_sitting_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_results_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("candidate_id", "version", name=op.f("uq_results_candidate_id_version")),
        sa.UniqueConstraint("ref", name=op.f("uq_results_ref")),
    )
    with op.batch_alter_table("results") as batch_op:
        batch_op.create_index(batch_op.f("ix_results_official_id"), ["official_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_results_position_id"), ["position_id"], unique=False)
        batch_op.create_index("ix_results_round_current", ["round_id", "is_current"], unique=False)
        batch_op.create_index(batch_op.f("ix_results_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_results_current",
            ["candidate_id"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "result_items",
        sa.Column("result_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.CheckConstraint("awarded >= 0 AND awarded <= possible", name=op.f("ck_result_items_awarded")),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_result_items_result_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_result_items_version_id")),
        sa.PrimaryKeyConstraint("result_id", "slot", name=op.f("pk_result_items")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("result_items") as batch_op:
        batch_op.create_index(batch_op.f("ix_result_items_version_id"), ["version_id"], unique=False)

    op.create_table(
        "result_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.CheckConstraint("awarded >= 0 AND awarded <= possible", name=op.f("ck_result_parts_awarded")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_result_parts_position_id")),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_result_parts_result_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_result_parts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_parts")),
        sa.UniqueConstraint("result_id", "section", name=op.f("uq_result_parts_result_id_section")),
    )
    with op.batch_alter_table("result_parts") as batch_op:
        batch_op.create_index(batch_op.f("ix_result_parts_result_id"), ["result_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("result_parts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_parts_result_id"))

    op.drop_table("result_parts")
    with op.batch_alter_table("result_items") as batch_op:
        batch_op.drop_index(batch_op.f("ix_result_items_version_id"))

    op.drop_table("result_items")
    with op.batch_alter_table("results") as batch_op:
        batch_op.drop_index(
            "uq_results_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current")
        )
        batch_op.drop_index(batch_op.f("ix_results_unit_id"))
        batch_op.drop_index("ix_results_round_current")
        batch_op.drop_index(batch_op.f("ix_results_position_id"))
        batch_op.drop_index(batch_op.f("ix_results_official_id"))

    op.drop_table("results")
