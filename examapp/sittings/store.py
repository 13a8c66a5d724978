"""The database of the hot path: one statement for a save, on connections of its own.

No ORM and no pool: each thread keeps one plain connection in autocommit, so the statement is its own transaction and
a forked process or a broken line gets a new one. A save may be sent twice, therefore it may also be tried twice.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol
from urllib.parse import unquote

import psycopg
from sqlalchemy import make_url

from examapp.core.db import db
from examapp.sittings.token import Token

Row = tuple[Any, ...]
Values = Sequence[Any]


class BusyError(Exception):
    """The database did not answer in time; nothing was stored."""


class UnknownSittingError(Exception):
    """No sitting has this id."""


class Store(Protocol):
    """What the hot path asks of a database."""

    def run(self, sql: str, values: Values) -> list[Row]:
        """Run one statement, committed when this returns."""


_FACTS = (
    "(SELECT deadline_ms || ',' || late_ms || ',' || lease || ',' || coalesce(submitted_ms, 0) || ',' || {older} ||"
    " ',' || coalesce((SELECT epoch FROM deployment), '') || ',' || notice FROM sittings WHERE id = ?)"
)
_OLDER = (
    "(SELECT count(*) FROM sitting_leases AS held JOIN answer_events AS given"
    " ON given.sitting_id = held.sitting_id AND given.lease = held.number AND given.slot > 0"
    " WHERE held.sitting_id = ? AND held.number < ? AND held.device <> ?)"
)


@cache
def _facts(moved: bool) -> str:
    """What the reply tells, in one look-up. What has come from the devices before is counted for a page that took its
    sitting over, and for no other."""
    return _FACTS.format(older=_OLDER if moved else "'0'")


def facts_values(token: Token) -> list[Any]:
    """The values of the facts."""
    moved = [token.sitting_id, token.lease, token.device] if token.lease > 1 else []
    return [*moved, token.sitting_id]


_INSERT = "INSERT INTO answer_events (sitting_id, writer, seq, lease, slot, response, answered_ms, received_ms) VALUES"
_STORED = "SELECT seq, slot, response, answered_ms FROM answer_events WHERE sitting_id = ? AND writer = ? AND seq IN "


@cache
def insert_sql(rows: int, *, moved: bool) -> str:
    """Store ``rows`` events; gives the seq of the new ones, each with the facts, whose values come last."""
    row = "(?, ?, ?, ?, ?, ?, ?, ?)"
    return " ".join([_INSERT, ", ".join([row] * rows), "ON CONFLICT DO NOTHING RETURNING seq,", _facts(moved)])


@cache
def stored_sql(rows: int) -> str:
    """What was stored before under these keys. Values: sitting, writer, seqs."""
    return _STORED + "(" + ", ".join(["?"] * rows) + ")"


def facts_sql(*, moved: bool) -> str:
    """The facts alone, for a message that brings nothing new."""
    return "SELECT " + _facts(moved)


CONFLICT_SQL = (
    "INSERT INTO answer_conflicts (sitting_id, writer, seq, event, received_ms)"
    " SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM answer_conflicts WHERE sitting_id = ?) < 1000"
)
"""The same key with other content is kept as evidence (of one sitting at most a thousand)."""


class SessionStore:
    """The same statements inside the transaction of ``db.session``: for forms and for the submission."""

    def run(self, sql: str, values: Values) -> list[Row]:
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            sql = _percent(sql)
        result = connection.exec_driver_sql(sql, tuple(values))
        return [tuple(row) for row in result] if result.returns_rows else []


class _Held:
    """An open connection and the process that opened it; closed when its thread ends, never by a forked child."""

    __slots__ = ("__weakref__", "connection", "process")

    def __init__(self, connection: Any) -> None:
        self.connection, self.process = connection, os.getpid()
        weakref.finalize(self, _close, connection, self.process)  # also where the collector finds both at once


def _close(connection: Any, process: int) -> None:
    if process == os.getpid():
        connection.close()


class _Line(threading.local):
    """A thread's connection."""

    held: _Held | None = None

    def own(self) -> Any:
        """The connection made by this thread in this process, if any."""
        held = self.held
        return held.connection if held is not None and held.process == os.getpid() else None


class SqliteStore:
    """Writers of one process queue here instead of polling the file's lock."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._line = _Line()
        self._turn = threading.Lock()

    def run(self, sql: str, values: Values) -> list[Row]:
        connection = self._line.own() or self._connect()
        try:
            with self._turn:
                rows: list[Row] = connection.execute(sql, values).fetchall()
            return rows
        except sqlite3.IntegrityError as error:
            raise UnknownSittingError from error
        except sqlite3.OperationalError as error:
            raise BusyError from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=10, isolation_level=None, cached_statements=256, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")
        self._line.held = _Held(connection)
        return connection


class PostgresStore:
    """One connection a thread; statements are prepared at their first use and stay prepared."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._line = _Line()

    def run(self, sql: str, values: Values) -> list[Row]:
        for last_try in (False, True):
            try:
                return self._run(sql, values)
            except psycopg.errors.ForeignKeyViolation as error:
                raise UnknownSittingError from error
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                self._line.held = None
                if last_try or isinstance(error, psycopg.errors.QueryCanceled):
                    raise BusyError from error
        raise AssertionError("unreachable")

    def _run(self, sql: str, values: Values) -> list[Row]:
        connection = self._line.own() or self._connect()
        cursor = connection.execute(_percent(sql), values, prepare=True)
        return list(cursor.fetchall()) if cursor.description else []

    def _connect(self) -> psycopg.Connection[Row]:
        connection = psycopg.connect(
            self._dsn, autocommit=True, connect_timeout=5, options="-c statement_timeout=8000", application_name="save"
        )
        self._line.held = _Held(connection)
        return connection


@cache
def _percent(sql: str) -> str:
    return sql.replace("?", "%s")


def make_store(database_url: str) -> Store:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteStore(unquote(url.database or ""))
    return PostgresStore(url.set(drivername="postgresql").render_as_string(hide_password=False))
