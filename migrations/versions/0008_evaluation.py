"""Schemes, evaluations, scores, forced facts, exam links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "schemes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("scored", "conditional", name="scheme_kind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "staff_category",
            sa.Enum(
                "can_bo",
                "cong_chuc",
                "vien_chuc",
                "khong_chuyen_trach",
                "hop_dong",
                name="staff_category",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_local", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_schemes_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schemes")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_schemes_key_version")),
    )
    op.create_table(
        "exam_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("scheme_key", sa.String(length=60), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("evidence_only", "points", name="link_mode", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("max_points", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("regulation_number", sa.String(length=100), nullable=False),
        sa.Column("regulation_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(mode = 'points' AND criterion <> '' AND max_points BETWEEN 1 AND 100000) OR (mode = 'evidence_only' AND criterion = '' AND max_points = 0)",
            name=op.f("ck_exam_links_points"),
        ),
        sa.CheckConstraint(
            "mode = 'evidence_only' OR (regulation_number <> '' AND regulation_date IS NOT NULL)",
            name=op.f("ck_exam_links_regulation"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_exam_links_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_links")),
        sa.UniqueConstraint("year", "unit_id", "scheme_key", name=op.f("uq_exam_links_year_unit_id_scheme_key")),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "decided", name="evaluation_state", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("worked_months", sa.Integer(), nullable=False),
        sa.Column(
            "self_level",
            sa.Enum(
                "excellent",
                "good",
                "completed",
                "not_completed",
                name="self_level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column(
            "decided_level",
            sa.Enum(
                "excellent",
                "good",
                "completed",
                "not_completed",
                name="decided_level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column(
            "proposed_level",
            sa.Enum(
                "excellent",
                "good",
                "completed",
                "not_completed",
                name="proposed_level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'decided' AND decided_level IS NOT NULL AND decided_by_id IS NOT NULL AND decided_at IS NOT NULL) OR (state = 'open' AND decided_level IS NULL AND decided_by_id IS NULL AND decided_at IS NULL)",
            name=op.f("ck_evaluations_decided"),
        ),
        sa.CheckConstraint("worked_months BETWEEN 0 AND 12", name=op.f("ck_evaluations_worked_months")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["accounts.id"], name=op.f("fk_evaluations_decided_by_id")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_evaluations_official_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_evaluations_position_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["schemes.id"], name=op.f("fk_evaluations_scheme_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_evaluations_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint("official_id", "year", "version", name=op.f("uq_evaluations_official_id_year_version")),
    )
    with op.batch_alter_table("evaluations") as batch_op:
        batch_op.create_index("ix_evaluations_year_unit", ["year", "unit_id"], unique=False)

    op.create_table(
        "evaluation_scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_evaluation_scores_by_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_evaluation_scores_evaluation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_scores")),
        sa.UniqueConstraint("evaluation_id", "criterion", name=op.f("uq_evaluation_scores_evaluation_id_criterion")),
    )
    with op.batch_alter_table("evaluation_scores") as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_scores_evaluation_id"), ["evaluation_id"], unique=False)

    op.create_table(
        "forced_facts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evaluation_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("decision_number <> ''", name=op.f("ck_forced_facts_decision")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["accounts.id"], name=op.f("fk_forced_facts_confirmed_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["accounts.id"], name=op.f("fk_forced_facts_entered_by_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluations.id"], name=op.f("fk_forced_facts_evaluation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forced_facts")),
    )
    with op.batch_alter_table("forced_facts") as batch_op:
        batch_op.create_index(batch_op.f("ix_forced_facts_evaluation_id"), ["evaluation_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("forced_facts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_forced_facts_evaluation_id"))

    op.drop_table("forced_facts")
    with op.batch_alter_table("evaluation_scores") as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_scores_evaluation_id"))

    op.drop_table("evaluation_scores")
    with op.batch_alter_table("evaluations") as batch_op:
        batch_op.drop_index("ix_evaluations_year_unit")

    op.drop_table("evaluations")
    op.drop_table("exam_links")
    op.drop_table("schemes")
