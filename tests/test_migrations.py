"""Migrations: up and down, with data, and they make what the models say."""

from __future__ import annotations

import json
import os

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from config import Settings
from examapp import create_app
from examapp.bank.checks import Named
from examapp.bank.models import stem_key
from examapp.core import cli
from examapp.core.db import db, unit_of_work
from examapp.evaluation.schemes import load_schemes
from examapp.models import Base
from examapp.organisation.models import Position, Post
from examapp.organisation.services import load_positions
from tests.builders import Builder

pytestmark = pytest.mark.database


@pytest.fixture
def empty(tmp_path):
    """An application on a database without tables."""
    server, url = os.environ.get("TEST_DATABASE_URL"), f"sqlite:///{tmp_path / 'empty.sqlite'}"
    name = f"thuocdo_migration_{os.getpid()}"
    if server:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = server.rsplit("/", 1)[0] + "/" + name
    app = create_app(Settings(secret_key="for tests", data=tmp_path, database_url=url, demo=True, testing=True))
    with app.app_context():
        yield app
        db.session.close()
        db.engine.dispose()
    if server:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()


def tables():
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_the_models_match_head(empty):
    cli.upgrade_database()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_goes_down_and_up_again(empty):
    cli.upgrade_database()
    revisions = [r.revision for r in ScriptDirectory.from_config(cli.alembic_config()).walk_revisions()]
    assert len(revisions) >= 8
    command.downgrade(cli.alembic_config(), "base")
    assert tables() == set()
    cli.upgrade_database()
    assert tables() == set(Base.metadata.tables)


def test_a_filled_database_keeps_its_rows_through_a_step_of_later_rooms(empty):
    cli.upgrade_database()
    with unit_of_work():
        load_positions()
        load_schemes()
    build = Builder(empty)
    unit, official = build.unit(), build.official()
    build.post(official, build.get(Position, 1), unit)
    command.downgrade(cli.alembic_config(), "-1")
    command.upgrade(cli.alembic_config(), "head")
    assert build.get(Post, 1).official_id == official.id


def test_a_rebuilt_table_does_not_take_its_children_along(empty):
    """Batch mode drops and renames a table on SQLite; with foreign keys on, the children of each row would go too."""
    cli.upgrade_database()
    build = Builder(empty)
    build.post(build.official(), build.position(), build.unit())
    from alembic.operations import Operations

    def rebuild(connection):
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("officials", recreate="always") as batch:
            batch.alter_column("phone", existing_nullable=True)

    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            rebuild(connection)
            connection.commit()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
    assert build.get(Post, 1) is not None


def test_upgrading_twice_changes_nothing_and_keeps_the_epoch(empty):
    cli.upgrade_database()
    with db.engine.connect() as connection:
        before = connection.execute(text("SELECT epoch FROM deployment")).scalar_one()
    cli.upgrade_database()
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT epoch FROM deployment")).scalar_one() == before
        assert len(before) == 26


def test_sqlite_keeps_foreign_keys_on_after_a_migration(empty):
    cli.upgrade_database()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def checks():
    """Every CHECK of the database, by table and name, blanks and quotes aside."""
    found = inspect(db.engine)
    return {
        (table, check["name"]): "".join(check["sqltext"].replace('"', "").split())
        for table in tables()
        for check in found.get_check_constraints(table)
    }


def test_the_steps_lead_to_the_same_checks_as_the_models(empty):
    """SQLite makes a table anew to change it; what must never be untrue must not get lost on the way."""
    cli.upgrade_database()
    after_steps = checks()
    command.downgrade(cli.alembic_config(), "base")
    with db.engine.begin() as connection:
        Base.metadata.create_all(connection)
    assert after_steps == checks()
    with db.engine.begin() as connection:
        Base.metadata.drop_all(connection)


def test_questions_of_an_older_installation_get_an_identity_of_their_own(empty):
    command.upgrade(cli.alembic_config(), "0008")
    with db.engine.begin() as connection:
        for code in ("A-1", "A-2"):
            connection.execute(
                text(
                    "INSERT INTO questions (code, bank, state, is_common, is_sample, hold_reason, created_at) "
                    "VALUES (:code, 'exam', 'draft', :no, :no, '', :at)"
                ),
                {"code": code, "no": False, "at": "2026-01-01 00:00:00"},
            )
    command.upgrade(cli.alembic_config(), "head")
    with db.engine.connect() as connection:
        uids = connection.execute(text("SELECT uid FROM questions")).scalars().all()
    assert len(set(uids)) == 2
    assert all(uids)


OLD_IMPORT = {
    "items": [
        {
            "number": 1,
            "question": {
                "kind": "single_choice",
                "stem": "Câu cũ?",
                "options": [{"text": "Có", "correct": True}, {"text": "Không", "correct": False}],
                "level": None,
                "topic": "la_lam",
                "positions": ["tp_tu_phap"],
                "explanation": "",
                "citations": [{"document": "1/2026/NĐ-CP", "article": "2", "clause": "", "point": ""}],
                "tags": [],
                "points": 1000,
                "seconds": None,
                "ref": "",
            },
            "place": {"template": "Dòng {line}", "values": {"line": 3}},
            "read": [{"severity": "error", "message": "Thiếu đáp án", "place": ""}],
            "checked": [],
            "left_out": True,
            "mended": False,
            "code": "",
        }
    ],
    "problems": [{"severity": "warning", "message": "Cả tệp", "place": ""}],
    "notes": ["Đáp án in đậm"],
    "read": 2,
}


def test_an_import_waiting_to_be_confirmed_is_taken_apart_and_put_together_again(empty):
    command.upgrade(cli.alembic_config(), "0009")
    at = {"at": "2026-01-01 00:00:00"}
    with db.engine.begin() as connection:
        for statement in (
            "INSERT INTO accounts (login, display_name, name_fold, session_number, is_blocked, created_at)"
            " VALUES ('a', 'A', 'a', 1, :no, :at)",
            "INSERT INTO files (ref, sha256, kind, name, media_type, size, created_at)"
            " VALUES ('f', 'x', 'x', 'de.docx', 'x', 1, :at)",
            "INSERT INTO question_imports (ref, file_id, format, state, items, owner_id, created_at, stored_count)"
            " VALUES ('i', 1, 'word', 'read', :items, 1, :at, 0)",
        ):
            values = {**at, "no": False, "items": json.dumps(OLD_IMPORT)}
            connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
    command.upgrade(cli.alembic_config(), "head")
    with db.engine.connect() as connection:
        item = connection.execute(text("SELECT * FROM import_items")).mappings().one()
        group = connection.execute(text("SELECT * FROM import_groups")).mappings().one()
        kept = connection.execute(text("SELECT * FROM question_imports")).mappings().one()
    assert (item["number"], bool(item["has_errors"]), bool(item["is_left_out"])) == (1, True, True)
    assert item["stem_key"] == stem_key("Câu cũ?")
    assert (group["topic"], json.loads(group["positions"])) == ("la_lam", ["tp_tu_phap"])
    assert group["key"] == Named("la_lam", ("tp_tu_phap",)).key
    assert (kept["batch_id"], kept["read_count"], kept["bank"]) == (1, 2, "exam")
    command.downgrade(cli.alembic_config(), "0009")
    with db.engine.connect() as connection:
        assert json.loads(connection.execute(text("SELECT items FROM question_imports")).scalar_one()) == OLD_IMPORT
