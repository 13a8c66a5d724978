"""What belongs to the life of a question: review sets, writing tasks, law with its amendments, duplicates, statistics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROLES = (
    "examiner",
    "reviewer",
    "bank_manager",
    "organiser",
    "invigilator",
    "evaluator",
    "leader",
    "focal_person",
    "administrator",
    "inspector",
)
TABLES = (
    "review_sets",
    "saved_filters",
    "writing_tasks",
    "duplicate_pairs",
    "legal_amendments",
    "question_tags",
    "question_texts",
    "review_set_members",
    "amendment_checks",
    "frozen_citations",
    "item_statistics",
    "review_openings",
    "review_set_items",
    "transitional_uses",
)
"""In the order in which they can be made."""


def upgrade() -> None:
    _change_roles(ROLES)
    op.create_table(
        "review_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="set_state", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(decision_number = '') = (decision_on IS NULL)", name=op.f("ck_review_sets_decision")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_review_sets_closed")),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_review_sets_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_sets")),
        sa.UniqueConstraint("ref", name=op.f("uq_review_sets_ref")),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_saved_filters_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_filters_account_id_name")),
    )
    op.create_table(
        "writing_tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
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
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("count > 0", name=op.f("ck_writing_tasks_count")),
        sa.ForeignKeyConstraint(["assignee_id"], ["accounts.id"], name=op.f("fk_writing_tasks_assignee_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["accounts.id"], name=op.f("fk_writing_tasks_created_by_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_writing_tasks_position_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_writing_tasks_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writing_tasks")),
    )
    with op.batch_alter_table("writing_tasks") as batch_op:
        batch_op.create_index(batch_op.f("ix_writing_tasks_assignee_id"), ["assignee_id"], unique=False)

    op.create_table(
        "duplicate_pairs",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column(
            "likeness",
            sa.Enum(
                "same",
                "same_stem",
                "numbers",
                "similar",
                name="likeness",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "open", "different", "merged", name="pair_verdict", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", examapp.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(verdict = 'open') = (decided_at IS NULL)", name=op.f("ck_duplicate_pairs_decided")),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_pairs_order")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["accounts.id"], name=op.f("fk_duplicate_pairs_decided_by_id")),
        sa.ForeignKeyConstraint(["first_id"], ["questions.id"], name=op.f("fk_duplicate_pairs_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["questions.id"], name=op.f("fk_duplicate_pairs_second_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_duplicate_pairs")),
    )
    with op.batch_alter_table("duplicate_pairs") as batch_op:
        batch_op.create_index(batch_op.f("ix_duplicate_pairs_second_id"), ["second_id"], unique=False)

    op.create_table(
        "legal_amendments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("amended_by_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("document_id <> amended_by_id", name=op.f("ck_legal_amendments_self")),
        sa.ForeignKeyConstraint(
            ["amended_by_id"], ["legal_documents.id"], name=op.f("fk_legal_amendments_amended_by_id")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["legal_documents.id"], name=op.f("fk_legal_amendments_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_amendments")),
        sa.UniqueConstraint("document_id", "amended_by_id", name=op.f("uq_legal_amendments_document_id_amended_by_id")),
    )
    with op.batch_alter_table("legal_amendments") as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_amendments_amended_by_id"), ["amended_by_id"], unique=False)

    op.create_table(
        "question_tags",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_question_tags_question_id")),
        sa.PrimaryKeyConstraint("question_id", "tag", name=op.f("pk_question_tags")),
    )
    with op.batch_alter_table("question_tags") as batch_op:
        batch_op.create_index(batch_op.f("ix_question_tags_tag"), ["tag"], unique=False)

    op.create_table(
        "question_texts",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("marked", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_question_texts_question_id")),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_texts")),
    )

    op.create_table(
        "review_set_members",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_review_set_members_account_id")),
        sa.ForeignKeyConstraint(["set_id"], ["review_sets.id"], name=op.f("fk_review_set_members_set_id")),
        sa.PrimaryKeyConstraint("set_id", "account_id", name=op.f("pk_review_set_members")),
    )
    with op.batch_alter_table("review_set_members") as batch_op:
        batch_op.create_index(batch_op.f("ix_review_set_members_account_id"), ["account_id"], unique=False)

    op.create_table(
        "amendment_checks",
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["legal_amendments.id"], name=op.f("fk_amendment_checks_amendment_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_amendment_checks_by_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_amendment_checks_version_id")),
        sa.PrimaryKeyConstraint("amendment_id", "version_id", name=op.f("pk_amendment_checks")),
    )
    with op.batch_alter_table("amendment_checks") as batch_op:
        batch_op.create_index(batch_op.f("ix_amendment_checks_version_id"), ["version_id"], unique=False)

    op.create_table(
        "frozen_citations",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column("transitional", sa.String(length=700), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_frozen_citations_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_frozen_citations_version_id")),
        sa.PrimaryKeyConstraint("round_id", "version_id", "number", name=op.f("pk_frozen_citations")),
    )
    with op.batch_alter_table("frozen_citations") as batch_op:
        batch_op.create_index(batch_op.f("ix_frozen_citations_version_id"), ["version_id"], unique=False)

    op.create_table(
        "item_statistics",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("facility", sa.Integer(), nullable=True),
        sa.Column("discrimination", sa.Integer(), nullable=True),
        sa.CheckConstraint("answered BETWEEN 0 AND papers", name=op.f("ck_item_statistics_answered")),
        sa.ForeignKeyConstraint(["round_id"], ["exam_rounds.id"], name=op.f("fk_item_statistics_round_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_item_statistics_version_id")),
        sa.PrimaryKeyConstraint("version_id", "round_id", name=op.f("pk_item_statistics")),
    )
    with op.batch_alter_table("item_statistics") as batch_op:
        batch_op.create_index(batch_op.f("ix_item_statistics_round_id"), ["round_id"], unique=False)

    op.create_table(
        "review_openings",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_review_openings_account_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_review_openings_version_id")),
        sa.PrimaryKeyConstraint("version_id", "account_id", name=op.f("pk_review_openings")),
    )
    op.create_table(
        "review_set_items",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["review_sets.id"], name=op.f("fk_review_set_items_set_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_review_set_items_version_id")),
        sa.PrimaryKeyConstraint("set_id", "version_id", name=op.f("pk_review_set_items")),
    )
    with op.batch_alter_table("review_set_items") as batch_op:
        batch_op.create_index(batch_op.f("ix_review_set_items_version_id"), ["version_id"], unique=False)

    op.create_table(
        "transitional_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("basis_symbol", sa.String(length=200), nullable=False),
        sa.Column("basis_article", sa.String(length=20), nullable=False),
        sa.Column("basis_clause", sa.String(length=20), nullable=False),
        sa.Column("basis_point", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("basis_symbol <> '' AND reason <> ''", name=op.f("ck_transitional_uses_basis")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_transitional_uses_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["legal_documents.id"], name=op.f("fk_transitional_uses_document_id")),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_transitional_uses_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transitional_uses")),
        sa.UniqueConstraint("version_id", "document_id", name=op.f("uq_transitional_uses_version_id_document_id")),
    )
    with op.batch_alter_table("transitional_uses") as batch_op:
        batch_op.create_index(batch_op.f("ix_transitional_uses_document_id"), ["document_id"], unique=False)

    _change_documents()
    _change_questions()
    with op.batch_alter_table("reviews") as batch_op:
        batch_op.add_column(sa.Column("checklist", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("set_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_reviews_set_id"), ["set_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_reviews_set_id"), "review_sets", ["set_id"], ["id"])


def _change_roles(roles: tuple[str, ...]) -> None:
    with op.batch_alter_table("grants") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_grants_role"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_grants_role"), sa.column("role").in_(roles))


def _change_documents() -> None:
    with op.batch_alter_table("legal_documents") as batch_op:
        batch_op.add_column(sa.Column("other_names", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("issuer", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("is_party", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("link", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("superseded_on", sa.Date(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_legal_documents_superseded"), "superseded_on IS NULL OR superseded_by_id IS NOT NULL"
        )


def _change_questions() -> None:
    _move_texts()
    with op.batch_alter_table("question_versions") as batch_op:
        batch_op.drop_column("search")
        batch_op.add_column(sa.Column("seconds", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_question_versions_seconds"), "seconds IS NULL OR seconds > 0")
        batch_op.create_index("ix_question_versions_level_kind", ["level", "kind"], unique=False)
    op.add_column("questions", sa.Column("uid", sa.String(length=26), nullable=True))
    sqlite = op.get_bind().dialect.name == "sqlite"
    made = "lower(hex(randomblob(13)))" if sqlite else "substr(md5(random()::text || id::text), 1, 26)"
    op.execute(f"UPDATE questions SET uid = {made}")  # noqa: S608 - one of the two lines above
    with op.batch_alter_table("questions") as batch_op:
        batch_op.alter_column("uid", existing_type=sa.String(length=26), nullable=False)
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_questions_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_questions_owner_id"), ["owner_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_questions_uid"), ["uid"])
        batch_op.create_foreign_key(batch_op.f("fk_questions_merged_into_id"), "questions", ["merged_into_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_questions_merged"),
            "merged_into_id IS NULL OR (state = 'retired' AND merged_into_id <> id)",
        )


def _move_texts() -> None:
    """What the search reads was one column, without marks and, after a line end, with them."""
    if op.get_bind().dialect.name == "sqlite":
        halves = "substr(search, 1, instr(search, char(10)) - 1), substr(search, instr(search, char(10)) + 1)"
    else:
        halves = "split_part(search, E'\\n', 1), split_part(search, E'\\n', 2)"
    op.execute(
        "INSERT INTO question_texts (question_id, folded, marked) "  # noqa: S608 - one of the two lines above
        f"SELECT q.id, {halves} FROM questions q JOIN question_versions v ON v.id = q.current_id"
    )


def _move_texts_back() -> None:
    """Older versions are searched no more: they get what the present one says."""
    op.add_column("question_versions", sa.Column("search", sa.Text(), nullable=True))
    end = "char(10)" if op.get_bind().dialect.name == "sqlite" else "chr(10)"
    op.execute(
        f"UPDATE question_versions SET search = coalesce((SELECT folded || {end} || marked FROM question_texts t "  # noqa: S608
        "WHERE t.question_id = question_versions.question_id), '')"
    )


def downgrade() -> None:
    _move_texts_back()
    with op.batch_alter_table("reviews") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reviews_set_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_reviews_set_id"))
        batch_op.drop_column("set_id")
        batch_op.drop_column("checklist")
    with op.batch_alter_table("questions") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_questions_merged"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_questions_merged_into_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_questions_uid"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_questions_owner_id"))
        batch_op.drop_index(batch_op.f("ix_questions_merged_into_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("uid")
    with op.batch_alter_table("question_versions") as batch_op:
        batch_op.drop_index("ix_question_versions_level_kind")
        batch_op.drop_constraint(batch_op.f("ck_question_versions_seconds"), type_="check")
        batch_op.drop_column("seconds")
        batch_op.alter_column("search", existing_type=sa.Text(), nullable=False)
    with op.batch_alter_table("legal_documents") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_legal_documents_superseded"), type_="check")
        for column in ("superseded_on", "link", "is_party", "issued_on", "issuer", "kind", "other_names"):
            batch_op.drop_column(column)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM grants WHERE role = 'bank_manager'")
    _change_roles(tuple(role for role in ROLES if role != "bank_manager"))
