"""Connections to PostgreSQL: one that lay still is asked whether it lives, and a dead one is never handed out."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from examapp.core import db as database
from examapp.core.db import db, engine_options, prepare_engine


@pytest.fixture
def engine(app, context):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could go")
    options = engine_options(db.engine.url.render_as_string(hide_password=False))
    engine = create_engine(**options)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def _pid(engine):
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


def test_a_connection_is_used_again(engine):
    assert _pid(engine) == _pid(engine)


def test_a_dead_connection_is_replaced_before_anybody_notices(engine, monkeypatch):
    monkeypatch.setattr(database, "IDLE_S", 0.0)
    first = _pid(engine)
    with db.engine.connect() as other:
        assert other.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    assert _pid(engine) != first


def test_reading_keeps_what_the_database_has_planned(engine):
    """psycopg forgets it at a ROLLBACK."""
    from sqlalchemy.orm import Session

    with Session(engine) as session:
        for _ in range(3):
            session.execute(text("SELECT 'planned once'"))
            database.end_transaction(session)
        planned = session.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned%'"))
    assert planned == 1
