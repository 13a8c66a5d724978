"""Exchange of questions between installations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = examapp.core.db.UtcDateTime(timezone=True)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "exchange_partners",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("trusts_review", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["accounts.id"], name=op.f("fk_exchange_partners_added_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_partners")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_exchange_partners_fingerprint")),
        sa.UniqueConstraint("name", name=op.f("uq_exchange_partners_name")),
    )
    op.create_table(
        "exchange_packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("bank", _one_of("bank_kind", "exam", "practice"), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("positions", sa.Text(), nullable=False),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("made", sa.Text(), nullable=False),
        sa.Column(
            "state", _one_of("package_state", "waiting", "read", "merging", "merged", "discarded"), nullable=False
        ),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("merged_at", MOMENT, nullable=True),
        sa.CheckConstraint("(state = 'merged') = (merged_at IS NOT NULL)", name=op.f("ck_exchange_packages_merged")),
        sa.CheckConstraint(
            "state IN ('waiting', 'discarded') OR partner_id IS NOT NULL", name=op.f("ck_exchange_packages_partner")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_exchange_packages_file_id")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_exchange_packages_job_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_exchange_packages_owner_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["exchange_partners.id"], name=op.f("fk_exchange_packages_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_packages")),
        sa.UniqueConstraint("ref", name=op.f("uq_exchange_packages_ref")),
    )
    op.create_table(
        "exchange_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column(
            "fate",
            _one_of(
                "fate",
                "new",
                "twin",
                "newer",
                "diverged",
                "approved",
                "same",
                "older",
                "retired",
                "unplaced",
                "skipped",
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.Column("take_from", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.Column("base_id", sa.Integer(), nullable=True),
        sa.Column("twin_id", sa.Integer(), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_exchange_items_number")),
        sa.ForeignKeyConstraint(["base_id"], ["question_versions.id"], name=op.f("fk_exchange_items_base_id")),
        sa.ForeignKeyConstraint(["package_id"], ["exchange_packages.id"], name=op.f("fk_exchange_items_package_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_exchange_items_question_id")),
        sa.ForeignKeyConstraint(["twin_id"], ["questions.id"], name=op.f("fk_exchange_items_twin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_items")),
        sa.UniqueConstraint("package_id", "number", name=op.f("uq_exchange_items_package_id_number")),
        sa.UniqueConstraint("package_id", "uid", name=op.f("uq_exchange_items_package_id_uid")),
    )
    with op.batch_alter_table("exchange_items") as batch_op:
        for column in ("question_id", "base_id", "twin_id"):
            batch_op.create_index(batch_op.f(f"ix_exchange_items_{column}"), [column], unique=False)
    op.create_table(
        "version_aliases",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["question_versions.id"], name=op.f("fk_version_aliases_version_id")),
        sa.PrimaryKeyConstraint("version_id", "digest", name=op.f("pk_version_aliases")),
    )
    op.create_table(
        "foreign_statistics",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("facility", sa.Integer(), nullable=True),
        sa.Column("discrimination", sa.Integer(), nullable=True),
        sa.CheckConstraint("answered BETWEEN 0 AND papers", name=op.f("ck_foreign_statistics_answered")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["exchange_partners.id"], name=op.f("fk_foreign_statistics_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_versions.id"], name=op.f("fk_foreign_statistics_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "partner_id", "year", name=op.f("pk_foreign_statistics")),
    )
    with op.batch_alter_table("foreign_statistics") as batch_op:
        batch_op.create_index(batch_op.f("ix_foreign_statistics_partner_id"), ["partner_id"], unique=False)


def downgrade() -> None:
    for name in ("foreign_statistics", "version_aliases", "exchange_items", "exchange_packages", "exchange_partners"):
        op.drop_table(name)
