"""Units over time, positions, officials, posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_code", sa.String(length=40), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("given_name", sa.String(length=60), nullable=False),
        sa.Column("sort_key", sa.String(length=400), nullable=False),
        sa.Column("name_fold", sa.String(length=120), nullable=False),
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
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("identity_number", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officials")),
        sa.UniqueConstraint("staff_code", name=op.f("uq_officials_staff_code")),
    )
    with op.batch_alter_table("officials") as batch_op:
        batch_op.create_index(batch_op.f("ix_officials_name_fold"), ["name_fold"], unique=False)
        batch_op.create_index(batch_op.f("ix_officials_sort_key"), ["sort_key"], unique=False)

    op.create_table(
        "positions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_fold", sa.String(length=200), nullable=False),
        sa.Column("catalogue", sa.String(length=40), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
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
        sa.Column("is_leadership", sa.Boolean(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_positions_dates")),
        sa.ForeignKeyConstraint(["successor_id"], ["positions.id"], name=op.f("fk_positions_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
        sa.UniqueConstraint("code", name=op.f("uq_positions_code")),
    )
    with op.batch_alter_table("positions") as batch_op:
        batch_op.create_index(batch_op.f("ix_positions_name_fold"), ["name_fold"], unique=False)

    op.create_table(
        "units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_fold", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "province",
                "district",
                "commune",
                "ward",
                "township",
                "special_zone",
                "department",
                "party_body",
                "front_body",
                "other",
                name="unit_kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_units_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("code", name=op.f("uq_units_code")),
    )
    with op.batch_alter_table("units") as batch_op:
        batch_op.create_index(batch_op.f("ix_units_name_fold"), ["name_fold"], unique=False)

    op.create_table(
        "posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "appointment",
                "election",
                "rotation",
                "transfer",
                "secondment",
                "concurrent",
                "reorganisation",
                "other",
                name="post_reason",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("managing_level", sa.String(length=100), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_posts_dates")),
        sa.ForeignKeyConstraint(["official_id"], ["officials.id"], name=op.f("fk_posts_official_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_posts_position_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_posts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint(
            "official_id",
            "position_id",
            "unit_id",
            "valid_from",
            name=op.f("uq_posts_official_id_position_id_unit_id_valid_from"),
        ),
    )
    with op.batch_alter_table("posts") as batch_op:
        batch_op.create_index(batch_op.f("ix_posts_official_id"), ["official_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_posts_position_id"), ["position_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_posts_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_posts_open_primary",
            ["official_id"],
            unique=True,
            sqlite_where=sa.text("is_primary AND valid_to IS NULL"),
            postgresql_where=sa.text("is_primary AND valid_to IS NULL"),
        )

    op.create_table(
        "unit_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "merged_into",
                "split_from",
                "renamed",
                "retyped",
                name="link_kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.CheckConstraint("predecessor_id <> successor_id", name=op.f("ck_unit_links_not_itself")),
        sa.ForeignKeyConstraint(["predecessor_id"], ["units.id"], name=op.f("fk_unit_links_predecessor_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["units.id"], name=op.f("fk_unit_links_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_links")),
        sa.UniqueConstraint(
            "predecessor_id", "successor_id", "kind", name=op.f("uq_unit_links_predecessor_id_successor_id_kind")
        ),
    )
    with op.batch_alter_table("unit_links") as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_links_predecessor_id"), ["predecessor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_links_successor_id"), ["successor_id"], unique=False)

    op.create_table(
        "unit_parents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "tree",
            sa.Enum("state", "party", name="tree", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("unit_id <> parent_id", name=op.f("ck_unit_parents_not_itself")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_parents_dates")),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_unit_parents_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_parents_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_parents")),
        sa.UniqueConstraint("unit_id", "tree", "valid_from", name=op.f("uq_unit_parents_unit_id_tree_valid_from")),
    )
    with op.batch_alter_table("unit_parents") as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parents_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parents_unit_id"), ["unit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unit_parents") as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parents_unit_id"))
        batch_op.drop_index(batch_op.f("ix_unit_parents_parent_id"))

    op.drop_table("unit_parents")
    with op.batch_alter_table("unit_links") as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_links_successor_id"))
        batch_op.drop_index(batch_op.f("ix_unit_links_predecessor_id"))

    op.drop_table("unit_links")
    with op.batch_alter_table("posts") as batch_op:
        batch_op.drop_index(
            "uq_posts_open_primary",
            sqlite_where=sa.text("is_primary AND valid_to IS NULL"),
            postgresql_where=sa.text("is_primary AND valid_to IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_posts_unit_id"))
        batch_op.drop_index(batch_op.f("ix_posts_position_id"))
        batch_op.drop_index(batch_op.f("ix_posts_official_id"))

    op.drop_table("posts")
    with op.batch_alter_table("units") as batch_op:
        batch_op.drop_index(batch_op.f("ix_units_name_fold"))

    op.drop_table("units")
    with op.batch_alter_table("positions") as batch_op:
        batch_op.drop_index(batch_op.f("ix_positions_name_fold"))

    op.drop_table("positions")
    with op.batch_alter_table("officials") as batch_op:
        batch_op.drop_index(batch_op.f("ix_officials_sort_key"))
        batch_op.drop_index(batch_op.f("ix_officials_name_fold"))

    op.drop_table("officials")
