"""Topics, law, questions and their versions, reviews, imports, matrices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


LATE = (("matrices", "matrix_versions"), ("questions", "question_versions"))
"""Tables that point at their own current version: the key is made when both exist."""


def upgrade() -> None:
    op.create_table(
        "matrices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("current_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["current_id"], ["matrix_versions.id"], name="fk_matrices_current_id", use_alter=True),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_matrices_position_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matrices")),
        sa.UniqueConstraint("code", name=op.f("uq_matrices_code")),
    )
    with op.batch_alter_table("matrices") as batch_op:
        batch_op.create_index(batch_op.f("ix_matrices_position_id"), ["position_id"], unique=False)

    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "strand",
            sa.Enum(
                "chuyen_mon",
                "nghiep_vu",
                "chinh_sach",
                "ky_nang",
                name="strand",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["topics.id"], name=op.f("fk_topics_parent_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_topics_position_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("code", name=op.f("uq_topics_code")),
    )
    op.create_table(
        "legal_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column(
            "mark",
            sa.Enum("V", "P", "U", name="mark", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("status_checked", sa.Boolean(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "in_force_to IS NULL OR in_force_from IS NULL OR in_force_to >= in_force_from",
            name=op.f("ck_legal_documents_dates"),
        ),
        sa.ForeignKeyConstraint(["checked_by_id"], ["accounts.id"], name=op.f("fk_legal_documents_checked_by_id")),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"], ["legal_documents.id"], name=op.f("fk_legal_documents_superseded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_documents")),
        sa.UniqueConstraint("symbol", name=op.f("uq_legal_documents_symbol")),
    )
    op.create_table(
        "matrix_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matrix_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_matrix_versions_minutes")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_matrix_versions_author_id")),
        sa.ForeignKeyConstraint(["matrix_id"], ["matrices.id"], name=op.f("fk_matrix_versions_matrix_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matrix_versions")),
        sa.UniqueConstraint("matrix_id", "number", name=op.f("uq_matrix_versions_matrix_id_number")),
    )
    with op.batch_alter_table("matrix_versions") as batch_op:
        batch_op.create_index(batch_op.f("ix_matrix_versions_matrix_id"), ["matrix_id"], unique=False)

    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "bank",
            sa.Enum("exam", "practice", name="bank_kind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "approved",
                "retired",
                name="question_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("is_common", sa.Boolean(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("current_id", sa.Integer(), nullable=True),
        sa.Column("held_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(held_at IS NULL) = (hold_reason = '')", name=op.f("ck_questions_hold")),
        sa.ForeignKeyConstraint(
            ["current_id"], ["question_versions.id"], name="fk_questions_current_id", use_alter=True
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_questions_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("code", name=op.f("uq_questions_code")),
    )
    with op.batch_alter_table("questions") as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_current_id"), ["current_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_questions_state"), ["state"], unique=False)

    op.create_table(
        "matrix_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "nhan_biet",
                "thong_hieu",
                "van_dung",
                "van_dung_cao",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_matrix_rows_count")),
        sa.CheckConstraint("points > 0", name=op.f("ck_matrix_rows_points")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_matrix_rows_topic_id")),
        sa.ForeignKeyConstraint(["version_id"], ["matrix_versions.id"], name=op.f("fk_matrix_rows_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matrix_rows")),
        sa.UniqueConstraint("version_id", "topic_id", "level", name=op.f("uq_matrix_rows_version_id_topic_id_level")),
    )
    op.create_table(
        "question_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "read", "stored", "discarded", name="import_state", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "nhan_biet",
                "thong_hieu",
                "van_dung",
                "van_dung_cao",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stored_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_question_imports_file_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_question_imports_owner_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_question_imports_position_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_question_imports_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_imports")),
        sa.UniqueConstraint("ref", name=op.f("uq_question_imports_ref")),
    )
    with op.batch_alter_table("question_imports") as batch_op:
        batch_op.create_index(batch_op.f("ix_question_imports_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "question_positions",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_question_positions_position_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_question_positions_question_id")),
        sa.PrimaryKeyConstraint("question_id", "position_id", name=op.f("pk_question_positions")),
    )
    with op.batch_alter_table("question_positions") as batch_op:
        batch_op.create_index(batch_op.f("ix_question_positions_position_id"), ["position_id"], unique=False)

    op.create_table(
        "question_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "nhan_biet",
                "thong_hieu",
                "van_dung",
                "van_dung_cao",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("stem_key", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_question_versions_points")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_question_versions_author_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_question_versions_question_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_question_versions_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_versions")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_question_versions_question_id_number")),
    )
    with op.batch_alter_table("question_versions") as batch_op:
        batch_op.create_index(batch_op.f("ix_question_versions_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_versions_question_id"), ["question_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_versions_stem_key"), ["stem_key"], unique=False)
        batch_op.create_index("ix_question_versions_topic_level", ["topic_id", "level"], unique=False)

    op.create_table(
        "citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=20), nullable=False),
        sa.Column("clause", sa.String(length=20), nullable=False),
        sa.Column("point", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["legal_documents.id"], name=op.f("fk_citations_document_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_citations_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citations")),
    )
    with op.batch_alter_table("citations") as batch_op:
        batch_op.create_index(batch_op.f("ix_citations_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_citations_version_id"), ["version_id"], unique=False)

    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("approved", "returned", name="verdict", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict = 'approved' OR comment <> ''", name=op.f("ck_reviews_returned_with_comment")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["accounts.id"], name=op.f("fk_reviews_reviewer_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_reviews_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    with op.batch_alter_table("reviews") as batch_op:
        batch_op.create_index(batch_op.f("ix_reviews_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reviews_version_id"), ["version_id"], unique=False)
    if op.get_bind().dialect.name != "sqlite":  # there the key stands in CREATE TABLE
        for table, target in LATE:
            op.create_foreign_key(f"fk_{table}_current_id", table, target, ["current_id"], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        for table, _target in LATE:
            op.drop_constraint(f"fk_{table}_current_id", table, type_="foreignkey")
    with op.batch_alter_table("reviews") as batch_op:
        batch_op.drop_index(batch_op.f("ix_reviews_version_id"))
        batch_op.drop_index(batch_op.f("ix_reviews_reviewer_id"))

    op.drop_table("reviews")
    with op.batch_alter_table("citations") as batch_op:
        batch_op.drop_index(batch_op.f("ix_citations_version_id"))
        batch_op.drop_index(batch_op.f("ix_citations_document_id"))

    op.drop_table("citations")
    with op.batch_alter_table("question_versions") as batch_op:
        batch_op.drop_index("ix_question_versions_topic_level")
        batch_op.drop_index(batch_op.f("ix_question_versions_stem_key"))
        batch_op.drop_index(batch_op.f("ix_question_versions_question_id"))
        batch_op.drop_index(batch_op.f("ix_question_versions_digest"))

    op.drop_table("question_versions")
    with op.batch_alter_table("question_positions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_positions_position_id"))

    op.drop_table("question_positions")
    with op.batch_alter_table("question_imports") as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_imports_owner_id"))

    op.drop_table("question_imports")
    op.drop_table("matrix_rows")
    with op.batch_alter_table("questions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_questions_state"))
        batch_op.drop_index(batch_op.f("ix_questions_current_id"))

    op.drop_table("questions")
    with op.batch_alter_table("matrix_versions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_matrix_versions_matrix_id"))

    op.drop_table("matrix_versions")
    op.drop_table("legal_documents")
    op.drop_table("topics")
    with op.batch_alter_table("matrices") as batch_op:
        batch_op.drop_index(batch_op.f("ix_matrices_position_id"))

    op.drop_table("matrices")
