"""The bank with fifty thousand questions: one page of the list, one search."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from examapp.bank.bulk import insert_many
from examapp.bank.content import normalised
from examapp.bank.models import Question, QuestionState, Topic
from examapp.core.db import db, unit_of_work
from examapp.organisation.models import Position
from tests.bench.domain import BANK, bank
from tests.bench.figures import Figure
from tests.bench.stage import Instance

LOGIN, PASSWORD = "cauhoi", "thuocdo-trinh-dien"
CSRF = re.compile(r'name="csrf_token"[^>]*\bvalue="([^"]+)"')
CHUNK = 1000
ROUNDS = 15
PAGES = ("/bank/", "/bank/?page=900", "/bank/?state=approved&level=van_dung")
SEARCHES = ("thời hạn", "đăng ký khai sinh", "thoi han giai quyet ho so", "luật đất đai 2024", "không có từ này xyz")
"""Words met often, met seldom, typed without marks, met nowhere."""


def measure_bank(instance: Instance) -> list[Figure]:
    """Time in the application for a page, from the request to the last byte, in one warm process without a network."""
    app = instance.app()
    with app.app_context():
        _fill()
        _analyse()
        total = db.session.scalar(select(func.count()).select_from(Question))
        db.session.close()
    told = f"{instance.kind}, {total} questions, the application in one warm process, signed in as an examiner of all"
    client = _signed_in(app)
    lists = [_milliseconds(client, page) for page in PAGES]
    searches = [_milliseconds(client, "/bank/", query) for query in SEARCHES]
    with app.app_context():
        db.engine.dispose()
    figures = [
        Figure(f"bank.search_50000_ms.{instance.kind}", max(searches), "ms", f"{told}; slowest of {SEARCHES}, medians"),
        Figure(f"bank.list_ms.{instance.kind}", max(lists), "ms", f"{told}; slowest of {PAGES}, medians"),
    ]
    if instance.kind == "sqlite":
        figures.append(Figure("bank.list_50000_ms", max(lists), "ms", f"{told}; slowest of {PAGES}, medians"))
    return figures


def _fill() -> None:
    """Fifty thousand approved questions over the topics of the demonstration, through the services of the room."""
    with unit_of_work() as session:
        positions = {position.id: position for position in session.scalars(select(Position))}
        topics = list(session.scalars(select(Topic).order_by(Topic.id)))
        places = [(topic, [positions[topic.position_id]] if topic.position_id else []) for topic in topics]
    questions = bank(BANK)
    for start in range(0, BANK, CHUNK):
        rows = []
        for number, question in enumerate(questions[start : start + CHUNK], start):
            topic, at = places[number % len(places)]
            content = normalised(question, topic=topic.code, positions=[position.code for position in at])
            rows.append((content, topic.id, at))
        with unit_of_work() as session:
            insert_many(rows, owner_id=None, state=QuestionState.APPROVED)


def _analyse() -> None:
    """What autovacuum does within minutes of so large a change."""
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    token = CSRF.search(client.get("/account/sign-in").text)
    assert token is not None
    client.post("/account/sign-in", data={"login": LOGIN, "password": PASSWORD, "csrf_token": token[1]})
    assert client.get("/bank/").status_code == 200, "the examiner of the demonstration could not sign in"
    return client


def _milliseconds(client: FlaskClient, page: str, query: str = "") -> float:
    """The median of some requests, after one that warms up."""
    found = [_timed(lambda: client.get(page, query_string={"q": query} if query else None)) for _ in range(ROUNDS + 1)]
    return sorted(found[1:])[ROUNDS // 2] * 1000


def _timed(act: Callable[[], object]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before
