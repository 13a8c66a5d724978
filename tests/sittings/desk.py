"""Two people at their papers, ways to send what no page of ours sends, and what it did."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.sittings.device import COOKIE
from examapp.sittings.models import AnswerEvent, Sitting, SittingState
from examapp.sittings.token import HEADER
from tests.sittings.builders import hall, one_of_each_kind

DEVICE = "d" * 26
WRITER = "writer-0001"
BAD = "writer-0002"
HOUR = 3_600_000
PATHS = ("save", "submit", "deliver", "integrity")
SECRETS = ("Traceback", 'File "', "sqlalchemy", "psycopg", "sqlite3", "Nguyễn Thị Khác", '"correct"', "only for tests")
"""What no answer to a bad message may hold: our insides, somebody else, a key."""


def ms(later: int = 0) -> int:
    return clock.to_ms(clock.now()) + later


def desk_of(app, build):
    """Two people at their papers of eleven questions, one of each kind; the first has answered question 1."""
    place = hall(build, questions=one_of_each_kind(), integrity_basis="12/QĐ-UBND (mẫu)")
    (account, candidate), (other, other_candidate) = place.candidate(), place.candidate("Nguyễn Thị Khác")
    sitting, theirs = (place.sitting(one, device=DEVICE) for one in (candidate, other_candidate))
    sign = app.extensions["sitting_signer"].sign
    client = app.test_client()

    def token(of: Sitting = sitting, *, lease: int = 1, deadline: int | None = None) -> str:
        return sign(sitting_id=of.id, lease=lease, device=DEVICE, deadline_ms=deadline or of.deadline_ms)

    def path_of(where: str, of: Sitting = sitting) -> str:
        return f"/sittings/{of.ref}/{where}" if where in {"submit", "save-form"} else f"/sittings/{where}"

    def post(where: str, body: Any, *, key: str | None = None, of: Sitting = sitting, **more: Any):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {HEADER: token() if key is None else key} | more.pop("headers", {})
        more.setdefault("content_type", "application/json")
        return client.post(path_of(where, of), data=data, headers=headers, **more)

    def send(*events: Any, writer: str = BAD, **more: Any):
        return post("save", {"writer": writer, "epoch": "", "events": list(events)}, **more)

    def submit(*events: Any, seq: Any = 90, at: Any = None, writer: str = BAD, **more: Any):
        message = {"writer": writer, "epoch": "", "events": list(events), "submit": [seq, ms() if at is None else at]}
        return post("submit", message, **more)

    first = [1, 1, [2], ms(-60_000)]
    assert send(first, writer=WRITER).status_code == 200
    found = SimpleNamespace(
        place=place, account=account, candidate=candidate, sitting=sitting, other=other, theirs=theirs, first=first
    )
    found.token, found.post, found.send, found.submit, found.path_of = token, post, send, submit, path_of
    found.other_candidate, found.client, found.seen = other_candidate, client, 0
    return found


def at_the_device(reader, desk):
    """The first person's browser, which holds the sitting."""
    browser = reader(desk.account)
    browser.client.set_cookie(COOKIE, DEVICE, path="/sittings")
    return browser


def events(app, sitting: Sitting) -> list[tuple[Any, ...]]:
    with app.app_context(), Session(db.engine) as session:
        columns = (AnswerEvent.writer, AnswerEvent.seq, AnswerEvent.slot, AnswerEvent.response)
        rows = session.execute(select(*columns).where(AnswerEvent.sitting_id == sitting.id).order_by(*columns[:2]))
        return [tuple(row) for row in rows]


def now_of(app, sitting: Sitting) -> Sitting:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        return session.get_one(Sitting, sitting.id)


def change(app, row: Any, **columns: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        known = session.get_one(type(row), row.id)
        for name, value in columns.items():
            setattr(known, name, value)


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def harm(app, desk, answer) -> list[str]:
    """What a bad message did besides being answered: something told, stored or ended, or the next good one kept out."""
    text = answer.get_data(as_text=True)
    found = [f"told {secret}" for secret in (*SECRETS, desk.theirs.ref) if secret in text]
    if events(app, desk.sitting) != [(WRITER, 1, 1, "[2]")] or events(app, desk.theirs):
        found.append("stored or lost an answer")
    if now_of(app, desk.sitting).state is not SittingState.STARTED:
        found.append("ended the sitting")
    if desk.send([2, 2, [1, 2], ms()], writer=WRITER).get_json().get("ack") != [2]:
        found.append("kept the next good message out")
    return found


def message(where: str, sitting: Sitting, inner: str = "") -> bytes:
    """A good message as text, with ``inner`` after its first brace."""
    parts: dict[str, Any] = {"writer": BAD, "epoch": "", "events": []}
    if where == "submit":
        parts["submit"] = [90, 5]
    if where == "deliver":
        parts = {"ref": sitting.ref, "logs": []}
    return ("{" + inner + json.dumps(parts)[1:]).encode()
