"""The database: typed models, one commit at the edge, readers that cannot write.

Whoever opens a transaction says whether it reads or writes. On SQLite a writer begins with ``BEGIN IMMEDIATE``,
because a transaction that reads first and writes later fails at once when another writes in between.
"""

from __future__ import annotations

import contextlib
import enum
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    TypeDecorator,
    event,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the house."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone. SQLite gives naive values back; here they are UTC again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(kind: type[enum.StrEnum], name: str = "") -> Enum:
    """A string column that the database holds to the members of ``kind`` (a CHECK, the same on both databases).

    Two columns of one table with the same ``kind`` need their own ``name`` for the CHECK.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=30,
        values_callable=lambda members: [member.value for member in members],
        name=name or _snake(kind.__name__),
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def check(name: str, condition: str) -> CheckConstraint:
    """A named truth of a row, kept by the database."""
    return CheckConstraint(condition, name=name)


Reference = String(26)
"""Column type of an unguessable reference (see :func:`new_reference`)."""

_LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8
"""A letter for each byte: 32 of them, so that all are as likely."""


def new_reference() -> str:
    """An address that cannot be guessed: 130 random bits, without letters that look like figures."""
    return secrets.token_bytes(26).translate(_LETTERS).decode("ascii")


db = SQLAlchemy()

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside may write."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextlib.contextmanager
def reading() -> Iterator[Session]:
    """Look something up before the slow part of a POST, without taking the write lock.

    It ends the present transaction of ``db.session`` first, so it stands at the beginning, before anything is changed.
    Rows it gives stay usable afterwards as plain values.
    """
    db.session.rollback()
    token = _writing.set(False)
    try:
        with Session(db.engine, expire_on_commit=False) as session:
            yield session
            end_transaction(session)
    finally:
        _writing.reset(token)


def end_transaction(session: Session) -> None:
    """End what only reads by COMMIT: the driver of PostgreSQL forgets every prepared statement at a ROLLBACK, and
    planning them again costs more than running them. Whatever is unsaved is dropped."""
    if _writing.get() or session.new or session.dirty or session.deleted:
        session.rollback()
    else:
        session.commit()


def set_writing(value: bool) -> None:
    """For the request boundary: whether this request may write (never a GET)."""
    _writing.set(value)


@contextlib.contextmanager
def unit_of_work() -> Iterator[Session]:
    """The boundary of a command or a job: one transaction on ``db.session``, committed at the end, or nothing."""
    with writing():
        db.session.rollback()
        try:
            yield db.session
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextlib.contextmanager
def apart() -> Iterator[Session]:
    """A short transaction of its own, for reading logs, failed sign-ins and refusals.

    It is kept even when the request fails. Call it when the request's own transaction holds no write
    (in a GET, or through :func:`afterwards`).
    """
    with writing(), Session(db.engine, expire_on_commit=False) as session, session.begin():
        yield session


def afterwards(act: Callable[[Session], None]) -> None:
    """Do ``act`` in a transaction of its own once the request's transaction has ended, whichever way."""
    from flask import g

    g.setdefault("afterwards", []).append(act)


class WriteOnRead(RuntimeError):
    """A reader tried to write: a fault of the program, never of the person."""


def _refuse_flush(session: Session, *_: Any) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        changed = [obj for obj in session.dirty if session.is_modified(obj)]
        if session.new or session.deleted or changed:
            raise WriteOnRead("a transaction that only reads tried to write")


def _refuse_statement(state: ORMExecuteState) -> None:
    if not _writing.get() and (state.is_insert or state.is_update or state.is_delete):
        raise WriteOnRead("a transaction that only reads tried to write")


event.listen(Session, "before_flush", _refuse_flush)
event.listen(Session, "do_orm_execute", _refuse_statement)


def engine_options(database_url: str) -> dict[str, Any]:
    """Options of ``create_engine`` for this address."""
    options: dict[str, Any] = {"url": database_url, "hide_parameters": True}  # errors are logged; answers are not
    if database_url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": 10, "check_same_thread": False}}
    # planning costs the database more than running: a statement is prepared when it comes for the second time
    connecting = {"prepare_threshold": 1}
    return options | {"pool_size": 10, "max_overflow": 20, "connect_args": connecting}


def init_database(app: Flask) -> None:
    """Connect the application; sessions end with its contexts."""
    db.init_app(app)
    # the library also closes asynchronous sessions, of which there are none: at the cost of a thread for every request
    app.teardown_appcontext_funcs = [end for end in app.teardown_appcontext_funcs if not iscoroutinefunction(end)]
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Durability and the kind of transaction, said once for every connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "handle_error", _sqlite_error)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_ask_whether_it_lives, engine.dialect))


IDLE_S = 1.0
"""A connection that was used a moment ago is there; one that lay still is asked first, for the server may have gone."""


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_whether_it_lives(dialect: Dialect, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_S:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error  # the others are gone as well: all are made anew


def _sqlite_error(context: ExceptionContext) -> DataError | None:
    """A number beyond 64 bits is bad data here too, as other databases say by themselves."""
    error = context.original_exception
    return DataError(context.statement, None, error) if isinstance(error, OverflowError) else None


def _sqlite_connect(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may lose acknowledged commits at a power cut
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def epoch() -> str:
    """The identity of this database's history; it changes when a backup is restored."""
    from sqlalchemy import select

    from examapp.core.models import Deployment

    return db.session.scalars(select(Deployment.epoch)).one()
