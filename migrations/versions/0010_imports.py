"""Imports of many files, item by item."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

import examapp.core.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = ("waiting", "mapping", "read", "storing", "stored", "discarded", "unreadable")
OLD_STATES = ("read", "stored", "discarded")
LEVELS = ("nhan_biet", "thong_hieu", "van_dung", "van_dung_cao")
LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8


def one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    _new_tables()
    with op.batch_alter_table("question_imports") as batch:
        batch.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("key_file_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("message", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("bank", sa.String(length=30), nullable=False, server_default="exam"))
        batch.add_column(sa.Column("report", sa.Text(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("columns", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("is_conversion_confirmed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("only_good", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("read_count", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
    _take_apart()
    _change_states(STATES)
    with op.batch_alter_table("question_imports") as batch:
        batch.drop_column("items")
        batch.alter_column("batch_id", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("message", existing_type=sa.Text(), server_default=None)
        batch.alter_column(
            "bank",
            existing_type=sa.String(length=30),
            type_=one_of("bank_kind", "exam", "practice"),
            server_default=None,
        )
        batch.alter_column("report", existing_type=sa.Text(), server_default=None)
        batch.alter_column("columns", existing_type=sa.Text(), server_default=None)
        batch.alter_column("is_conversion_confirmed", existing_type=sa.Boolean(), server_default=None)
        batch.alter_column("only_good", existing_type=sa.Boolean(), server_default=None)
        batch.alter_column("read_count", existing_type=sa.Integer(), server_default=None)
        batch.create_index(batch.f("ix_question_imports_batch_id"), ["batch_id"], unique=False)
        for column, table in (("batch_id", "import_batches"), ("key_file_id", "files"), ("job_id", "jobs")):
            batch.create_foreign_key(batch.f(f"fk_question_imports_{column}"), table, [column], ["id"])
        batch.create_check_constraint(
            batch.f("ck_question_imports_unreadable"), "(state = 'unreadable') = (message <> '')"
        )


def _new_tables() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=26), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", examapp.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_import_batches_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        sa.UniqueConstraint("ref", name=op.f("uq_import_batches_ref")),
    )
    with op.batch_alter_table("import_batches") as batch:
        batch.create_index(batch.f("ix_import_batches_owner_id"), ["owner_id"], unique=False)
    op.create_table(
        "import_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("positions", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["question_imports.id"], name=op.f("fk_import_groups_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_groups")),
        sa.UniqueConstraint("import_id", "key", name=op.f("uq_import_groups_import_id_key")),
    )
    op.create_table(
        "import_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("level", one_of("level", *LEVELS), nullable=True),
        sa.Column("documents", sa.Text(), nullable=False),
        sa.Column("stem_key", sa.String(length=32), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("alike", sa.Text(), nullable=False),
        sa.Column("has_errors", sa.Boolean(), nullable=False),
        sa.Column("has_warnings", sa.Boolean(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("is_mended", sa.Boolean(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_import_items_number")),
        sa.ForeignKeyConstraint(["import_id"], ["question_imports.id"], name=op.f("fk_import_items_import_id")),
        sa.ForeignKeyConstraint(["group_id"], ["import_groups.id"], name=op.f("fk_import_items_group_id")),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=op.f("fk_import_items_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_items")),
        sa.UniqueConstraint("import_id", "number", name=op.f("uq_import_items_import_id_number")),
    )
    with op.batch_alter_table("import_items") as batch:
        batch.create_index(batch.f("ix_import_items_group_id"), ["group_id"], unique=False)
        batch.create_index(batch.f("ix_import_items_question_id"), ["question_id"], unique=False)
    op.create_table(
        "import_media",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["question_imports.id"], name=op.f("fk_import_media_import_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_import_media_file_id")),
        sa.PrimaryKeyConstraint("import_id", "sha256", name=op.f("pk_import_media")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("is_common", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT (is_common AND position_id IS NOT NULL)", name=op.f("ck_import_mappings_place")),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_import_mappings_owner_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_import_mappings_topic_id")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_import_mappings_position_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint("owner_id", "key", name=op.f("uq_import_mappings_owner_id_key")),
    )
    op.create_table(
        "import_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_import_columns_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_columns")),
        sa.UniqueConstraint("owner_id", "digest", name=op.f("uq_import_columns_owner_id_digest")),
    )


def _change_states(states: tuple[str, ...]) -> None:
    """Batch mode keeps the old CHECK beside a new one unless it is dropped by name."""
    with op.batch_alter_table("question_imports") as batch:
        batch.drop_constraint(batch.f("ck_question_imports_import_state"), type_="check")
    with op.batch_alter_table("question_imports") as batch:
        batch.create_check_constraint(batch.f("ck_question_imports_import_state"), f"state IN {states!r}")


def _take_apart() -> None:
    """From one JSON text a file to a row a question."""
    connection = op.get_bind()
    codes = {code: found for found, code in connection.execute(sa.text("SELECT id, code FROM questions"))}
    kept = sa.text("SELECT id, owner_id, created_at FROM question_imports ORDER BY id")
    items = sa.text("SELECT items FROM question_imports WHERE id = :id")
    for import_id, owner_id, created_at in connection.execute(kept).all():
        raw = json.loads(connection.execute(items, {"id": import_id}).scalar_one() or "{}")
        raw = raw if isinstance(raw, dict) else {}
        batch_id = _insert("import_batches", ref=_reference(), owner_id=owner_id, created_at=created_at, refused="[]")
        report = {"problems": raw.get("problems", []), "notes": raw.get("notes", []), "converted": []}
        connection.execute(
            sa.text(
                "UPDATE question_imports SET batch_id = :batch, report = :report, read_count = :read WHERE id = :id"
            ),
            {"batch": batch_id, "report": _dumps(report), "read": raw.get("read", 0), "id": import_id},
        )
        groups: dict[str, int] = {}
        for item in raw.get("items", []):
            _insert("import_items", **_row(item, import_id, groups, codes))


def _row(item: dict[str, Any], import_id: int, groups: dict[str, int], codes: dict[str, int]) -> dict[str, Any]:
    question = item["question"]
    named = [question["topic"], question["positions"], ""]
    key = hashlib.sha256(_dumps(named, sort_keys=True).encode()).hexdigest()
    if key not in groups:
        places = json.dumps(question["positions"], ensure_ascii=False)
        groups[key] = _insert(
            "import_groups", import_id=import_id, key=key, topic=question["topic"], positions=places, heading=""
        )
    findings = item["checked"] if item["mended"] else [*item["read"], *item["checked"]]
    documents = sorted({citation["document"] for citation in question["citations"]})
    return {
        "import_id": import_id,
        "number": item["number"],
        "group_id": groups[key],
        "place": _dumps(item["place"]),
        "content": _dumps(question),
        "level": question["level"],
        "documents": _dumps(documents) if documents else "",
        "stem_key": hashlib.sha256(_fold(question["stem"]).encode()).hexdigest()[:32],
        "findings": _dumps(findings) if findings else "",
        "alike": "",
        "has_errors": any(finding["severity"] == "error" for finding in findings),
        "has_warnings": any(finding["severity"] == "warning" for finding in findings),
        "is_left_out": item["left_out"],
        "is_mended": item["mended"],
        "question_id": codes.get(item["code"]),
    }


def downgrade() -> None:
    _forget_unfinished()
    with op.batch_alter_table("question_imports") as batch:
        batch.add_column(sa.Column("items", sa.Text(), nullable=False, server_default="{}"))
    _put_together()
    with op.batch_alter_table("question_imports") as batch:
        batch.drop_constraint(batch.f("ck_question_imports_unreadable"), type_="check")
        batch.drop_constraint(batch.f("ck_question_imports_bank_kind"), type_="check")
        for column in ("batch_id", "key_file_id", "job_id"):
            batch.drop_constraint(batch.f(f"fk_question_imports_{column}"), type_="foreignkey")
        batch.drop_index(batch.f("ix_question_imports_batch_id"))
    _change_states(OLD_STATES)
    with op.batch_alter_table("question_imports") as batch:
        batch.alter_column("items", existing_type=sa.Text(), server_default=None)
        for column in (
            "batch_id",
            "key_file_id",
            "message",
            "bank",
            "report",
            "columns",
            "is_conversion_confirmed",
            "only_good",
            "read_count",
            "job_id",
        ):
            batch.drop_column(column)
    for table in (
        "import_columns",
        "import_mappings",
        "import_media",
        "import_items",
        "import_groups",
        "import_batches",
    ):
        op.drop_table(table)


def _forget_unfinished() -> None:
    """What the older release has no state for: files not read, not readable, or half stored."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE question_imports SET state = 'read', message = '' WHERE state = 'storing'"))
    imports = sa.table("question_imports", sa.column("id"), sa.column("state"))
    unfinished = sa.select(imports.c.id).where(imports.c.state.not_in(OLD_STATES))
    for name in ("import_items", "import_groups", "import_media"):
        rows = sa.table(name, sa.column("import_id"))
        connection.execute(sa.delete(rows).where(rows.c.import_id.in_(unfinished)))
    connection.execute(sa.delete(imports).where(imports.c.state.not_in(OLD_STATES)))


def _put_together() -> None:
    connection = op.get_bind()
    kept = sa.text("SELECT id, report, read_count FROM question_imports ORDER BY id")
    items = sa.text(
        "SELECT i.number, i.content, i.place, i.findings, i.is_left_out, i.is_mended, q.code FROM import_items i"
        " LEFT JOIN questions q ON q.id = i.question_id WHERE i.import_id = :id ORDER BY i.number"
    )
    for import_id, report, read in connection.execute(kept).all():
        told = json.loads(report)
        rows = [
            {
                "number": number,
                "question": json.loads(content),
                "place": json.loads(place),
                "read": [] if mended else json.loads(findings or "[]"),
                "checked": json.loads(findings or "[]") if mended else [],
                "left_out": bool(left_out),
                "mended": bool(mended),
                "code": code or "",
            }
            for number, content, place, findings, left_out, mended, code in connection.execute(items, {"id": import_id})
        ]
        whole = {
            "items": rows,
            "problems": told.get("problems", []),
            "notes": told.get("notes", []),
            "read": read,
        }
        connection.execute(
            sa.text("UPDATE question_imports SET items = :items WHERE id = :id"),
            {"items": _dumps(whole), "id": import_id},
        )


def _insert(table: str, **values: Any) -> int:
    columns = [sa.column(name) for name in values]
    statement = sa.insert(sa.table(table, *columns, sa.column("id"))).values(values).returning(sa.column("id"))
    found: int = op.get_bind().execute(statement).scalar_one()
    return found


def _dumps(data: Any, *, sort_keys: bool = False) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)


def _reference() -> str:
    return secrets.token_bytes(26).translate(LETTERS).decode("ascii")


def _fold(text: str) -> str:
    """As questions are compared: no marks, đ as d, lower case, single blanks."""
    text = text.replace("đ", "d").replace("Đ", "D")
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(bare.lower().split())
