"""One application for each test process on a real database; tables are emptied after each test."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, event, text

from config import Settings
from examapp import create_app
from examapp.core import db as database
from examapp.core.db import db
from examapp.core.models import Deployment
from examapp.models import Base
from tests.builders import Builder
from tests.reader import Reader

pytest_plugins = ["tests.chromium"]

PASSWORD = "mat khau thu nghiem"

# How long an example takes to make or to try depends on what else the machine does: that is for the bench. A change is
# judged by the same examples each time; new ones are looked for wherever somebody works.
settings.register_profile(
    "house", suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize="CI" in os.environ
)
settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The second run, on PostgreSQL, leaves out what never asks a database: it would only repeat the first."""
    if not os.environ.get("TEST_DATABASE_URL"):
        return
    asking = [one for one in items if "app" in getattr(one, "fixturenames", ()) or one.get_closest_marker("database")]
    config.hook.pytest_deselected(items=list(set(items) - set(asking)))
    items[:] = asking


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
    configured = Settings(
        secret_key="only for tests, never served",
        data=folder,
        database_url=url,
        demo=True,
        testing=True,
        start_spread_seconds=0,
    )
    app = create_app(configured)
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        # a power cut is not what these tests ask about, and waiting for the disk is most of them
        if configured.is_sqlite:
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
    with app.app_context():
        db.session.rollback()
        with database.writing(), db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                _clear_postgresql(connection, Base.metadata.tables)
            else:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                for table in Base.metadata.tables:
                    connection.exec_driver_sql(f"DELETE FROM {table}")


def _clear_postgresql(connection: Connection, tables: Iterable[str]) -> None:
    """Row by row, and only where rows are: TRUNCATE writes new files for every table that refers to one of them. Keys
    rest meanwhile, for two tables refer to each other; the server of the tests takes that from its superuser only."""
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    filled = connection.execute(text(asked)).scalars().all()
    deletions = "".join(f"DELETE FROM {name};" for name in filled)
    connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deletions}")
    connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


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
