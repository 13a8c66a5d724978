"""How many statements an act costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from examapp.core.db import db
from examapp.sittings.store import Row, Store, Values


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that SQLAlchemy sends meanwhile."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class CountingStore:
    """Passes on to a real store and remembers what it was asked."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.asked: list[str] = []

    def run(self, sql: str, values: Values) -> list[Row]:
        self.asked.append(sql)
        return self.inner.run(sql, values)
