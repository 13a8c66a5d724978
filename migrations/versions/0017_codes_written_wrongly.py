"""That a noted code was written down wrongly, with who said so and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("unsent_codes") as batch_op:
        batch_op.add_column(sa.Column("wrong_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("wrong_ms", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_unsent_codes_wrong_by_id"), "accounts", ["wrong_by_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_unsent_codes_wrong"), "(wrong_by_id IS NULL) = (wrong_ms IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("unsent_codes") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_unsent_codes_wrong"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_unsent_codes_wrong_by_id"), type_="foreignkey")
        batch_op.drop_column("wrong_ms")
        batch_op.drop_column("wrong_by_id")
