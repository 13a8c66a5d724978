"""Alembic's environment: the app's own engine, foreign keys off while SQLite rebuilds tables."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from examapp.core.db import db, writing
from examapp.models import Base

BEFORE = "PRAGMA foreign_keys=OFF"


def run() -> None:
    """Migrate in one transaction.

    Batch mode rebuilds a table by dropping it; with foreign keys on, SQLite would delete the children of every row.
    They are off for this connection, and checked before the commit.
    """
    with writing(), db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.connection.driver_connection.execute(BEFORE)
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            include_object=context.config.attributes.get("include_object"),
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(text("SET lock_timeout = '10s'"))
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"rows without their parent after the migration: {broken[:5]}")
        if sqlite:
            connection.invalidate()  # the next connection begins with foreign keys on


run()
