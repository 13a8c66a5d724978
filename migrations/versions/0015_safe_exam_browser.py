"""Safe Exam Browser as a round's requirement on PCs: the keys that a browser must show."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = ("seb_config_keys", "seb_exam_keys")


def upgrade() -> None:
    with op.batch_alter_table("exam_rounds") as batch_op:
        for name in COLUMNS:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("exam_rounds") as batch_op:
        for name in COLUMNS:
            batch_op.drop_column(name)
