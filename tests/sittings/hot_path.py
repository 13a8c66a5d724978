"""What the hot path asks of the database: the statements of each act, with their values, and the plans for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event
from werkzeug.test import Client

from examapp.core.db import db
from examapp.sittings.save import HotPath
from examapp.sittings.store import Row, Store, Values, make_store
from examapp.sittings.token import HEADER, Signer
from tests.reader import Reader

GROWING = frozenset(
    {
        "answer_conflicts", "answer_events", "candidates", "deliveries", "event_decisions", "extensions",
        "integrity_events", "officials", "papers", "question_versions", "sitting_addenda", "sitting_leases",
        "sittings", "user_sessions",
    }
)  # fmt: skip
"""Tables that become long: none of them is ever read from end to end on the hot path."""


@dataclass(frozen=True)
class Asked:
    """A statement as the driver got it."""

    sql: str
    values: Any


@contextmanager
def asked(app: Flask) -> Iterator[list[Asked]]:
    """What is sent to the database meanwhile, without BEGIN, COMMIT and the pool's own question whether it is there."""
    sent: list[Asked] = []

    def note(_connection: Connection, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            sent.append(Asked(statement, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


class NotingStore:
    """Passes on to a real store and notes what it was asked."""

    def __init__(self, inner: Store, is_postgresql: bool) -> None:
        self.inner, self._is_postgresql = inner, is_postgresql
        self.asked: list[Asked] = []

    def run(self, sql: str, values: Values) -> list[Row]:
        self.asked.append(Asked(sql.replace("?", "%s") if self._is_postgresql else sql, tuple(values)))
        return self.inner.run(sql, values)


class Road:
    """A candidate's road from the button to the receipt, act by act."""

    def __init__(self, app: Flask, reader: Callable[..., Reader], account: object, candidate_id: int) -> None:
        self.app, self._reader = app, reader(account)
        self._candidate_id = candidate_id
        settings = app.config["SETTINGS"]
        self.store = NotingStore(make_store(settings.database_url), not settings.is_sqlite)
        self._hot = Client(HotPath(app.wsgi_app, store=self.store, signer=Signer(settings.secret_key)))
        self._seq = 0
        self.address = self.token = ""

    def start(self) -> list[Asked]:
        self._reader.open(f"/sittings/enter/{self._candidate_id}")
        button = self._reader.page.form("csrf_token")
        fields = {field.get("name"): field.get("value") or "" for field in button.iter("input") if field.get("name")}
        with asked(self.app) as sent:
            answer = self._reader.client.post(f"/sittings/enter/{self._candidate_id}", data=fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        self.address = answer.headers["Location"]
        return sent

    def page(self) -> list[Asked]:
        with asked(self.app) as sent:
            self._reader.open(self.address)
        return sent

    def save(self, *slots: int, token: str) -> list[Asked]:
        """One message with an answer for each of these questions."""
        before = len(self.store.asked)
        events = []
        for slot in slots:
            self._seq += 1
            events.append([self._seq, slot, [1], 1])
        body = json.dumps({"writer": "road-writer", "events": events, "epoch": ""})
        answer = self._hot.post("/sittings/save", data=body, headers={HEADER: token}, content_type="application/json")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return self.store.asked[before:]

    def submit(self, *slots: int, token: str) -> list[Asked]:
        """The submission with answers that had not been sent before."""
        events = [[self._seq + 1 + at, slot, [2], 2] for at, slot in enumerate(slots)]
        self._seq += len(events) + 1
        body = {"writer": "road-writer", "events": events, "epoch": "", "submit": [self._seq, 3]}
        with asked(self.app) as sent:
            answer = self._reader.client.post(f"{self.address}/submit", json=body, headers={HEADER: token})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return sent

    def receipt(self) -> list[Asked]:
        with asked(self.app) as sent:
            self._reader.open(f"{self.address}/receipt")
        return sent


def explain(connection: Connection, one: Asked) -> list[str]:
    """The plan, a line for each step."""
    if connection.dialect.name == "postgresql":
        return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {one.sql}", one.values)]
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.sql}", one.values)]


def scans(connection: Connection, one: Asked) -> list[str]:
    """The long tables that this statement would read from end to end."""
    if connection.dialect.name == "postgresql":
        (row,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {one.sql}", one.values)
        return sorted(_scanned(row[0][0]["Plan"]))
    steps = [step.split() for step in explain(connection, one)]
    names = _names(one.sql)
    return sorted(names.get(words[1], words[1]) for words in steps if words[0] == "SCAN" and _is_long(words[1], names))


def _is_long(name: str, names: dict[str, str]) -> bool:
    return names.get(name, name) in GROWING


def _names(sql: str) -> dict[str, str]:
    """Tables by the names that a statement gives them."""
    words = sql.replace(",", " ").replace("(", " ").replace(")", " ").split()
    return {alias: table for table, word, alias in zip(words, words[1:], words[2:], strict=False) if word == "AS"}


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    """Relations read without a condition on a key."""
    relation = node.get("Relation Name")
    if relation in GROWING and node["Node Type"] != "ModifyTable" and not _has_key(node):
        yield relation
    for below in node.get("Plans", ()):
        yield from _scanned(below)


def _has_key(node: dict[str, Any]) -> bool:
    if node["Node Type"] in {"Bitmap Heap Scan", "BitmapOr", "BitmapAnd"}:
        return all(_has_key(below) for below in node["Plans"])
    return "Index Cond" in node
