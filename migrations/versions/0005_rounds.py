"""Exam rounds, boards, shifts, candidates, papers, exposures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exam_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column(
            "period",
            sa.Enum(
                "month", "quarter", "half", "year", name="period", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("period_number", sa.Integer(), nullable=False),
        sa.Column("legal_basis_number", sa.String(length=100), nullable=False),
        sa.Column("legal_basis_date", sa.Date(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("official", "rehearsal", name="purpose", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "setting",
            sa.Enum("supervised", "own_device", name="setting", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "posts_rule",
            sa.Enum(
                "main_and_common", "union", name="posts_rule", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("union_max_questions", sa.Integer(), nullable=False),
        sa.Column("union_max_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pass_percent", sa.Integer(), nullable=False),
        sa.Column("late_window_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "disclosure",
            sa.Enum("marks", "answers", name="disclosure", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("posts_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sealed",
                "open",
                "closed",
                "published",
                "recognised",
                "cancelled",
                name="round_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("seed", sa.String(length=26), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("sealed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("published_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decision_number", sa.String(length=100), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("batch", sa.String(length=26), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(period = 'month' AND period_number BETWEEN 1 AND 12) OR (period = 'quarter' AND period_number BETWEEN 1 AND 4) OR (period = 'half' AND period_number BETWEEN 1 AND 2) OR (period = 'year' AND period_number = 1)",
            name=op.f("ck_exam_rounds_period_number"),
        ),
        sa.CheckConstraint("(state = 'cancelled') = (cancel_reason <> '')", name=op.f("ck_exam_rounds_cancelled")),
        sa.CheckConstraint(
            "(state = 'recognised' AND decision_number <> '' AND decision_date IS NOT NULL) OR (state <> 'recognised' AND decision_number = '' AND decision_date IS NULL)",
            name=op.f("ck_exam_rounds_recognition"),
        ),
        sa.CheckConstraint("late_window_minutes BETWEEN 0 AND 1440", name=op.f("ck_exam_rounds_late_window")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_exam_rounds_minutes")),
        sa.CheckConstraint("pass_percent BETWEEN 0 AND 100", name=op.f("ck_exam_rounds_pass_percent")),
        sa.CheckConstraint(
            "union_max_questions > 0 AND union_max_minutes BETWEEN 1 AND 600", name=op.f("ck_exam_rounds_union_caps")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_exam_rounds_created_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_exam_rounds_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_rounds")),
        sa.UniqueConstraint("code", name=op.f("uq_exam_rounds_code")),
    )
    with op.batch_alter_table("exam_rounds") as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_rounds_state"), ["state"], unique=False)

    op.create_table(
        "board_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "chair",
                "secretary",
                "member",
                "invigilator",
                "supervisor",
                name="board_role",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_board_members_account_id")),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_board_members_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_members")),
        sa.UniqueConstraint("round_id", "account_id", "role", name=op.f("uq_board_members_round_id_account_id_role")),
    )
    with op.batch_alter_table("board_members") as batch_op:
        batch_op.create_index(batch_op.f("ix_board_members_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_board_members_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_matrices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("matrix_version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["matrix_version_id"], ["matrix_versions.id"], name=op.f("fk_round_matrices_matrix_version_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_round_matrices_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_matrices")),
        sa.UniqueConstraint("round_id", "matrix_version_id", name=op.f("uq_round_matrices_round_id_matrix_version_id")),
    )
    with op.batch_alter_table("round_matrices") as batch_op:
        batch_op.create_index(batch_op.f("ix_round_matrices_round_id"), ["round_id"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("starts_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_shifts_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shifts_times")),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_shifts_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    with op.batch_alter_table("shifts") as batch_op:
        batch_op.create_index(batch_op.f("ix_shifts_round_id"), ["round_id"], unique=False)

    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("sort_key", sa.String(length=400), nullable=False),
        sa.Column("unit_name", sa.String(length=200), nullable=False),
        sa.Column("posts", sa.Text(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("extra_reason", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "enrolled",
                "excused",
                "withdrawn",
                name="candidate_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'enrolled') = (reason = '')", name=op.f("ck_candidates_reason")),
        sa.CheckConstraint(
            "extra_minutes >= 0 AND (extra_minutes > 0) = (extra_reason <> '')",
            name=op.f("ck_candidates_extra_minutes"),
        ),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_candidates_official_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_candidates_position_id")),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_candidates_round_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_candidates_shift_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_candidates_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_candidates_round_id_number")),
        sa.UniqueConstraint("round_id", "official_id", name=op.f("uq_candidates_round_id_official_id")),
    )
    with op.batch_alter_table("candidates") as batch_op:
        batch_op.create_index(batch_op.f("ix_candidates_official_id"), ["official_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidates_position_id"), ["position_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidates_round_id"), ["round_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidates_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidates_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "exposures",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_exposures_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_exposures_version_id")),
        sa.PrimaryKeyConstraint("version_id", "round_id", name=op.f("pk_exposures")),
    )
    with op.batch_alter_table("exposures") as batch_op:
        batch_op.create_index(batch_op.f("ix_exposures_round_id"), ["round_id"], unique=False)

    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidates.id"], name=op.f("fk_papers_candidate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("candidate_id", "number", name=op.f("uq_papers_candidate_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_papers_ref")),
    )
    with op.batch_alter_table("papers") as batch_op:
        batch_op.create_index(batch_op.f("ix_papers_candidate_id"), ["candidate_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("papers") as batch_op:
        batch_op.drop_index(batch_op.f("ix_papers_candidate_id"))

    op.drop_table("papers")
    with op.batch_alter_table("exposures") as batch_op:
        batch_op.drop_index(batch_op.f("ix_exposures_round_id"))

    op.drop_table("exposures")
    with op.batch_alter_table("candidates") as batch_op:
        batch_op.drop_index(batch_op.f("ix_candidates_unit_id"))
        batch_op.drop_index(batch_op.f("ix_candidates_shift_id"))
        batch_op.drop_index(batch_op.f("ix_candidates_round_id"))
        batch_op.drop_index(batch_op.f("ix_candidates_position_id"))
        batch_op.drop_index(batch_op.f("ix_candidates_official_id"))

    op.drop_table("candidates")
    with op.batch_alter_table("shifts") as batch_op:
        batch_op.drop_index(batch_op.f("ix_shifts_round_id"))

    op.drop_table("shifts")
    with op.batch_alter_table("round_matrices") as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_matrices_round_id"))

    op.drop_table("round_matrices")
    with op.batch_alter_table("board_members") as batch_op:
        batch_op.drop_index(batch_op.f("ix_board_members_round_id"))
        batch_op.drop_index(batch_op.f("ix_board_members_account_id"))

    op.drop_table("board_members")
    with op.batch_alter_table("exam_rounds") as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_rounds_state"))

    op.drop_table("exam_rounds")
