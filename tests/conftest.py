"""One application for each test process on a real database; tables are emptied after each test."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from config import Settings
from examapp import create_app
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.models import Deployment
from examapp.models import Base
from tests.builders import Builder
from tests.reader import Reader

PASSWORD = "mat khau thu nghiem"


def _database_url(folder: Path, worker: str) -> str:
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / 'test.sqlite'}"
    name = f"thuocdo_test_{worker}_{os.getpid()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.rsplit("/", 1)[0] + "/" + name


def _drop(url: str) -> None:
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)"))
        engine.dispose()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("instance")
    url = _database_url(folder, worker_id)
    settings = Settings(
        secret_key="only for tests, never served", data=folder, database_url=url, demo=True, testing=True
    )
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        if (
            settings.is_sqlite
        ):  # a power cut is not what these tests ask about, and waiting for the disk is most of them
            event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        with database.writing(), db.engine.begin() as connection:
            Base.metadata.create_all(connection)
            connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
    yield app
    with app.app_context():
        db.engine.dispose()
    _drop(url)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Instead of pytest-flask's own: a context pushed for the whole test would make two readers share ``g``."""


@pytest.fixture(autouse=True)
def _empty_tables(request: pytest.FixtureRequest) -> Iterator[None]:
    if "app" not in request.fixturenames:
        yield
        return
    app: Flask = request.getfixturevalue("app")
    with app.app_context(), database.unit_of_work() as session:
        session.add(Deployment(id=1, epoch="epoch-of-tests"))
    yield
    _clear(app)


def _clear(app: Flask) -> None:
    tables = [table.name for table in Base.metadata.tables.values()]
    with app.app_context():
        db.session.rollback()
        with database.writing(), db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                names = connection.execute(
                    text(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM {t})" for t in tables))
                ).scalars()
                if filled := list(names):
                    connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE"))
            else:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for table in tables:
                    connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests of services."""
    with app.app_context():
        yield


@pytest.fixture
def build(app: Flask) -> Builder:
    """Makes units, positions, officials, accounts and the rest with as few words as possible."""
    return Builder(app)


@pytest.fixture
def reader(app: Flask) -> Callable[..., Reader]:
    """A browser without JavaScript: ``reader()`` for anybody, ``reader(account)`` signed in."""

    def open_browser(account: object = None, *, language: str = "vi") -> Reader:
        return Reader(app, account, language=language)

    return open_browser


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """``with count_statements() as statements:`` collects what is sent to the database, without BEGIN and COMMIT."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(connection, cursor, statement, parameters, context, many):  # type: ignore[no-untyped-def]
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT")):
                statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
