"""The floor of a save: the least that a Flask application can do to store a row for good.

No session, no rules, no ORM, no key to look up: the plain driver, one INSERT, one commit. Whatever the product adds to
this is what its promises cost.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue

URL = "FLOOR_DATABASE_URL"
COLUMNS = "sitting, writer, seq, lease, slot, response, answered_ms, received_ms"
TABLE = (
    "CREATE TABLE answers (id {key}, sitting bigint, writer text, seq bigint, lease bigint, slot bigint,"
    " response text, answered_ms bigint, received_ms bigint)"
)

Values = tuple[Any, ...]


def create_table(url: str) -> None:
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE.format(key="bigserial PRIMARY KEY"))  # type: ignore[arg-type]
    else:
        _sqlite(url).execute(TABLE.format(key="integer PRIMARY KEY"))


def _sqlite(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _insert(url: str) -> Callable[[Values], object]:
    """One INSERT that commits by itself, on a connection of this thread."""
    line = threading.local()
    is_postgresql = url.startswith("postgresql")
    marks = ", ".join(["%s" if is_postgresql else "?"] * 8)
    statement = f"INSERT INTO answers ({COLUMNS}) VALUES ({marks})"

    def insert(values: Values) -> object:
        if not hasattr(line, "connection"):
            line.connection = psycopg.connect(url, autocommit=True) if is_postgresql else _sqlite(url)
        return line.connection.execute(statement, values)

    return insert


def create_app() -> Flask:
    app = Flask(__name__)
    insert = _insert(os.environ[URL])

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/sittings/save")
    def save() -> ResponseReturnValue:
        body = request.get_json()
        seq, slot, response, answered_ms = body["events"][0]
        insert((1, body["writer"], seq, 1, slot, json.dumps(response), answered_ms, int(time.time() * 1000)))
        return {"ack": [seq]}

    return app
