"""Practice: cards, answers and mock exams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = examapp.core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "practice_cards",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "learning",
                "review",
                "relearning",
                name="card_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'review') = (step IS NULL)", name=op.f("ck_practice_cards_step")),
        sa.CheckConstraint("stability > 0", name=op.f("ck_practice_cards_stability")),
        sa.CheckConstraint("share BETWEEN 0 AND 1000", name=op.f("ck_practice_cards_share")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_practice_cards_official_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_practice_cards_question_id")),
        sa.PrimaryKeyConstraint("official_id", "question_id", name=op.f("pk_practice_cards")),
    )
    with op.batch_alter_table("practice_cards") as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_cards_question_id"), ["question_id"], unique=False)
        batch_op.create_index("ix_practice_cards_official_id_due_at", ["official_id", "due_at"], unique=False)

    op.create_table(
        "practice_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("arrangement", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_practice_answers_number")),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_practice_answers_seconds")),
        sa.CheckConstraint("share BETWEEN 0 AND 1000", name=op.f("ck_practice_answers_share")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_practice_answers_official_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_practice_answers_question_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_practice_answers_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_answers")),
        sa.UniqueConstraint("ref", name=op.f("uq_practice_answers_ref")),
        sa.UniqueConstraint(
            "official_id", "question_id", "number", name=op.f("uq_practice_answers_official_id_question_id_number")
        ),
    )
    with op.batch_alter_table("practice_answers") as batch_op:
        batch_op.create_index(batch_op.f("ix_practice_answers_answered_at"), ["answered_at"], unique=False)

    op.create_table(
        "mock_exams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.Column("is_short", sa.Boolean(), nullable=False),
        sa.Column("responses", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("awarded", sa.Integer(), nullable=True),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.CheckConstraint("(submitted_at IS NULL) = (awarded IS NULL)", name=op.f("ck_mock_exams_marked")),
        sa.CheckConstraint("awarded BETWEEN 0 AND possible", name=op.f("ck_mock_exams_awarded")),
        sa.CheckConstraint("deadline_at > started_at", name=op.f("ck_mock_exams_deadline")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_mock_exams_official_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_mock_exams_position_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mock_exams")),
        sa.UniqueConstraint("ref", name=op.f("uq_mock_exams_ref")),
    )
    with op.batch_alter_table("mock_exams") as batch_op:
        batch_op.create_index(
            "uq_mock_exams_open",
            ["official_id"],
            unique=True,
            sqlite_where=sa.text("submitted_at IS NULL"),
            postgresql_where=sa.text("submitted_at IS NULL"),
        )
        batch_op.create_index("ix_mock_exams_official_id_started_at", ["official_id", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mock_exams_submitted_at"), ["submitted_at"], unique=False)


def downgrade() -> None:
    for name in ("mock_exams", "practice_answers", "practice_cards"):
        op.drop_table(name)
