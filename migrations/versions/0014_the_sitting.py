"""The sitting finished: rules of a round for it, late answers, stops and make-ups, deliveries, integrity events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from examapp.core.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = UtcDateTime(timezone=True)
COUNTING = sa.text("state <> 'stopped'")
STATES = ("started", "submitted", "settled")
NEW_COLUMNS = ("movement", "stop_limit_minutes", "integrity_basis", "integrity_days", "contact")
NEW_TABLES = (
    "integrity_events",
    "stops",
    "event_decisions",
    "unsent_codes",
    "sitting_addenda",
    "deliveries",
)


def upgrade() -> None:
    with op.batch_alter_table("answer_events") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_answer_events_slot"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_answer_events_slot"), "slot BETWEEN -2000 AND 500")
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "file", "qr", "leftover", name="delivery_way", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=11), nullable=False),
        sa.Column("matched", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("events >= 0 AND stored BETWEEN 0 AND events", name=op.f("ck_deliveries_events")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_deliveries_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_deliveries_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_sitting_id"), ["sitting_id"], unique=False)

    op.create_table(
        "integrity_events",
        sa.Column("sitting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("writer", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "left",
                "returned",
                "second_device",
                name="integrity_kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_integrity_events_seq")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_integrity_events_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "writer", "seq", name=op.f("pk_integrity_events")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sitting_addenda",
        sa.Column("sitting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_sitting_addenda_reason")),
        sa.CheckConstraint("number > 0", name=op.f("ck_sitting_addenda_number")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_sitting_addenda_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_sitting_addenda_sitting_id")),
        sa.PrimaryKeyConstraint("sitting_id", "number", name=op.f("pk_sitting_addenda")),
    )
    op.create_table(
        "unsent_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=11), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("noted_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("code <> ''", name=op.f("ck_unsent_codes_code")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_unsent_codes_by_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_unsent_codes_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_codes")),
    )
    with op.batch_alter_table("unsent_codes") as batch_op:
        batch_op.create_index(batch_op.f("ix_unsent_codes_sitting_id"), ["sitting_id"], unique=False)

    op.create_table(
        "event_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("writer", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_event_decisions_reason")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_event_decisions_by_id")),
        sa.ForeignKeyConstraint(
            ["sitting_id", "writer", "seq"],
            ["answer_events.sitting_id", "answer_events.writer", "answer_events.seq"],
            name=op.f("fk_event_decisions_sitting_id_writer_seq"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_decisions")),
    )
    with op.batch_alter_table("event_decisions") as batch_op:
        batch_op.create_index("ix_event_decisions_sitting_id", ["sitting_id", "writer", "seq"], unique=False)

    op.create_table(
        "stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=False),
        sa.Column("devices_taken", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "time_back",
                "waiting",
                "make_up",
                "refused",
                name="stop_outcome",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("extension_id", sa.Integer(), nullable=True),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(length=300), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint("(outcome = 'make_up') = (paper_id IS NOT NULL)", name=op.f("ck_stops_make_up")),
        sa.CheckConstraint("(outcome = 'time_back') = (extension_id IS NOT NULL)", name=op.f("ck_stops_time_back")),
        sa.CheckConstraint(
            "(outcome IN ('make_up', 'refused')) = (decision <> '' AND decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_stops_decided"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_stops_reason")),
        sa.CheckConstraint("ended_ms > began_ms", name=op.f("ck_stops_times")),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_stops_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["accounts.id"], name=op.f("fk_stops_decided_by_id")),
        sa.ForeignKeyConstraint(["extension_id"], ["extensions.id"], name=op.f("fk_stops_extension_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_stops_paper_id")),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_stops_sitting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    with op.batch_alter_table("stops") as batch_op:
        batch_op.create_index(batch_op.f("ix_stops_sitting_id"), ["sitting_id"], unique=False)

    with op.batch_alter_table("exam_rounds") as batch_op:
        batch_op.add_column(sa.Column("movement", sa.String(length=30), nullable=False, server_default="free"))
        batch_op.add_column(sa.Column("stop_limit_minutes", sa.Integer(), nullable=False, server_default="30"))
        batch_op.add_column(sa.Column("integrity_basis", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("integrity_days", sa.Integer(), nullable=False, server_default="30"))
        batch_op.add_column(sa.Column("contact", sa.String(length=200), nullable=False, server_default=""))
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_rounds_movement"), sa.column("movement").in_(("free", "by_section", "one_way"))
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_rounds_stop_limit"), "stop_limit_minutes BETWEEN 0 AND 240"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_exam_rounds_integrity_days"), "integrity_days BETWEEN 1 AND 365"
        )

    with op.batch_alter_table("sittings") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_sittings_candidate_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_sittings_sitting_state"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_sittings_sitting_state"), sa.column("state").in_((*STATES, "stopped"))
        )
        batch_op.create_index("ix_sittings_candidate_id", ["candidate_id"], unique=False)
        batch_op.create_index(
            "uq_sittings_counting", ["candidate_id"], unique=True, sqlite_where=COUNTING, postgresql_where=COUNTING
        )


def downgrade() -> None:
    for name in NEW_TABLES:
        op.drop_table(name)
    with op.batch_alter_table("sittings") as batch_op:
        batch_op.drop_index("uq_sittings_counting")
        batch_op.drop_index("ix_sittings_candidate_id")
        batch_op.drop_constraint(batch_op.f("ck_sittings_sitting_state"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_sittings_sitting_state"), sa.column("state").in_(STATES))
        batch_op.create_unique_constraint(batch_op.f("uq_sittings_candidate_id"), ["candidate_id"])
    with op.batch_alter_table("exam_rounds") as batch_op:
        for name in ("movement", "stop_limit", "integrity_days"):
            batch_op.drop_constraint(batch_op.f(f"ck_exam_rounds_{name}"), type_="check")
        for name in NEW_COLUMNS:
            batch_op.drop_column(name)
    with op.batch_alter_table("answer_events") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_answer_events_slot"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_answer_events_slot"), "slot >= 0")
